"""SQL of staff, their sessions, and the count of failed sign-ins."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Executable, Row, Select, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app.accounts.model import Role, Staff, StaffSession
from app.accounts.throttle import Count
from app.db.tables.accounts import AuditRow, StaffRow, StaffSessionRow, ThrottleRow

_STAFF = (
    StaffRow.id,
    StaffRow.institution_id,
    StaffRow.email,
    StaffRow.name,
    StaffRow.role,
    StaffRow.created_at,
    StaffRow.disabled_at,
)


def _staff(row: Row[*tuple[Any, ...]]) -> Staff:
    return Staff(row.id, row.institution_id, row.email, row.name, Role(row.role), row.created_at, row.disabled_at)


def add_staff(tx: Connection, staff: Staff, password_hash: str) -> None:
    tx.execute(
        insert(StaffRow).values(
            id=staff.id,
            institution_id=staff.institution_id,
            email=staff.email,
            name=staff.name,
            role=staff.role.value,
            password_hash=password_hash,
            created_at=staff.created_at,
        )
    )


def staff_by_email(tx: Connection, email: str) -> tuple[Staff, str] | None:
    """Return the account of a normalised address, and its password hash."""
    row = tx.execute(select(*_STAFF, StaffRow.password_hash).where(StaffRow.email == email)).one_or_none()
    return None if row is None else (_staff(row), row.password_hash)


def disable_staff(tx: Connection, staff_id: uuid.UUID, now: dt.datetime) -> None:
    """Close an account and every session it has open."""
    tx.execute(update(StaffRow).where(StaffRow.id == staff_id).values(disabled_at=now))
    tx.execute(delete(StaffSessionRow).where(StaffSessionRow.staff_id == staff_id))


def set_password_hash(tx: Connection, staff_id: uuid.UUID, password_hash: str) -> None:
    tx.execute(update(StaffRow).where(StaffRow.id == staff_id).values(password_hash=password_hash))


def add_session(tx: Connection, session: StaffSession, now: dt.datetime) -> None:
    tx.execute(
        insert(StaffSessionRow).values(
            token_hash=session.token_hash,
            institution_id=session.staff.institution_id,
            staff_id=session.staff.id,
            csrf_token=session.csrf_token,
            created_at=now,
            seen_at=session.seen_at,
            expires_at=session.expires_at,
        )
    )


def session(tx: Connection, token_hash: str) -> StaffSession | None:
    """Return the session of a token's digest, over or not."""
    row = tx.execute(_sessions().where(StaffSessionRow.token_hash == token_hash)).one_or_none()
    if row is None:
        return None
    return StaffSession(row.token_hash, _staff(row), row.csrf_token, row.seen_at, row.expires_at)


def _sessions() -> Select[*tuple[Any, ...]]:
    return select(
        *_STAFF,
        StaffSessionRow.token_hash,
        StaffSessionRow.csrf_token,
        StaffSessionRow.seen_at,
        StaffSessionRow.expires_at,
    ).join_from(StaffSessionRow, StaffRow, StaffSessionRow.staff_id == StaffRow.id)


def see_session(tx: Connection, token_hash: str, now: dt.datetime) -> None:
    tx.execute(update(StaffSessionRow).where(StaffSessionRow.token_hash == token_hash).values(seen_at=now))


def delete_session(tx: Connection, token_hash: str) -> None:
    tx.execute(delete(StaffSessionRow).where(StaffSessionRow.token_hash == token_hash))


def delete_old_sessions(tx: Connection, *, seen_before: dt.datetime, now: dt.datetime) -> None:
    """Forget the institution's sessions that are over."""
    over = (StaffSessionRow.expires_at <= now) | (StaffSessionRow.seen_at <= seen_before)
    tx.execute(delete(StaffSessionRow).where(over))


def counts(tx: Connection, keys: Iterable[str]) -> dict[str, Count]:
    """Return the counts of these keys, where there are any."""
    return _counted(tx, select(ThrottleRow).where(ThrottleRow.key.in_(list(keys))))


def lock_counts(tx: Connection, keys: Iterable[str], now: dt.datetime) -> dict[str, Count]:
    """Return the count of each key, made if need be and locked, in one statement: between two it could be forgotten.

    Keys are locked in one order everywhere: two attempts that share one never wait for each other in a ring.
    """
    fresh = [{"key": key, "failures": 0, "window_ends_at": now} for key in sorted(keys)]
    same = {"failures": ThrottleRow.failures}
    made = upsert(ThrottleRow).values(fresh).on_conflict_do_update(index_elements=["key"], set_=same)
    return _counted(tx, made.returning(ThrottleRow.key, ThrottleRow.failures, ThrottleRow.window_ends_at))


def _counted(tx: Connection, query: Executable) -> dict[str, Count]:
    return {row.key: Count(row.failures, row.window_ends_at) for row in tx.execute(query)}


def set_counts(tx: Connection, changed: Mapping[str, Count]) -> None:
    for key, count in sorted(changed.items()):
        tx.execute(
            update(ThrottleRow)
            .where(ThrottleRow.key == key)
            .values(failures=count.failures, window_ends_at=count.window_ends_at)
        )


def delete_count(tx: Connection, key: str) -> None:
    tx.execute(delete(ThrottleRow).where(ThrottleRow.key == key))


def delete_old_counts(tx: Connection, *, ended_before: dt.datetime) -> None:
    """Forget every key whose last wait is long over, save those another attempt is counting now."""
    old = select(ThrottleRow.key).where(ThrottleRow.window_ends_at < ended_before).with_for_update(skip_locked=True)
    tx.execute(delete(ThrottleRow).where(ThrottleRow.key.in_(old)))


def add_audit(
    tx: Connection,
    *,
    institution_id: uuid.UUID,
    actor: str,
    act: str,
    subject: str,
    detail: Mapping[str, Any],
    at: dt.datetime,
) -> None:
    tx.execute(
        insert(AuditRow).values(
            id=uuid.uuid4(),
            institution_id=institution_id,
            actor=actor,
            act=act,
            subject=subject,
            detail=dict(detail),
            at=at,
        )
    )
