"""Residual correlations: a plain loop, independence, and a pair that repeats itself."""

import numpy as np
import pytest

from app.engine.estimators import MISSING
from app.engine.families import FAMILIES
from app.engine.local_dependence import dependent_pairs, residual_correlations
from tests.engine.fit_cases import Answered, answered, simulated


def repeating() -> Answered:
    """Twenty items; most answers to the eighth repeat those to the third."""
    items, case = simulated(2, 20, persons=1500)
    scores = case.scores.copy()
    copied = np.random.default_rng(1).random(1500) < 0.7
    scores[copied, 7] = scores[copied, 2]
    return answered(items, scores)


def test_q3_is_the_correlation_of_residuals_of_those_who_answered_both() -> None:
    items, case = simulated(2, 6, persons=200, model="gpcm", unseen=0.3)
    found = residual_correlations(case.tables, case.scores, case.post.mean)
    theta = case.post.mean[:, 0]
    residual = np.full(case.scores.shape, np.nan)
    for number, (name, xi) in enumerate(items):
        mean = np.arange(4) @ np.exp(FAMILIES[name].log_p(theta, xi))
        residual[:, number] = np.where(case.scores[:, number] == MISSING, np.nan, case.scores[:, number] - mean)
    for i, j in ((0, 1), (2, 5), (4, 3)):
        both = np.isfinite(residual[:, i] + residual[:, j])
        assert found.q3[i, j] == pytest.approx(np.corrcoef(residual[both, i], residual[both, j])[0, 1], abs=1e-5)
        assert found.persons[i, j] == both.sum()


def test_under_independence_no_pair_is_flagged_and_the_mean_is_below_zero() -> None:
    _, case = simulated(3, 20, persons=1500)
    found = residual_correlations(case.tables, case.scores, case.post.mean)
    assert dependent_pairs(found) == []
    assert -0.1 < found.mean < 0
    assert np.isnan(np.diag(found.q3)).all()
    np.testing.assert_allclose(found.adjusted, found.q3 - found.mean)


def test_items_that_repeat_each_other_are_the_pair_flagged() -> None:
    case = repeating()
    (pair,) = dependent_pairs(residual_correlations(case.tables, case.scores, case.post.mean))
    assert (pair.first, pair.second, pair.persons) == (2, 7, 1500)
    assert pair.adjusted > 0.4


def test_pairs_that_too_few_saw_are_left_out() -> None:
    _, case = simulated(3, 4, persons=100)
    scores = case.scores.copy()
    scores[10:, 0] = MISSING
    found = residual_correlations(case.tables, scores, case.post.mean)
    assert np.isnan(found.q3[0]).all()
    assert np.isfinite(found.q3[1, 2])
    nobody = residual_correlations(case.tables, scores, np.full((100, 1), np.inf))
    assert np.isnan(nobody.mean)
    assert dependent_pairs(nobody) == []
