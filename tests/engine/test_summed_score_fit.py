"""S-X2: R's mirt, and sums over all answer patterns."""

from itertools import product

import numpy as np
import pytest

from app.engine.estimators import MISSING
from app.engine.grid import normal_weights
from app.engine.summed_score_fit import collapsed, summed_score_fit
from app.engine.summed_scores import score_distribution
from tests.engine.fit_cases import REFERENCE, answered, reference_case, simulated


@pytest.mark.parametrize("figure", ["chi_square", "df", "p", "rmsea"])
@pytest.mark.parametrize("name", REFERENCE["cases"])
def test_figures_are_those_of_mirt(name: str, figure: str) -> None:
    told, case = reference_case(name)
    found = summed_score_fit(case.tables, case.scores, [len(item) for item in told["items"]])
    np.testing.assert_allclose(getattr(found, figure), told[figure], rtol=1e-6, atol=1e-8)


def test_the_recursion_sums_over_all_patterns() -> None:
    rng = np.random.default_rng(0)
    blocks = [rng.dirichlet(np.ones(size), 5).T for size in (2, 3, 4)]
    plain = np.zeros((7, 5))
    for pattern in product(*(range(len(block)) for block in blocks)):
        plain[sum(pattern)] += np.prod([block[c] for block, c in zip(blocks, pattern, strict=True)], axis=0)
    np.testing.assert_allclose(score_distribution(blocks), plain)
    np.testing.assert_array_equal(score_distribution([]), [[1.0]])


def test_under_the_true_model_p_values_are_uniform() -> None:
    found = []
    for seed in range(12):
        _, case = simulated(seed, 10, persons=800, model="2pl")
        found.append(summed_score_fit(case.tables, case.scores, [0] * 10).p)
    p = np.concatenate(found)
    assert np.mean(p < 0.05) == pytest.approx(0.05, abs=3 * np.sqrt(0.05 * 0.95 / p.size))
    assert np.mean(p) == pytest.approx(0.5, abs=3 * np.sqrt(1 / 12 / p.size))


def test_a_wrong_slope_is_found() -> None:
    items, case = simulated(5, 20, persons=3000)
    items[4] = ("2pl", items[4][1] + [np.log(2.5), 0])
    found = summed_score_fit(answered(items, case.scores).tables, case.scores, [0] * 20)
    assert np.argmin(found.p) == 4
    assert found.p[4] < 1e-4


def test_persons_are_compared_within_the_items_they_saw() -> None:
    _, case = simulated(8, 9, persons=1200)
    scores = case.scores.copy()
    scores[:600, 6:] = MISSING
    scores[600:, :3] = MISSING
    scores[:10] = MISSING
    scores[:10, 0] = 1
    found = summed_score_fit(case.tables, scores, [0] * 9)
    assert found.persons.tolist() == [590] * 3 + [1190] * 3 + [600] * 3
    assert (found.p > 1e-3).all()
    alone = summed_score_fit(case.tables, scores[600:], [0] * 9)
    np.testing.assert_allclose(found.chi_square[6:], alone.chi_square[6:])


def test_expected_shares_are_those_of_direct_integration() -> None:
    items, case = simulated(8, 4, persons=3000)
    found = summed_score_fit(case.tables, case.scores, [0] * 4)
    p = np.exp(case.tables.log_p).reshape(4, 2, -1)
    weights = normal_weights(case.tables.grid.theta)
    total, chi = case.scores.sum(axis=1), 0.0
    for k in (1, 2, 3):
        mass = {
            pattern: float((np.prod([p[i, c] for i, c in enumerate(pattern)], axis=0) * weights).sum())
            for pattern in product((0, 1), repeat=len(items))
            if sum(pattern) == k
        }
        share = sum(m for pattern, m in mass.items() if pattern[0] == 1) / sum(mass.values())
        size, right = (total == k).sum(), case.scores[total == k, 0].sum()
        chi += (right - size * share) ** 2 / (size * share * (1 - share))
    assert found.chi_square[0] == pytest.approx(chi)
    assert found.df[0] == 3


def test_too_few_persons_or_too_many_parameters_leave_nothing_to_test() -> None:
    _, case = simulated(1, 4, persons=20)
    found = summed_score_fit(case.tables, case.scores, [0] * 4)
    assert np.isnan(found.p).all()
    assert found.persons.tolist() == [0] * 4
    many = summed_score_fit(case.tables, case.scores, [9] * 4, fewest=10)
    assert np.isnan(many.chi_square).all()
    assert many.df.tolist() == [0] * 4


def test_cells_are_joined_until_each_expects_enough() -> None:
    observed = np.array([[1.0, 0, 0], [0, 0, 0], [4, 3, 1], [5, 5, 5], [0, 1, 1], [0, 0, 1]])
    expected = np.array([[0.6, 0.4, 0.0], [0.5, 0.3, 0.2], [4, 3.8, 0.2], [5, 5, 5], [0.3, 0.3, 1.4], [0, 0.1, 0.9]])
    rows = collapsed(observed, expected, least=1.0)
    assert [o.tolist() for o, _ in rows] == [[5, 4], [6, 7, 5]]
    np.testing.assert_allclose(np.concatenate([e for _, e in rows]), [5.1, 4.9, 5.7, 7.3, 5])


def test_groups_of_unlike_lengths_are_added_from_the_lowest_category() -> None:
    observed = np.array([[2.0, 2, 2], [1, 1, 0]])
    expected = np.array([[2.0, 2, 2], [0.7, 0.7, 0.6]])
    (row,) = collapsed(observed, expected, least=1.0)
    assert [part.tolist() for part in row] == [[3.0, 3.0, 2.0], [2.7, 3.3, 2.0]]


def test_a_table_of_single_persons_becomes_one_group() -> None:
    (row,) = collapsed(np.eye(3)[:, :2] + [[0, 0], [0, 0], [0, 1]], np.full((3, 2), 0.5), least=0.1)
    assert row[0].tolist() == [1.0, 2.0]
    alone = collapsed(np.array([[1.0, 0.0]]), np.array([[0.5, 0.5]]), least=0.1)
    assert len(alone) == 1


def test_sums_that_always_miss_a_category_stay_apart() -> None:
    rows = collapsed(np.array([[3.0, 3, 0], [0, 3, 3]]), np.array([[3.0, 3, 0], [0, 3, 3]]), least=1.0)
    assert [e.tolist() for _, e in rows] == [[3.0, 3.0], [3.0, 3.0]]


def test_the_number_of_estimated_parameters_is_asked_of_every_item() -> None:
    _, case = simulated(1, 4, persons=20)
    with pytest.raises(ValueError, match="estimated"):
        summed_score_fit(case.tables, case.scores, [2])
