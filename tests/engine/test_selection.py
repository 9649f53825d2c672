"""The expected gain against literally answering each way; the lowest category left out and put back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.grid import make_grid
from app.engine.posterior import Posterior, posterior
from app.engine.prior import SecondOrderPrior, second_order_prior
from app.engine.selection import expected_gain, influence, item_gains, target_weights
from app.engine.tables import ItemTables
from tests.engine.bank import answered, random_items, tables_of
from tests.engine.brute import Array
from tests.strategies import LoggedItem, answer_sheets


def literal_gains(prior: SecondOrderPrior, tables: ItemTables, likelihood: Array, item: int) -> Array:
    """Answer the item every way, recompute the posterior, and average the variances."""
    before = posterior(prior, likelihood)
    domain = int(tables.domain[item])
    after = np.zeros(prior.domains + 1)
    for row in tables.log_p[tables.first_row[item] : tables.first_row[item + 1]]:
        changed = likelihood.copy()
        changed[domain] += row
        then = posterior(prior, changed)
        chance = float(before.domain[domain] @ np.exp(row))
        after += chance * np.append(then.sd**2, then.general_sd**2)
    return np.append(before.sd**2, before.general_sd**2) - after


@pytest.mark.parametrize("steps", [(1,), (1, 1, 2, 4), (3,)], ids=["two categories", "mixed", "partial credit"])
@pytest.mark.parametrize("loadings", [(0.6,), (0.0, 0.0), (0.8, 0.3), (0.75, 0.75, 0.75), (0.9, 0.0, 0.5, 0.75, 0.3)])
def test_the_expected_gain_equals_answering_it_every_way(loadings: tuple[float, ...], steps: tuple[int, ...]) -> None:
    domains = len(loadings)
    items = random_items(np.random.default_rng(domains), 8 * domains, domains=domains, steps=steps)
    tables, prior = tables_of(items, domains=domains), second_order_prior(make_grid(), loadings)
    likelihood = answered(tables_of(items[: 3 * domains], domains=domains), items[: 3 * domains])
    post = posterior(prior, likelihood)
    effect = influence(prior, post)
    literal = np.array([literal_gains(prior, tables, likelihood, item) for item in range(tables.size)])
    one_by_one = np.array([item_gains(tables, post, effect, item) for item in range(tables.size)])
    np.testing.assert_allclose(one_by_one, literal, rtol=0, atol=1e-10)
    for target in range(domains + 1):
        gain = expected_gain(tables, post, effect, np.eye(domains + 1)[target])
        np.testing.assert_allclose(gain, literal[:, target], rtol=0, atol=1e-10)


@given(answer_sheets(domains=2, most=10), answer_sheets(domains=2, most=4), st.floats(0, 0.95), st.floats(0, 0.95))
def test_the_expected_gain_is_exact_whatever_the_answers(
    log: list[LoggedItem], candidates: list[LoggedItem], one: float, other: float
) -> None:
    tables, prior = tables_of(candidates, domains=2), second_order_prior(make_grid(), (one, other))
    likelihood = answered(tables_of(log, domains=2), log)
    post = posterior(prior, likelihood)
    gain = expected_gain(tables, post, influence(prior, post), np.array([1.0, 0.5, 2.0]))
    for item in range(tables.size):
        literal = literal_gains(prior, tables, likelihood, item)
        assert gain[item] == pytest.approx(literal @ [1.0, 0.5, 2.0], abs=1e-9)


@given(answer_sheets(domains=2, most=8), answer_sheets(domains=2, most=4))
def test_a_gain_is_never_negative_and_never_more_than_the_variance(
    log: list[LoggedItem], candidates: list[LoggedItem]
) -> None:
    tables, prior = tables_of(candidates, domains=2), second_order_prior(make_grid(), (0.7, 0.7))
    post = posterior(prior, answered(tables_of(log, domains=2), log))
    effect = influence(prior, post)
    for item in range(tables.size):
        gains = item_gains(tables, post, effect, item)
        assert np.all(gains >= 0)
        assert np.all(gains <= np.append(post.sd, post.general_sd) ** 2)


def strong_learner(count: int) -> tuple[SecondOrderPrior, Posterior]:
    items = [LoggedItem(0, 1.0, (5.0,), 0.0, 1)] * count
    prior = second_order_prior(make_grid(), (0.5,))
    return prior, posterior(prior, answered(tables_of(items, domains=1), items))


@pytest.mark.parametrize("answers", [20, 40, 100, 500])
@pytest.mark.parametrize("steps", [(-4.5,), (-2.0,) * 5], ids=["two categories", "partial credit"])
def test_an_item_that_nobody_so_able_can_miss_gains_nothing(answers: int, steps: tuple[float, ...]) -> None:
    """One minus the probability of success rounds to zero here: the quotient must not become infinite."""
    prior, post = strong_learner(answers)
    tables = tables_of([LoggedItem(0, 4.0, steps, 0.0, 0), LoggedItem(0, 1.0, (5.0,), 0.0, 0)], domains=1)
    gain = expected_gain(tables, post, influence(prior, post), np.array([1.0, 0.0]))
    np.testing.assert_allclose(gain[0], 0, atol=1e-12)


def test_an_item_of_an_unrelated_domain_says_nothing_about_the_others() -> None:
    items = random_items(np.random.default_rng(1), 6, domains=3)
    prior = second_order_prior(make_grid(), (0.0, 0.8, 0.8))
    post = posterior(prior, np.zeros((3, 61)))
    gains = item_gains(tables_of(items, domains=3), post, influence(prior, post), 0)
    assert gains[0] > 0.01
    np.testing.assert_allclose(gains[1:], 0, atol=1e-14)


def test_a_domain_without_items_leaves_the_others_scored() -> None:
    items = random_items(np.random.default_rng(2), 4, domains=1)
    prior = second_order_prior(make_grid(), (0.7, 0.7))
    post = posterior(prior, np.zeros((2, 61)))
    gain = expected_gain(tables_of(items, domains=2), post, influence(prior, post), np.array([1.0, 1.0, 0.0]))
    assert np.all(gain > 0)


def posterior_with_sd(*sd: float) -> Posterior:
    empty = np.empty(0)
    return Posterior(empty, empty, empty, np.array(sd), empty, empty, empty, empty, empty)


def test_only_domains_above_the_target_count() -> None:
    assert target_weights(posterior_with_sd(0.7, 0.3, 0.41), se_target=0.4).tolist() == [1, 0, 1, 0]


def test_all_domains_count_where_every_target_is_met() -> None:
    assert target_weights(posterior_with_sd(0.3, 0.2), se_target=0.4).tolist() == [1, 1, 0]
