"""SQL that only a demonstration may need: a client with a known secret, and doors that open again."""

import datetime as dt

from sqlalchemy import Connection, func, insert, select, update

from app.accounts.model import ApiClient
from app.db.tables.accounts import ApiClientRow, StaffRow
from app.db.tables.campaigns import CampaignRow


def lock(tx: Connection) -> None:
    """Queue up behind another process that prepares the demonstration."""
    tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("demonstration", 0))))


def lock_cohort(tx: Connection) -> None:
    """Queue up behind another process that makes the simulated cohort."""
    tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("demonstration cohort", 0))))


def add_client(tx: Connection, client: ApiClient, *, secret_hash: str) -> None:
    tx.execute(
        insert(ApiClientRow).values(
            id=client.id,
            institution_id=client.institution_id,
            client_id=client.client_id,
            name=client.name,
            secret_hash=secret_hash,
            scopes=sorted(client.scopes),
            created_at=client.created_at,
        )
    )


def is_open(tx: Connection, email: str) -> bool:
    """Whether the demonstration's account may sign in: the mark of the whole demonstration."""
    return tx.scalar(select(StaffRow.id).where(StaffRow.email == email, StaffRow.disabled_at.is_(None))) is not None


def reopen(tx: Connection, *, email: str, client_id: str, code: str) -> None:
    tx.execute(update(StaffRow).where(StaffRow.email == email).values(disabled_at=None))
    tx.execute(update(ApiClientRow).where(ApiClientRow.client_id == client_id).values(revoked_at=None))
    set_end(tx, code, None)


def set_end(tx: Connection, code: str, at: dt.datetime | None) -> None:
    """Set the end of the demonstration's campaign; None opens it again."""
    tx.execute(update(CampaignRow).where(CampaignRow.code == code).values(closes_at=at))
