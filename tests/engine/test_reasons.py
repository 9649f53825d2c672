"""Why an item was picked: its place, and what kept each better one from being given."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine.plan import CRITERIA, Plan
from app.engine.reasons import Cause, Reasons, explain
from app.engine.sitting import decide
from tests.engine.plans import everything, plan_of, plans, rules

FREE = rules([0], length=(1, 8))


def reasons(plan: Plan, *items: int, seed: int = 1, **rest: Any) -> Reasons:
    found = explain(plan, rest.get("allowed", everything(plan)), seed, items, [0] * len(items))
    assert found is not None
    return found


def causes(found: Reasons) -> dict[int, Cause]:
    return dict(zip(found.better.tolist(), found.causes, strict=True))


def best_first(plan: Plan) -> list[int]:
    """The items of a plan whose rules bar none, by falling worth."""
    return sorted(range(plan.size), key=lambda item: -_worth(plan, item))


def _worth(plan: Plan, item: int) -> float:
    alone = np.arange(plan.size) == item
    pick = decide(plan, alone, 1, [], []).pick
    assert pick is not None
    return pick.gain


@given(plans(), st.integers(0, 50))
@settings(max_examples=80)
def test_the_reasons_are_those_of_the_pick(plan: Plan, seed: int) -> None:
    decision = decide(plan, everything(plan), seed, [], [])
    found = explain(plan, everything(plan), seed, [], [])
    assert (found is None) == (decision.pick is None)
    if found is not None and decision.pick is not None:
        assert (found.item, found.worth, found.criterion) == (decision.pick.item, decision.pick.gain, "variance")
        assert found.rank == len(found.causes) + 1 == found.better.size + 1
        assert found.item not in found.better


@pytest.mark.parametrize("criterion", CRITERIA)
def test_the_best_item_needs_no_excuse(criterion: str) -> None:
    found = reasons(plan_of(FREE, [0] * 6, criterion=criterion, cuts=(0.0,)))
    assert (found.criterion, found.rank, found.causes) == (criterion, 1, ())


def test_a_test_that_ends_has_no_reasons_for_a_pick() -> None:
    plan = plan_of(rules([0], length=(1, 1)), [0, 0])
    assert explain(plan, everything(plan), 1, [0], [1]) is None


def test_better_items_set_aside_for_the_sitting_are_said_so() -> None:
    plan = plan_of(FREE, [0] * 6)
    order = best_first(plan)
    found = reasons(plan, allowed=~np.isin(np.arange(6), order[:2]))
    assert (found.item, found.rank) == (order[2], 3)
    assert causes(found) == dict.fromkeys(order[:2], Cause.SET_ASIDE)


def test_enemies_of_what_was_given_are_said_so() -> None:
    order = best_first(plan_of(FREE, [0] * 6))
    plan = plan_of(FREE, [0] * 6, pairs=[(order[0], order[-1])])
    assert causes(reasons(plan, order[-1])) == {order[0]: Cause.ENEMY}


def test_items_whose_competence_is_full_are_said_so() -> None:
    plan = plan_of(rules([0, 0], length=(1, 8), competence=[(0, 0), (0, 8)]), [0, 0, 0, 1])
    best = best_first(plan_of(rules([0, 0], length=(1, 8)), [0, 0, 0, 1]))
    assert causes(reasons(plan)) == dict.fromkeys(best[: best.index(3)], Cause.CONTENT)
    assert best[0] != 3


def test_items_after_which_a_rule_would_break_are_said_so() -> None:
    """The best item excludes the only one of a competence that is owed."""
    owed = rules([0, 0], length=(1, 8), competence=[(0, 8), (1, 8)])
    best = best_first(plan_of(rules([0, 0], length=(1, 8)), [0, 0, 0, 1]))[0]
    assert causes(reasons(plan_of(owed, [0, 0, 0, 1], pairs=[(best, 3)]))) == {best: Cause.INFEASIBLE}


def test_the_draw_below_the_best_is_said_so() -> None:
    plan = plan_of(FREE, [0] * 6, choose_among=4)
    found = [reasons(plan, seed=seed) for seed in range(20)]
    assert max(one.rank for one in found) > 1
    assert {cause for one in found for cause in one.causes} == {Cause.CHANCE}


def test_what_is_no_longer_owed_is_said_so() -> None:
    plan = plan_of(rules([0, 0], length=(1, 8), competence=[(0, 8), (1, 8)]), [0, 0, 0, 1], se_target=5.0)
    found = reasons(plan)
    assert found.item == 3
    assert found.rank > 1
    assert set(found.causes) == {Cause.NOT_OWED}


def test_items_outside_the_set_being_given_and_of_one_that_was_left_are_said_so() -> None:
    order = best_first(plan_of(FREE, [0] * 6))
    sets = [0 if item in order[3:] else -1 for item in range(6)]
    plan = plan_of(FREE, [0] * 6, sets=sets)
    found = reasons(plan, order[5])
    assert found.item in order[3:5]
    assert set(order[:3]) & set(found.better.tolist())
    assert set(found.causes) <= {Cause.SET}
    left = plan_of(FREE, [0] * 6, sets=[0 if item in order[:3] else -1 for item in range(6)], set_size=(1, 3))
    assert causes(reasons(left, order[2], order[5])) == dict.fromkeys(order[:2], Cause.SET)


def test_sets_too_small_to_be_opened_are_said_so() -> None:
    best = best_first(plan_of(FREE, [0] * 6))[0]
    plan = plan_of(FREE, [0] * 6, sets=[0 if item == best else -1 for item in range(6)])
    assert causes(reasons(plan)) == {best: Cause.SET}


def test_items_outside_the_best_complete_test_are_said_so() -> None:
    """Two places, one of them owed to the fourth item: the draw is between it and the best of the others."""
    bounds = rules([0, 0], length=(2, 2), competence=[(0, 2), (1, 2)])
    best = best_first(plan_of(rules([0, 0], length=(1, 2)), [0, 0, 0, 1]))
    plan = plan_of(bounds, [0, 0, 0, 1], choose_among=3, shadow=True)
    found = next(one for one in (reasons(plan, seed=seed) for seed in range(40)) if one.item == 3)
    above = best[: best.index(3)]
    assert causes(found) == {item: Cause.CHANCE if item == best[0] else Cause.NOT_IN_SHADOW for item in above}


def test_a_better_item_may_be_too_dear() -> None:
    best = best_first(plan_of(FREE, [0] * 6))
    price = np.zeros(6)
    price[best[0]] = 5.0
    found = reasons(plan_of(FREE, [0] * 6, price=price))
    assert (found.item, found.rank) == (best[1], 2)
    assert causes(found) == {best[0]: Cause.PRICE}
