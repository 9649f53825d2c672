"""Decisions: the bands' probabilities, and the expected loss against literally answering every way."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine.classification import band_influence, band_probability, band_weights, certainty, expected_loss
from app.engine.grid import make_grid
from app.engine.posterior import posterior
from app.engine.prior import SecondOrderPrior, second_order_prior
from app.engine.report import band_probabilities
from app.engine.selection import expected_gain
from app.engine.tables import ItemTables
from tests.engine.bank import answered, random_items, tables_of
from tests.engine.brute import Array
from tests.strategies import LoggedItem, answer_sheets

GRID = make_grid()
LEVELS = (-2.1, -1.4, -0.7, 0.0, 0.75, 1.4, 2.15)


def literal_drop(
    prior: SecondOrderPrior, tables: ItemTables, likelihood: Array, item: int, *, bands: Array, weights: Array
) -> float:
    """Answer the item every way, recompute the posterior, and average the losses."""
    before = posterior(prior, likelihood)
    domain, after = int(tables.domain[item]), 0.0
    for row in tables.log_p[tables.first_row[item] : tables.first_row[item + 1]]:
        changed = likelihood.copy()
        changed[domain] += row
        then = posterior(prior, changed).domain @ bands.T
        after += float(before.domain[domain] @ np.exp(row)) * float(weights @ (then * (1 - then)).sum(axis=1))
    now = before.domain @ bands.T
    return float(weights @ (now * (1 - now)).sum(axis=1)) - after


@pytest.mark.parametrize("cuts", [(0.3,), (-1.0, 0.5), LEVELS], ids=["one cut", "two cuts", "every level"])
@pytest.mark.parametrize("loadings", [(0.6,), (0.0, 0.0), (0.8, 0.3), (0.9, 0.0, 0.5, 0.75, 0.3)])
def test_the_expected_drop_of_the_loss_equals_answering_every_way(
    loadings: tuple[float, ...], cuts: tuple[float, ...]
) -> None:
    domains, bands = len(loadings), band_weights(GRID, cuts)
    items = random_items(np.random.default_rng(domains), 6 * domains, domains=domains)
    tables, prior = tables_of(items, domains=domains), second_order_prior(GRID, loadings)
    likelihood = answered(tables_of(items[: 2 * domains], domains=domains), items[: 2 * domains])
    post, weights = posterior(prior, likelihood), np.linspace(1.0, 2.0, domains)
    gain = expected_gain(tables, post, band_influence(prior, post, bands), np.repeat(weights, len(cuts)))
    literal = [
        literal_drop(prior, tables, likelihood, item, bands=bands, weights=weights) for item in range(tables.size)
    ]
    np.testing.assert_allclose(gain, literal, rtol=0, atol=1e-10)


@given(answer_sheets(domains=2, most=8), answer_sheets(domains=2, most=3), st.floats(0, 0.95), st.floats(-3, 3))
def test_the_expected_drop_is_exact_whatever_the_answers_and_the_cut(
    log: list[LoggedItem], candidates: list[LoggedItem], loading: float, cut: float
) -> None:
    tables, prior = tables_of(candidates, domains=2), second_order_prior(GRID, (loading, loading))
    likelihood, bands = answered(tables_of(log, domains=2), log), band_weights(GRID, (cut,))
    post = posterior(prior, likelihood)
    gain = expected_gain(tables, post, band_influence(prior, post, bands), np.ones(2))
    for item in range(tables.size):
        literal = literal_drop(prior, tables, likelihood, item, bands=bands, weights=np.ones(2))
        assert gain[item] == pytest.approx(literal, abs=1e-9)
        assert -1e-12 <= gain[item] <= expected_loss(post, bands, np.ones(2)) + 1e-9


@given(answer_sheets(domains=2, most=12))
@settings(max_examples=400)
def test_bands_are_as_probable_as_the_report_says(log: list[LoggedItem]) -> None:
    """To 1e-4; to 1e-3 for posteriors hardly wider than the grid's spacing, whose falling spline the report levels."""
    prior = second_order_prior(GRID, (0.7, 0.7))
    post = posterior(prior, answered(tables_of(log, domains=2), log))
    chance = band_probability(post, band_weights(GRID, LEVELS))
    np.testing.assert_allclose(chance.sum(axis=-1), 1.0, atol=1e-12)
    for domain in range(2):
        reported = band_probabilities(post.domain[domain], GRID, LEVELS)
        np.testing.assert_allclose(chance[domain], reported, rtol=0, atol=1e-4 if post.sd[domain] >= 0.3 else 1e-3)


def test_without_answers_a_cut_in_the_middle_is_a_coin() -> None:
    prior = second_order_prior(GRID, (0.5, 0.5))
    post, bands = posterior(prior, np.zeros((2, GRID.size))), band_weights(GRID, (0.0,))
    np.testing.assert_allclose(certainty(post, bands), 0.5, atol=1e-6)
    assert expected_loss(post, bands, np.array([1.0, 3.0])) == pytest.approx(4 * 0.5, abs=1e-6)


def test_certainty_is_the_probability_of_the_most_probable_band_of_each_domain() -> None:
    prior = second_order_prior(GRID, (0.0, 0.0))
    strong = [LoggedItem(0, 2.0, (1.0,), 0.0, 1)] * 12
    post = posterior(prior, answered(tables_of(strong, domains=2), strong))
    sure = certainty(post, band_weights(GRID, (0.0,)))
    assert sure[0] > 0.99
    assert sure[1] == pytest.approx(0.5, abs=1e-6)


@pytest.mark.parametrize("cuts", [(0.0, 0.0), (1.0, -1.0), (-6.0,), (7.0,), (float("nan"),), ((0.0, 1.0),)])
def test_cuts_out_of_order_or_off_the_grid_are_refused(cuts: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="cuts must be strictly increasing between -6 and 6"):
        band_weights(GRID, cuts)
