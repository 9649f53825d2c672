"""What guessing passwords costs whoever guesses, and nobody else."""

import datetime as dt
import threading
import uuid

import pytest
from sqlalchemy import select

from app.accounts.model import (
    BadCredentials,
    SignInBusy,
    Staff,
    TooManySignIns,
)
from app.accounts.throttle import Keys
from app.db.connection import Database
from app.db.tables.accounts import ThrottleRow
from tests.accounts.attempts import SECRET, address, attempt, fail
from tests.conftest import NOON


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
