import numpy as np
import pytest

from app.engine.grid import make_grid, normal_weights


def test_the_standard_grid_has_nodes_a_fifth_of_a_logit_apart() -> None:
    grid = make_grid()
    assert (grid.size, grid.theta[0], grid.theta[-1]) == (61, -6, 6)
    assert grid.spacing == pytest.approx(0.2)


def test_the_nodes_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        make_grid().theta[0] = 1


def test_the_weights_integrate_polynomials_against_the_normal_density() -> None:
    theta = make_grid().theta
    weights = normal_weights(theta)
    assert [float((weights * theta**p).sum()) for p in (0, 1, 2, 4)] == pytest.approx([1, 0, 1, 3], abs=1e-5)


@pytest.mark.parametrize(("low", "high"), [(1, 1), (2, 1), (-np.inf, 1), (0, np.nan)])
def test_bounds_that_are_not_finite_and_increasing_are_refused(low: float, high: float) -> None:
    with pytest.raises(ValueError, match=f"low and high must be finite with low < high, got {low} and {high}"):
        make_grid(low=low, high=high)


def test_fewer_than_three_nodes_are_refused() -> None:
    with pytest.raises(ValueError, match="size must be at least 3 nodes, got 2"):
        make_grid(size=2)
