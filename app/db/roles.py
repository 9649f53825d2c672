"""What the service's role may do, and the proof at the start that it may do no more.

The owner's role migrates; the service connects as another, which owns nothing, bypasses nothing, and
holds exactly the privileges below. They are granted anew at each ``toise migrate``.
"""

import uuid

import psycopg
from sqlalchemy import URL, Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from app.db.connection import service_password, signer
from app.db.refusals import DatabaseRefused
from app.db.scope import Signer, scope
from app.errors import msgid
from app.settings import Settings

WRITTEN_ONCE = "SELECT, INSERT"
CHANGED = "SELECT, INSERT, UPDATE"
KEPT_FOR_A_TIME = "SELECT, INSERT, UPDATE, DELETE"
CROSSED = {"23505", "42710", "XX000"}
"""What PostgreSQL answers to the second of two who make or change a role at once."""
GRANTS = {
    "access_tokens": KEPT_FOR_A_TIME,
    "alembic_version": "SELECT",
    "answers": WRITTEN_ONCE,
    "api_clients": CHANGED,
    "audit": WRITTEN_ONCE,
    "bank_versions": WRITTEN_ONCE,
    "campaigns": "SELECT, INSERT, UPDATE (closes_at)",
    "directory": "SELECT, INSERT, DELETE",
    "framework_versions": WRITTEN_ONCE,
    "institutions": CHANGED,
    "item_versions": WRITTEN_ONCE,
    "learner_tokens": KEPT_FOR_A_TIME,
    "participants": "SELECT, INSERT, UPDATE (resume_hash)",
    "policy_versions": WRITTEN_ONCE,
    "result_counters": CHANGED,
    "results": "SELECT, INSERT, UPDATE (position, content, updated_at)",
    "sessions": "SELECT, INSERT, UPDATE (status, step, item_id, shown_at, finished_at, stop_reason)",
    "staff": CHANGED,
    "staff_sessions": KEPT_FOR_A_TIME,
    "throttle": KEPT_FOR_A_TIME,
}
"""Of the rows a result rests on, only columns that move may change: never a seed, a version, a name."""
FUNCTIONS = ("toise_scope()", "toise_overdue(timestamptz)")


def prepare(owner: Engine, settings: Settings, *, service: URL) -> None:
    """Make the service's role able to serve: create it unless the operator did, grant, store the scope key."""
    assert service.username is not None
    if settings.database_service_url is None:
        _ensure_role(owner, service.username, service_password(settings))
    with owner.begin() as tx:
        tx.execute(text("SELECT pg_advisory_xact_lock(hashtext('toise grants'))"))
        _grant(tx, service.username)
        _store_key(tx, signer(settings))


def _ensure_role(owner: Engine, role: str, password: str) -> None:
    """Roles belong to the whole server, where no lock of one database helps: who comes second tries again."""
    for last in (False, False, True):
        try:
            with owner.begin() as tx:
                _create_or_alter(tx, role, password)
        except DBAPIError as error:
            if last or getattr(error.orig, "sqlstate", None) not in CROSSED:
                raise
        else:
            return


def _create_or_alter(tx: Connection, role: str, password: str) -> None:
    raw = tx.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    verifier = raw.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    if tx.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}):
        tx.exec_driver_sql(f"ALTER ROLE {_quoted(tx, role)} LOGIN PASSWORD '{verifier}'")
        return
    if not tx.scalar(text("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")):
        raise DatabaseRefused(
            msgid("Le rôle de TOISE_DATABASE_URL n'a pas le droit de créer le rôle du service (CREATEROLE)."),
            msgid("Créez ce rôle vous-même et donnez TOISE_DATABASE_SERVICE_URL (docs/guides/operator.md)."),
        )
    powers = "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION"
    tx.exec_driver_sql(f"CREATE ROLE {_quoted(tx, role)} {powers} PASSWORD '{verifier}'")


def _grant(tx: Connection, role: str) -> None:
    name = _quoted(tx, role)
    tx.exec_driver_sql(f"GRANT USAGE ON SCHEMA public TO {name}")
    for function in FUNCTIONS:
        tx.exec_driver_sql(f"GRANT EXECUTE ON FUNCTION {function} TO {name}")
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


def maintains(tx: Connection) -> bool:
    """Whether the role may do the owner's work: delete answers, list institutions."""
    owns = text("SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = to_regclass('public.answers')")
    return bool(tx.scalar(owns))


def refuse_unproved(tx: Connection) -> None:
    """Raise DatabaseRefused when the database was prepared with another secret key."""
    anyone = uuid.uuid4()
    scope(tx, anyone)
    if tx.scalar(text("SELECT toise_scope()")) != anyone:
        raise DatabaseRefused(
            msgid("La base de données a été préparée avec une autre clé secrète."),
            msgid("Remettez TOISE_SECRET_KEY comme elle était, ou adoptez la nouvelle : toise migrate"),
        )
