"""Equated scores: R's equateIRT, identity, and guessing."""

import numpy as np
import pytest

from app.engine.equating import equate_observed_scores, equate_true_scores
from app.engine.grid import make_grid
from app.engine.linking import find_link
from app.engine.rescaling import carried
from tests.engine.link_cases import MIXED, REFERENCE, common, exact, form


def test_true_scores_are_those_of_equateirt() -> None:
    link = find_link(*common())
    found = equate_true_scores(form(1), carried(form(0), link))
    told = np.array(REFERENCE["true_scores"])
    np.testing.assert_allclose(found.equivalent[1:], told[:, 1], atol=1e-5)
    np.testing.assert_allclose(found.theta[1:-1], told[:-1, 2], atol=1e-5)
    assert found.equivalent[0] == pytest.approx(0, abs=1e-9)
    assert np.isnan(found.theta[[0, -1]]).all()


def test_observed_scores_are_those_of_equateirt_at_its_thirty_nodes() -> None:
    link = find_link(*common())
    nodes, weights = np.polynomial.hermite_e.hermegauss(30)
    both = np.concatenate([nodes, link.slope * nodes + link.intercept])
    found = equate_observed_scores(form(1), carried(form(0), link), both, np.tile(weights, 2))
    np.testing.assert_allclose(found.equivalent, REFERENCE["observed_scores"], atol=1e-5)
    assert np.isnan(found.theta).all()


def test_a_form_is_equal_to_itself() -> None:
    items, grid = exact(MIXED), make_grid()
    for found in (equate_true_scores(items, items), equate_observed_scores(items, items, grid.theta, grid.theta**0)):
        np.testing.assert_allclose(found.equivalent, found.score, atol=1e-8)


def test_scores_below_guessing_lie_on_the_line_to_nothing() -> None:
    first = exact([("3pl", np.array([0.0, b, 0.0])) for b in (-1.0, 0.0, 1.0, 0.5)])
    second = exact([("3pl", np.array([0.0, b, -1.0])) for b in (-1.0, 0.0, 1.0, 0.5)])
    found = equate_true_scores(first, second)
    guessed = 4 / (1 + np.exp(1.0))
    np.testing.assert_allclose(found.equivalent[:3], [0, guessed / 2, guessed], atol=1e-8)
    assert np.isnan(found.theta[:3]).all()
    assert found.equivalent[3] > guessed


def test_scores_above_the_upper_asymptotes_lie_on_the_line_to_the_highest() -> None:
    first = exact([("4pl", np.array([0.0, b, -9.0, 1.0])) for b in (-1.0, 0.0, 1.0, 0.5)])
    second = exact([("4pl", np.array([0.0, b, -9.0, 2.0])) for b in (-1.0, 0.0, 1.0, 0.5)])
    found = equate_true_scores(first, second)
    high, ceiling = (
        (4 * (c + (1 - c) / (1 + np.exp(-d)))) for c, d in ((1 / (1 + np.exp(9.0)), x) for x in (1.0, 2.0))
    )
    assert found.equivalent[3] == pytest.approx(ceiling + (3 - high) * (4 - ceiling) / (4 - high))
    assert found.equivalent[4] == 4
    assert np.isnan(found.theta[3:]).all()
