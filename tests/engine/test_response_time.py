"""Rapid answers against each item's own times."""

import numpy as np
import pytest

from app.engine.response_time import response_times


def test_a_tenth_of_the_items_median_time_is_too_fast() -> None:
    seconds = np.array([[30.0, 200.0], [40.0, 300.0], [2.9, 9.0], [20.0, 400.0], [np.nan, 11.0]])
    found = response_times(seconds)
    assert found.threshold.tolist() == [2.5, 10.0]
    assert found.rapid.tolist() == [[False, False], [False, False], [False, True], [False, False], [False, False]]
    assert found.effort.tolist() == [1.0, 1.0, 0.5, 1.0, 1.0]
    assert found.hasty.tolist() == [False, False, True, False, False]


def test_what_was_not_timed_is_not_judged() -> None:
    found = response_times(np.array([[np.nan, 3.0], [np.nan, np.nan]]))
    assert np.isnan(found.threshold[0])
    assert np.isnan(found.effort[1])
    assert not found.hasty.any()


@pytest.mark.parametrize("wrong", [-1.0, np.inf])
def test_impossible_times_are_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="seconds"):
        response_times(np.array([[wrong]]))
