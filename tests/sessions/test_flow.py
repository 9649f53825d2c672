"""The test itself: replayable to the bit, graded, and able to say why it picks what it picks."""

from typing import Any

import numpy as np
import pytest

from app.sessions.flow import Decision, advance, assess, decide, make_course, plan_for, prior_for, shown_order
from app.sessions.policy import Policy
from itembank.grade import UnreadableResponse
from tests.builders import make_item, make_items, make_policy, make_pool
from tests.sessions.courses import POOL, SHORT, course_of, rng
from tests.sessions.simulated import at_random, sit
from tests.sessions.test_rules_kept import bank_with_enemies


def first_decision(**rules: Any) -> Decision:
    return decide(course_of(**rules), (), ())


# The same log and seed give the same test.


def test_the_same_log_and_seed_give_the_same_pick_bit_for_bit() -> None:
    once = sit(course_of(), at_random(course_of(), rng()))
    again = course_of(make_pool(make_items(8)))
    for step, decision in enumerate(once.decisions[:-1]):
        found = decide(again, once.items[:step], once.scores[:step])
        assert found.pick is not None
        assert decision.pick is not None
        assert (found.pick.item, found.pick.rank, found.pick.gain) == (
            decision.pick.item,
            decision.pick.rank,
            decision.pick.gain,
        )
        assert found.state.posterior.domain.tobytes() == decision.state.posterior.domain.tobytes()
        assert found.pick.gains.tobytes() == decision.pick.gains.tobytes()


def test_rules_stored_by_an_earlier_version_still_give_the_test_they_gave_then() -> None:
    """Picks noted down from the first version's code, on a bank whose enemies lie across competences.

    Of questions worth exactly the same, that version took one by the last digit of a sum; now the bank's order decides.
    """
    pairs = [(0, 5), (1, 9), (3, 4), (12, 20), (20, 30), (7, 35)]
    earlier = {"length": {"at_least": 12, "at_most": 16}, "per_domain": {"at_least": 2, "at_most": 5}}
    policy = Policy.of_stored({**earlier, "per_competence": {"at_least": 1, "at_most": 2}, "se_target": 0.3})
    course = make_course(bank_with_enemies(3, 7, pairs), policy, seed=11, ineligible=frozenset())
    then = [10, 29, 18, 11, 22, 25, 7, 32, 3, 28, 20, 15, 1, 16, 34, 14]
    ranks = [2, 1, 1, 3, 5, 4, 4, 1, 2, 5, 3, 5, 1, 2, 4, 1]
    scores = [(place + 1) % 2 for place in range(len(then))]
    picks = [decide(course, then[:step], scores[:step]).pick for step in range(len(then))]
    assert [pick.rank for pick in picks if pick is not None] == ranks
    alike = course.pool.tables.alike
    assert [int(alike[pick.item]) for pick in picks if pick is not None] == alike[then].tolist()
    assert decide(course, then, scores).pick is None


def test_another_seed_gives_another_order() -> None:
    sittings = {sit(course_of(seed=seed), lambda _: 1).items for seed in range(8)}
    assert len(sittings) == 8


def test_choosing_among_one_leaves_nothing_to_the_seed() -> None:
    sittings = {sit(course_of(seed=seed, choose_among=1), lambda _: 1).items for seed in range(4)}
    assert len(sittings) == 1


def test_the_estimate_does_not_depend_on_the_order_of_the_log() -> None:
    sitting = sit(course_of(), at_random(course_of(), rng(3)))
    order = rng(4).permutation(len(sitting.items))
    mixed = assess(course_of(), [sitting.items[i] for i in order], [sitting.scores[i] for i in order])
    last = sitting.decisions[-1].state
    np.testing.assert_allclose(mixed.posterior.mean, last.posterior.mean, atol=1e-12)
    np.testing.assert_array_equal(mixed.eligible, last.eligible)
    np.testing.assert_array_equal(mixed.ahead.open, last.ahead.open)


def test_the_prior_is_built_once_for_equal_loadings() -> None:
    assert prior_for((0.5,) * 5) is prior_for((0.5,) * 5)


def test_a_plan_is_built_once_for_equal_rules_on_a_pool() -> None:
    assert plan_for(POOL, make_policy(se_target=0.5)) is plan_for(POOL, make_policy(se_target=0.5))
    assert plan_for(POOL, make_policy(se_target=0.5)) is not plan_for(POOL, make_policy(se_target=0.6))


def test_the_plan_is_what_the_rules_say() -> None:
    policy = make_policy(
        per_set={"at_least": 3, "at_most": 5},
        cut_levels=[6, 3],
        certainty=0.9,
        criterion="classification",
        selection="shadow",
        progressive=0.25,
    )
    plan = plan_for(POOL, policy)
    assert (plan.set_size, plan.certainty, plan.criterion) == ((3, 5), 0.9, "classification")
    assert (plan.shadow, plan.progressive, len(plan.bands)) == (True, 0.25, 3)


# What is picked, and why.


def test_the_pick_says_why() -> None:
    decision = first_decision(choose_among=5)
    pick = decision.pick
    assert pick is not None
    assert 1 <= pick.rank <= 5
    assert pick.candidates == len(POOL.items)
    assert pick.gain <= pick.best_gain
    assert pick.gain == pick.best_gain or pick.rank > 1
    assert pick.gains[:-1].sum() == pytest.approx(pick.gain, abs=1e-12)
    assert pick.gains.shape == (6,)


def test_each_of_the_best_is_picked_and_no_other() -> None:
    ranks = [decide(course_of(seed=seed, choose_among=3), (), ()).pick for seed in range(60)]
    assert {pick.rank for pick in ranks if pick} == {1, 2, 3}


def test_ties_go_to_the_first_item() -> None:
    twins = make_pool([make_item(f"SN1.1-{number:03}") for number in range(1, 6)])
    pick = decide(course_of(twins, choose_among=1, **SHORT), (), ()).pick
    assert pick is not None
    assert pick.item == 0


def test_items_set_aside_are_never_given() -> None:
    aside = frozenset(item.id for item in POOL.items[::2])
    sitting = sit(course_of(ineligible=aside, per_competence={"at_most": 10}), lambda _: 1)
    assert not {POOL.items[i].id for i in sitting.items} & aside


# Grading.


def test_an_answer_is_graded_and_followed_by_the_next_decision() -> None:
    pool = make_pool([make_item(f"SN1.1-{number:03}") for number in range(1, 4)])
    course = course_of(pool, **SHORT)
    step = advance(course, (1,), (0,), pending=2, response={"choice": "a"})
    assert step.score == 1
    assert step.decision.state.given.tolist() == [1, 2]
    assert step.decision.pick is not None
    assert step.decision.pick.item == 0


@pytest.mark.parametrize(("response", "score"), [(None, 0), ({"choice": "b"}, 0), ({"choice": "a"}, 1)])
def test_a_skip_counts_as_wrong(response: dict[str, str] | None, score: int) -> None:
    assert advance(course_of(make_pool([make_item()]), **SHORT), (), (), pending=0, response=response).score == score


@pytest.mark.parametrize("text", ["sécurité", "security"])
def test_a_short_answer_is_right_in_either_language(text: str) -> None:
    course = course_of(make_pool([make_item(type="short_text")]), **SHORT)
    assert advance(course, (), (), pending=0, response={"text": text}).score == 1


def test_an_unreadable_answer_is_refused() -> None:
    with pytest.raises(UnreadableResponse, match="choice"):
        advance(course_of(make_pool([make_item()])), (), (), pending=0, response={"text": "a"})


def test_a_score_that_the_item_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match=r"item 0: score must be in 0 … 1, got 2"):
        assess(course_of(make_pool([make_item()])), (0,), (2,))


# The order of the options.


def test_options_are_shown_in_an_order_of_the_seed_and_step() -> None:
    pool = make_pool([make_item(options=8)])
    orders = {
        (seed, step): shown_order(course_of(pool, seed=seed), 0, step) for seed in range(3) for step in range(1, 4)
    }
    assert all(sorted(order) == list(range(8)) for order in orders.values())
    assert len(set(orders.values())) == 9
    assert orders[2, 3] == shown_order(course_of(pool, seed=2), 0, 3)


def test_options_in_a_fixed_order_stay_in_it() -> None:
    assert shown_order(course_of(make_pool([make_item(shuffle=False)])), 0, 1) == (0, 1, 2, 3)


def test_every_option_comes_first_about_equally_often() -> None:
    pool = make_pool([make_item()])
    first = np.bincount([shown_order(course_of(pool, seed=seed), 0, 1)[0] for seed in range(2000)])
    assert first / 2000 == pytest.approx(0.25, abs=0.04)
