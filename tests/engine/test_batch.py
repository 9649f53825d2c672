"""Many persons at once: dense, sparse and in chunks, as each alone."""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import fields
from multiprocessing import get_context
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from app.engine.batch import MISSING, answers_by_domain, batch_log_likelihood, over_chunks
from app.engine.estimators import Estimates, Method, estimate
from app.engine.grid import Ints, make_grid
from app.engine.posterior import posterior
from app.engine.prior import second_order_prior
from app.engine.tables import ItemTables, log_likelihood
from tests.engine.bank import random_items, tables_of

METHODS: tuple[Method, ...] = ("eap", "map", "ml", "wle")
WIDE = make_grid(low=-10, high=10, size=201)
BANKS = {domains: tables_of(random_items(np.random.default_rng(1), 24, domains=domains), domains=domains, grid=WIDE)
         for domains in (1, 3)}  # fmt: skip
DICHOTOMOUS = tables_of(random_items(np.random.default_rng(2), 20, domains=1, steps=(1,)), domains=1)
EDGES: list[Callable[[Ints, Ints], object]] = [
    lambda scores, _: scores.__setitem__(0, MISSING),
    lambda scores, _: scores.__setitem__(1, 0),
    lambda scores, most: scores.__setitem__(2, most),
]


def sheets(tables: ItemTables, persons: int, *, missing: float = 0.3) -> Ints:
    """Random answers, and a person each who saw nothing, failed everything, reached every highest category."""
    rng, counts = np.random.default_rng(3), np.diff(tables.first_row)
    scores = np.floor(rng.random((persons, tables.size)) * counts).astype(np.intp)
    scores[rng.random(scores.shape) < missing] = MISSING
    for change in EDGES:
        change(scores, counts - 1)
    return scores


def packed(scores: Ints) -> sparse.csr_array:
    persons, items = np.nonzero(scores != MISSING)
    return sparse.csr_array((scores[persons, items] + 1, (persons, items)), shape=scores.shape)


def assert_same(one: Estimates, other: Estimates) -> None:
    np.testing.assert_allclose(one.theta, other.theta, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(one.se, other.se, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("domains", BANKS)
@pytest.mark.parametrize("missing", [0.0, 0.4])
def test_scoring_many_persons_equals_scoring_each_alone(domains: int, missing: float) -> None:
    tables = BANKS[domains]
    scores = sheets(tables, 40, missing=missing)
    together = batch_log_likelihood(tables, scores)
    for person, row in enumerate(scores):
        seen = np.flatnonzero(row != MISSING)
        np.testing.assert_allclose(together[person], log_likelihood(tables, seen, row[seen]), rtol=1e-12, atol=1e-11)


@pytest.mark.parametrize("domains", BANKS)
def test_sparse_scores_have_the_likelihood_of_dense_ones(domains: int) -> None:
    scores = sheets(BANKS[domains], 60)
    dense, thin = batch_log_likelihood(BANKS[domains], scores), batch_log_likelihood(BANKS[domains], packed(scores))
    np.testing.assert_allclose(thin, dense, rtol=1e-12, atol=1e-11)
    counted = answers_by_domain(BANKS[domains], packed(scores))
    np.testing.assert_array_equal(counted, answers_by_domain(BANKS[domains], scores))
    assert counted.sum() == (scores != MISSING).sum()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("domains", BANKS)
def test_chunks_threads_and_sparsity_change_no_estimate(domains: int, method: Method) -> None:
    tables = BANKS[domains]
    prior = second_order_prior(WIDE, [0.7] * domains)
    scores = sheets(tables, 50)
    whole = estimate(tables, scores, method=method, prior=prior)
    with ThreadPoolExecutor(2) as threads:
        assert_same(estimate(tables, scores, method=method, prior=prior, chunk=7, executor=threads), whole)
    assert_same(estimate(tables, packed(scores), method=method, prior=prior, chunk=7), whole)


def test_processes_change_no_estimate() -> None:
    scores = sheets(DICHOTOMOUS, 12)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as processes:
        apart = estimate(DICHOTOMOUS, scores, chunk=6, executor=processes)
    assert_same(apart, estimate(DICHOTOMOUS, scores))


@pytest.mark.parametrize("dtype", [np.int8, np.int64])
@pytest.mark.parametrize("missing", [0.0, 0.4])
def test_the_path_of_one_domain_equals_the_joint_posterior(missing: float, dtype: type[np.signedinteger]) -> None:
    scores = sheets(DICHOTOMOUS, 50, missing=missing).astype(dtype)
    post = posterior(second_order_prior(make_grid(), [0.0]), batch_log_likelihood(DICHOTOMOUS, scores))
    assert_same(estimate(DICHOTOMOUS, scores), Estimates(post.mean, post.sd))


@pytest.mark.parametrize("loading", [0.0, 0.6, 0.95])
def test_one_person_in_one_domain_has_the_posterior_that_many_have(loading: float) -> None:
    """One person alone in one domain takes a way of its own."""
    prior = second_order_prior(make_grid(), [loading])
    likelihood = batch_log_likelihood(DICHOTOMOUS, sheets(DICHOTOMOUS, 20))
    together = posterior(prior, likelihood)
    for person, each in enumerate(likelihood):
        alone = posterior(prior, each)
        for field in fields(alone):
            found, expected = getattr(alone, field.name), getattr(together, field.name)[person]
            assert found.shape == expected.shape
            np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-14, err_msg=field.name)


def test_many_persons_in_contradictory_domains_have_the_moments_of_the_joint_posterior() -> None:
    """All right in one domain and all wrong in the others, so long that plain products underflow."""
    items = random_items(np.random.default_rng(8), 15, domains=5, steps=(1,)) * 40
    tables, prior = tables_of(items, domains=5), second_order_prior(make_grid(), [0.95, 0.9, 0.8, 0.5, 0.0])
    scores = np.stack([tables.domain == 0, tables.domain == 4, tables.domain % 2 == 0]).astype(np.intp)
    post = posterior(prior, batch_log_likelihood(tables, scores))
    found = estimate(tables, scores, prior=prior)
    np.testing.assert_allclose(found.theta, post.mean, rtol=0, atol=1e-9)
    np.testing.assert_allclose(found.se, post.sd, rtol=1e-9)


def test_a_posterior_too_narrow_for_raw_moments_keeps_its_deviation() -> None:
    """A thousand steep items at one end: the variance is a difference of numbers 1e9 times as large."""
    items = random_items(np.random.default_rng(5), 1, domains=1, steps=(1,)) * 1000
    tables = tables_of(items, domains=1, grid=make_grid(low=4, high=16))
    scores = np.zeros((1, 1000), dtype=np.intp)
    post = posterior(second_order_prior(tables.grid, [0.0]), batch_log_likelihood(tables, scores))
    assert 0 < post.sd[0, 0] < 1e-2
    np.testing.assert_allclose(estimate(tables, scores).se, post.sd, rtol=1e-9)


@given(st.integers(1, 9), st.integers(1, 12))
def test_chunks_come_back_in_order(chunk: int, persons: int) -> None:
    answers = np.arange(persons)[:, None]
    found = over_chunks(lambda plus, part, first: (first, part.sum() + plus), 0, answers, chunk=chunk)
    assert [first for first, _ in found] == list(range(0, persons, chunk))
    assert sum(total for _, total in found) == answers.sum()


@pytest.mark.parametrize("answers", [np.empty((0, 20), dtype=np.intp), sparse.csr_array((0, 20), dtype=np.intp)])
@pytest.mark.parametrize("method", METHODS)
def test_nobody_gets_no_estimate(method: Method, answers: Ints) -> None:
    assert estimate(DICHOTOMOUS, answers, method=method).theta.shape == (0, 1)


def with_score(person: int, item: int, score: int) -> Ints:
    scores = np.zeros((9, 20), dtype=np.intp)
    scores[person, item] = score
    return scores


BAD_ANSWERS: dict[str, Any] = {
    "person 7, item 3: score must be in 0 … 1, got 2": with_score(7, 3, 2),
    "person 5, item 0: score must be in 0 … 1, got -2": with_score(5, 0, -2),
    "person 6, item 19: score must be in 0 … 1, got 4": packed(with_score(6, 19, 4)),
    "person 8, item 2: score must be in 0 … 1, got -6": sparse.csr_array(([-5], ([8], [2])), shape=(9, 20)),
    r"scores must be integers of shape \(persons, 20\), got int64 \(9, 19\)": np.zeros((9, 19), dtype=np.intp),
    r"scores must be integers of shape \(persons, 20\), got float64 \(9, 20\)": np.zeros((9, 20)),
    r"scores must be integers of shape \(persons, 20\), got int64 \(20,\)": np.zeros(20, dtype=np.intp),
    r"sparse scores must be a csr_array of shape \(persons, 20\)": sparse.csr_array((9, 19), dtype=np.intp),
    "sparse scores must be a csr_array of shape": sparse.coo_array((9, 20), dtype=np.intp),
    r"each answer once, in order": sparse.csr_array(([1, 2], [4, 4], [0, 2] + [2] * 8), shape=(9, 20)),
}


@pytest.mark.parametrize("told", BAD_ANSWERS)
def test_what_is_no_answer_is_refused_by_person_and_item(told: str) -> None:
    with pytest.raises(ValueError, match=told):
        estimate(DICHOTOMOUS, BAD_ANSWERS[told], chunk=4)


def test_a_prior_on_another_grid_is_refused() -> None:
    with pytest.raises(ValueError, match="prior must be on the grid of the tables"):
        estimate(DICHOTOMOUS, with_score(0, 0, 0), prior=second_order_prior(WIDE, [0.0]))


def test_a_chunk_of_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="chunk must be at least 1 person, got 0"):
        estimate(DICHOTOMOUS, with_score(0, 0, 0), chunk=0)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("shape", [(1, 61), (3, 1, 61)])
def test_likelihoods_that_are_not_finite_are_refused_for_one_and_for_many(shape: tuple[int, ...], bad: float) -> None:
    likelihood = np.zeros(shape)
    likelihood[..., 7] = bad
    with pytest.raises(ValueError, match="log_likelihood must be finite"):
        posterior(second_order_prior(make_grid(), [0.0]), likelihood)
