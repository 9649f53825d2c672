"""Answers as calibration lays them out."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import sparse

from app.engine.batch import MISSING
from app.engine.responses import arrange

SCORES = arrays.arrays(np.int16, st.tuples(st.integers(2, 30), st.integers(1, 6)), elements=st.integers(MISSING, 3))


@given(SCORES)
def test_people_per_category_are_counted_whatever_the_layout(scores: np.ndarray) -> None:
    found = arrange(scores, chunk=7)

    for item, column in enumerate(scores.T):
        for category in range(4):
            expected = np.count_nonzero(column == category)
            assert found.counts.shape[1] <= category or found.counts[item, category] == expected or expected == 0
    assert found.answers == np.count_nonzero(scores != MISSING)
    assert found.persons + found.silent == len(scores)


@given(SCORES)
def test_sparse_answers_are_laid_out_as_dense_ones(scores: np.ndarray) -> None:
    dense, stored = arrange(scores), arrange(sparse.csr_matrix(scores.astype(np.int16) + 1))

    assert np.array_equal(dense.counts, stored.counts)
    assert np.array_equal(dense.linked, stored.linked)


def test_items_that_nobody_links_are_parts_of_their_own() -> None:
    scores = np.array([[0, 1, -1, -1, -1], [1, 0, -1, -1, -1], [-1, -1, 1, 0, -1], [-1, -1, 0, 1, -1]])

    assert arrange(scores).linked.tolist() == [0, 0, 1, 1, -1]


def test_a_chain_of_persons_links_items_that_none_of_them_answered_together() -> None:
    scores = np.array([[0, 1, -1, -1], [-1, 0, 1, -1], [-1, -1, 0, 1]])

    assert arrange(scores).linked.tolist() == [0, 0, 0, 0]


def test_people_with_the_same_answers_are_one_row_with_their_weight() -> None:
    found = arrange(np.array([[0, 1], [1, 1], [0, 1], [0, 1]]))

    assert [chunk.persons for chunk in found.chunks] == [2]
    assert found.chunks[0].weight is not None
    assert found.chunks[0].weight.tolist() == [3, 1]


@pytest.mark.parametrize("highest", [1, 40])
def test_rows_are_the_same_where_group_and_every_answer_are(highest: int) -> None:
    """With 41 categories and more the number of a row outgrows eight bytes several times over 24 items."""
    rng = np.random.default_rng(1)
    different = rng.integers(-1, highest + 1, (60, 24))
    different[:, 0] = np.arange(60) % 2  # nobody is without an answer
    scores, group = np.repeat(different, 2, axis=0)[rng.permutation(120)], np.arange(120) % 2
    scores[:, 12:] = np.where(np.arange(120)[:, None] % 4 > 1, scores[:, 12:], scores[:, 11:12])

    found = arrange(scores, group=group)

    rows, weight = np.unique(np.column_stack([group, scores]), axis=0, return_counts=True)
    assert np.concatenate([chunk.weight for chunk in found.chunks]).tolist() == weight.tolist()
    assert [chunk.persons for chunk in found.chunks] == np.bincount(rows[:, 0]).tolist()
    assert found.counts.sum() == (scores >= 0).sum()


def test_looking_for_the_same_answers_takes_a_few_numbers_a_person_and_no_copy_of_the_answers() -> None:
    scores = np.random.default_rng(1).integers(0, 2, (100_000, 20)).astype(np.int8)
    tracemalloc.start()
    try:
        arrange(scores)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert most < 100 * len(scores)


def test_chunks_hold_persons_of_one_group_each() -> None:
    rng = np.random.default_rng(1)
    group = rng.integers(0, 2, 500)

    found = arrange(rng.integers(0, 2, (500, 30)), group=group, chunk=100)

    persons = [sum(chunk.persons for chunk in found.chunks if chunk.group == number) for number in (0, 1)]
    assert persons == np.bincount(group).tolist()
    assert max(chunk.persons for chunk in found.chunks) <= 100


@pytest.mark.parametrize("stored", [False, True])
def test_people_without_answers_change_nothing_however_many_they_are(stored: bool) -> None:  # noqa: FBT001
    scores = np.random.default_rng(2).integers(0, 2, (60, 30))
    silent = np.vstack([scores, np.full((400, 30), MISSING)])

    found = arrange(sparse.csr_matrix(silent + 1) if stored else silent)

    assert found.layout.complete
    assert np.array_equal(found.counts, arrange(scores).counts)
    assert found.silent == 400


def test_scores_without_a_sign_are_scores_like_any_other() -> None:
    scores = np.array([[0, 1], [1, 0], [1, 1]])

    assert np.array_equal(arrange(scores.astype(np.uint8)).counts, arrange(scores).counts)


def test_a_stored_zero_is_not_seen_and_stays_where_it_was() -> None:
    scores = sparse.csr_matrix(([1, 0, 2], ([0, 0, 1], [0, 1, 1])), shape=(2, 9))

    assert arrange(scores).answers == 2
    assert scores.nnz == 3


def test_categories_may_be_more_than_were_reached() -> None:
    found = arrange(np.array([[0, 1], [1, 0]]), categories=[2, 4])

    assert found.layout.categories.tolist() == [2, 4]
    assert found.counts.tolist() == [[1, 1, 0, 0], [1, 1, 0, 0]]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"scores": np.array([[0.5]])}, "scores must be whole numbers"),
        ({"scores": np.array([[-2]])}, "scores must be categories .* got -2"),
        ({"scores": sparse.csr_matrix([[-1, 1]])}, "scores must be stored as category plus one, got -1"),
        ({"scores": sparse.csr_matrix([[1.5, 1.0]])}, "scores must be whole numbers, got float64"),
        ({"scores": np.array([[0, 70_000]])}, "scores must be categories .* got 70000"),
        (
            {"scores": np.array([[0], [-1]]), "group": [0, 1]},
            "group must number people with answers, got none in group 1",
        ),
        (
            {"scores": np.array([[-1], [0]]), "group": [0, 1]},
            "group must number people with answers, got none in group 0",
        ),
        ({"scores": np.array([[0, 1]]), "domain": [0]}, r"domain must have shape \(2,\)"),
        ({"scores": np.array([[0, 1]]), "domain": [0, 2]}, "domain must number 0, 1, … without a gap"),
        ({"scores": np.array([[0], [1]]), "group": [1, 1]}, "group must number 0, 1, … without a gap"),
        ({"scores": np.array([[0], [1]]), "weight": np.array([1.0, 0.0])}, "weight must be positive"),
        ({"scores": np.array([[0, 2]]), "categories": [2, 2]}, r"item 1: score must be in 0 … 1, got 2"),
        ({"scores": np.array([[0, 1]]), "categories": [2, 1]}, "categories must be 2 or more for each of 2 items"),
    ],
)
def test_what_cannot_be_laid_out_is_refused_by_name(given: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        arrange(**given)  # type: ignore[arg-type]
