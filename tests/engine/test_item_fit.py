"""Infit, outfit and empirical curves: R's mirt, and what the true model gives."""

import numpy as np
import pytest

from app.engine.between_nodes import at_abilities
from app.engine.empirical_curves import empirical_curve
from app.engine.estimators import MISSING
from app.engine.families import FAMILIES
from app.engine.item_fit import mean_squares, posterior_mean_squares
from tests.engine.fit_cases import REFERENCE, Answered, answered, drawn_scores, reference_case, simulated


@pytest.mark.parametrize("figure", ["outfit", "outfit_z", "infit", "infit_z"])
@pytest.mark.parametrize("name", REFERENCE["cases"])
def test_mean_squares_are_those_of_mirt(name: str, figure: str) -> None:
    told, case = reference_case(name)
    found = mean_squares(case.tables, case.scores, case.post.mean)
    np.testing.assert_allclose(getattr(found, figure), told[figure], rtol=0, atol=REFERENCE["tolerance"])


@pytest.mark.parametrize("model", ["2pl", "3pl", "gpcm", "grm"])
def test_between_nodes_items_are_what_their_model_says(model: str) -> None:
    items, case = simulated(1, 3, persons=20, model=model)
    theta = np.linspace(-3.1, 3.1, 41)
    for number, (name, xi) in enumerate(items):
        at = at_abilities(case.tables, number, theta)
        told = FAMILIES[name].log_p(theta, xi).T
        up, down = (FAMILIES[name].log_p(theta + step, xi).T for step in (1e-4, -1e-4))
        np.testing.assert_allclose(at.log_p, told, atol=2e-5)
        np.testing.assert_allclose(at.slope, (up - down) / 2e-4, atol=1e-3)
        np.testing.assert_allclose(at.bend, (up - 2 * told + down) / 1e-8, atol=2e-2)


@pytest.mark.parametrize("unseen", [0.0, 0.6])
def test_under_the_true_model_posterior_mean_squares_are_one(unseen: float) -> None:
    _, case = simulated(4, 12, persons=3000, model="gpcm", unseen=unseen)
    found = posterior_mean_squares(case.tables, case.scores, case.post.domain)
    assert np.abs(found.infit - 1).max() < 0.08
    assert np.abs(found.infit_z).max() < 3.5
    assert np.abs(found.outfit_z).max() < 3.5
    assert found.persons.tolist() == (case.scores != MISSING).sum(axis=0).tolist()


def test_short_tests_pull_estimates_mean_squares_below_one_and_not_the_posteriors() -> None:
    _, case = simulated(4, 5, persons=4000)
    assert (mean_squares(case.tables, case.scores, case.post.mean).infit < 0.97).all()
    assert np.abs(posterior_mean_squares(case.tables, case.scores, case.post.domain).infit - 1).max() < 0.03


def misfitting() -> Answered:
    """Fifteen items; the answers to the seventh come by chance half of the time."""
    items, case = simulated(6, 15, persons=3000)
    scores, rng = case.scores.copy(), np.random.default_rng(0)
    chance = rng.random(3000) < 0.5
    scores[chance, 6] = rng.random(int(chance.sum())) < 0.5
    return answered(items, scores)


def test_answers_by_chance_are_found() -> None:
    case = misfitting()
    found = posterior_mean_squares(case.tables, case.scores, case.post.domain)
    assert np.argmax(found.outfit_z) == 6
    assert found.outfit[6] > 1.1
    assert found.infit_z[6] > 5


def test_an_item_that_too_few_persons_saw_is_not_judged() -> None:
    items, case = simulated(2, 3, persons=40)
    scores = case.scores.copy()
    scores[1:, 0] = MISSING
    scores[29:, 1] = MISSING
    few = answered(items, scores)
    for found in (
        mean_squares(few.tables, scores, few.post.mean),
        posterior_mean_squares(few.tables, scores, few.post.domain),
    ):
        assert np.isnan([found.outfit[:2], found.infit_z[:2]]).all()
        assert np.isfinite(found.outfit[2])
        assert found.persons.tolist() == [1, 29, 40]


def test_persons_without_an_estimate_are_left_out() -> None:
    _, case = simulated(2, 4, persons=60)
    theta = case.post.mean.copy()
    theta[:10] = np.inf
    assert mean_squares(case.tables, case.scores, theta).persons.tolist() == [50] * 4


@pytest.mark.parametrize("unseen", [0.0, 0.5])
def test_under_the_true_model_curves_agree_within_their_errors(unseen: float) -> None:
    _, case = simulated(9, 8, persons=3000, model="grm", unseen=unseen)
    away = []
    for item in range(8):
        curve = empirical_curve(case.tables, case.scores, case.post.domain, item)
        assert curve is not None
        assert curve.persons.sum() == pytest.approx((case.scores[:, item] != MISSING).sum())
        np.testing.assert_allclose(curve.observed.sum(axis=1), 1)
        assert curve.rmsd < 0.05
        away.append((curve.observed - curve.expected) / curve.se)
    spread = np.concatenate(away)
    assert 0.75 < spread.std() < 1.25
    assert abs(spread.mean()) < 0.2


def test_a_flat_item_departs_from_its_curve_at_the_ends() -> None:
    case = misfitting()
    curve = empirical_curve(case.tables, case.scores, case.post.domain, 6, bands=6)
    assert curve is not None
    away = (curve.observed - curve.expected)[:, 1] / curve.se[:, 1]
    assert curve.rmsd > 0.05
    assert (away[0] > 4) or (away[-1] < -4)
    assert (np.diff(curve.theta) > 0).all()


def test_posterior_weights_give_the_counts_of_a_plain_loop() -> None:
    _, case = simulated(3, 4, persons=50)
    curve = empirical_curve(case.tables, case.scores, case.post.domain, 2, bands=3)
    assert curve is not None
    p = np.exp(case.tables.log_p[case.tables.first_row[2] :][:2])
    mass = case.post.domain[:, 0].sum(axis=0)
    share = (np.cumsum(mass) - mass / 2) / mass.sum()
    for band in range(3):
        nodes = [q for q in range(61) if int(share[q] * 3) == band]
        here = [sum(case.post.domain[n, 0, q] for q in nodes) for n in range(50)]
        right = sum(weight for weight, score in zip(here, case.scores[:, 2], strict=True) if score == 1)
        model = sum(case.post.domain[n, 0, q] * p[1, q] for n in range(50) for q in nodes)
        assert curve.persons[band] == pytest.approx(sum(here))
        assert curve.observed[band, 1] == pytest.approx(right / sum(here))
        assert curve.expected[band, 1] == pytest.approx(model / sum(here))


def test_an_item_nobody_saw_has_no_curve() -> None:
    items, case = simulated(3, 3, persons=20)
    scores = case.scores.copy()
    scores[:, 1] = MISSING
    assert empirical_curve(case.tables, scores, answered(items, scores).post.domain, 1) is None


def test_simulated_answers_follow_their_model() -> None:
    items, _ = simulated(1, 3, persons=10, model="grm")
    scores = drawn_scores(np.random.default_rng(0), items, np.full(20000, 0.3))
    for number, (name, xi) in enumerate(items):
        share = np.bincount(scores[:, number], minlength=4) / 20000
        np.testing.assert_allclose(share, np.exp(FAMILIES[name].log_p(np.array([0.3]), xi))[:, 0], atol=0.015)
