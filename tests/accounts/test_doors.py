"""Counts at the doors that codes open. Every test has a network address of its own."""

import datetime as dt
import ipaddress
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event

from app.accounts import doors, store
from app.accounts.model import TooManyEntries, TooManyGuesses
from app.accounts.throttle import FORGET, Keys
from app.db.connection import Database
from tests.conftest import NOON

SECRET = b"doors of the tests"


@pytest.fixture
def address() -> str:
    return new_address()


def new_address() -> str:
    return str(ipaddress.IPv6Address(uuid.uuid4().int))


def keys(address: str, code: str = "SN7K2P") -> Keys:
    return doors.resume_keys(SECRET, code=f"{code} {address}" if code == "SN7K2P" else code, address=address)


def guess(database: Database, key: Keys, times: int, now: dt.datetime = NOON) -> None:
    for _ in range(times):
        doors.count_guess(database, key, now)


def test_a_hundred_wrong_codes_of_one_address_cost_nothing_then_it_waits(database: Database, address: str) -> None:
    guess(database, keys(address), 101)
    with pytest.raises(TooManyGuesses) as refused:
        doors.count_guess(database, keys(address), NOON)
    assert refused.value.facts == {"retry_after": 1}


def test_no_address_waits_longer_than_a_minute(database: Database, address: str) -> None:
    guess(database, keys(address), 101)
    assert waits(database, [keys(address)] * 20) == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60]


def test_guesses_from_everywhere_shut_a_campaign_for_ten_seconds_at_most(database: Database) -> None:
    code = f"campaign {uuid.uuid4()}"
    for _ in range(1001):
        guess(database, keys(new_address(), code), 1)
    told = waits(database, [keys(new_address(), code) for _ in range(12)])
    assert told == [1, 2, 4, 8, 10, 10]
    guess(database, keys(new_address(), f"another {uuid.uuid4()}"), 1)


def waits(database: Database, attempts: Sequence[Keys]) -> list[object]:
    """The waits told when each attempt is made as soon as the one before allows."""
    told, now = list[object](), NOON
    for attempt in attempts:
        try:
            doors.count_guess(database, attempt, now)
        except TooManyGuesses as refused:
            told.append(refused.facts["retry_after"])
            now += dt.timedelta(seconds=int(str(told[-1])))
    return told


def test_a_right_code_opens_the_campaign_and_takes_back_one_failure_of_the_address(
    database: Database, address: str
) -> None:
    guess(database, keys(address), 101)
    later = NOON + dt.timedelta(seconds=1)
    doors.count_guess(database, keys(address), later)
    doors.forgive(database, keys(address), later)
    doors.count_guess(database, keys(address), later)
    with pytest.raises(TooManyGuesses):
        doors.count_guess(database, keys(address), later)


def test_parallel_guesses_cannot_outrun_the_count(database: Database, address: str) -> None:
    def attempt(_: int) -> bool:
        try:
            doors.count_guess(database, keys(address), NOON)
        except TooManyGuesses:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(150))) == 101


def test_five_hundred_learners_of_one_lecture_hall_start_in_the_same_second(database: Database, address: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: doors.count_entry(database, SECRET, address=address, now=NOON), range(500)))


def come(database: Database, address: str, times: int, now: dt.datetime) -> int:
    """How many of them pass."""
    for passed in range(times):
        try:
            doors.count_entry(database, SECRET, address=address, now=now)
        except TooManyEntries:
            return passed
    return times


def test_two_thousand_may_come_at_once_then_two_a_second(database: Database, address: str) -> None:
    assert come(database, address, 2_100, NOON) == 2000
    later = NOON + dt.timedelta(seconds=10)
    assert come(database, address, 100, later) == 20
    with pytest.raises(TooManyEntries) as refused:
        doors.count_entry(database, SECRET, address=address, now=later)
    assert refused.value.facts == {"retry_after": 1}


@pytest.mark.nightly
def test_an_hour_without_anybody_lets_two_thousand_come_at_once_again(database: Database, address: str) -> None:
    assert come(database, address, 2_100, NOON) == 2000
    assert come(database, address, 2_100, NOON + dt.timedelta(hours=1)) == 2000


def test_ipv6_addresses_of_one_subscriber_count_as_one(database: Database, address: str) -> None:
    network = ipaddress.IPv6Network((address, 64), strict=False)
    guess(database, keys(str(network[1]), f"c {address}"), 101)
    with pytest.raises(TooManyGuesses):
        guess(database, keys(str(network[2]), f"d {address}"), 1)


def test_an_old_count_may_be_forgotten_while_another_comes_back_to_it(database: Database, address: str) -> None:
    doors.count_entry(database, SECRET, address=address, now=NOON)
    later, done = NOON + dt.timedelta(days=2), list[str]()

    def forget(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        """As soon as the other transaction has found the count."""
        if not done and statement.startswith("INSERT INTO throttle"):
            done.append(statement)
            with database.transaction() as tx:
                store.delete_old_counts(tx, ended_before=later - FORGET)

    event.listen(database.engine, "after_cursor_execute", forget)
    try:
        doors.count_entry(database, SECRET, address=address, now=later)
    finally:
        event.remove(database.engine, "after_cursor_execute", forget)
    assert done
