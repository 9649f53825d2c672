"""What must hold for items of every family (engine design, section 7)."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.polynomial.legendre import leggauss

from app.engine.families import FAMILIES
from app.engine.grid import Floats, Grid, make_grid
from app.engine.posterior import Posterior, correlations, posterior
from app.engine.prior import second_order_prior
from app.engine.report import own_shares
from app.engine.selection import expected_gain, influence, item_gains
from app.engine.tables import ItemTables, log_likelihood, make_tables
from tests.engine.brute import joint
from tests.engine.families import BINARY, NAMES, parameters, plain

ORDERED = ("rasch", "1pl", "2pl", "3pl", "4pl", "pcm", "gpcm")
"""Families whose likelihood ratios of a higher to a lower category rise with ability."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An item of some family, its domain, and the category reached in it."""

    name: str
    xi: Floats
    domain: int
    score: int


@st.composite
def answers(draw: st.DrawFn, *, domains: int = 1, names: tuple[str, ...] = NAMES, slope: float = 2.5) -> Answered:
    name, above = draw(st.sampled_from(names)), draw(st.integers(1, 4))
    xi = draw(parameters(name, above=above, slope=slope, place=3.0))
    highest = 1 if name in BINARY else above
    return Answered(name, xi, draw(st.integers(0, domains - 1)), draw(st.integers(0, highest)))


def sheets(*, domains: int = 1, least: int = 0, most: int = 12) -> st.SearchStrategy[list[Answered]]:
    return st.lists(answers(domains=domains), min_size=least, max_size=most)


def tables_of(log: list[Answered], *, domains: int = 1, grid: Grid | None = None) -> ItemTables:
    grid = grid or make_grid()
    rows = [FAMILIES[item.name].log_p(grid.theta, item.xi) for item in log]
    return make_tables(grid, rows, [item.domain for item in log], domains=domains)


def likelihood_of(log: list[Answered], *, domains: int = 1, grid: Grid | None = None) -> Floats:
    scores = np.array([item.score for item in log], dtype=np.intp)
    return log_likelihood(tables_of(log, domains=domains, grid=grid), np.arange(len(log)), scores)


def estimate(log: list[Answered], loadings: tuple[float, ...] = (0.0,), *, grid: Grid | None = None) -> Posterior:
    grid = grid or make_grid()
    return posterior(second_order_prior(grid, loadings), likelihood_of(log, domains=len(loadings), grid=grid))


def plain_likelihood(log: list[Answered], theta: Floats, *, domains: int = 1) -> Floats:
    """By the textbooks' formulas, one ability after another."""
    found = np.ones((domains, theta.size))
    for item in log:
        found[item.domain] *= [plain(item.name, float(t), item.xi)[item.score] for t in theta]
    return found


def shifted(item: Answered, by: float) -> Answered:
    """The same item for people who are all so much abler."""
    xi = item.xi.copy()
    if item.name == "nrm":
        half = xi.size // 2
        xi[half:] -= xi[:half] * by
    else:
        first = 0 if item.name in {"rasch", "1pl", "pcm"} else 1
        last = xi.size if item.name in {"pcm", "gpcm"} else first + 1
        xi[first:last] += by
    return Answered(item.name, xi, item.domain, item.score)


@given(sheets(domains=3, least=2).flatmap(lambda log: st.tuples(st.just(log), st.permutations(log))))
def test_the_order_of_answers_is_irrelevant(drawn: tuple[list[Answered], list[Answered]]) -> None:
    first, second = (estimate(log, (0.8, 0.5, 0.0)) for log in drawn)
    np.testing.assert_allclose(second.mean, first.mean, rtol=0, atol=1e-10)
    np.testing.assert_allclose(second.sd, first.sd, rtol=0, atol=1e-10)
    np.testing.assert_allclose(second.general, first.general, rtol=0, atol=1e-12)


@given(sheets(), answers(names=ORDERED))
def test_a_higher_score_never_lowers_the_estimate(log: list[Answered], item: Answered) -> None:
    highest = FAMILIES[item.name].categories(item.xi.size)
    each = [Answered(item.name, item.xi, 0, score) for score in range(highest)]
    means = [estimate([*log, changed]).mean[0] for changed in each]
    assert np.all(np.diff(means) >= -1e-12)


@given(sheets(domains=2), st.floats(-2, 2))
def test_shifting_items_and_prior_shifts_the_estimate(log: list[Answered], by: float) -> None:
    here, there = make_grid(), make_grid(low=-6 + by, high=6 + by)
    prior = second_order_prior(here, (0.7, 0.4))
    before = posterior(prior, likelihood_of(log, domains=2, grid=here))
    moved = likelihood_of([shifted(item, by) for item in log], domains=2, grid=there)
    after = posterior(prior, moved)
    np.testing.assert_allclose(after.mean, before.mean, rtol=0, atol=1e-8)
    np.testing.assert_allclose(after.sd, before.sd, rtol=0, atol=1e-8)


@given(sheets(domains=3), st.tuples(*[st.floats(0, 0.95)] * 3))
def test_probabilities_sum_to_one(log: list[Answered], loadings: tuple[float, ...]) -> None:
    tables = tables_of(log, domains=3)
    for item in range(tables.size):
        rows = slice(tables.first_row[item], tables.first_row[item + 1])
        np.testing.assert_allclose(np.exp(tables.log_p[rows]).sum(axis=0), 1, rtol=0, atol=1e-12)
    found = estimate(log, loadings)
    np.testing.assert_allclose(found.domain.sum(axis=-1), 1, rtol=0, atol=1e-12)
    assert found.general.sum() == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("loading", [0.0, 0.9])
@pytest.mark.parametrize("place", [-6.0, 6.0])
@pytest.mark.parametrize("name", NAMES)
def test_five_hundred_answers_at_the_ends_stay_finite(name: str, place: float, loading: float) -> None:
    """Everybody reaches the lowest category where the items are easiest, or the highest where they are hardest."""
    example = {"rasch": 1, "1pl": 1, "2pl": 2, "3pl": 3, "4pl": 4}
    xi = np.array([0.4, place, -1.4, 3.0][: example[name]] if name in example else [0.4, place, 0.2, 0.1])
    if name in {"rasch", "1pl", "pcm"}:
        xi = np.array([place, place + 0.5, place - 0.5][: 1 if name in example else 3])
    if name == "nrm":
        xi = np.array([1.0, 2.5, -place, -2 * place])
    highest = FAMILIES[name].categories(xi.size) - 1
    log = [Answered(name, xi, d, highest if place > 0 else 0) for d in range(2) for _ in range(500)]
    prior = second_order_prior(make_grid(), (loading, loading))
    likelihood = likelihood_of(log, domains=2)
    found = posterior(prior, likelihood)
    gain = expected_gain(tables_of(log[:2] + log[-2:], domains=2), found, influence(prior, found), np.ones(3))
    for values in (found.mean, found.sd, found.general_mean, found.general_sd, correlations(prior, found), gain):
        assert np.all(np.isfinite(values))
    assert np.all(np.isfinite(own_shares(prior, likelihood, found)))
    assert np.all(found.sd > 0)
    assert np.all(found.mean * place > 0)


@given(sheets(domains=2), st.floats(0, 0.9), st.floats(0, 0.9))
def test_the_joint_posterior_of_two_domains_equals_the_full_product_grid(
    log: list[Answered], one: float, other: float
) -> None:
    grid = make_grid(size=41)
    found = estimate(log, (one, other), grid=grid)
    full = joint(grid.theta, (one, other), plain_likelihood(log, grid.theta, domains=2))
    assert_equal_to(found, full.theta, [full.marginal(axis) for axis in range(3)])


@given(sheets(domains=3, least=3, most=6))
def test_the_joint_posterior_of_three_domains_equals_the_full_product_grid(log: list[Answered]) -> None:
    grid, loadings = make_grid(size=31), (0.85, 0.4, 0.7)
    found = estimate(log, loadings, grid=grid)
    full = joint(grid.theta, loadings, plain_likelihood(log, grid.theta, domains=3))
    assert_equal_to(found, full.theta, [full.marginal(axis) for axis in range(4)])


def assert_equal_to(found: Posterior, theta: Floats, marginals: list[Floats]) -> None:
    for density, expected in zip([found.general, *found.domain], marginals, strict=True):
        np.testing.assert_allclose(density, expected, rtol=0, atol=1e-8)
    means = [float(expected @ theta) for expected in marginals]
    np.testing.assert_allclose([found.general_mean, *found.mean], means, rtol=0, atol=1e-8)


@given(sheets(domains=2, most=8), answers(domains=2))
def test_the_expected_gain_equals_answering_every_way(log: list[Answered], item: Answered) -> None:
    prior, bank = second_order_prior(make_grid(), (0.8, 0.5)), tables_of([item], domains=2)
    before = likelihood_of(log, domains=2)
    post = posterior(prior, before)
    after = np.zeros(3)
    for row in bank.log_p:
        changed = before.copy()
        changed[item.domain] += row
        then = posterior(prior, changed)
        after += float(post.domain[item.domain] @ np.exp(row)) * np.append(then.sd**2, then.general_sd**2)
    literal = np.append(post.sd**2, post.general_sd**2) - after
    effect = influence(prior, post)
    np.testing.assert_allclose(item_gains(bank, post, effect, 0), literal, rtol=0, atol=1e-8)
    gain = expected_gain(bank, post, effect, np.array([1.0, 2.0, 0.5]))
    assert gain[0] == pytest.approx(float(literal @ [1.0, 2.0, 0.5]), abs=1e-8)


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_means_and_errors_equal_gauss_legendre_panels_of_the_true_integral(name: str, data: st.DataObject) -> None:
    """Six answers of one family; the integral has neither our nodes nor our formulas.

    Nodes 0.1 apart: an item whose steps fall together is as steep as their sum.
    """
    log = data.draw(st.lists(answers(names=(name,), slope=1.6), min_size=1, max_size=6))
    nodes, weights = leggauss(20)
    theta = np.concatenate([low + (nodes + 1) / 4 for low in np.arange(-6, 6, 0.5)])
    mass = np.tile(weights, 24) * np.exp(-(theta**2) / 2) * plain_likelihood(log, theta)[0]
    assume(mass[[0, -1]].max() < 1e-7 * mass.max())  # what lies beyond the ends of the grid it cannot know
    mean = mass @ theta / mass.sum()
    found = estimate(log, grid=make_grid(size=121))
    assert found.mean[0] == pytest.approx(mean, abs=1e-6)
    assert found.sd[0] == pytest.approx(np.sqrt(mass @ (theta - mean) ** 2 / mass.sum()), abs=1e-6)
