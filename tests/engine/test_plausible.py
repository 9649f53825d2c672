"""Plausible values have the posterior's moments, person by person and over a population."""

import numpy as np
import pytest
from scipy.stats import kstest

from app.engine.batch import MISSING, batch_log_likelihood
from app.engine.grid import make_grid
from app.engine.plausible import plausible_values
from app.engine.posterior import correlations, posterior
from app.engine.prior import second_order_prior
from app.engine.report import cumulative
from app.engine.tables import ItemTables
from tests.engine.bank import random_items, tables_of
from tests.engine.brute import Array

LOADINGS = (0.9, 0.8, 0.6, 0.3, 0.0)
PRIOR = second_order_prior(make_grid(), LOADINGS)
DRAWS = 40_000
BANK: ItemTables = tables_of(random_items(np.random.default_rng(4), 30, domains=5), domains=5)


def some_answers() -> Array:
    """One who saw everything, one who saw a third, one who saw nothing, one who is right in one domain only."""
    counts = np.diff(BANK.first_row)
    scores = np.floor(np.random.default_rng(6).random((4, BANK.size)) * counts).astype(np.intp)
    scores[1, 10:], scores[2] = MISSING, MISSING
    scores[3] = np.where(BANK.domain == 0, counts - 1, 0)
    return batch_log_likelihood(BANK, scores)


def test_many_draws_have_the_means_deviations_and_correlations_of_the_posterior() -> None:
    likelihood = some_answers()
    found = plausible_values(PRIOR, likelihood, draws=DRAWS, rng=np.random.default_rng(7))
    post = posterior(PRIOR, likelihood)
    four_errors = 4 / np.sqrt(DRAWS)
    np.testing.assert_allclose(found.theta.mean(axis=1), post.mean, atol=four_errors)
    np.testing.assert_allclose(found.theta.std(axis=1), post.sd, rtol=four_errors)
    np.testing.assert_allclose(found.general.mean(axis=1), post.general_mean, atol=four_errors)
    np.testing.assert_allclose(found.general.std(axis=1), post.general_sd, rtol=four_errors)
    for person, expected in enumerate(correlations(PRIOR, post)):
        np.testing.assert_allclose(np.corrcoef(found.theta[person].T), expected, atol=four_errors)


def test_draws_are_continuous_and_follow_the_posterior_between_nodes() -> None:
    """At 100 equally spaced probabilities, to the Monte Carlo error (Kolmogorov and Smirnov)."""
    likelihood = some_answers()[:1]
    drawn = plausible_values(PRIOR, likelihood, draws=DRAWS, rng=np.random.default_rng(8)).theta[0]
    for domain, density in enumerate(posterior(PRIOR, likelihood).domain[0]):
        points, total = cumulative(density, PRIOR.grid)
        assert kstest(np.interp(drawn[:, domain], points, total), "uniform").pvalue > 1e-4
    assert np.unique(drawn).size == drawn.size


def test_draws_recover_a_population_that_means_would_shrink() -> None:
    """Theory: the variance of draws over persons is the prior's, one; that of the means is less by the error's."""
    rng = np.random.default_rng(9)
    prior = second_order_prior(make_grid(), (0.0,))
    tables = tables_of(random_items(rng, 6, domains=1, steps=(1,)), domains=1)
    truth = np.clip(np.round((rng.normal(size=20_000) + 6) / 0.2), 0, 60).astype(int)
    right = np.exp(tables.log_p[1::2, truth]).T
    likelihood = batch_log_likelihood(tables, (rng.random(right.shape) < right).astype(np.intp))
    drawn = plausible_values(prior, likelihood, draws=1, rng=rng).theta[:, 0, 0]
    assert drawn.var() == pytest.approx(1, abs=0.04)
    assert drawn.mean() == pytest.approx(0, abs=0.03)
    assert posterior(prior, likelihood).mean.var() < 0.7


def test_the_same_seed_draws_the_same_and_groups_may_be_drawn_in_turn() -> None:
    likelihood = some_answers()
    whole = plausible_values(PRIOR, likelihood, draws=3, rng=np.random.default_rng(1))
    rng = np.random.default_rng(1)
    parts = [plausible_values(PRIOR, likelihood[part], draws=3, rng=rng) for part in (slice(0, 1), slice(1, 4))]
    np.testing.assert_allclose(np.concatenate([part.theta for part in parts]), whole.theta, rtol=0, atol=1e-9)
    np.testing.assert_allclose(np.concatenate([part.general for part in parts]), whole.general, rtol=0, atol=1e-9)


def test_more_persons_than_are_inverted_at_once_are_all_drawn() -> None:
    likelihood = np.repeat(some_answers(), 3_000, axis=0)
    found = plausible_values(PRIOR, likelihood, draws=2, rng=np.random.default_rng(2)).theta
    assert found.shape == (12_000, 2, 5)
    np.testing.assert_allclose(found[-3_000:].mean(axis=(0, 1)), posterior(PRIOR, likelihood[-1:]).mean[0], atol=0.05)


def test_answers_all_right_stay_finite_and_on_the_grid() -> None:
    likelihood = batch_log_likelihood(BANK, (np.diff(BANK.first_row) - 1)[None]) * 30
    found = plausible_values(PRIOR, likelihood, draws=200, rng=np.random.default_rng(3)).theta
    assert np.all(np.abs(found) <= 6)


def test_no_draw_and_one_person_alone_are_refused() -> None:
    with pytest.raises(ValueError, match="draws must be at least 1, got 0"):
        plausible_values(PRIOR, some_answers(), draws=0, rng=np.random.default_rng(1))
    with pytest.raises(ValueError, match=r"log_likelihood must have shape \(persons, domains, nodes\), got \(5, 61\)"):
        plausible_values(PRIOR, some_answers()[0], draws=1, rng=np.random.default_rng(1))
