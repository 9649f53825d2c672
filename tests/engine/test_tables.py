"""Tables: expected probabilities against dense integration over the parameters, and what is refused."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.polynomial.hermite_e import hermegauss
from scipy.special import expit
from scipy.stats import norm, qmc

from app.bank import provisional
from app.engine.grid import make_grid
from app.engine.tables import LOG_FLOOR, item_rows, log_likelihood, make_tables
from tests.engine.bank import random_items, rows, tables_of
from tests.engine.brute import Array, curve

GRID = make_grid()
THETA = GRID.theta
SLOPE, DIFFICULTY, GUESS = 0.35, 0.8, 0.5


def dense_mean(sd: tuple[float, ...], at: Callable[..., Array]) -> Array:
    """E[at(x_1 …)] over independent centred normals, 41 Gauss-Hermite nodes in each."""
    nodes, weights = hermegauss(41)
    weights = weights / weights.sum()
    points = np.meshgrid(*(nodes * s for s in sd), indexing="ij")
    mass = np.prod(np.meshgrid(*[weights] * len(sd), indexing="ij"), axis=0)
    return np.asarray((at(*(p.ravel()[:, None] for p in points)) * mass.ravel()[:, None]).sum(axis=0))


@pytest.mark.parametrize("difficulty", [-2.0, 0.0, 1.5])
def test_a_two_parameter_row_equals_dense_integration(difficulty: float) -> None:
    expected = dense_mean((SLOPE, DIFFICULTY), lambda u, v: expit(np.exp(u) * (THETA - difficulty - v)))
    rows = item_rows(GRID, "2pl", np.array([0.0, difficulty]), np.diag([SLOPE**2, DIFFICULTY**2]))
    np.testing.assert_allclose(np.exp(rows[1]), expected, atol=2e-5)
    np.testing.assert_allclose(np.exp(rows).sum(axis=0), 1, atol=1e-13)


def test_a_three_parameter_row_equals_dense_integration() -> None:
    def at(u: Array, v: Array, w: Array) -> Array:
        c = expit(w - 1.5)
        return np.asarray(c + (1 - c) * expit(np.exp(0.1 + u) * (THETA - 0.7 - v)))

    covariance = np.diag([SLOPE**2, DIFFICULTY**2, GUESS**2])
    rows = item_rows(GRID, "3pl", np.array([0.1, 0.7, -1.5]), covariance)
    np.testing.assert_allclose(np.exp(rows[1]), dense_mean((SLOPE, DIFFICULTY, GUESS), at), atol=2e-5)


def test_a_correlated_posterior_equals_dense_integration() -> None:
    covariance = np.array([[0.09, -0.08, 0.05], [-0.08, 0.25, 0.1], [0.05, 0.1, 0.36]])
    root = np.linalg.cholesky(covariance)

    def at(*z: Array) -> Array:
        log_a, b, logit_c = (m + sum(root[i, j] * z[j] for j in range(3)) for i, m in enumerate((0.2, -0.4, -1.2)))
        c = expit(logit_c)
        return np.asarray(c + (1 - c) * expit(np.exp(log_a) * (THETA - b)))

    rows = item_rows(GRID, "3pl", np.array([0.2, -0.4, -1.2]), covariance)
    np.testing.assert_allclose(np.exp(rows[1]), dense_mean((1.0, 1.0, 1.0), at), atol=2e-5)


@pytest.mark.parametrize(("steps", "tolerance"), [(2, 2e-5), (3, 2e-5), (4, 3e-5), (5, 2e-4), (6, 2e-4)])
def test_a_provisional_partial_credit_row_equals_dense_integration(steps: int, tolerance: float) -> None:
    """Sobol points, 2^15 of them: their own error is below 2e-5."""
    log_slope, step_distance = provisional.PARTIAL_LOG_SLOPE, provisional.STEP_DISTANCE
    offsets = step_distance * (np.arange(steps) - (steps - 1) / 2)
    z = norm.ppf(qmc.Sobol(steps + 2, rng=5).random_base2(15))
    slopes = np.exp(log_slope[0] + log_slope[1] * z[:, 0])
    b = 0.5 + offsets + provisional.DIFFICULTY_SD * z[:, 1:2] + provisional.STEP_SD * z[:, 2:]
    theta = THETA[::6]
    ladder = np.cumsum(slopes[:, None, None] * (theta - b[:, :, None]), axis=1)
    odds = np.exp(np.concatenate([np.zeros((len(b), 1, theta.size)), ladder], axis=1))
    expected = (odds / odds.sum(axis=1, keepdims=True)).mean(axis=0)
    covariance = np.zeros((steps + 1, steps + 1))
    covariance[0, 0] = log_slope[1] ** 2
    covariance[1:, 1:] = provisional.DIFFICULTY_SD**2 + np.eye(steps) * provisional.STEP_SD**2
    rows = item_rows(GRID, "gpcm", np.array([log_slope[0], *(0.5 + offsets)]), covariance)
    np.testing.assert_allclose(np.exp(rows[:, ::6]), expected, atol=tolerance)


@pytest.mark.parametrize(
    ("model", "mean", "expected"),
    [
        ("1pl", [0.4], curve(THETA, a=1.0, b=[0.4])),
        ("2pl", [0.3, 0.4], curve(THETA, a=np.exp(0.3), b=[0.4])),
        ("3pl", [0.3, 0.4, -1.0], curve(THETA, a=np.exp(0.3), b=[0.4], c=1 / (1 + np.exp(1.0)))),
        ("gpcm", [-0.2, 0.4, -0.3, 1.0], curve(THETA, a=np.exp(-0.2), b=[0.4, -0.3, 1.0])),
    ],
    ids=["1pl", "2pl", "3pl", "gpcm"],
)
@pytest.mark.parametrize("covariance", ["none", "zero"])
def test_an_item_known_exactly_is_its_model(model: str, mean: list[float], expected: Array, covariance: str) -> None:
    known = None if covariance == "none" else np.zeros((len(mean), len(mean)))
    np.testing.assert_allclose(np.exp(item_rows(GRID, model, np.array(mean), known)), expected, atol=1e-13)


def test_uncertainty_in_one_parameter_leaves_the_others_exact() -> None:
    rows = item_rows(GRID, "2pl", np.array([0.5, 0.0]), np.diag([0.0, 0.25]))
    expected = dense_mean((0.5,), lambda v: expit(np.exp(0.5) * (THETA - v)))
    np.testing.assert_allclose(np.exp(rows[1]), expected, atol=2e-5)


def test_uncertainty_flattens_the_curve() -> None:
    known = np.exp(item_rows(GRID, "2pl", np.array([0.0, 0.0])))[1]
    judged = np.exp(item_rows(GRID, "2pl", np.array([0.0, 0.0]), np.diag([0.1, 0.64])))[1]
    assert np.diff(judged).max() < 0.9 * np.diff(known).max()


def test_an_unknown_model_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"model must be one of rasch, 1pl, .*, grm, nrm, got '5pl'"):
        item_rows(GRID, "5pl", np.zeros(5))


@pytest.mark.parametrize("bad", [np.eye(3), np.array([[1.0, 0.2], [0.1, 1.0]]), np.full((2, 2), np.nan)])
def test_a_covariance_that_is_not_symmetric_or_of_another_size_is_refused(bad: Array) -> None:
    with pytest.raises(ValueError, match=r"covariance must be symmetric with shape \(2, 2\), got array"):
        item_rows(GRID, "2pl", np.zeros(2), bad)


def test_a_covariance_with_a_negative_eigenvalue_is_refused() -> None:
    with pytest.raises(ValueError, match="covariance must be positive semi-definite, got eigenvalues"):
        item_rows(GRID, "2pl", np.zeros(2), np.array([[1.0, 2.0], [2.0, 1.0]]))


def test_tables_keep_items_rows_and_domains_apart() -> None:
    items = random_items(np.random.default_rng(0), 11, domains=3)
    tables = tables_of(items, domains=4)
    assert (tables.size, tables.domains) == (11, 4)
    assert [tables.categories(i) for i in range(11)] == [len(item.b) + 1 for item in items]
    assert [members.tolist() for members in tables.members] == [[0, 3, 6, 9], [1, 4, 7, 10], [2, 5, 8], []]
    side_by_side = np.concatenate(tables.above, axis=1)
    assert [side_by_side[:, span].shape for span in tables.span] == [above.shape for above in tables.above]
    for item in range(11):
        first = tables.first_column[tables.kind[item]]
        expected = np.exp(tables.log_p[tables.first_row[item] + 1 : tables.first_row[item + 1]])
        np.testing.assert_array_equal(side_by_side[:, first : first + len(expected)].T, expected)


def test_items_of_one_domain_with_equal_tables_share_their_columns() -> None:
    few = random_items(np.random.default_rng(0), 3, domains=1)
    blocks = [rows(GRID, few[kind]) for kind in (0, 1, 0, 0, 2)]
    tables = make_tables(GRID, blocks, [0, 0, 1, 0, 0], domains=2)
    assert tables.alike.tolist() == [0, 1, 2, 0, 4]
    assert tables.kind.tolist() == [0, 1, 3, 0, 2]
    assert (tables.kinds, tables.size, tables.in_order) == (4, 5, False)
    np.testing.assert_array_equal(tables.per_item(np.arange(4.0)), [0, 1, 3, 0, 2])


def test_a_bank_without_equals_has_its_values_as_they_are() -> None:
    tables = tables_of(random_items(np.random.default_rng(0), 5, domains=1), domains=1)
    values = np.arange(5.0)
    assert tables.in_order
    assert tables.per_item(values) is values


def test_tables_cannot_be_changed() -> None:
    tables = tables_of(random_items(np.random.default_rng(0), 3, domains=1), domains=1)
    for array in (
        tables.log_p,
        tables.first_row,
        tables.domain,
        tables.kind,
        tables.alike,
        *tables.above,
        *tables.members,
    ):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_an_empty_bank_is_a_table_of_nothing() -> None:
    tables = make_tables(GRID, [], [], domains=2)
    assert (tables.size, tables.domains, tables.log_p.shape) == (0, 2, (0, 61))


def test_impossible_categories_are_kept_finite() -> None:
    with np.errstate(divide="ignore"):
        certain = np.log(np.stack([np.zeros(61), np.ones(61)]))
    assert make_tables(GRID, [certain], [0], domains=1).log_p.min() == LOG_FLOOR


HALVES = np.log(np.full((2, 61), 0.5))


@pytest.mark.parametrize("block", [HALVES[:1], HALVES[:, :60], HALVES[0]])
def test_rows_of_another_shape_are_refused(block: Array) -> None:
    with pytest.raises(ValueError, match=r"item 1: rows must have shape \(categories >= 2, 61\), got \("):
        make_tables(GRID, [HALVES, block], [0, 0], domains=1)


@pytest.mark.parametrize("wrong", [np.log(0.3), np.nan])
def test_probabilities_that_do_not_sum_to_one_are_refused(wrong: float) -> None:
    block = HALVES.copy()
    block[0, 7] = wrong
    with pytest.raises(ValueError, match="item 0: probabilities must sum to one at every ability, got"):
        make_tables(GRID, [block], [0], domains=1)


@pytest.mark.parametrize("domain", [-1, 2])
def test_an_item_of_an_unknown_domain_is_refused(domain: int) -> None:
    with pytest.raises(ValueError, match=f"item 0: domain must be in 0 … 1, got {domain}"):
        make_tables(GRID, [HALVES], [domain], domains=2)


def test_items_and_domains_of_different_number_are_refused() -> None:
    with pytest.raises(ValueError, match="one domain per item expected, got 1 items and 2 domains"):
        make_tables(GRID, [HALVES], [0, 0], domains=1)


def test_the_log_likelihood_adds_up_what_was_answered_in_each_domain() -> None:
    items = random_items(np.random.default_rng(3), 9, domains=2)
    tables = tables_of(items, domains=3)
    found = log_likelihood(tables, np.arange(9), np.array([item.score for item in items], dtype=np.intp))
    for domain in (0, 1):
        expected = np.prod([curve(THETA, a=i.a, b=i.b, c=i.c)[i.score] for i in items if i.domain == domain], axis=0)
        np.testing.assert_allclose(found[domain], np.log(expected), atol=1e-9)
    assert not found[2].any()


def test_no_answer_is_a_likelihood_of_one() -> None:
    tables = tables_of(random_items(np.random.default_rng(3), 2, domains=2), domains=2)
    assert not log_likelihood(tables, np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)).any()


@pytest.mark.parametrize("score", [-1, 2])
def test_a_score_that_is_not_a_category_is_refused(score: int) -> None:
    tables = make_tables(GRID, [HALVES, HALVES], [0, 0], domains=1)
    with pytest.raises(ValueError, match=f"item 1: score must be in 0 … 1, got {score}"):
        log_likelihood(tables, np.array([0, 1]), np.array([0, score]))
