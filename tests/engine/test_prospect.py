"""What rules ask for and allow, judged by counting and by programs, against plain search over every test."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine.plan import Plan
from app.engine.prospect import is_keepable, keeper_of, look_ahead, next_items
from app.engine.rest import rest_of
from app.engine.shadow import can_be_completed, lengths, shadow_test
from app.engine.shortfall import shortfall
from tests.engine.plans import MANY, complete_tests, continuations, everything, ints, plan_of, plans, rules


@st.composite
def moments(draw: st.DrawFn) -> tuple[Plan, list[int]]:
    """A plan and items that begin one of its complete tests; none where it has none."""
    plan = draw(plans())
    whole = list(complete_tests(plan, everything(plan)))
    if not whole:
        return plan, []
    chosen = draw(st.permutations(draw(st.sampled_from(whole))))
    by_set = sorted(chosen, key=lambda item: _first_of_set(plan, chosen, item))
    return plan, by_set[: draw(st.integers(0, len(by_set)))]


def _first_of_set(plan: Plan, chosen: list[int], item: int) -> int:
    """Items of a set side by side, where the first of them stood."""
    case = plan.stimulus[item]
    return min(place for place, one in enumerate(chosen) if one == item or (case >= 0 and plan.stimulus[one] == case))


@given(moments())
@settings(max_examples=MANY)
def test_what_is_needed_and_possible_is_what_search_finds(moment: tuple[Plan, list[int]]) -> None:
    plan, items = moment
    rest = rest_of(plan, everything(plan), ints(*items))
    ahead, ways = look_ahead(plan, rest), continuations(plan, everything(plan), items)
    assert (ahead.broken is None) == bool(ways) == is_keepable(plan, rest)
    if ways:
        assert (ahead.needed, ahead.possible) == (min(map(len, ways)), max(map(len, ways)))
    else:
        assert not ahead.open.any()


@given(moments())
@settings(max_examples=MANY)
def test_an_item_may_come_next_exactly_where_search_finds_a_test_that_goes_on_with_it(
    moment: tuple[Plan, list[int]],
) -> None:
    plan, items = moment
    allowed = everything(plan)
    rest = rest_of(plan, allowed, ints(*items))
    fit = next_items(plan, rest, look_ahead(plan, rest))
    keeper = keeper_of(plan, allowed, ints(*items), rest)
    for item in range(plan.size):
        goes_on = item not in items and _in_order(plan, items, item) and continuations(plan, allowed, [*items, item])
        assert (bool(fit[item]) and keeper.keeps(item)) == bool(goes_on)


def _in_order(plan: Plan, items: list[int], item: int) -> bool:
    """Whether a set that was begun is neither broken off too early nor gone back to."""
    if not items:
        return True
    last, case = plan.stimulus[items[-1]], plan.stimulus[item]
    if case >= 0 and case != last and any(plan.stimulus[one] == case for one in items):
        return False
    given_of_last = sum(plan.stimulus[one] == last for one in items)
    return bool(last < 0 or case == last or given_of_last >= plan.set_size[0])


@given(moments())
@settings(max_examples=MANY)
def test_an_item_is_owed_exactly_where_a_shortest_test_goes_on_with_it(moment: tuple[Plan, list[int]]) -> None:
    plan, items = moment
    allowed = everything(plan)
    rest = rest_of(plan, allowed, ints(*items))
    ahead = look_ahead(plan, rest)
    if ahead.broken is not None:
        return
    fit = next_items(plan, rest, ahead) & ahead.owed[plan.competence]
    keeper = keeper_of(plan, allowed, ints(*items), rest, needed=ahead.needed)
    for item in range(plan.size):
        after = (
            continuations(plan, allowed, [*items, item]) if item not in items and _in_order(plan, items, item) else []
        )
        shortest = min(map(len, after), default=99) == ahead.needed - 1
        assert (bool(fit[item]) and keeper.keeps(item)) == shortest


@given(moments())
@settings(max_examples=MANY)
def test_programs_agree_with_search_where_counting_is_exact_too(moment: tuple[Plan, list[int]]) -> None:
    plan, items = moment
    rest = rest_of(plan, everything(plan), ints(*items))
    ways = continuations(plan, everything(plan), items)
    assert can_be_completed(plan, rest) == bool(ways)
    if ways:
        assert lengths(plan, rest) == (min(map(len, ways)), max(map(len, ways)))
        assert shortfall(plan, rest) is None


@given(moments(), st.integers(0, 999))
@settings(max_examples=MANY)
def test_the_shadow_test_is_the_best_of_all_tests_of_its_length(moment: tuple[Plan, list[int]], seed: int) -> None:
    plan, items = moment
    worth = np.random.default_rng(seed).random(plan.size)
    ways = continuations(plan, everything(plan), items)
    rest = rest_of(plan, everything(plan), ints(*items))
    for further in {len(way) for way in ways}:
        best = max(float(worth[list(way)].sum()) for way in ways if len(way) == further)
        found = shadow_test(plan, rest, worth, further=further)
        assert tuple(sorted(found.tolist())) in {tuple(sorted(way)) for way in ways}
        assert float(worth[found].sum()) == pytest.approx(best, abs=1e-9)
        assert worth[found].tolist() == sorted(worth[found], reverse=True)


def test_items_set_aside_are_no_part_of_any_test() -> None:
    plan = plan_of(rules([0], length=(2, 2)), [0, 0, 0])
    allowed = np.array([True, False, False])
    assert not is_keepable(plan, rest_of(plan, allowed, ints()))


def test_a_cross_of_enemies_that_counting_gives_up_on_is_kept() -> None:
    """One item excludes one of each other competence; leaving it out keeps every rule."""
    plan = plan_of(rules([0, 0, 0], competence=[(0, 1), (1, 1), (1, 1)]), [0, 1, 2], pairs=[(0, 1), (0, 2)])
    rest = rest_of(plan, everything(plan), ints())
    assert look_ahead(plan, rest).needed == 2
    keeper = keeper_of(plan, everything(plan), ints(), rest)
    assert [keeper.keeps(item) for item in range(3)] == [False, True, True]


def test_items_that_look_alike_are_judged_once() -> None:
    plan = plan_of(rules([0], length=(2, 4)), [0] * 6, sets=[0, 0, 0, 1, 1, -1])
    keeper = keeper_of(plan, everything(plan), ints(), rest_of(plan, everything(plan), ints()))
    assert all(keeper.keeps(item) for item in range(6))
    assert len(keeper._known) == 3
