import numpy as np
import pytest
from scipy.stats import norm

from app.engine.grid import make_grid
from app.engine.posterior import posterior
from app.engine.prior import second_order_prior
from app.engine.report import band_probabilities, cumulative, interval, own_shares
from tests.engine.bank import answered, tables_of
from tests.engine.brute import Array
from tests.strategies import LoggedItem

GRID = make_grid()
CUTS = (-2.25, -1.5, -0.75, 0.0, 0.75, 1.5, 2.25)


def normal(mean: float, sd: float) -> Array:
    density = np.exp(-((GRID.theta - mean) ** 2) / (2 * sd**2))
    return np.asarray(density / density.sum())


@pytest.mark.parametrize(("sd", "tolerance"), [(1.0, 1e-5), (0.6, 2e-5), (0.4, 1e-4), (0.25, 1e-3)])
@pytest.mark.parametrize("mean", [-1.7, 0.0, 0.55])
def test_band_probabilities_agree_with_the_normal_distribution(mean: float, sd: float, tolerance: float) -> None:
    expected = np.diff(norm.cdf(CUTS, mean, sd), prepend=0.0, append=1.0)
    np.testing.assert_allclose(band_probabilities(normal(mean, sd), GRID, CUTS), expected, atol=tolerance)


@pytest.mark.parametrize(("sd", "tolerance"), [(1.0, 2e-4), (0.6, 2e-4), (0.4, 2e-4), (0.25, 2e-3)])
def test_an_interval_agrees_with_the_normal_distribution(sd: float, tolerance: float) -> None:
    found = interval(normal(0.3, sd), GRID)
    assert found == pytest.approx((0.3 - 1.959964 * sd, 0.3 + 1.959964 * sd), abs=tolerance)


def test_the_distribution_function_runs_from_zero_to_one_over_the_grid() -> None:
    points, total = cumulative(np.stack([normal(0, 1), normal(1, 0.5)]), GRID)
    assert points[[0, -1]] == pytest.approx([-6, 6])
    assert total.shape == (2, points.size)
    np.testing.assert_array_equal(total[:, [0, -1]], [[0, 1], [0, 1]])
    assert np.all(np.diff(total) >= 0)


def test_without_cuts_there_is_one_band() -> None:
    assert band_probabilities(normal(0, 1), GRID, ()).tolist() == [1.0]


def test_bands_beyond_the_grid_are_empty() -> None:
    assert band_probabilities(normal(0, 1), GRID, (-9.0, 9.0)).tolist() == [0, 1, 0]


@pytest.mark.parametrize("cuts", [(0.0, 0.0), (1.0, 0.0), (np.nan,), (0.0, np.nan), (0.0, np.inf), ((0.0,), (1.0,))])
def test_cuts_that_are_not_finite_and_increasing_are_refused(cuts: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="cuts must be finite and strictly increasing, got"):
        band_probabilities(normal(0, 1), GRID, cuts)


@pytest.mark.parametrize("mass", [0.0, 1.0, -0.5, np.nan])
def test_a_mass_outside_zero_to_one_is_refused(mass: float) -> None:
    with pytest.raises(ValueError, match=f"mass must be between 0 and 1, got {mass}"):
        interval(normal(0, 1), GRID, mass=mass)


def test_the_share_of_own_evidence_equals_its_definition() -> None:
    log = [LoggedItem(0, 1.5, (0.0,), 0.0, 1)] * 3 + [LoggedItem(1, 1.2, (0.5,), 0.0, 0)] * 5
    prior = second_order_prior(GRID, (0.8, 0.7))
    likelihood = answered(tables_of(log, domains=2), log)
    everything = posterior(prior, likelihood)
    others = posterior(prior, np.stack([np.zeros(61), likelihood[1]]))
    nothing = posterior(prior, np.zeros((2, 61)))
    precision = [float(post.sd[0] ** -2) for post in (everything, others, nothing)]
    expected = (precision[0] - precision[1]) / (precision[0] - precision[2])
    assert own_shares(prior, likelihood, everything)[0] == pytest.approx(expected, abs=1e-12)


def test_the_share_grows_with_own_answers_and_falls_with_the_loading() -> None:
    def share(own: int, loading: float) -> float:
        log = [LoggedItem(0, 1.0, (0.0,), 0.0, i % 2) for i in range(own)]
        log += [LoggedItem(1, 1.0, (0.0,), 0.0, i % 2) for i in range(8)]
        prior = second_order_prior(GRID, (loading, loading))
        likelihood = answered(tables_of(log, domains=2), log)
        return float(own_shares(prior, likelihood, posterior(prior, likelihood))[0])

    assert share(1, 0.7) < share(3, 0.7) < share(9, 0.7)
    assert share(3, 0.9) < share(3, 0.5) < share(3, 0.1)


def test_nothing_learnt_is_no_share() -> None:
    prior = second_order_prior(GRID, (0.5, 0.5))
    empty = np.zeros((2, 61))
    assert own_shares(prior, empty, posterior(prior, empty)).tolist() == [0, 0]


def place_of(theta: Array, density: Array) -> list[float]:
    """Where abilities stand in their own posteriors, 0 to 1."""
    points, total = cumulative(density, GRID)
    return [float(np.interp(theta[d], points, total[d])) for d in range(len(theta))]


@pytest.mark.parametrize("persons", [6_000, pytest.param(20_000, marks=pytest.mark.nightly)])
def test_intervals_cover_the_abilities_that_made_the_answers(persons: int) -> None:
    """Five domains, items drawn for each person: 95 % within four Monte-Carlo standard errors."""
    rng, loading = np.random.default_rng(20261121), 0.75
    items = [
        LoggedItem(d, float(np.exp(rng.normal(0, 0.3))), (float(rng.normal()),), 0.0, 0)
        for d in range(5)
        for _ in range(30)
    ]
    tables = tables_of(items, domains=5)
    general = rng.normal(size=(persons, 1))
    theta = loading * general + np.sqrt(1 - loading**2) * rng.normal(size=(persons, 5))
    likelihood = np.zeros((persons, 5, 61))
    for d in range(5):
        for _ in range(5):
            chosen = d * 30 + rng.integers(30, size=persons)
            a, b = (np.array([getattr(item, name) for item in items]) for name in ("a", "b"))
            right = rng.random(persons) < 1 / (1 + np.exp(-a[chosen] * (theta[:, d] - b[chosen, 0])))
            likelihood[:, d] += tables.log_p[tables.first_row[chosen] + right]
    found = posterior(second_order_prior(GRID, (loading,) * 5), likelihood)
    place = np.array([place_of(theta[n], found.domain[n]) for n in range(persons)])
    inside = (place >= 0.025) & (place <= 0.975)
    error = inside.mean(axis=1).std() / np.sqrt(persons)
    assert inside.mean() == pytest.approx(0.95, abs=max(4 * error, 0.004))
