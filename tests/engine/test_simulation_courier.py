"""What chunks of a simulation share travels to each process about once, and every part is worked on with it."""

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from typing import Any

import pytest
from typing_extensions import override

from app.engine.simulation_courier import KEPT, Courier


class Heavy:
    """Counts how often it is packed up to be sent."""

    packed = 0

    def __init__(self, value: int) -> None:
        self.value = value

    @override
    def __reduce__(self) -> tuple[Any, ...]:
        Heavy.packed += 1
        return Heavy, (self.value,)


def added(shared: Heavy, part: int) -> int:
    return shared.value + part


def refused(shared: Heavy, part: int) -> int:
    raise RuntimeError(f"no more memory for {shared.value} and {part}")


def test_processes_are_sent_what_is_shared_once_and_not_with_every_part() -> None:
    Heavy.packed = 0
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        courier = Courier(executor, added, Heavy(10))
        found = [list(courier.each(range(place, place + 3))) for place in range(20)]

    assert found == [[10 + place, 11 + place, 12 + place] for place in range(20)]
    assert 1 <= Heavy.packed <= 3 + 3


@pytest.mark.parametrize("others", [0, KEPT])
def test_a_process_that_has_forgotten_is_sent_it_again(others: int) -> None:
    with ThreadPoolExecutor(1) as executor:
        courier = Courier(executor, added, Heavy(1))
        assert list(courier.each([1])) == [2]
        for number in range(others):
            assert list(Courier(executor, added, Heavy(number)).each([0])) == [number]
        assert list(courier.each([2, 3])) == [3, 4]


def test_what_fails_is_told_and_not_taken_for_something_missing() -> None:
    with ThreadPoolExecutor(1) as executor:
        courier = Courier(executor, refused, Heavy(1))
        for _ in range(2):
            with pytest.raises(RuntimeError, match="no more memory"):
                list(courier.each([1]))
