"""Staff accounts: made and closed by the operator, opened for a while by a password."""

import datetime as dt
import secrets
import uuid
from dataclasses import dataclass

from sqlalchemy import Connection

from app.accounts import audit, passwords, store, throttle
from app.accounts.model import (
    SESSION_IDLE,
    SESSION_LONGEST,
    BadCredentials,
    EmailTaken,
    Role,
    SignedIn,
    SignInNeeded,
    Staff,
    StaffSession,
    UnknownStaff,
    checked_email,
    normal_email,
    refuse_bad_password,
    staff_key,
)
from app.accounts.tokens import Token, digest, new_secret, new_token
from app.db.connection import Database, institution_of, scope
from app.institutions import service as institutions
from app.institutions.model import KeyTaken, checked_name

OPERATOR = "operator"
SEEN_EVERY = dt.timedelta(minutes=5)
"""How often a session in use is written to: often enough for the idle limit, not at every page."""


def create_staff(
    tx: Connection,
    *,
    institution_id: uuid.UUID,
    email: str,
    name: str,
    role: Role,
    password: str,
    now: dt.datetime,
    actor: str = OPERATOR,
) -> Staff:
    """Open an account in a scoped transaction. Raise ``BadEmail``, ``BadName``, ``BadPassword`` or ``EmailTaken``."""
    email, name = checked_email(email), checked_name(name)
    refuse_bad_password(password)
    staff = Staff(uuid.uuid4(), institution_id, email, name, role, now, None)
    try:
        institutions.open_with(tx, staff_key(email), institution_id, now)
    except KeyTaken as error:
        raise EmailTaken(email=email) from error
    store.add_staff(tx, staff, passwords.hashed(password))
    audit.record(
        tx,
        institution_id=institution_id,
        actor=actor,
        act="staff.created",
        subject=f"staff:{staff.id}",
        at=now,
        role=role.value,
    )
    return staff


def disable_staff(tx: Connection, *, email: str, now: dt.datetime, actor: str = OPERATOR) -> Staff:
    """Close an account and its sessions at once. Raise ``UnknownStaff``."""
    found = store.staff_by_email(tx, normal_email(email))
    if found is None or found[0].disabled_at is not None:
        raise UnknownStaff(email=email)
    staff, _ = found
    store.disable_staff(tx, staff.id, now)
    audit.record(
        tx,
        institution_id=staff.institution_id,
        actor=actor,
        act="staff.disabled",
        subject=f"staff:{staff.id}",
        at=now,
    )
    return staff


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody shows to sign in. ``previous`` is the session their browser already holds, if any."""

    email: str
    password: str
    address: str
    previous: str | None = None


def sign_in(database: Database, attempt: Attempt, *, secret: bytes, now: dt.datetime) -> SignedIn:
    """Open a session, always with a new token.

    It takes the database and not a transaction: a failure must be counted although it is refused, and no
    connection may be held while a password is hashed.

    Raises
    ------
    BadCredentials
        If the account is unknown or disabled, or the password wrong; nothing tells which.
    TooManySignIns, SignInBusy
        If the account or the address failed too often, or too many people sign in at this moment.
    """
    email = normal_email(attempt.email)
    keys = throttle.Keys.of(secret, email=email, address=attempt.address)
    with database.transaction() as tx:
        throttle.refuse_if_shut(store.counts(tx, keys.limits()), keys.limits(), now)
    with passwords.GATE.place():
        with database.transaction() as tx:
            _count_attempt(tx, keys, now)
            staff, stored = _account(tx, email)
        matched = passwords.matches(attempt.password, stored)
        if staff is None or not matched:
            raise BadCredentials
        renewed = passwords.hashed(attempt.password) if stored and passwords.is_outdated(stored) else None
    with database.transaction(staff.institution_id) as tx:
        _give_back(tx, keys, now)
        if renewed is not None:
            store.set_password_hash(tx, staff.id, renewed)
        return _open_session(tx, staff, previous=attempt.previous, now=now)


def _account(tx: Connection, email: str) -> tuple[Staff | None, str | None]:
    """The account and its hash, (None, None) when there is none to use; the same statements either way."""
    institution_of(tx, staff_key(email))
    found = store.staff_by_email(tx, email)
    if found is None or found[0].disabled_at is not None:
        return None, None
    return found


def _count_attempt(tx: Connection, keys: throttle.Keys, now: dt.datetime) -> None:
    limits = keys.limits()
    counts = store.lock_counts(tx, limits, now)
    throttle.refuse_if_shut(counts, limits, now)
    store.set_counts(tx, {key: count.after_one_more(limits[key], now) for key, count in counts.items()})


def _give_back(tx: Connection, keys: throttle.Keys, now: dt.datetime) -> None:
    """A right password clears the account; for the address it only takes back the one attempt."""
    counts = store.lock_counts(tx, keys.limits(), now)
    store.set_counts(tx, {keys.address: counts[keys.address].given_back(now)})
    store.delete_count(tx, keys.account)
    store.delete_old_counts(tx, ended_before=now - throttle.FORGET)


def _open_session(tx: Connection, staff: Staff, *, previous: str | None, now: dt.datetime) -> SignedIn:
    sign_out(tx, previous)
    scope(tx, staff.institution_id)
    store.delete_old_sessions(tx, seen_before=now - SESSION_IDLE, now=now)
    token = new_token(staff.institution_id)
    session = StaffSession(digest(token), staff, new_secret(), now, now + SESSION_LONGEST)
    store.add_session(tx, session, now)
    audit.record(
        tx,
        institution_id=staff.institution_id,
        actor=staff.actor,
        act="staff.signed-in",
        subject=f"staff:{staff.id}",
        at=now,
    )
    return SignedIn(token, staff)


def session_of(tx: Connection, token: str | None, now: dt.datetime) -> StaffSession:
    """Return the session of a browser and scope the transaction to its institution. Raise ``SignInNeeded``."""
    read = Token.read(token)
    if read is None:
        raise SignInNeeded
    scope(tx, read.institution_id)
    session = store.session(tx, read.sha256)
    if session is None or session.is_over(now):
        raise SignInNeeded
    if now - session.seen_at >= SEEN_EVERY:
        store.see_session(tx, session.token_hash, now)
    return session


def sign_out(tx: Connection, token: str | None) -> None:
    """End the session of a browser, if it has one; the transaction is then scoped to its institution."""
    read = Token.read(token)
    if read is not None:
        scope(tx, read.institution_id)
        store.delete_session(tx, read.sha256)


def holds(session: StaffSession, csrf_token: str | None) -> bool:
    """Tell whether a form carries the token of its session, compared in constant time."""
    return secrets.compare_digest(session.csrf_token.encode(), (csrf_token or "").encode())
