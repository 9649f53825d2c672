"""How long a session of the team lasts, and what ends it."""

import datetime as dt

import pytest
from sqlalchemy import Connection, select

from app.accounts import service
from app.accounts.model import (
    SESSION_IDLE,
    SESSION_LONGEST,
    SignInNeeded,
    Staff,
)
from app.accounts.tokens import new_token
from app.db.connection import Database
from app.db.tables.accounts import StaffSessionRow
from tests.accounts.attempts import address, attempt
from tests.builders import make_institution
from tests.conftest import NOON
from tests.staff import make_staff


def session_hashes(tx: Connection) -> set[str]:
    return set(tx.scalars(select(StaffSessionRow.token_hash)))


def test_each_sign_in_makes_a_new_token_and_ends_the_browsers_old_session(database: Database, staff: Staff) -> None:
    first = attempt(database, staff.email, where=address()).token
    second = attempt(database, staff.email, where=address(), previous=first).token
    assert first != second
    with database.transaction() as tx, pytest.raises(SignInNeeded):
        service.session_of(tx, first, NOON)


def test_a_token_planted_in_a_browser_never_becomes_a_session(database: Database, staff: Staff) -> None:
    planted = new_token(staff.institution_id)
    attempt(database, staff.email, where=address(), previous=planted)
    with database.transaction() as tx, pytest.raises(SignInNeeded):
        service.session_of(tx, planted, NOON)


def test_the_session_of_another_institution_in_the_same_browser_ends_too(database: Database, staff: Staff) -> None:
    other = make_staff(database, make_institution(database).id)
    before = attempt(database, other.email, where=address()).token
    attempt(database, staff.email, where=address(), previous=before)
    with database.transaction(other.institution_id) as tx:
        assert session_hashes(tx) == set()


def test_a_session_unused_for_twelve_hours_is_over(database: Database, staff: Staff) -> None:
    token = attempt(database, staff.email, where=address()).token
    with database.transaction() as tx, pytest.raises(SignInNeeded):
        service.session_of(tx, token, NOON + SESSION_IDLE)


def test_a_session_in_use_lives_on_but_not_beyond_seven_days(database: Database, staff: Staff) -> None:
    token = attempt(database, staff.email, where=address()).token
    now = NOON
    while now + dt.timedelta(hours=11) < NOON + SESSION_LONGEST:
        now += dt.timedelta(hours=11)
        with database.transaction() as tx:
            service.session_of(tx, token, now)
    with database.transaction() as tx, pytest.raises(SignInNeeded):
        service.session_of(tx, token, NOON + SESSION_LONGEST)


def test_sessions_that_are_over_are_forgotten_at_the_next_sign_in(database: Database, staff: Staff) -> None:
    attempt(database, staff.email, where=address())
    attempt(database, staff.email, where=address(), now=NOON + SESSION_IDLE)
    with database.transaction(staff.institution_id) as tx:
        assert len(session_hashes(tx)) == 1


def test_signing_out_ends_the_session_on_the_server(database: Database, staff: Staff) -> None:
    token = attempt(database, staff.email, where=address()).token
    with database.transaction() as tx:
        service.sign_out(tx, token)
    with database.transaction() as tx, pytest.raises(SignInNeeded):
        service.session_of(tx, token, NOON)


def test_a_token_moved_to_another_institution_finds_no_session(database: Database, staff: Staff) -> None:
    token = attempt(database, staff.email, where=address()).token
    moved = make_institution(database).id.hex + token[32:]
    with database.transaction() as tx, pytest.raises(SignInNeeded):
        service.session_of(tx, moved, NOON)
