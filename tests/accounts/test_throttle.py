import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.model import TooManySignIns
from app.accounts.throttle import ACCOUNT, ADDRESS, FORGET, Count, Keys, Limit, network, refuse_if_shut

NOW = dt.datetime(2026, 11, 23, 12, 0, tzinfo=dt.UTC)


def seconds(limit: Limit, failures: int) -> float:
    return limit.wait(failures).total_seconds()


def test_the_first_failures_of_an_account_cost_nothing_then_the_wait_doubles() -> None:
    assert [seconds(ACCOUNT, n) for n in range(9)] == [0, 0, 0, 0, 0, 0, 2, 4, 8]


def test_no_wait_is_longer_than_a_quarter_of_an_hour() -> None:
    assert seconds(ACCOUNT, 15) == 900
    assert seconds(ACCOUNT, 1_000_000) == 900


def test_an_address_that_many_people_share_has_more_room() -> None:
    assert seconds(ADDRESS, 30) == 0
    assert seconds(ADDRESS, 31) == 2


@given(st.integers(0, 10_000))
def test_one_more_failure_never_shortens_the_wait(failures: int) -> None:
    assert ACCOUNT.wait(failures + 1) >= ACCOUNT.wait(failures)


def test_a_shut_key_says_in_how_many_whole_seconds_to_come_back() -> None:
    count = Count(7, NOW + dt.timedelta(seconds=3.2))
    with pytest.raises(TooManySignIns) as refused:
        refuse_if_shut({"a": count, "b": Count(1, NOW)}, {"a": ACCOUNT, "b": ADDRESS}, NOW)
    assert refused.value.facts == {"retry_after": 4}


def test_an_open_key_is_let_through() -> None:
    refuse_if_shut({"a": Count(50, NOW)}, {"a": ACCOUNT}, NOW)
    refuse_if_shut({}, {"a": ACCOUNT}, NOW)


def test_free_failures_shut_nothing_even_when_another_clock_was_ahead() -> None:
    refuse_if_shut({"a": Count(5, NOW + dt.timedelta(hours=1))}, {"a": ACCOUNT}, NOW)


def test_failures_are_forgotten_a_day_after_the_last_wait() -> None:
    old = Count(12, NOW)
    assert old.after_one_more(ACCOUNT, NOW + FORGET).failures == 1
    assert old.after_one_more(ACCOUNT, NOW + FORGET - dt.timedelta(seconds=1)).failures == 13


def test_an_attempt_that_was_right_is_given_back() -> None:
    assert Count(31, NOW + dt.timedelta(seconds=2)).given_back(NOW) == Count(30, NOW)
    assert Count(0, NOW).given_back(NOW) == Count(0, NOW)


def test_keys_tell_neither_the_account_nor_the_address_nor_each_other() -> None:
    keys = Keys.of(b"k" * 32, email="a@b.example", address="192.0.2.7")
    assert keys.account != keys.address
    assert "192" not in keys.address
    assert keys != Keys.of(b"other" * 8, email="a@b.example", address="192.0.2.7")
    assert keys == Keys.of(b"k" * 32, email="a@b.example", address="192.0.2.7")


def test_an_ipv6_subscriber_is_one_address() -> None:
    assert network("2001:db8::1") == network("2001:db8::ffff:0:1") == "2001:db8::/64"
    assert network("::ffff:192.0.2.7") == network("192.0.2.7") == "192.0.2.7"
    assert network("testclient") == "testclient"
