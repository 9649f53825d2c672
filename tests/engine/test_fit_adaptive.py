"""Fit of items and persons where answers chose the items."""

import numpy as np
import pytest

from app.engine.empirical_curves import empirical_curve
from app.engine.estimators import MISSING, item_information
from app.engine.grid import Floats, Ints
from app.engine.item_fit import posterior_mean_squares
from app.engine.person_fit import person_fit
from tests.engine.fit_cases import Answered, answered, drawn_items, drawn_scores


def adaptive(seed: int, *, persons: int = 3000, length: int = 25, guessing: int = 0) -> Answered:
    """Each person answers the items most informative at the estimate so far, one of the five best at a time."""
    rng = np.random.default_rng(seed)
    items = drawn_items(rng, 150)
    all_scores = drawn_scores(rng, items, rng.normal(size=persons))
    all_scores[:guessing] = rng.integers(0, 2, (guessing, 150))
    tables = answered(items, all_scores[:1]).tables
    log_p, information = tables.log_p.reshape(150, 2, -1), item_information(tables)
    scores = np.full_like(all_scores, MISSING)
    belief = np.tile(np.exp(-(tables.grid.theta**2) / 2), (persons, 1))
    everybody = np.arange(persons)
    for _ in range(length):
        pick = _picked(rng, belief, tables.grid.theta, information, scores)
        scores[everybody, pick] = all_scores[everybody, pick]
        belief *= np.exp(log_p[pick, scores[everybody, pick]])
        belief /= belief.max(axis=1, keepdims=True)
    return answered(items, scores)


def _picked(rng: np.random.Generator, belief: Floats, theta: Floats, information: Floats, scores: Ints) -> Ints:
    node = np.abs((belief @ theta / belief.sum(axis=1))[:, None] - theta).argmin(axis=1)
    worth = np.where(scores == MISSING, information[:, node].T, -1.0)
    best = np.argpartition(-worth, 5, axis=1)[:, :5]
    return best[np.arange(len(scores)), rng.integers(0, 5, len(scores))]


def test_in_an_adaptive_test_lz_star_flags_fewer_than_its_level_and_still_finds_guessing() -> None:
    fair, guessed = adaptive(1), adaptive(2, persons=600, guessing=600)
    shares = [np.mean(person_fit(case.tables, case.scores, case.eap).p < 0.05) for case in (fair, guessed)]
    assert 0.005 < shares[0] < 0.03
    assert shares[1] > 5 * shares[0]


def test_in_an_adaptive_test_mean_squares_and_curves_keep_their_level() -> None:
    case = adaptive(3)
    squares = posterior_mean_squares(case.tables, case.scores, case.post.domain)
    judged = np.isfinite(squares.infit_z)
    assert judged.sum() > 40
    assert np.nanmean(squares.infit) == pytest.approx(1, abs=0.02)
    assert 0.75 < np.nanstd(squares.infit_z) < 1.25
    away = []
    for item in np.flatnonzero(squares.persons > 200):
        curve = empirical_curve(case.tables, case.scores, case.post.domain, int(item), bands=4)
        assert curve is not None
        away.append(((curve.observed - curve.expected) / curve.se)[:, 1])
    assert 0.75 < np.concatenate(away).std() < 1.25
