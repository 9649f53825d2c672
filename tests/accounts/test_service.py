"""Accounts: made, disabled, and what is kept of them."""

import pytest
from sqlalchemy import select

from app.accounts import service
from app.accounts.model import (
    BadCredentials,
    BadEmail,
    BadPassword,
    EmailTaken,
    Role,
    SignInNeeded,
    Staff,
    UnknownStaff,
)
from app.db.connection import Database
from app.db.tables.accounts import AuditRow, StaffRow, StaffSessionRow
from app.errors import AppError
from app.institutions.model import BadName
from tests.accounts.attempts import address, attempt
from tests.builders import Institution, make_institution
from tests.conftest import NOON
from tests.staff import PASSWORD, make_staff


def test_a_disabled_account_is_refused_and_its_sessions_end(database: Database, staff: Staff) -> None:
    token = attempt(database, staff.email, where=address()).token
    with database.transaction(staff.institution_id) as tx:
        service.disable_staff(tx, email=staff.email, now=NOON)
    with pytest.raises(BadCredentials):
        attempt(database, staff.email, where=address())
    with database.transaction() as tx, pytest.raises(SignInNeeded):
        service.session_of(tx, token, NOON)
    with database.transaction(staff.institution_id) as tx, pytest.raises(UnknownStaff):
        service.disable_staff(tx, email=staff.email, now=NOON)


def test_an_address_has_one_account_on_the_whole_server(database: Database, staff: Staff) -> None:
    elsewhere = make_institution(database).id
    with pytest.raises(EmailTaken):
        make_staff(database, elsewhere, email=staff.email.upper())
    with pytest.raises(EmailTaken):
        make_staff(database, staff.institution_id, email=staff.email)


@pytest.mark.parametrize(
    ("field", "value", "refusal"),
    [
        ("email", "univ.example", BadEmail),
        ("email", "@univ.example", BadEmail),
        ("email", "a b@univ.example", BadEmail),
        ("email", "a\0@univ.example", BadEmail),
        ("email", "a" * 250 + "@univ.example", BadEmail),
        ("name", " ", BadName),
        ("name", "x" * 201, BadName),
        ("password", "fourteen chars", BadPassword),
        ("password", "x" * 1001, BadPassword),
    ],
)
def test_an_account_that_cannot_be_made_is_refused(
    database: Database, institution: Institution, field: str, value: str, refusal: type[AppError]
) -> None:
    fields = {"email": "a@univ.example", "name": "Alix", "password": PASSWORD} | {field: value}
    with database.transaction(institution.id) as tx, pytest.raises(refusal):
        service.create_staff(tx, institution_id=institution.id, role=Role.TEACHER, now=NOON, **fields)


def test_passwords_and_tokens_are_not_stored(database: Database, staff: Staff) -> None:
    token = attempt(database, staff.email, where=address()).token
    with database.transaction(staff.institution_id) as tx:
        stored = repr(tx.execute(select(*StaffRow.__table__.columns)).all())
        stored += repr(tx.execute(select(*StaffSessionRow.__table__.columns)).all())
        stored += repr(tx.execute(select(*AuditRow.__table__.columns)).all())
    assert PASSWORD not in stored
    assert token not in stored
    assert token.partition(".")[2] not in stored


def test_what_happens_to_an_account_is_written_down(database: Database, staff: Staff) -> None:
    attempt(database, staff.email, where=address())
    with database.transaction(staff.institution_id) as tx:
        service.disable_staff(tx, email=staff.email, now=NOON)
    with database.transaction(staff.institution_id) as tx:
        acts = tx.execute(select(AuditRow.act, AuditRow.actor, AuditRow.subject)).all()
    subject = f"staff:{staff.id}"
    assert sorted(map(tuple, acts)) == [
        ("staff.created", "operator", subject),
        ("staff.disabled", "operator", subject),
        ("staff.signed-in", subject, subject),
    ]
