"""Draws for many sittings are those of numpy's own generators."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine.simulation_random import drawn_places

EDGES = [0, 1, 2**31, 2**32 - 1, 2**32, 2**62 - 1, 2**63, 2**64 - 1]


def one_by_one(seeds: list[int], step: int, counts: list[int]) -> list[int]:
    return [int(np.random.default_rng([seed, step]).integers(count)) for seed, count in zip(seeds, counts, strict=True)]


@settings(deadline=None)
@given(
    drawn=st.lists(
        st.tuples(st.integers(0, 2**64 - 1) | st.integers(0, 2**32), st.integers(1, 2**32 - 1) | st.integers(1, 50)),
        min_size=1,
        max_size=20,
    ),
    step=st.integers(0, 500),
)
def test_draws_equal_those_of_a_generator_per_seed_and_step(drawn: list[tuple[int, int]], step: int) -> None:
    seeds, counts = [seed for seed, _ in drawn], [count for _, count in drawn]
    found = drawn_places(np.array(seeds, dtype=np.uint64), step, np.array(counts, dtype=np.intp))
    assert found.tolist() == one_by_one(seeds, step, counts)


def test_every_kind_of_seed_gives_the_draws_of_its_generator() -> None:
    random = np.random.default_rng(1).integers(0, 2**63, size=500).tolist()
    seeds = [*EDGES, *random]
    for count in (1, 2, 3, 5, 50):
        found = drawn_places(np.array(seeds, dtype=np.uint64), 7, np.full(len(seeds), count))
        assert found.tolist() == one_by_one(seeds, 7, [count] * len(seeds))


def test_draws_that_are_made_again_equal_those_of_the_generator() -> None:
    count = 3 * 2**30  # a quarter of the first draws are refused
    seeds = list(range(200))
    found = drawn_places(np.array(seeds, dtype=np.uint64), 1, np.full(200, count))
    assert found.tolist() == one_by_one(seeds, 1, [count] * 200)


@pytest.mark.parametrize("count", [0, 2**32])
def test_counts_out_of_range_are_refused(count: int) -> None:
    with pytest.raises(ValueError, match=f"counts must be from 1 to 4294967295, got {count}"):
        drawn_places(np.array([1], dtype=np.uint64), 1, np.array([count]))
