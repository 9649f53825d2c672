"""A thread's arrays are used again, and no thread sees another's."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np

from app.engine.workspace import workspace


def test_the_same_memory_comes_back_for_the_same_purpose_also_in_a_smaller_shape() -> None:
    first = workspace("this test", (4, 5))
    assert np.shares_memory(first, workspace("this test", (2, 7)))
    assert workspace("this test", (2, 7)).shape == (2, 7)


def test_other_purposes_types_and_larger_shapes_have_memory_of_their_own() -> None:
    first = workspace("another test", (4, 5))
    assert not np.shares_memory(first, workspace("a third test", (4, 5)))
    assert not np.shares_memory(first, workspace("another test", (4, 5), np.float32))
    assert not np.shares_memory(first, workspace("another test", (5, 5)))


def test_threads_do_not_share() -> None:
    together = Barrier(2)

    def kept(value: float) -> float:
        mine = workspace("threads", (1000,))
        mine[:] = value
        together.wait()
        return float(mine.sum())

    with ThreadPoolExecutor(2) as executor:
        assert list(executor.map(kept, [1.0, 2.0])) == [1000.0, 2000.0]
