import datetime as dt
import threading
import uuid

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Connection, select, update

from app.accounts import service
from app.accounts.model import (
    SESSION_IDLE,
    SESSION_LONGEST,
    BadCredentials,
    BadEmail,
    BadPassword,
    EmailTaken,
    Role,
    SignedIn,
    SignInBusy,
    SignInNeeded,
    Staff,
    TooManySignIns,
    UnknownStaff,
)
from app.accounts.passwords import HASHER
from app.accounts.service import Attempt
from app.accounts.throttle import Keys
from app.accounts.tokens import new_token
from app.db.connection import Database
from app.db.tables.accounts import AuditRow, StaffRow, StaffSessionRow, ThrottleRow
from app.errors import AppError
from app.institutions.model import BadName
from tests.builders import Institution, make_institution
from tests.conftest import NOON
from tests.staff import PASSWORD, make_staff

SECRET = b"s" * 32


def address() -> str:
    """An address of its own for each test: the count of failures is shared by the whole database."""
    return uuid.uuid4().hex


def attempt(
    database: Database,
    email: str,
    password: str = PASSWORD,
    *,
    where: str = "192.0.2.1",
    now: dt.datetime = NOON,
    previous: str | None = None,
) -> SignedIn:
    return service.sign_in(database, Attempt(email, password, where, previous), secret=SECRET, now=now)


def fail(database: Database, email: str, times: int, *, where: str, now: dt.datetime = NOON) -> None:
    for _ in range(times):
        with pytest.raises(BadCredentials):
            attempt(database, email, "wrong", where=where, now=now)


def session_hashes(tx: Connection) -> set[str]:
    return set(tx.scalars(select(StaffSessionRow.token_hash)))


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


def test_five_failures_cost_nothing_the_sixth_shuts_the_account(database: Database, staff: Staff) -> None:
    fail(database, staff.email, 6, where=address())
    with pytest.raises(TooManySignIns) as shut:
        attempt(database, staff.email, where=address())
    assert shut.value.facts == {"retry_after": 2}
    later = NOON + dt.timedelta(seconds=2)
    assert attempt(database, staff.email, where=address(), now=later).staff == staff


def test_each_further_failure_doubles_the_wait(database: Database, staff: Staff) -> None:
    fail(database, staff.email, 6, where=address())
    fail(database, staff.email, 1, where=address(), now=NOON + dt.timedelta(seconds=2))
    with pytest.raises(TooManySignIns) as shut:
        attempt(database, staff.email, where=address(), now=NOON + dt.timedelta(seconds=2))
    assert shut.value.facts == {"retry_after": 4}


def test_a_success_forgives_the_account(database: Database, staff: Staff) -> None:
    fail(database, staff.email, 5, where=address())
    attempt(database, staff.email, where=address())
    fail(database, staff.email, 5, where=address())
    assert attempt(database, staff.email, where=address()).staff == staff


def test_an_account_that_does_not_exist_is_shut_like_one_that_does(database: Database) -> None:
    nobody = f"{uuid.uuid4().hex}@univ.example"
    fail(database, nobody, 6, where=address())
    with pytest.raises(TooManySignIns):
        attempt(database, nobody, where=address())


def test_an_address_that_tries_many_accounts_is_shut(database: Database, staff: Staff) -> None:
    where = address()
    for number in range(31):
        fail(database, f"{number}.{where}@univ.example", 1, where=where)
    with pytest.raises(TooManySignIns):
        attempt(database, staff.email, where=where)
    assert attempt(database, staff.email, where=address()).staff == staff


def test_people_who_sign_in_from_one_address_do_not_use_it_up(database: Database, staff: Staff) -> None:
    where = address()
    for _ in range(35):
        attempt(database, staff.email, where=where)
    with database.transaction() as tx:
        key = Keys.of(SECRET, email=staff.email, address=where).address
        assert tx.scalar(select(ThrottleRow.failures).where(ThrottleRow.key == key)) == 0


def test_parallel_guesses_cannot_outrun_the_count(database: Database, staff: Staff) -> None:
    outcomes: list[str] = []

    def guess() -> None:
        try:
            attempt(database, staff.email, "wrong", where=address())
        except (BadCredentials, TooManySignIns, SignInBusy) as refused:
            outcomes.append(refused.code)

    for _ in range(5):
        crowd = [threading.Thread(target=guess) for _ in range(8)]
        for one in crowd:
            one.start()
        for one in crowd:
            one.join()
    assert len(outcomes) == 40
    assert outcomes.count("bad-credentials") == 6


def test_old_counts_are_forgotten(database: Database, staff: Staff) -> None:
    nobody, where = f"{uuid.uuid4().hex}@univ.example", address()
    fail(database, nobody, 1, where=where, now=NOON - dt.timedelta(days=3))
    attempt(database, staff.email, where=address())
    keys = Keys.of(SECRET, email=nobody, address=where)
    with database.transaction() as tx:
        kept = set(tx.scalars(select(ThrottleRow.key)))
    assert not kept & {keys.account, keys.address}


def test_the_count_holds_neither_accounts_nor_addresses(database: Database) -> None:
    where = "198.51.100.77"
    fail(database, f"{uuid.uuid4().hex}@univ.example", 1, where=where)
    with database.transaction() as tx:
        keys = list(tx.scalars(select(ThrottleRow.key)))
    assert all(len(key) == 64 and set(key) <= set("0123456789abcdef") for key in keys)


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
