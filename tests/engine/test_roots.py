"""Where an objective is highest, against objectives whose maximum is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.grid import make_grid
from app.engine.roots import derivative, highest

GRID = make_grid(low=-4, high=4, size=161)


@given(st.lists(st.tuples(st.floats(-3.5, 3.5), st.floats(0.3, 2.0)), min_size=1, max_size=5))
def test_parabolas_give_their_summits_and_widths(summits: list[tuple[float, float]]) -> None:
    where, width = np.array(summits).T
    theta, se = highest(GRID, -0.5 * ((GRID.theta - where[:, None]) / width[:, None]) ** 2)
    np.testing.assert_allclose(theta, where, atol=1e-10)
    np.testing.assert_allclose(se, width, rtol=1e-8)


def test_a_maximum_between_nodes_is_found_as_exactly_as_the_curve_is_known() -> None:
    """f = 3 t - exp(t): highest at log 3, curvature -3."""
    theta, se = highest(GRID, 3 * GRID.theta - np.exp(GRID.theta))
    assert theta == pytest.approx(np.log(3), abs=1e-6)
    assert se == pytest.approx(3**-0.5, abs=1e-5)


def test_of_two_summits_the_higher_wins() -> None:
    hills = [np.exp(-((GRID.theta - at) ** 2) * 4) for at in (-2.03, 1.51)]
    assert highest(GRID, hills[0] + 0.9 * hills[1])[0] == pytest.approx(-2.03, abs=1e-5)
    assert highest(GRID, 0.9 * hills[0] + hills[1])[0] == pytest.approx(1.51, abs=1e-5)


@pytest.mark.parametrize(("rise", "expected"), [(1.0, np.inf), (-1.0, -np.inf)])
def test_what_rises_to_the_end_has_no_finite_maximum_and_no_error(rise: float, expected: float) -> None:
    theta, se = highest(GRID, rise * GRID.theta)
    assert theta == expected
    assert np.isnan(se)


def test_a_flat_objective_has_no_error() -> None:
    theta, se = highest(GRID, np.zeros((1, GRID.size)))
    assert theta.tolist() == [-np.inf]
    assert np.isnan(se).all()


def test_derivatives_are_exact_for_polynomials_of_their_order() -> None:
    x = GRID.theta
    inner = slice(3, -3)
    np.testing.assert_allclose(derivative(x**6, GRID)[inner], 6 * x[inner] ** 5, atol=1e-8)
    np.testing.assert_allclose(derivative(x**2, GRID)[[1, 2, -3, -2]], 2 * x[[1, 2, -3, -2]], atol=1e-10)


def test_a_grid_too_short_for_the_differences_is_refused() -> None:
    with pytest.raises(ValueError, match="values must have at least 7 nodes, got 6"):
        derivative(np.zeros(6), GRID)
