"""Ties are equal, whatever rounding made of them, and nothing else is."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.engine.levels import TIE, levelled, levelled_rows
from tests.engine.brute import Array

NOTHING = np.zeros((1, 1))


def noisy(values: list[float], seed: int) -> Array:
    """The values as another machine might have summed them."""
    off: Array = np.random.default_rng(seed).uniform(-1e-13, 1e-13, len(values))
    return np.array(values) * (1 + off)


@given(st.lists(st.sampled_from([1e-9, 0.011, 0.3, 0.300001, 7.0]), min_size=1, max_size=12), st.integers(0, 99))
def test_the_order_of_ties_is_the_same_whatever_the_rounding(values: list[float], seed: int) -> None:
    exact = np.argsort(-np.array(values), kind="stable")
    np.testing.assert_array_equal(np.argsort(-levelled(noisy(values, seed)), kind="stable"), exact)


def test_values_that_all_differ_are_left_as_they_are() -> None:
    worth = np.array([3.0, 1.0, 2.0, 1.0 + 3 * TIE])
    assert levelled(worth) is worth


def test_a_chain_of_ties_is_raised_to_its_highest() -> None:
    worth = np.array([1.0, 2.0, 1 + 0.8 * TIE, 1 + 1.6 * TIE, 0.0, 0.0])
    highest = worth[3]
    assert levelled(worth).tolist() == [highest, 2.0, highest, highest, 0.0, 0.0]


@given(st.lists(st.lists(st.sampled_from([0.0, 0.2, 0.2 * (1 + 1e-12), 5.0]), min_size=4, max_size=4), min_size=1))
def test_rows_are_levelled_like_one(rows: list[list[float]]) -> None:
    found, doubt = levelled_rows(np.array(rows), rounding=NOTHING)
    np.testing.assert_array_equal(found, [levelled(np.array(row)) for row in rows])
    assert np.all(doubt <= 0)  # of zeros even their equality to the last digit is a guess


def test_a_distance_of_the_limit_itself_is_in_doubt() -> None:
    rows = np.array([[1.0, 1 + TIE, 3.0], [1.0, 2.0, 3.0], [1.0, 2.0, 2 + 4 * TIE]])
    assert levelled_rows(rows, rounding=NOTHING)[1].tolist() == [1 + TIE, -np.inf, -np.inf]
    assert levelled_rows(rows, rounding=np.full((3, 1), 1e-7))[1].tolist() == [1 + TIE, -np.inf, 2 + 4 * TIE]
