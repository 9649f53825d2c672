"""Who is let in, and how the others are refused."""

import uuid

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, update

from app.accounts import service
from app.accounts.model import (
    BadCredentials,
    Staff,
)
from app.accounts.passwords import HASHER
from app.db.connection import Database
from app.db.tables.accounts import StaffRow
from tests.accounts.attempts import address, attempt
from tests.builders import Institution
from tests.conftest import NOON
from tests.staff import PASSWORD, make_staff


def test_the_right_password_opens_a_session_of_the_account(database: Database, staff: Staff) -> None:
    signed_in = attempt(database, staff.email, where=address())
    with database.transaction() as tx:
        session = service.session_of(tx, signed_in.token, NOON)
    assert session.staff == signed_in.staff == staff


def test_an_address_is_found_in_any_case(database: Database, institution: Institution) -> None:
    staff = make_staff(database, institution.id, email=f"Zoé.{uuid.uuid4().hex}@Univ.Example")
    assert attempt(database, f"  {staff.email.upper()} ", where=address()).staff == staff


@pytest.mark.parametrize("password", ["", "wrong", PASSWORD + "\0", PASSWORD.upper(), "x" * 5000])
def test_a_wrong_password_opens_nothing(database: Database, staff: Staff, password: str) -> None:
    with pytest.raises(BadCredentials):
        attempt(database, staff.email, password, where=address())


@pytest.mark.parametrize("email", ["", "nobody@univ.example", "\0", "a" * 5000, "' OR 1=1 --"])
def test_an_unknown_account_is_refused_in_the_same_words(database: Database, staff: Staff, email: str) -> None:
    with pytest.raises(BadCredentials) as unknown:
        attempt(database, email, where=address())
    with pytest.raises(BadCredentials) as wrong:
        attempt(database, staff.email, "wrong", where=address())
    assert (unknown.value.code, unknown.value.message, unknown.value.facts) == (
        wrong.value.code,
        wrong.value.message,
        wrong.value.facts,
    )


def test_an_unknown_account_costs_a_hash_like_any_other(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    verified: list[str] = []
    verify = PasswordHasher.verify

    def counted(hasher: PasswordHasher, stored: str, password: str) -> bool:
        verified.append(stored)
        return verify(hasher, stored, password)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    with pytest.raises(BadCredentials):
        attempt(database, "nobody@univ.example", where=address())
    assert len(verified) == 1


def test_a_hash_made_with_older_parameters_is_renewed_at_sign_in(database: Database, staff: Staff) -> None:
    older = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with database.transaction(staff.institution_id) as tx:
        tx.execute(update(StaffRow).where(StaffRow.id == staff.id).values(password_hash=older))
    attempt(database, staff.email, where=address())
    with database.transaction(staff.institution_id) as tx:
        stored = tx.scalar(select(StaffRow.password_hash).where(StaffRow.id == staff.id))
    assert stored is not None
    assert not HASHER.check_needs_rehash(stored)
    assert attempt(database, staff.email, where=address()).staff == staff
