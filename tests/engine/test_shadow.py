"""Complete tests by programs: the best one, its refusals, and the greedy way on the tree."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csc_array

from app.engine.plan import Plan
from app.engine.prospect import look_ahead
from app.engine.rest import rest_of
from app.engine.rule_program import Program, solve
from app.engine.shadow import can_be_completed, lengths, shadow_test
from app.engine.shadow_pick import best_in_shadow
from tests.engine.plans import MANY, everything, ints, keeps_every_rule, plan_of, plans, rules


@given(plans().filter(lambda plan: plan.on_tree), st.integers(0, 999), st.booleans())
@settings(max_examples=MANY)
def test_on_the_tree_taking_the_best_again_and_again_gives_the_shadow_test(
    plan: Plan,
    seed: int,
    shortest: bool,  # noqa: FBT001 - hypothesis draws it
) -> None:
    rest = rest_of(plan, everything(plan), ints())
    ahead = look_ahead(plan, rest)
    if ahead.broken is not None:
        return
    worth = np.random.default_rng(seed).random(plan.size)
    further = ahead.needed if shortest else ahead.possible
    greedy = best_in_shadow(plan, rest, worth, further=further, wanted=99)
    assert greedy.tolist() == shadow_test(plan, rest, worth, further=further).tolist()


def test_the_best_complete_test_may_leave_out_the_best_item() -> None:
    """The best item excludes two good ones."""
    plan = plan_of(rules([0, 0], length=(2, 2)), [0, 1, 1, 0], pairs=[(0, 1), (0, 2)])
    worth = np.array([1.0, 0.9, 0.8, 0.1])
    rest = rest_of(plan, everything(plan), ints())
    assert shadow_test(plan, rest, worth, further=2).tolist() == [1, 2]
    assert best_in_shadow(plan, rest, worth, further=2, wanted=1).tolist() == [1]


def test_what_it_takes_of_the_open_set_comes_first() -> None:
    plan = plan_of(rules([0], length=(4, 4)), [0] * 6, sets=[0, 0, 0, -1, -1, -1])
    worth = np.array([0.5, 0.5, 0.4, 0.9, 0.9, 0.1])
    rest = rest_of(plan, everything(plan), ints(0))
    assert shadow_test(plan, rest, worth, further=3).tolist() == [3, 4, 1]
    assert best_in_shadow(plan, rest, worth, further=3, wanted=2).tolist() == [1]


def test_equal_items_are_taken_in_the_bank_s_order() -> None:
    plan = plan_of(rules([0], length=(3, 3)), [0] * 6, sets=[-1, -1, -1, -1, 0, 0])
    rest = rest_of(plan, everything(plan), ints())
    assert shadow_test(plan, rest, np.array([1.0, 1, 1, 1, 0, 0]), further=3).tolist() == [0, 1, 2]


def test_an_impossible_length_is_refused() -> None:
    plan = plan_of(rules([0], length=(0, 5)), [0] * 3)
    with pytest.raises(ValueError, match="further must be a length at which every rule can be kept, got 4"):
        shadow_test(plan, rest_of(plan, everything(plan), ints()), np.ones(3), further=4)


def test_the_lengths_of_no_test_are_refused() -> None:
    plan = plan_of(rules([0], length=(4, 5)), [0] * 3)
    with pytest.raises(ValueError, match="rest must leave a test that can be completed"):
        lengths(plan, rest_of(plan, everything(plan), ints()))


@pytest.mark.parametrize(("length", "complete"), [((0, 5), True), ((1, 5), False)])
def test_with_no_item_left_only_what_was_given_counts(length: tuple[int, int], *, complete: bool) -> None:
    plan = plan_of(rules([0], length=length), [0])
    assert can_be_completed(plan, rest_of(plan, ~everything(plan), ints())) is complete


def test_halves_that_a_relaxation_would_give_are_made_whole() -> None:
    """Five items in a ring of enemies: halves of all would be two and a half, two is the most."""
    ring = [(place, (place + 1) % 5) for place in range(5)]
    plan = plan_of(rules([0], length=(0, 5)), [0] * 5, pairs=ring)
    assert lengths(plan, rest_of(plan, everything(plan), ints())) == (0, 2)


def test_a_solver_that_gives_up_is_not_believed() -> None:
    endless = Program(csc_array(np.ones((1, 1))), np.zeros(1), np.full(1, np.inf), np.full(1, np.inf))
    with pytest.raises(RuntimeError, match="the solver gave up: "):
        solve(endless, np.array([-1.0]))


@pytest.mark.parametrize("size", [9, 13])
def test_the_best_of_a_tangle_of_enemies_is_found(size: int) -> None:
    """Nearly every second pair excludes each other; against every choice of the greatest length."""
    rng = np.random.default_rng(size)
    pairs = [(one, other) for one in range(size) for other in range(one) if rng.random() < 0.45]
    plan, worth = plan_of(rules([0], length=(0, size)), [0] * size, pairs=pairs), 1 + 0.1 * rng.random(size)
    rest = rest_of(plan, everything(plan), ints())
    _, most = lengths(plan, rest)
    peaceful = [way for way in combinations(range(size), most) if keeps_every_rule(plan, way)]
    best = max(float(worth[list(way)].sum()) for way in peaceful)
    found = shadow_test(plan, rest, worth, further=most)
    assert float(worth[found].sum()) == pytest.approx(best, abs=1e-9)
    assert not any(keeps_every_rule(plan, way) for way in combinations(range(size), most + 1))


@pytest.mark.parametrize(("total", "whole"), [(9.0, False), (8.0, True)])
def test_what_a_few_branches_leave_open_the_solver_s_own_search_decides(total: float, *, whole: bool) -> None:
    """Pairs that add up to an odd number: every relaxation is feasible, for long, and no whole solution is."""
    worth = np.sqrt(np.arange(2.0, 12.0))
    row = csc_array(np.vstack([np.full(10, 2.0), np.arange(10.0)]))
    program = Program(row, np.array([total, 17.0]), np.array([total, 17.0]), np.ones(10))
    found = solve(program, -worth)
    fours = [way for way in combinations(range(10), 4) if sum(way) == 17]
    best = max(float(worth[list(way)].sum()) for way in fours)
    assert (found is not None) == whole
    assert found is None or float(worth @ found) == pytest.approx(best)
