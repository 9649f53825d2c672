"""Whole sittings in arrays: rules kept to the end, the same answers the same test, and every way of choosing."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine.plan import CRITERIA, Plan
from app.engine.sitting import Decision, assess, decide
from app.engine.stopping import StopReason
from tests.engine.plans import MANY, complete_tests, everything, keeps_every_rule, plan_of, plans, rules

THREE = rules([0, 0, 1], length=(4, 8), domain=[(2, 6), (1, 4)], competence=[(1, 4), (0, 4), (1, 4)])
HOMES = [0, 1, 2] * 8


def sit(plan: Plan, *, seed: int, allowed: Any = None, always: int | None = None) -> tuple[list[int], list[Decision]]:
    """Answer at random, or one way, to the end: the items, and every decision."""
    rng, allowed = np.random.default_rng(seed), everything(plan) if allowed is None else allowed
    items: list[int] = []
    scores: list[int] = []
    decisions = [decide(plan, allowed, seed, items, scores)]
    while (pick := decisions[-1].pick) is not None:
        items.append(pick.item)
        random = int(rng.integers(plan.tables.categories(pick.item)))
        scores.append(random if always is None else always)
        decisions.append(decide(plan, allowed, seed, items, scores))
    return items, decisions


def assert_sets_kept_together(plan: Plan, items: list[int]) -> None:
    cases = [int(plan.stimulus[item]) for item in items]
    changes = [case for place, case in enumerate(cases) if place == 0 or cases[place - 1] != case]
    visited = [case for case in changes if case >= 0]
    assert len(visited) == len(set(visited))


@given(plans(most=9), st.integers(0, 99))
@settings(max_examples=MANY)
def test_a_sitting_keeps_every_rule_to_its_end_whatever_the_rules(plan: Plan, seed: int) -> None:
    items, decisions = sit(plan, seed=seed)
    if decisions[0].state.ahead.broken is not None:
        assert (items, decisions[0].stop) == ([], StopReason.NO_ITEM)
        assert not any(complete_tests(plan, everything(plan)))
        return
    assert len(set(items)) == len(items)
    assert keeps_every_rule(plan, items)
    assert_sets_kept_together(plan, items)
    assert all(decision.state.ahead.broken is None for decision in decisions)
    if decisions[-1].stop is StopReason.NO_ITEM:
        assert decisions[-1].state.ahead.possible == 0


@given(plans(most=9), st.integers(0, 99), st.lists(st.booleans(), min_size=9, max_size=9))
@settings(max_examples=MANY)
def test_items_set_aside_are_never_given(plan: Plan, seed: int, allowed: list[bool]) -> None:
    mask = np.array(allowed[: plan.size])
    items, _ = sit(plan, seed=seed, allowed=mask)
    assert mask[items].all()
    assert not items or keeps_every_rule(plan, items)


@pytest.mark.parametrize("shadow", [False, True], ids=["one by one", "shadow test"])
@pytest.mark.parametrize("criterion", CRITERIA)
def test_the_same_answers_and_seed_give_the_same_picks_bit_for_bit(criterion: str, *, shadow: bool) -> None:
    rest: dict[str, Any] = {
        "criterion": criterion,
        "cuts": (0.0,),
        "shadow": shadow,
        "choose_among": 3,
        "progressive": 0.6,
    }
    sets = [0, 0, 0, *[-1] * 21]
    items, decisions = sit(plan_of(THREE, HOMES, sets=sets, **rest), seed=5)
    again, found = sit(plan_of(THREE, HOMES, sets=sets, **rest), seed=5)
    assert items == again
    for one, other in zip(decisions[:-1], found[:-1], strict=True):
        assert one.pick is not None
        assert other.pick is not None
        assert (one.pick.gain, one.pick.rank, one.pick.candidates) == (
            other.pick.gain,
            other.pick.rank,
            other.pick.candidates,
        )
        assert one.pick.gains.tobytes() == other.pick.gains.tobytes()


def test_items_of_a_set_follow_each_other_until_its_least_number_is_given() -> None:
    """The first of a set owes two more; the third may be the last."""
    plan = plan_of(rules([0], length=(0, 9)), [0] * 8, sets=[0, 0, 0, 0, -1, -1, -1, -1], set_size=(3, 3))
    begun = assess(plan, everything(plan), [4, 1], [1, 0])
    assert np.flatnonzero(begun.eligible).tolist() == [0, 2, 3]
    assert begun.ahead.needed == 2
    ended = assess(plan, everything(plan), [4, 1, 0, 2], [1, 0, 1, 1])
    assert np.flatnonzero(ended.eligible).tolist() == [5, 6, 7]
    assert ended.ahead.needed == 0


def test_a_set_that_was_left_is_closed() -> None:
    plan = plan_of(rules([0], length=(0, 9)), [0] * 6, sets=[0, 0, 0, -1, -1, -1])
    state = assess(plan, everything(plan), [0, 1, 3], [1, 1, 1])
    assert np.flatnonzero(state.eligible).tolist() == [4, 5]


def test_a_set_too_small_or_too_long_for_what_is_left_is_not_entered() -> None:
    small = plan_of(rules([0], length=(0, 9)), [0] * 4, sets=[0, 1, 1, -1])
    assert np.flatnonzero(assess(small, everything(small), [], []).eligible).tolist() == [1, 2, 3]
    late = plan_of(rules([0], length=(0, 2)), [0] * 4, sets=[0, 0, -1, -1])
    assert np.flatnonzero(assess(late, everything(late), [2], [1]).eligible).tolist() == [3]


def test_a_precise_test_does_not_end_inside_a_set() -> None:
    plan = plan_of(rules([0], length=(0, 9)), [0] * 5, sets=[0, 0, 0, -1, -1], set_size=(2, 4), se_target=2.0)
    assert decide(plan, everything(plan), 1, [3, 0], [1, 1]).stop is None
    assert decide(plan, everything(plan), 1, [3, 0, 2], [1, 1, 1]).stop is StopReason.PRECISION


@pytest.mark.parametrize("shadow", [False, True], ids=["one by one", "shadow test"])
def test_a_precise_test_goes_on_with_the_set_that_it_has_opened(*, shadow: bool) -> None:
    """No count asks for anything more: the set alone does."""
    plan = plan_of(rules([0], length=(0, 2)), [0] * 5, sets=[-1, 0, 0, 0, 0], se_target=2.0, shadow=shadow)
    decision = decide(plan, everything(plan), 1, [1], [1])
    assert decision.pick is not None
    assert decision.pick.item in {2, 3, 4}
    assert decision.pick.candidates == 3


# The shadow test.


def test_on_the_tree_the_best_of_the_shadow_test_is_the_best_item() -> None:
    plain, shadow = (plan_of(THREE, HOMES, shadow=shadow) for shadow in (False, True))
    assert sit(plain, seed=3)[0] == sit(shadow, seed=3)[0]


def test_the_shadow_test_draws_only_items_of_the_best_complete_test() -> None:
    """Two places only, one of them owed to the second competence: the two best of the first are not both in it."""
    bounds = rules([0, 0], length=(2, 2), competence=[(0, 2), (1, 2)])
    plan = plan_of(bounds, [0, 0, 0, 1], choose_among=3, shadow=True)
    picks = {decide(plan, everything(plan), seed, [], []).pick.item for seed in range(40)}  # type: ignore[union-attr]
    assert len(picks) == 2
    assert 3 in picks


def test_a_set_in_the_shadow_test_is_finished_before_another_item_is_given() -> None:
    """Four of the set are in the best test: it is not left after the two it owes."""
    bounds = rules([0, 1], length=(6, 6), domain=[(4, 4), (2, 2)], competence=[(4, 4), (2, 2)])
    plan = plan_of(bounds, [0] * 4 + [1] * 4, sets=[0, 0, 0, 0, -1, -1, -1, -1], shadow=True, choose_among=2)
    items, _ = sit(plan, seed=2)
    first = items.index(next(item for item in items if item < 4))
    assert {*items[first : first + 4]} == {0, 1, 2, 3}


# Decisions.


def test_a_decision_that_is_sure_in_every_domain_ends_the_test() -> None:
    bounds = rules([0, 1], length=(2, 20))
    plan = plan_of(bounds, [0, 1] * 10, cuts=(0.0,), certainty=0.8, criterion="classification")
    items, decisions = sit(plan, seed=8, always=0)
    assert decisions[-1].stop is StopReason.CLASSIFIED
    assert np.all(decisions[-1].state.certainty >= 0.8)
    assert all(np.any(decision.state.certainty < 0.8) for decision in decisions[2:-1])
    assert 2 <= len(items) < 20


def test_a_sure_decision_only_asks_what_the_rules_still_owe() -> None:
    plan = plan_of(THREE, HOMES, cuts=(-5.0,), certainty=0.9, criterion="classification")
    items, decisions = sit(plan, seed=1)
    assert (decisions[-1].stop, len(items)) == (StopReason.CLASSIFIED, 4)


def test_without_a_decision_no_certainty_is_computed() -> None:
    plan = plan_of(THREE, HOMES)
    assert assess(plan, everything(plan), [], []).certainty.size == 0


# Chance.


def test_a_progressive_start_is_random_at_first_and_by_worth_alone_at_the_end() -> None:
    plan = plan_of(rules([0], length=(8, 8)), [0] * 24, progressive=0.5)
    runs = [sit(plan, seed=seed)[1] for seed in range(12)]
    ranks = np.array([[decision.pick.rank for decision in run if decision.pick is not None] for run in runs])
    assert len(set(ranks[:, 0].tolist())) > 5
    assert np.all(ranks[:, 4:] == 1)
    assert ranks[:, 0].mean() > ranks[:, 2].mean()


def test_the_pick_says_its_worth_and_the_best_there_was() -> None:
    plan = plan_of(THREE, HOMES, progressive=1.0, choose_among=2)
    for decision in sit(plan, seed=4)[1][:-1]:
        assert decision.pick is not None
        assert decision.pick.gain <= decision.pick.best_gain
        assert decision.pick.rank >= 1
