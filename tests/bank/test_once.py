from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from app.bank.once import Once


def counted() -> tuple[list[int], Callable[[], str]]:
    calls: list[int] = []

    def build() -> str:
        calls.append(1)
        return "value"

    return calls, build


def test_a_value_is_built_once() -> None:
    once: Once[str, str] = Once(2)
    calls, build = counted()
    assert [once.get("a", build), once.get("a", build)] == ["value", "value"]
    assert len(calls) == 1


def test_fifty_who_ask_together_get_one_value_built_once() -> None:
    once: Once[str, object] = Once(2)
    together, calls = Barrier(50), []

    def build() -> object:
        calls.append(1)
        return object()

    def ask(_: int) -> object:
        together.wait()
        return once.get("a", build)

    with ThreadPoolExecutor(50) as threads:
        values = list(threads.map(ask, range(50)))
    assert len(set(map(id, values))) == 1
    assert len(calls) == 1


def test_the_value_asked_for_longest_ago_leaves_first() -> None:
    once: Once[str, str] = Once(2)
    calls, build = counted()
    for key in ("a", "b", "a", "c", "a", "b"):
        once.get(key, build)
    assert len(calls) == 4  # a, b, c, and b again


def test_a_failed_build_is_told_to_the_builder_only() -> None:
    once: Once[str, str] = Once(2)
    started, release = Event(), Event()

    def fail() -> str:
        started.set()
        release.wait(10)
        raise ConnectionError

    with ThreadPoolExecutor(2) as threads:
        builder = threads.submit(once.get, "a", fail)
        started.wait(10)
        waiting = threads.submit(once.get, "a", lambda: "value")
        release.set()
        with pytest.raises(ConnectionError):
            builder.result(10)
        assert waiting.result(10) == "value"


def test_building_one_value_does_not_hold_up_another() -> None:
    once: Once[str, str] = Once(2)
    started, release = Event(), Event()

    def slow() -> str:
        started.set()
        release.wait(10)
        return "slow"

    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(once.get, "a", slow)
        started.wait(10)
        assert once.get("b", lambda: "quick") == "quick"
        release.set()
        assert first.result(10) == "slow"
