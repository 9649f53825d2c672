"""Content rules against exhaustive search over every final count."""

from collections.abc import Iterator
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine.content import Blueprint, enemy_groups, independent_counts, on_the_tree, outlook
from app.engine.grid import Ints

Bounds = tuple[int, int]


def ints(*values: int) -> Ints:
    return np.array(values, dtype=np.intp)


@st.composite
def trees(draw: st.DrawFn) -> tuple[Blueprint, Ints, Ints]:
    """A small tree of rules, what was taken, and what is available."""
    bounds = st.integers(0, 3).flatmap(lambda low: st.tuples(st.just(low), st.integers(low, 5)))
    domains, competences = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    low = draw(st.integers(0, 7))
    blueprint = Blueprint(
        (low, draw(st.integers(low, 9))),
        np.array([draw(bounds) for _ in range(domains)], dtype=np.intp),
        np.array([draw(bounds) for _ in range(competences)], dtype=np.intp),
        ints(*(draw(st.integers(0, domains - 1)) for _ in range(competences))),
    )
    counts = st.lists(st.integers(0, 3), min_size=competences, max_size=competences)
    return blueprint, ints(*draw(counts)), ints(*draw(counts))


def complete_tests(blueprint: Blueprint, taken: Ints, available: Ints) -> Iterator[tuple[int, ...]]:
    """Every final count per competence that keeps every rule."""
    for further in product(*(range(n + 1) for n in available)):
        final = taken + np.array(further)
        in_domain = [final[blueprint.domain_of == d].sum() for d in range(len(blueprint.domain))]
        counts = [final.sum(), *in_domain, *final]
        rules = [blueprint.length, *blueprint.domain.tolist(), *blueprint.competence.tolist()]
        if all(low <= count <= high for count, (low, high) in zip(counts, rules, strict=True)):
            yield further


@given(trees())
@settings(max_examples=400)
def test_the_outlook_agrees_with_exhaustive_search(tree: tuple[Blueprint, Ints, Ints]) -> None:
    blueprint, taken, available = tree
    found = outlook(blueprint, taken=taken, available=available)
    ways = list(complete_tests(blueprint, taken, available))
    assert (found.broken is None) == bool(ways)
    assert found.open.tolist() == [any(way[c] for way in ways) for c in range(len(taken))]
    if ways:
        assert found.needed == min(sum(way) for way in ways)
        assert found.possible == max(sum(way) for way in ways)
        shortest = [fewest_with(ways, c) for c in range(len(taken))]
        assert found.owed.tolist() == [fewest == found.needed for fewest in shortest]


def fewest_with(ways: list[tuple[int, ...]], competence: int) -> int:
    """Length of the shortest completion that takes at least one more of a competence; far too long where none does."""
    return min((sum(way) for way in ways if way[competence]), default=10**6)


TWO_DOMAINS = Blueprint((2, 6), np.array([[1, 3], [1, 4]]), np.array([[0, 3], [1, 2], [0, 4]]), ints(0, 0, 1))


@pytest.mark.parametrize(
    ("taken", "available", "broken"),
    [
        ((0, 0, 0), (3, 3, 3), None),
        ((0, 0, 0), (3, 0, 3), "competence 1"),
        ((0, 3, 0), (3, 3, 3), "competence 1"),
        ((0, 1, 0), (3, 3, 0), "domain 1"),
        ((2, 2, 1), (3, 3, 3), "domain 0"),
        ((0, 1, 5), (1, 1, 1), "competence 2"),
        ((3, 0, 4), (3, 3, 3), "domain 0"),
    ],
)
def test_the_rule_that_cannot_be_kept_is_named(
    taken: tuple[int, ...], available: tuple[int, ...], broken: str | None
) -> None:
    found = outlook(TWO_DOMAINS, taken=ints(*taken), available=ints(*available))
    assert found.broken == broken
    assert found.open.any() == (broken is None)


def test_a_bank_too_small_for_the_length_is_named() -> None:
    long = Blueprint((9, 9), np.array([[0, 9]]), np.array([[0, 9]]), ints(0))
    assert outlook(long, taken=ints(1), available=ints(7)).broken == "length"


def test_minimums_that_exceed_the_length_are_named() -> None:
    crowded = Blueprint((0, 3), np.array([[2, 9], [2, 9]]), np.array([[0, 9], [0, 9]]), ints(0, 1))
    assert outlook(crowded, taken=ints(0, 0), available=ints(9, 9)).broken == "length"


def test_counts_of_another_number_of_competences_are_refused() -> None:
    with pytest.raises(ValueError, match=r"one count per competence expected, got \(2,\) and \(3,\)"):
        outlook(TWO_DOMAINS, taken=ints(0, 0), available=ints(1, 1, 1))


def mutual(size: int, pairs: set[tuple[int, int]]) -> tuple[Ints, ...]:
    return tuple(ints(*sorted({b for a, b in pairs if a == i} | {a for a, b in pairs if b == i})) for i in range(size))


def independent_sets(eligible: list[int], enemies: tuple[Ints, ...]) -> Iterator[tuple[int, ...]]:
    for bits in product((0, 1), repeat=len(eligible)):
        chosen = [item for item, bit in zip(eligible, bits, strict=True) if bit]
        if not any(other in enemies[item] for item in chosen for other in chosen):
            yield tuple(chosen)


@given(
    st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6)).filter(lambda p: p[0] < p[1])),
    st.lists(st.integers(0, 2), min_size=7, max_size=7),
)
def test_items_counted_as_possible_together_can_be_given_together(
    pairs: set[tuple[int, int]], homes: list[int]
) -> None:
    enemies, competence = mutual(7, pairs), ints(*homes)
    counts = independent_counts(np.arange(7), competence, enemies, size=3)
    reachable = [np.bincount(competence[list(s)], minlength=3) for s in independent_sets(list(range(7)), enemies)]
    assert any(np.array_equal(counts, way) for way in reachable)


@given(st.lists(st.integers(0, 3), min_size=7, max_size=7))
def test_of_each_group_of_enemies_in_one_competence_exactly_one_counts(groups: list[int]) -> None:
    pairs = {(i, j) for i in range(7) for j in range(i + 1, 7) if groups[i] == groups[j]}
    competence = ints(*(group % 2 for group in groups))
    counts = independent_counts(np.arange(7), competence, mutual(7, pairs), size=2)
    assert counts.tolist() == [len({g for g in groups if g % 2 == parity}) for parity in (0, 1)]


def test_only_eligible_items_count() -> None:
    enemies = mutual(4, {(0, 1)})
    assert independent_counts(ints(1, 3), ints(0, 0, 1, 1), enemies, size=2).tolist() == [1, 1]
    assert independent_counts(ints(), ints(0, 0, 1, 1), enemies, size=2).tolist() == [0, 0]


@given(st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6)).filter(lambda p: p[0] < p[1])))
def test_groups_of_enemies_hold_every_two_enemies_and_no_others(pairs: set[tuple[int, int]]) -> None:
    groups = enemy_groups(mutual(7, pairs))
    held = {(int(a), int(b)) for group in groups for a in group for b in group if a < b}
    assert held == pairs


def test_items_that_all_exclude_each_other_are_one_group() -> None:
    groups = enemy_groups(mutual(6, {(0, 2), (0, 4), (2, 4), (1, 5)}))
    assert [group.tolist() for group in groups] == [[0, 2, 4], [1, 5]]


@pytest.mark.parametrize(
    ("pairs", "tree"),
    [(set(), True), ({(0, 1), (2, 3)}, True), ({(0, 1), (1, 2)}, False), ({(1, 4)}, False), ({(4, 5)}, True)],
)
def test_enemies_lie_on_the_tree_in_groups_apart_each_in_one_competence(
    pairs: set[tuple[int, int]], *, tree: bool
) -> None:
    assert on_the_tree(enemy_groups(mutual(6, pairs)), ints(0, 0, 0, 0, 1, 1)) is tree
