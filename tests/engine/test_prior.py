import numpy as np
import pytest

from app.engine.grid import make_grid
from app.engine.prior import second_order_prior


def test_every_conditional_density_sums_to_one_and_has_its_normal_moments() -> None:
    prior = second_order_prior(make_grid(), (0.0, 0.4, 0.9))
    middle = slice(15, 46)
    theta = prior.grid.theta
    np.testing.assert_allclose(prior.conditional.sum(axis=-1), 1, atol=1e-14)
    mean = prior.conditional @ theta
    expected = prior.loadings[:, None] * theta
    np.testing.assert_allclose(mean[:, middle], expected[:, middle], atol=1e-4)
    variance = prior.conditional @ theta**2 - mean**2
    np.testing.assert_allclose(variance[:, middle], np.tile((1 - prior.loadings**2)[:, None], 31), atol=1e-3)


def test_the_prior_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        second_order_prior(make_grid(), (0.5,)).conditional[0, 0, 0] = 1


@pytest.mark.parametrize("loadings", [(), (1.0,), (-0.1, 0.5), (np.nan,), [[0.5]]])
def test_loadings_outside_zero_to_one_are_refused(loadings: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match=r"loadings must be one or more numbers in \[0, 1\), got"):
        second_order_prior(make_grid(), loadings)


def test_a_loading_too_high_for_the_grid_is_refused_with_the_highest_possible() -> None:
    with pytest.raises(ValueError, match=r"loadings must be at most 0\.9798 on a grid of spacing 0\.2, got \(0\.99,\)"):
        second_order_prior(make_grid(), (0.99,))
    second_order_prior(make_grid(size=121), (0.99,))


@pytest.mark.parametrize(
    ("mean", "sd"),
    [((0.0,), None), (None, (1.0, 0.0)), (None, (1.0, -1.0)), (None, (1.0, np.inf)), ((0.0, np.nan), None)],
)
def test_a_population_without_one_finite_mean_and_positive_sd_per_domain_is_refused(
    mean: tuple[float, ...] | None, sd: tuple[float, ...] | None
) -> None:
    with pytest.raises(ValueError, match="mean and sd must be finite, sd positive, one per domain"):
        second_order_prior(make_grid(), (0.6, 0.8), mean=mean, sd=sd)
