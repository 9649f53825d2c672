"""What the service's role may do, and the proof at the start that it may do no more.

The owner's role migrates; the service connects as another, which owns nothing, bypasses nothing, and
holds exactly the privileges below. They are granted anew at each ``toise migrate``.
"""

import uuid

from sqlalchemy import URL, Connection, Engine, text

from app.db.connection import service_password, signer
from app.db.refusals import DatabaseRefused
from app.db.scope import Signer, scope
from app.errors import msgid
from app.settings import Settings

WRITTEN_ONCE = "SELECT, INSERT"
CHANGED = "SELECT, INSERT, UPDATE"
KEPT_FOR_A_TIME = "SELECT, INSERT, UPDATE, DELETE"
GRANTS = {
    "access_tokens": KEPT_FOR_A_TIME,
    "alembic_version": "SELECT",
    "answers": WRITTEN_ONCE,
    "api_clients": CHANGED,
    "audit": WRITTEN_ONCE,
    "bank_versions": WRITTEN_ONCE,
    "campaigns": CHANGED,
    "directory": "SELECT, INSERT, DELETE",
    "framework_versions": WRITTEN_ONCE,
    "institutions": CHANGED,
    "item_versions": WRITTEN_ONCE,
    "learner_tokens": KEPT_FOR_A_TIME,
    "participants": CHANGED,
    "policy_versions": WRITTEN_ONCE,
    "result_counters": CHANGED,
    "results": CHANGED,
    "sessions": CHANGED,
    "staff": CHANGED,
    "staff_sessions": KEPT_FOR_A_TIME,
    "throttle": KEPT_FOR_A_TIME,
}


def prepare(owner: Engine, settings: Settings, *, service: URL) -> None:
    """Make the service's role able to serve: create it unless the operator did, grant, store the scope key."""
    assert service.username is not None
    with owner.begin() as tx:
        if settings.database_service_url is None:
            _refuse_without_createrole(tx)
            _create(tx, service.username, service_password(settings))
        _grant(tx, service.username)
        _store_key(tx, signer(settings))


def _refuse_without_createrole(tx: Connection) -> None:
    may = text("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
    if not tx.scalar(may):
        raise DatabaseRefused(
            msgid("Le rôle de TOISE_DATABASE_URL n'a pas le droit de créer le rôle du service (CREATEROLE)."),
            msgid("Créez ce rôle vous-même et donnez TOISE_DATABASE_SERVICE_URL (docs/guides/operator.md)."),
        )


def _create(tx: Connection, role: str, password: str) -> None:
    """Roles belong to the whole server: of two databases migrating at once, one finds the role made."""
    attributes = f"LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD '{password}'"
    tx.execute(text("SELECT pg_advisory_xact_lock(hashtext(:role))"), {"role": role})
    known = tx.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role})
    tx.exec_driver_sql(f"{'ALTER' if known else 'CREATE'} ROLE {_quoted(tx, role)} {attributes}")


def _grant(tx: Connection, role: str) -> None:
    name = _quoted(tx, role)
    tx.exec_driver_sql(f"GRANT USAGE ON SCHEMA public TO {name}")
    tx.exec_driver_sql(f"GRANT EXECUTE ON FUNCTION toise_scope() TO {name}")
    for table, privileges in GRANTS.items():
        tx.exec_driver_sql(f"REVOKE ALL ON {table} FROM {name}")
        tx.exec_driver_sql(f"GRANT {privileges} ON {table} TO {name}")


def _store_key(tx: Connection, signs: Signer) -> None:
    inner, outer = signs.pads()
    tx.execute(text("DELETE FROM toise_private.scope_key"))
    tx.execute(
        text("INSERT INTO toise_private.scope_key (inner_pad, outer_pad) VALUES (:inner, :outer)"),
        {"inner": inner, "outer": outer},
    )


def _quoted(tx: Connection, role: str) -> str:
    return tx.dialect.identifier_preparer.quote_identifier(role)


_POWERS = text(
    """
    SELECT rolsuper, rolbypassrls,
           EXISTS (SELECT 1 FROM pg_class WHERE relowner = pg_roles.oid AND relkind IN ('r', 'p', 'v', 'm')),
           EXISTS (SELECT 1 FROM pg_auth_members WHERE member = pg_roles.oid)
    FROM pg_roles WHERE rolname = current_user
    """
)
_REASONS = (
    msgid("Le rôle du service est superutilisateur."),
    msgid("Le rôle du service peut contourner l'isolation des établissements (BYPASSRLS)."),
    msgid("Le rôle du service possède des tables."),
    msgid("Le rôle du service est membre d'un autre rôle."),
)


def refuse_powerful(tx: Connection) -> None:
    """Raise DatabaseRefused when the role could step around row-level security."""
    powers = tx.execute(_POWERS).one()
    reasons = [reason for reason, has in zip(_REASONS, powers, strict=True) if has]
    if reasons:
        raise DatabaseRefused(*reasons, msgid("Donnez au service un rôle ordinaire (docs/guides/operator.md)."))


def refuse_unproved(tx: Connection) -> None:
    """Raise DatabaseRefused when the database was prepared with another secret key."""
    anyone = uuid.uuid4()
    scope(tx, anyone)
    if tx.scalar(text("SELECT toise_scope()")) != anyone:
        raise DatabaseRefused(
            msgid("La base de données a été préparée avec une autre clé secrète."),
            msgid("Remettez TOISE_SECRET_KEY comme elle était, ou adoptez la nouvelle : toise migrate"),
        )
