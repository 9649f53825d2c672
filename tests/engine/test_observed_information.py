"""How sure calibration says it is."""

from dataclasses import replace

import numpy as np
import pytest

from app.engine.batch import MISSING
from app.engine.beliefs import FLAT
from app.engine.calibration import Calibration, calibrate
from app.engine.grid import Floats
from app.engine.observed_information import Method, uncertainty
from app.engine.responses import arrange
from tests.engine.calibration_cases import answers, second_order_abilities, two_parameter_items


def standard_errors(found: Calibration, method: Method) -> Floats:
    blocks = uncertainty(found, method=method).items
    errors: Floats = np.sqrt(np.concatenate([np.einsum("ipp->ip", each).ravel() for each in blocks]))
    return errors


def two_domains(*, persons: int, missing: float = 0.0) -> Calibration:
    rng, domain = np.random.default_rng(1), np.repeat([0, 1], 6)
    theta = second_order_abilities(rng, persons, [0.8, 0.7])
    xi = two_parameter_items(rng, 12)
    scores = np.hstack([answers(rng, theta[:, d], "2pl", xi[domain == d]) for d in (0, 1)])
    scores[rng.random(scores.shape) < missing] = MISSING
    group = np.arange(persons) % 2
    return calibrate(arrange(scores, domain=domain, group=group), ["2pl"] * 12, beliefs=FLAT)


@pytest.mark.parametrize("missing", [0.0, 0.3, 0.8])
def test_outer_products_and_differences_agree_where_persons_are_many(missing: float) -> None:
    found = two_domains(persons=4000, missing=missing)

    ratio = standard_errors(found, Method.OUTER_PRODUCTS) / standard_errors(found, Method.DIFFERENCES)

    assert ratio == pytest.approx(np.ones(24), abs=0.2)
    assert ratio.mean() == pytest.approx(1, abs=0.05)
    products = uncertainty(found, method=Method.OUTER_PRODUCTS)
    differences = uncertainty(found, method=Method.DIFFERENCES)
    assert products.loading == pytest.approx(differences.loading, rel=0.15)
    assert products.mean[1] == pytest.approx(differences.mean[1], rel=0.1)
    assert products.mean[0].tolist() == [0, 0]


def test_a_group_without_answers_in_a_domain_leaves_the_errors_of_the_items_alone() -> None:
    rng, domain, group = np.random.default_rng(3), np.arange(16) % 2, np.repeat([0, 1], 300)
    theta = second_order_abilities(rng, 600, [0.84, 0.84])
    xi = two_parameter_items(rng, 16)
    scores = np.column_stack([answers(rng, theta[:, d], "2pl", xi[[i]]) for i, d in enumerate(domain)])
    scores[np.ix_(group == 1, domain == 1)] = MISSING

    found = calibrate(arrange(scores, domain=domain, group=group), ["2pl"] * 16)

    sure = uncertainty(found)
    assert not sure.determined
    assert np.isinf([sure.mean[1, 1], sure.log_sd[1, 1]]).all()
    assert standard_errors(found, Method.DIFFERENCES).max() < 1
    assert sure.loading.max() < 1


def test_the_information_is_the_curvature_of_the_log_likelihood() -> None:
    """Second differences of the log-likelihood itself, without any gradient."""
    rng = np.random.default_rng(2)
    scores = answers(rng, rng.normal(size=800), "2pl", two_parameter_items(rng, 3))
    found = calibrate(arrange(scores), ["2pl"] * 3, beliefs=FLAT, tolerance=1e-9)
    estimate, iteration, h = found.estimate, found.iteration, 1e-3

    def value(change: Floats) -> float:
        moved = replace(estimate, items=(estimate.items[0] + change.reshape(3, 2),))
        return iteration.expect(moved, np.float64).log_likelihood

    unit = np.eye(6) * h
    curvature = np.array([[value(a + b) - value(a - b) - value(b - a) + value(-a - b) for b in unit] for a in unit]) / (
        -4 * h * h
    )

    covariance = np.linalg.inv(curvature)
    expected = np.stack([covariance[2 * k : 2 * k + 2, 2 * k : 2 * k + 2] for k in range(3)])
    assert uncertainty(found).items[0] == pytest.approx(expected, rel=1e-3, abs=1e-6)


def test_the_method_follows_from_the_cost_and_the_number_of_persons(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    found = calibrate(arrange(answers(rng, rng.normal(size=900), "2pl", two_parameter_items(rng, 8))), ["2pl"] * 8)
    quick = uncertainty(found).method

    monkeypatch.setattr("app.engine.observed_information.QUICK", 0)

    assert (quick, uncertainty(found).method) == (Method.DIFFERENCES, Method.OUTER_PRODUCTS)
    monkeypatch.setattr("app.engine.observed_information.ENOUGH", 1000)
    assert uncertainty(found).method is Method.DIFFERENCES


def test_sparse_answers_are_counted_at_what_they_cost_so_that_more_of_them_are_done_exactly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(6)
    scores = answers(rng, rng.normal(size=2000), "2pl", two_parameter_items(rng, 40))
    scores[rng.random(scores.shape) < 0.9] = MISSING
    stored = calibrate(arrange(scores), ["2pl"] * 40, max_iterations=1)
    monkeypatch.setattr("app.engine.responses.DENSE_FROM", 0.05)
    dense = calibrate(arrange(scores), ["2pl"] * 40, max_iterations=1)

    monkeypatch.setattr("app.engine.observed_information.QUICK", 4e9)

    assert (uncertainty(stored).method, uncertainty(dense).method) == (Method.DIFFERENCES, Method.OUTER_PRODUCTS)


def test_parameters_that_nothing_determines_have_infinite_variance() -> None:
    rng = np.random.default_rng(4)
    scores = answers(rng, rng.normal(size=300), "rasch", np.array([[-4.0], [0.0], [0.5]]))

    found = calibrate(arrange(scores), ["4pl", "2pl", "2pl"], beliefs=FLAT, max_iterations=30)
    sure = uncertainty(found)

    assert not sure.determined
    assert np.isinf(sure.items[0]).any()


def test_the_common_spread_moves_with_the_items() -> None:
    rng = np.random.default_rng(5)
    scores = answers(rng, 1.4 * rng.normal(size=1500), "rasch", np.linspace(-1.5, 2.5, 8)[:, None])

    sure = uncertainty(calibrate(arrange(scores), ["rasch"] * 8, beliefs=FLAT))

    assert sure.log_sd[0, 0] > 0
    assert sure.with_scale[0][0, 0] < 0 < sure.with_scale[0][-1, 0]


def test_sparse_answers_have_the_gradients_of_dense_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(6)
    scores = answers(rng, rng.normal(size=2000), "2pl", two_parameter_items(rng, 40))
    scores[rng.random(scores.shape) < 0.75] = MISSING
    stored = calibrate(arrange(scores), ["2pl"] * 40)
    monkeypatch.setattr("app.engine.responses.DENSE_FROM", 0.1)
    dense = calibrate(arrange(scores), ["2pl"] * 40)

    first, second = (standard_errors(found, Method.OUTER_PRODUCTS) for found in (dense, stored))

    assert first == pytest.approx(second, rel=1e-4)
