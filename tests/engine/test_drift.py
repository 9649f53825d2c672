"""Drift: items that changed are found, and do not carry the link with them."""

import numpy as np
import pytest

from app.engine.common_items import Calibrated, calibrated
from app.engine.drift import find_drift
from app.engine.linking import find_link
from app.engine.rescaling import carried
from tests.engine.link_cases import MIXED, NOMINAL, common, exact, moved


def noisy(rng: np.random.Generator, *, count: int = 30, error: float = 0.1) -> tuple[Calibrated, Calibrated]:
    """Items of two calibrations, the second on a scale of A = 1.2 and B = 0.3, parameters known to ``error``."""
    true = [np.array([rng.normal(0, 0.2), rng.normal()]) for _ in range(count)]
    covariance = np.diag([error**2, error**2])
    origin = calibrated(["2pl"] * count, [xi + error * rng.normal(size=2) for xi in true], [covariance] * count)
    there = [np.array([xi[0] - np.log(1.2), 1.2 * xi[1] + 0.3]) + error * rng.normal(size=2) for xi in true]
    return origin, calibrated(["2pl"] * count, there, [covariance] * count)


def changed(items: Calibrated, item: int, by: list[float]) -> Calibrated:
    means = [xi + by if number == item else xi for number, xi in enumerate(items.means)]
    return Calibrated(items.models, tuple(means), items.covariance)


def test_without_drift_nothing_is_flagged_and_tests_keep_their_level() -> None:
    rng, p = np.random.default_rng(1), []
    for _ in range(10):
        found = find_drift(*noisy(rng))
        assert not found.drifted.any()
        assert found.settled
        p.append(found.p)
    assert np.mean(np.concatenate(p) < 0.05) == pytest.approx(0.05, abs=3 * np.sqrt(0.05 * 0.95 / 300))


def test_harder_and_flatter_items_are_found_and_leave_the_link() -> None:
    origin, target = noisy(np.random.default_rng(2))
    spoilt = changed(changed(target, 4, [0.0, 1.0]), 11, [-1.2, 0.0])
    found = find_drift(origin, spoilt)
    assert np.flatnonzero(found.drifted).tolist() == [4, 11]
    assert np.flatnonzero(~found.anchors).tolist() == [4, 11]
    assert found.displacement[4] == pytest.approx(1.0, abs=0.35)
    clean = find_link(*(side.taken([i for i in range(30) if i not in {4, 11}]) for side in (origin, target)))
    assert found.link.slope == pytest.approx(clean.slope, abs=1e-9)
    assert found.settled


def test_displacement_is_the_shift_and_its_error_the_spread() -> None:
    rng, shifts, errors = np.random.default_rng(6), [], []
    for _ in range(60):
        found = find_drift(*noisy(rng, count=20, error=0.05), least_rmsd=1.0)
        shifts.append(found.displacement)
        errors.append(found.displacement_se)
    np.testing.assert_allclose(np.std(shifts), np.sqrt(np.mean(np.square(errors))), rtol=0.1)


def test_parameters_known_exactly_are_judged_by_the_robust_rule() -> None:
    items = [*MIXED, NOMINAL, *[("2pl", np.array([0.0, b])) for b in (-0.5, 0.1, 0.6, 1.2)]]
    here, there = exact(items), moved(items, 1.1, 0.2)
    moved_on = Calibrated(there.models, (there.means[0] + [0, 0.8], *there.means[1:]), there.covariance)
    found = find_drift(here, moved_on)
    assert np.flatnonzero(found.drifted).tolist() == [0]
    assert np.isnan(found.p).all()
    assert found.df.tolist() == [0] * len(items)
    np.testing.assert_allclose(found.displacement_se, 0)
    np.testing.assert_allclose(found.rmsd[1:], 0, atol=1e-6)


def test_the_wald_test_is_that_of_its_definition() -> None:
    origin, target = common()
    found = find_drift(origin, target)
    there = carried(origin, found.link)
    away = target.means[3] - there.means[3]
    covariance = target.covariance[6:8, 6:8] + there.covariance[6:8, 6:8]
    assert found.chi_square[3] == pytest.approx(away @ np.linalg.solve(covariance, away))
    assert found.df[3] == 2


def test_an_item_of_another_model_has_its_curve_compared() -> None:
    origin, target = noisy(np.random.default_rng(4), count=8)
    other = calibrated(
        ["3pl", *["2pl"] * 7],
        [np.append(target.means[0], -2.0), *target.means[1:]],
        [np.eye(3) * 0.01, *[np.eye(2) * 0.01] * 7],
    )
    found = find_drift(origin, other)
    assert np.isnan(found.p[0])
    assert found.rmsd[0] > 0


def test_too_few_anchors_are_not_dropped() -> None:
    items = MIXED[:4]
    there = moved(items, 1.0, 0.0)
    bent = Calibrated(there.models, tuple(xi + 0.6 * k for k, xi in enumerate(there.means)), np.eye(13) * 1e-6)
    found = find_drift(exact(items), bent, method="mean-mean")
    assert found.anchors.all()
    assert not found.settled
    few = find_drift(exact(items[:3]), moved(items[:3], 1.0, 0.1))
    assert np.isnan(few.robust_z).all()
