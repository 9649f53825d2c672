"""The joint posterior against the full product grid, and against continuous mathematics."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.polynomial.legendre import leggauss
from scipy.integrate import quad

from app.engine.grid import make_grid
from app.engine.posterior import correlations, posterior
from app.engine.prior import second_order_prior
from tests.engine.brute import Array, curve, joint
from tests.strategies import LoggedItem, answer_sheets

LOADINGS = [(0.0,), (0.3,), (0.8,), (0.0, 0.0), (0.3, 0.3), (0.8, 0.8), (0.3, 0.8), (0.8, 0.8, 0.8), (0.0, 0.3, 0.8)]
MIXED = (
    LoggedItem(0, 1.2, (-0.5,), 0.0, 1),
    LoggedItem(0, 0.8, (0.7,), 0.2, 0),
    LoggedItem(0, 0.9, (-1.0, 0.4, 0.9), 0.0, 2),
    LoggedItem(1, 1.7, (1.0,), 0.25, 1),
    LoggedItem(1, 0.6, (0.5, -0.5), 0.0, 0),
    LoggedItem(2, 1.1, (-1.5,), 0.0, 0),
    LoggedItem(2, 1.4, (0.2,), 0.15, 1),
    LoggedItem(2, 0.7, (-0.8, 0.1, 0.3, 1.2), 0.0, 3),
)


def likelihoods(theta: Array, log: Sequence[LoggedItem], domains: int) -> Array:
    found = np.ones((domains, theta.size))
    for item in log:
        if item.domain < domains:
            found[item.domain] *= curve(theta, a=item.a, b=item.b, c=item.c)[item.score]
    return found


@pytest.mark.parametrize("loadings", LOADINGS)
def test_the_joint_posterior_equals_the_full_product_grid(loadings: tuple[float, ...]) -> None:
    grid = make_grid(size=61 if len(loadings) < 3 else 41)
    likelihood = likelihoods(grid.theta, MIXED, len(loadings))
    prior = second_order_prior(grid, loadings)
    ours, full = posterior(prior, np.log(likelihood)), joint(grid.theta, loadings, likelihood)
    np.testing.assert_allclose(ours.general, full.marginal(0), rtol=0, atol=1e-12)
    assert ours.general_mean == pytest.approx(full.mean(0), abs=1e-10)
    assert ours.general_sd == pytest.approx(full.variance(0) ** 0.5, abs=1e-10)
    for d in range(len(loadings)):
        np.testing.assert_allclose(ours.domain[d], full.marginal(d + 1), rtol=0, atol=1e-12)
        assert ours.mean[d] == pytest.approx(full.mean(d + 1), abs=1e-10)
        assert ours.sd[d] == pytest.approx(full.variance(d + 1) ** 0.5, abs=1e-10)


@pytest.mark.parametrize("loadings", [case for case in LOADINGS if len(case) > 1])
def test_correlations_equal_the_full_product_grid(loadings: tuple[float, ...]) -> None:
    grid = make_grid(size=61 if len(loadings) < 3 else 41)
    likelihood = likelihoods(grid.theta, MIXED, len(loadings))
    prior = second_order_prior(grid, loadings)
    full = joint(grid.theta, loadings, likelihood)
    expected = [[full.correlation(d + 1, e + 1) for e in range(full.domains)] for d in range(full.domains)]
    np.testing.assert_allclose(correlations(prior, posterior(prior, np.log(likelihood))), expected, rtol=0, atol=1e-10)


def test_the_prior_correlation_of_two_domains_is_the_product_of_their_loadings() -> None:
    prior = second_order_prior(make_grid(), (0.3, 0.8, 0.75))
    empty = posterior(prior, np.zeros((3, 61)))
    expected = np.outer(prior.loadings, prior.loadings)
    np.fill_diagonal(expected, 1.0)
    np.testing.assert_allclose(correlations(prior, empty), expected, atol=1e-7)
    np.testing.assert_allclose(empty.sd, 1.0, atol=1e-6)


@given(answer_sheets(domains=2, most=12), st.tuples(st.floats(0, 0.9), st.floats(0, 0.9)))
def test_any_answers_in_two_domains_equal_the_full_product_grid(
    log: list[LoggedItem], loadings: tuple[float, float]
) -> None:
    grid = make_grid(size=41)
    likelihood = likelihoods(grid.theta, log, 2)
    prior = second_order_prior(make_grid(size=41), np.minimum(loadings, 0.9).tolist())
    ours, full = posterior(prior, np.log(likelihood)), joint(grid.theta, loadings, likelihood)
    for d in range(2):
        np.testing.assert_allclose(ours.domain[d], full.marginal(d + 1), rtol=0, atol=1e-10)


def test_one_domain_equals_adaptive_quadrature_of_the_true_integral() -> None:
    def density(x: float) -> float:
        return float(np.exp(-x * x / 2) * likelihoods(np.array([x]), MIXED, 1)[0, 0])

    moment = [quad(lambda x, p=p: x**p * density(x), -12, 12, epsabs=1e-13, limit=400)[0] for p in range(3)]
    mean = moment[1] / moment[0]
    grid = make_grid()
    found = posterior(second_order_prior(grid, (0.6,)), np.log(likelihoods(grid.theta, MIXED, 1)))
    assert found.mean[0] == pytest.approx(mean, abs=1e-6)
    assert found.sd[0] == pytest.approx(np.sqrt(moment[2] / moment[0] - mean**2), abs=1e-6)


@pytest.mark.parametrize("loadings", [(0.0, 0.0), (0.3, 0.3), (0.8, 0.8), (0.3, 0.8), (0.95, 0.9)])
def test_two_domains_equal_gauss_legendre_panels_of_the_true_integral(loadings: tuple[float, float]) -> None:
    nodes, weights = leggauss(24)
    edges = np.linspace(-10, 10, 21)
    x = np.concatenate([(low + high) / 2 + (high - low) / 2 * nodes for low, high in pairwise(edges)])
    w = np.tile(weights * 0.5, 20)
    rho = loadings[0] * loadings[1]
    one, two = np.meshgrid(x, x, indexing="ij")
    mass = np.exp(-(one**2 - 2 * rho * one * two + two**2) / (2 * (1 - rho**2))) * np.multiply.outer(w, w)
    likelihood = likelihoods(x, MIXED, 2)
    mass *= np.multiply.outer(likelihood[0], likelihood[1])
    mass /= mass.sum()
    mean = np.array([(mass * one).sum(), (mass * two).sum()])
    second = np.array([[(mass * p * q).sum() for q in (one, two)] for p in (one, two)])
    covariance = second - np.outer(mean, mean)
    # Given both abilities, g is normal with mean B theta and variance 1 - B lambda, whatever the answers.
    regression = np.array(loadings) @ np.linalg.inv(np.array([[1, rho], [rho, 1]]))

    grid = make_grid()
    prior = second_order_prior(grid, loadings)
    found = posterior(prior, np.log(likelihoods(grid.theta, MIXED, 2)))
    np.testing.assert_allclose(found.mean, mean, atol=1e-6)
    np.testing.assert_allclose(found.sd, np.sqrt(np.diag(covariance)), atol=1e-6)
    assert correlations(prior, found)[0, 1] == pytest.approx(
        covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1]), abs=1e-6
    )
    assert found.general_mean == pytest.approx(regression @ mean, abs=1e-6)
    spread = 1 - regression @ loadings + regression @ covariance @ regression
    assert found.general_sd == pytest.approx(np.sqrt(spread), abs=1e-6)


def test_a_batch_of_persons_equals_them_one_by_one() -> None:
    rng = np.random.default_rng(4)
    prior = second_order_prior(make_grid(), (0.2, 0.7, 0.5))
    sheets = rng.normal(scale=3, size=(4, 2, 3, 61))
    together = posterior(prior, sheets)
    matrix = correlations(prior, together)
    for where in np.ndindex(4, 2):
        alone = posterior(prior, sheets[where])
        for name in ("general", "domain", "mean", "sd", "general_mean", "general_sd", "likelihood", "weight"):
            np.testing.assert_allclose(getattr(together, name)[where], getattr(alone, name), rtol=1e-11, atol=1e-14)
        np.testing.assert_allclose(matrix[where], correlations(prior, alone), atol=1e-12)


@given(answer_sheets(domains=3, most=15), st.randoms())
def test_the_order_of_the_answers_is_irrelevant(log: list[LoggedItem], random: object) -> None:
    grid = make_grid()
    prior = second_order_prior(grid, (0.75, 0.75, 0.75))
    mixed = list(log)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    first = posterior(prior, np.log(likelihoods(grid.theta, log, 3)))
    second = posterior(prior, np.log(likelihoods(grid.theta, mixed, 3)))
    np.testing.assert_allclose(first.mean, second.mean, atol=1e-9)
    np.testing.assert_allclose(first.sd, second.sd, atol=1e-9)


@given(answer_sheets(domains=3, most=15))
def test_densities_sum_to_one(log: list[LoggedItem]) -> None:
    grid = make_grid()
    found = posterior(second_order_prior(grid, (0.9, 0.3, 0.0)), np.log(likelihoods(grid.theta, log, 3)))
    np.testing.assert_allclose(found.domain.sum(axis=-1), 1, atol=1e-12)
    assert found.general.sum() == pytest.approx(1, abs=1e-12)


@given(answer_sheets(domains=3, most=15))
def test_loadings_of_zero_are_three_separate_tests(log: list[LoggedItem]) -> None:
    grid = make_grid()
    likelihood = np.log(likelihoods(grid.theta, log, 3))
    together = posterior(second_order_prior(grid, (0, 0, 0)), likelihood)
    single = second_order_prior(grid, (0,))
    for d in range(3):
        alone = posterior(single, likelihood[d : d + 1])
        np.testing.assert_allclose(together.domain[d], alone.domain[0], atol=1e-12)
    assert together.general_mean == pytest.approx(0, abs=1e-9)


def test_a_log_likelihood_of_another_shape_is_refused() -> None:
    prior = second_order_prior(make_grid(), (0.5, 0.5))
    with pytest.raises(ValueError, match=r"log_likelihood must end in shape \(2, 61\), got \(3, 61\)"):
        posterior(prior, np.zeros((3, 61)))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_log_likelihood_that_is_not_finite_is_refused(bad: float) -> None:
    sheet = np.zeros((1, 61))
    sheet[0, 3] = bad
    with pytest.raises(ValueError, match="log_likelihood must be finite"):
        posterior(second_order_prior(make_grid(), (0.5,)), sheet)
