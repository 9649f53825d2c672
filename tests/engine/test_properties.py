"""What must hold whatever the items and the answers (engine design, section 7)."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.grid import make_grid
from app.engine.posterior import Posterior, correlations, posterior
from app.engine.prior import second_order_prior
from app.engine.report import band_probabilities, interval, own_shares
from app.engine.selection import expected_gain, influence
from tests.engine.bank import answered, tables_of
from tests.engine.brute import Array
from tests.strategies import LoggedItem, answer_sheets, logged_items

FIVE = (0.75,) * 5


def estimate(log: list[LoggedItem], loadings: tuple[float, ...]) -> Posterior:
    prior = second_order_prior(make_grid(), loadings)
    return posterior(prior, answered(tables_of(log, domains=len(loadings)), log))


@given(answer_sheets(domains=1, most=15, steps=1), logged_items(domains=1, steps=1))
def test_right_instead_of_wrong_never_lowers_the_estimate(log: list[LoggedItem], item: LoggedItem) -> None:
    wrong, right = (estimate([*log, replace(item, score=score)], (0.5,)) for score in (0, 1))
    assert right.mean[0] >= wrong.mean[0] - 1e-12


@given(
    answer_sheets(domains=5, most=15, steps=1), logged_items(domains=5, steps=1), st.tuples(*[st.floats(0, 0.95)] * 5)
)
def test_right_instead_of_wrong_never_lowers_any_domain(
    log: list[LoggedItem], item: LoggedItem, loadings: tuple[float, ...]
) -> None:
    wrong, right = (estimate([*log, replace(item, score=score)], loadings) for score in (0, 1))
    assert np.all(right.mean >= wrong.mean - 1e-10)
    assert right.general_mean >= wrong.general_mean - 1e-10


@given(answer_sheets(domains=1, most=15), st.floats(-2, 2))
def test_shifting_items_and_prior_shifts_the_estimate(log: list[LoggedItem], shift: float) -> None:
    grid = make_grid(low=-6 + shift, high=6 + shift)
    moved = [replace(item, b=tuple(step + shift for step in item.b)) for item in log]
    prior = second_order_prior(make_grid(), (0.5,))
    here = posterior(prior, answered(tables_of(log, domains=1), log))
    there = posterior(replace(prior, grid=grid), answered(tables_of(moved, domains=1, grid=grid), moved))
    assert there.mean[0] == pytest.approx(here.mean[0] + shift, abs=1e-9)
    assert there.sd[0] == pytest.approx(here.sd[0], abs=1e-9)


@given(answer_sheets(domains=3, most=15), st.permutations([0, 1, 2]))
def test_the_numbering_of_the_domains_is_irrelevant(log: list[LoggedItem], order: list[int]) -> None:
    loadings = (0.8, 0.3, 0.6)
    first = estimate(log, loadings)
    renamed = [replace(item, domain=order[item.domain]) for item in log]
    second = estimate(renamed, tuple(loadings[order.index(d)] for d in range(3)))
    np.testing.assert_allclose(second.mean[order], first.mean, atol=1e-9)


@given(answer_sheets(domains=1, most=15), st.floats(0, 0.95))
def test_one_domain_does_not_depend_on_its_loading(log: list[LoggedItem], loading: float) -> None:
    """Alone, theta is standard normal whatever part of it is general."""
    np.testing.assert_allclose(estimate(log, (loading,)).mean, estimate(log, (0.0,)).mean, atol=1e-6)


def far_answers(scores: tuple[int, ...], *, each: int, slope: float, difficulty: float) -> Array:
    """Log-likelihood of ``each`` equal answers in every domain, all right (1) or all wrong (0)."""
    log = [LoggedItem(d, slope, (difficulty,), 0.0, score) for d, score in enumerate(scores) for _ in range(each)]
    return answered(tables_of(log, domains=len(scores)), log)


def assert_sound(found: Posterior, correlation: Array) -> None:
    for values in (found.general, found.domain, found.mean, found.sd, found.general_mean, found.general_sd):
        assert np.all(np.isfinite(values))
    assert np.all(found.sd > 0)
    assert np.all(np.abs(found.mean) <= 6)
    np.testing.assert_allclose(found.domain.sum(axis=-1), 1, atol=1e-9)
    assert np.all(np.abs(correlation) <= 1 + 1e-6)


@pytest.mark.parametrize("loading", [0.0, 0.75, 0.95])
@pytest.mark.parametrize("score", [0, 1])
@pytest.mark.parametrize(("slope", "difficulty"), [(1.0, -6.0), (1.0, 6.0), (3.0, 0.0)])
def test_five_hundred_equal_answers_stay_finite(loading: float, score: int, slope: float, difficulty: float) -> None:
    prior = second_order_prior(make_grid(), (loading,) * 5)
    likelihood = far_answers((score,) * 5, each=500, slope=slope, difficulty=difficulty)
    found = posterior(prior, likelihood)
    assert_sound(found, correlations(prior, found))
    assert np.all(np.isfinite(own_shares(prior, likelihood, found)))
    candidates = tables_of([LoggedItem(d, 2.5, (b,), 0.0, 0) for d in range(5) for b in (-6, 0, 6)], domains=5)
    gain = expected_gain(candidates, found, influence(prior, found), np.ones(6))
    assert np.all(np.isfinite(gain))


@pytest.mark.parametrize("loading", [0.0, 0.75, 0.95])
@pytest.mark.parametrize("difficulty", [-6.0, 0.0, 6.0])
def test_domains_that_contradict_each_other_stay_finite(loading: float, difficulty: float) -> None:
    prior = second_order_prior(make_grid(), (loading,) * 5)
    likelihood = far_answers((1, 0, 1, 0, 1), each=250, slope=1.5, difficulty=difficulty)
    found = posterior(prior, likelihood)
    assert_sound(found, correlations(prior, found))
    assert found.mean[0] > found.mean[1]


@pytest.mark.parametrize("loading", [0.75, 0.95])
@pytest.mark.parametrize("slope", [0.8, 2.0])
def test_contradictory_domains_equal_the_product_grid_in_log_space(loading: float, slope: float) -> None:
    """250 right answers in one domain and 250 wrong ones in the other, where plain products underflow."""
    grid = make_grid()
    likelihood = far_answers((1, 0), each=250, slope=slope, difficulty=0.0)
    found = posterior(second_order_prior(grid, (loading,) * 2), likelihood)
    x = grid.theta
    rows = -((x[None] - loading * x[:, None]) ** 2) / (2 * (1 - loading**2))
    rows = rows - np.logaddexp.reduce(rows, axis=1, keepdims=True)
    log = -(x**2)[:, None, None] / 2 + (rows + likelihood[0])[:, :, None] + (rows + likelihood[1])[:, None, :]
    density = np.exp(log - log.max())
    density /= density.sum()
    np.testing.assert_allclose(found.domain[0], density.sum(axis=(0, 2)), atol=1e-9)
    np.testing.assert_allclose(found.domain[1], density.sum(axis=(0, 1)), atol=1e-9)
    np.testing.assert_allclose(found.general, density.sum(axis=(1, 2)), atol=1e-9)


@given(answer_sheets(domains=3, most=15), st.tuples(*[st.floats(0, 0.95)] * 3))
def test_the_share_of_own_evidence_lies_between_zero_and_one(
    log: list[LoggedItem], loadings: tuple[float, float, float]
) -> None:
    prior = second_order_prior(make_grid(), loadings)
    likelihood = answered(tables_of(log, domains=3), log)
    shares = own_shares(prior, likelihood, posterior(prior, likelihood))
    assert np.all((shares >= 0) & (shares <= 1))


@given(answer_sheets(domains=3, most=15), st.tuples(*[st.floats(0, 0.95)] * 3), st.integers(0, 2))
def test_a_domain_without_answers_has_no_evidence_of_its_own(
    log: list[LoggedItem], loadings: tuple[float, float, float], empty: int
) -> None:
    log = [item for item in log if item.domain != empty]
    prior = second_order_prior(make_grid(), loadings)
    likelihood = answered(tables_of(log, domains=3), log)
    assert own_shares(prior, likelihood, posterior(prior, likelihood))[empty] == pytest.approx(0, abs=1e-3)


@given(st.lists(logged_items(domains=2, steps=1), min_size=1, max_size=15))
def test_separate_tests_rest_on_their_own_evidence_alone(log: list[LoggedItem]) -> None:
    """2PL answers: with guessing an answer may teach nothing, and then the share is none."""
    log = [replace(item, c=0.0) for item in log]
    prior = second_order_prior(make_grid(), (0.0, 0.0))
    likelihood = answered(tables_of(log, domains=2), log)
    shares = own_shares(prior, likelihood, posterior(prior, likelihood))
    for domain in range(2):
        seen = any(item.domain == domain for item in log)
        assert shares[domain] == pytest.approx(1.0 if seen else 0.0, abs=1e-9)


@given(answer_sheets(domains=1, most=15), st.lists(st.floats(-7, 7), unique=True, max_size=8))
def test_band_probabilities_sum_to_one(log: list[LoggedItem], cuts: list[float]) -> None:
    found = band_probabilities(estimate(log, (0.0,)).domain[0], make_grid(), sorted(cuts))
    assert found.shape == (len(cuts) + 1,)
    assert np.all(found >= 0)
    assert found.sum() == pytest.approx(1, abs=1e-12)


@given(answer_sheets(domains=1, most=15), st.floats(0.5, 0.99))
def test_an_interval_holds_its_mass(log: list[LoggedItem], mass: float) -> None:
    density = estimate(log, (0.0,)).domain[0]
    low, high = interval(density, make_grid(), mass=mass)
    inside = band_probabilities(density, make_grid(), [low, high])
    np.testing.assert_allclose(inside, [(1 - mass) / 2, mass, (1 - mass) / 2], atol=1e-9)
