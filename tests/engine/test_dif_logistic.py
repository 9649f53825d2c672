"""Logistic regression for differential functioning: R's difR, and a direct maximisation."""

import numpy as np
import pytest
from scipy.optimize import minimize

from app.engine.dif_logistic import effect_classes, logistic_dif, proportional_odds
from app.engine.grid import Floats
from app.engine.matching import score_strata
from tests.engine.dif_cases import REFERENCE, two_groups, verbal_aggression


@pytest.mark.parametrize("name", REFERENCE["logistic"])
def test_verbal_aggression_gives_the_figures_of_difr(name: str) -> None:
    scores, focal = verbal_aggression()
    found = logistic_dif(scores, focal, score_strata(scores, np.ones(24, dtype=np.bool_)))
    np.testing.assert_allclose(getattr(found, name), REFERENCE["logistic"][name], rtol=0, atol=REFERENCE["tolerance"])


def test_proportional_odds_equal_a_direct_maximisation() -> None:
    rng = np.random.default_rng(8)
    z = np.column_stack([rng.normal(size=400), rng.integers(0, 2, 400)])
    score = np.searchsorted([-1, 0.3, 1.4], z @ [1.0, 0.5] + rng.logistic(size=400))

    def deviance(at: Floats) -> float:
        cuts = at[0] - np.cumsum([0, np.exp(at[1]), np.exp(at[2])])
        reach = np.pad(1 / (1 + np.exp(-(cuts + (z @ at[3:])[:, None]))), ((0, 0), (1, 1)))
        reach[:, 0] = 1
        who = np.arange(400)
        return float(-2 * np.log(reach[who, score] - reach[who, score + 1]).sum())

    direct = minimize(deviance, np.array([1.0, 0.0, 0.0, 0.0, 0.0]), tol=1e-10)
    fit = proportional_odds(np.eye(4)[score], z)
    assert fit.deviance == pytest.approx(direct.fun, abs=1e-6)
    np.testing.assert_allclose(fit.beta, direct.x[3:], atol=1e-4)


def test_crossing_curves_are_found_as_non_uniform() -> None:
    rng = np.random.default_rng(4)
    scores, focal = two_groups(rng, np.zeros(15), persons=4000)
    ability = scores.sum(axis=1) - 7.5
    slope = np.where(focal, 0.05, 0.5)
    scores[:, 3] = rng.random(4000) < 1 / (1 + np.exp(-slope * ability))
    found = logistic_dif(scores, focal, score_strata(scores, np.ones(15, dtype=np.bool_)))
    assert found.p_non_uniform[3] < 1e-6
    assert found.non_uniform[3] > found.uniform[3]
    assert found.jodoin_gierl[3] in "BC"


def test_a_uniform_effect_has_its_size_and_sign_in_points_items_too() -> None:
    shift = np.zeros(12)
    shift[6] = 0.5
    scores, focal = two_groups(np.random.default_rng(6), shift, persons=4000, steps=2)
    found = logistic_dif(scores, focal, score_strata(scores, np.ones(12, dtype=np.bool_)))
    assert found.log_odds[6] < -5 * found.log_odds_se[6]
    assert np.argmax(found.both) == 6


def test_a_separated_item_still_has_a_finite_statistic() -> None:
    scores, focal = two_groups(np.random.default_rng(7), np.zeros(6), persons=200)
    scores[:, 2] = scores[:, [0, 1, 3, 4, 5]].sum(axis=1) > 2
    found = logistic_dif(scores, focal, score_strata(scores, np.arange(6) != 2))
    assert np.isfinite(found.both[2])


def test_what_cannot_be_compared_says_so() -> None:
    scores = np.array([[1, 0], [1, 1], [1, 0], [1, 1]])
    strata = np.zeros((4, 2), dtype=np.intp)
    found = logistic_dif(scores, np.array([False, False, True, True]), strata)
    assert found.zumbo_thomas == ("?", "A")
    alone = logistic_dif(scores, np.zeros(4, dtype=np.bool_), strata)
    assert np.isnan(alone.both).all()
    assert alone.persons.tolist() == [4, 4]


def test_classes_need_both_size_and_significance() -> None:
    gain, p = np.array([0.01, 0.04, 0.08, 0.08, np.nan]), np.array([0.01, 0.01, 0.01, 0.2, np.nan])
    assert effect_classes(gain, p, (0.035, 0.07)) == ("A", "B", "C", "A", "?")
