"""Which institution a transaction may touch, and the proof the database asks for.

Row-level security compares each row's institution with ``toise_scope()``, a function in the database
that reads the transaction's variable ``toise.institution``. Any SQL may set that variable, so its value
carries a proof: ``<uuid>:<HMAC-SHA256 of the uuid>``. The key is derived from the service's secret key;
the database keeps it in a table that only the function may read. SQL that an attacker slips into a
statement can therefore not name another institution: it would have to sign.
"""

import hmac
import uuid
from dataclasses import dataclass, field

from sqlalchemy import Connection, select, text

from app.db.tables.institutions import DirectoryRow

BLOCK = 64  # bytes, of SHA-256
INNER, OUTER = 0x36, 0x5C  # RFC 2104
SIGNER = "toise_signer"
BEGUN_IN = "toise_begun_in"
"""Execution option: the institution in whose scope the transaction begins."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs institution ids with a 32-byte key."""

    key: bytes = field(repr=False)

    def prove(self, institution_id: uuid.UUID) -> str:
        name = str(institution_id)
        return f"{name}:{hmac.digest(self.key, name.encode(), 'sha256').hex()}"

    def pads(self) -> tuple[bytes, bytes]:
        """The key as HMAC uses it: PostgreSQL has sha256() but no HMAC of its own."""
        key = self.key.ljust(BLOCK, b"\0")
        return bytes(byte ^ INNER for byte in key), bytes(byte ^ OUTER for byte in key)


_SET_SCOPE = text("SELECT set_config('toise.institution', :proof, true)")
_SET_KEY = text("SELECT set_config('toise.key', :key, true)")


def scope(tx: Connection, institution_id: uuid.UUID) -> None:
    """Open one institution's rows to this transaction, and no other's.

    One statement; none where the transaction began in that scope (``begin``).
    """
    options = tx.get_execution_options()
    if options.get(BEGUN_IN) == institution_id:
        return
    signer: Signer = options[SIGNER]
    tx.execute(_SET_SCOPE, {"proof": signer.prove(institution_id)})
    tx.execution_options(**{BEGUN_IN: None})


def begin(tx: Connection) -> None:
    """Say BEGIN, and the scope in the same breath where ``BEGUN_IN`` names it: one trip to the server for both."""
    options = tx.get_execution_options()
    institution_id: uuid.UUID | None = options.get(BEGUN_IN)
    if institution_id is None:
        tx.exec_driver_sql("BEGIN")
        return
    signer: Signer = options[SIGNER]
    proof = signer.prove(institution_id)  # hexadecimal digits, hyphens and a colon: nothing to escape
    tx.exec_driver_sql(f"BEGIN; SELECT set_config('toise.institution', '{proof}', true)")


def institution_of(tx: Connection, key: str) -> uuid.UUID | None:
    """Find the institution a public key opens (``campaign:SN7K2P``) and scope the transaction to it."""
    tx.execute(_SET_KEY, {"key": key})
    institution_id = tx.scalar(select(DirectoryRow.institution_id).where(DirectoryRow.key == key))
    if institution_id is not None:
        scope(tx, institution_id)
    return institution_id
