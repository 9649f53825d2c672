"""Calibration ends where it says: at the maximum, whatever holds the scale and however few people a group has."""

import numpy as np
import pytest

from app.engine.batch import MISSING
from app.engine.beliefs import FLAT, HIERARCHICAL
from app.engine.calibration import TOLERANCE, Calibration, calibrate
from app.engine.free import free_parameters, gradient
from app.engine.grid import Floats, make_grid
from app.engine.responses import arrange
from app.engine.structure import NARROWEST
from app.engine.tables import item_rows
from tests.engine.calibration_cases import answers, second_order_abilities, two_parameter_items


def half_anchored(seed: int, *, priors: bool) -> tuple[Calibration, Calibration]:
    """Three domains, two groups, the first domain's items known: as by default, and iterated much further."""
    rng = np.random.default_rng(seed)
    group, domain, xi = np.arange(500) % 2, np.arange(18) % 3, two_parameter_items(rng, 18)
    theta = second_order_abilities(rng, 500, [0.8] * 3) * (1 - 0.35 * group[:, None]) + 0.8 * group[:, None]
    scores = np.column_stack([answers(rng, theta[:, d], "2pl", xi[[i]]) for i, d in enumerate(domain)])
    scores[rng.random(scores.shape) < 0.2] = MISSING
    known = [0, 3] if priors else range(0, 18, 3)
    anchors = {item: item_rows(make_grid(), "2pl", xi[item] + [0, 0.3], None) for item in known}
    responses, beliefs = arrange(scores, domain=domain, group=group), HIERARCHICAL if priors else FLAT
    first, last = (
        calibrate(responses, ["2pl"] * 18, beliefs=beliefs, anchors=anchors, tolerance=tolerance)
        for tolerance in (TOLERANCE, 1e-11)
    )
    return first, last


def test_beside_priors_and_anchors_the_means_of_abilities_are_at_the_maximum() -> None:
    found = half_anchored(3, priors=True)[0]
    free = free_parameters(found.iteration, found.estimate)

    expected = found.iteration.expect(found.estimate, np.float64)

    assert gradient(found.iteration, found.estimate, free, expected)[free.items :] == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize("seed", [1, 5, 7])
def test_a_calibration_that_calls_itself_converged_is_where_further_iterations_would_end(seed: int) -> None:
    first, last = half_anchored(seed, priors=False)

    assert first.converged
    assert first.log_likelihood == pytest.approx(last.log_likelihood, abs=5e-4)


@pytest.mark.parametrize("size", [2, 3])
def test_a_group_of_hardly_anybody_has_a_spread_that_the_nodes_can_show(size: int) -> None:
    rng = np.random.default_rng(1)
    scores = answers(rng, rng.normal(size=300), "2pl", two_parameter_items(rng, 30))
    scores[:size] = scores[0]
    scores[0, 0] = 1 - scores[0, 0]

    found = calibrate(arrange(scores, group=np.repeat([1, 0], [size, 300 - size])), ["2pl"] * 30)

    assert found.converged
    assert found.estimate.population.sd[1, 0] >= NARROWEST


@pytest.mark.parametrize(
    ("anchors", "message"),
    [
        ({9: np.zeros((2, 61))}, r"anchors must be among items 0 … 7, got 9"),
        ({1: np.zeros((3, 61))}, r"anchors: item 1 must be finite with shape \(2, 61\), got \(3, 61\)"),
        ({1: np.full((2, 61), -np.inf)}, "anchors: item 1 must be finite"),
    ],
)
def test_anchors_must_fit_the_answers_and_the_nodes(anchors: dict[int, Floats], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        calibrate(arrange(np.eye(8, dtype=np.intp)), ["2pl"] * 8, anchors=anchors)
