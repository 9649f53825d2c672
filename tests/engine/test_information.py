"""Fisher and Kullback-Leibler information read from tables, against the models' formulas and direct integration."""

import numpy as np
import pytest
from scipy.integrate import quad

from app.engine.grid import Grid, make_grid
from app.engine.information import curves_of, divergence, fisher_information, weighted_information
from app.engine.tables import ItemTables
from tests.engine.bank import random_items, tables_of
from tests.engine.brute import Array, curve
from tests.strategies import LoggedItem

STANDARD, FINE = make_grid(), make_grid(size=481)
ITEMS = random_items(np.random.default_rng(3), 24, domains=2)
ABILITY = np.array([-0.83, 1.27])


def probabilities(item: LoggedItem, theta: float) -> Array:
    return curve(np.array([theta]), a=item.a, b=item.b, c=item.c)[:, 0]


def literal_information(item: LoggedItem, theta: float) -> float:
    """The formulas of the models: Birnbaum's for three parameters; slope squared times score variance for steps."""
    p = probabilities(item, theta)
    if len(item.b) > 1:
        scores = np.arange(len(p))
        return float(item.a**2 * (p @ scores**2 - (p @ scores) ** 2))
    right = p[1]
    return float(item.a**2 * (right - item.c) ** 2 / (1 - item.c) ** 2 * (1 - right) / right)


def literal_divergence(item: LoggedItem, theta: float, width: float) -> float:
    here = probabilities(item, theta)
    value, _ = quad(
        lambda other: float(here @ np.log(here / probabilities(item, other))),
        max(theta - width, -6),
        min(theta + width, 6),
        epsabs=1e-12,
    )
    return float(value)


@pytest.mark.parametrize(("grid", "tolerance"), [(STANDARD, 2e-5), (FINE, 1e-9)], ids=["standard grid", "fine grid"])
def test_information_at_an_ability_is_the_model_s(grid: Grid, tolerance: float) -> None:
    found = fisher_information(curves_of(tables_of(ITEMS, domains=2, grid=grid)), ABILITY)
    literal = [literal_information(item, ABILITY[item.domain]) for item in ITEMS]
    np.testing.assert_allclose(found, literal, rtol=0, atol=tolerance)


@pytest.mark.parametrize(("grid", "tolerance"), [(STANDARD, 2e-5), (FINE, 1e-9)], ids=["standard grid", "fine grid"])
def test_expected_information_is_the_sum_over_the_posterior(grid: Grid, tolerance: float) -> None:
    density = np.exp(-((grid.theta - ABILITY[:, None]) ** 2) / 0.4)
    density /= density.sum(axis=1, keepdims=True)
    found = weighted_information(curves_of(tables_of(ITEMS, domains=2, grid=grid)), density)
    literal = [
        sum(
            weight * literal_information(item, theta)
            for weight, theta in zip(density[item.domain], grid.theta, strict=True)
        )
        for item in ITEMS
    ]
    np.testing.assert_allclose(found, literal, rtol=0, atol=tolerance)


@pytest.mark.parametrize("width", [0.4, 3.0, 9.0])
@pytest.mark.parametrize(("grid", "tolerance"), [(STANDARD, 1e-4), (FINE, 1e-9)], ids=["standard grid", "fine grid"])
def test_divergence_is_the_integral_around_the_ability(grid: Grid, tolerance: float, width: float) -> None:
    curves = curves_of(tables_of(ITEMS, domains=2, grid=grid))
    found = divergence(curves, ABILITY, np.array([width, width / 2]))
    literal = [literal_divergence(item, ABILITY[item.domain], width / (1 + item.domain)) for item in ITEMS]
    np.testing.assert_allclose(found, literal, rtol=0, atol=tolerance)


def test_an_uncertain_item_informs_less_than_a_known_one() -> None:
    """The table of an item whose difficulty is uncertain is flatter, and information follows the table."""
    known, unsure = LoggedItem(0, 1.5, (0.0,), 0.0, 0), LoggedItem(0, 0.9, (0.0,), 0.0, 0)
    found = fisher_information(curves_of(tables_of([known, unsure], domains=1)), np.zeros(1))
    assert found == pytest.approx([1.5**2 / 4, 0.9**2 / 4], abs=1e-6)


def test_the_curves_of_a_bank_are_made_once() -> None:
    tables: ItemTables = tables_of(ITEMS, domains=2)
    assert curves_of(tables) is curves_of(tables)


def test_a_grid_too_coarse_for_curves_is_refused() -> None:
    with pytest.raises(ValueError, match="the grid must have more than 7 nodes, got 7"):
        curves_of(tables_of(ITEMS, domains=2, grid=make_grid(size=7)))
