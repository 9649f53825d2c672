"""The test itself: replayable to the bit, within its rules to the end, honest about what it knows."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.bank.pool import Pool
from app.bank.provisional import judged
from app.engine.exposure import draw_ineligible, eligibility
from app.engine.grid import Floats
from app.engine.report import interval
from app.engine.stopping import StopReason
from app.sessions.flow import Course, Decision, advance, assess, decide, make_course, prior_for, remaining, shown_order
from app.sessions.policy import Policy
from itembank.grade import UnreadableResponse
from itembank.model import Item, Parameters
from tests.builders import make_item, make_items, make_policy, make_pool
from tests.engine.brute import curve
from tests.sessions.simulated import Answering, Sitting, at_random, sit

POOL = make_pool(make_items(8))
SHORT: dict[str, Any] = {
    "length": {"at_least": 0, "at_most": 8},
    "per_domain": {"at_most": 8},
    "per_competence": {"at_most": 8},
}


def course_of(pool: Pool = POOL, *, seed: int = 7, ineligible: frozenset[str] = frozenset(), **rules: Any) -> Course:
    return make_course(pool, make_policy(**rules), seed=seed, ineligible=ineligible)


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


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


# What is picked, and why.


def test_the_pick_says_why() -> None:
    decision = first_decision(choose_among=5)
    pick = decision.pick
    assert pick is not None
    assert 1 <= pick.rank <= 5
    assert pick.candidates == len(POOL.items)
    assert pick.gain <= pick.best_gain
    assert (pick.gain == pick.best_gain) == (pick.rank == 1)
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


# Why it stops.


def test_a_test_stops_at_its_greatest_length() -> None:
    sitting = sit(course_of(se_target=0.01), at_random(course_of(), rng()))
    assert (sitting.stopped, len(sitting.items)) == (StopReason.MAX_ITEMS, 30)


def test_a_test_stops_when_every_domain_is_precise_enough_but_not_before_its_least_length() -> None:
    sitting = sit(course_of(se_target=0.9), at_random(course_of(), rng()))
    assert (sitting.stopped, len(sitting.items)) == (StopReason.PRECISION, 20)
    assert np.all(sitting.decisions[-1].state.posterior.sd <= 0.9)


def test_a_precise_test_only_asks_what_its_rules_still_owe() -> None:
    """Every domain is precise from the start: the test is as short as its minimums allow."""
    minimums: dict[str, Any] = {"length": {"at_least": 0, "at_most": 30}, "per_domain": {"at_least": 3, "at_most": 10}}
    sitting = sit(course_of(se_target=1.0, **minimums), at_random(course_of(), rng()))
    assert (sitting.stopped, len(sitting.items)) == (StopReason.PRECISION, 15)


def test_a_test_stops_when_the_bank_is_exhausted() -> None:
    pool = make_pool(make_items(1))
    sitting = sit(course_of(pool, length={"at_least": 5, "at_most": 30}, per_domain={}, se_target=0.1), lambda _: 0)
    assert (sitting.stopped, len(sitting.items)) == (StopReason.NO_ITEM, 12)


def test_rules_that_the_bank_cannot_keep_stop_the_test_before_it_starts_and_are_named() -> None:
    decision = decide(course_of(make_pool(make_items(1))), (), ())
    assert (decision.stop, decision.pick) == (StopReason.NO_ITEM, None)
    assert decision.state.ahead.broken == "domain 1"


def test_enemies_that_leave_too_few_items_are_counted_before_the_start() -> None:
    items = [make_item(f"SN1.1-00{n}", enemies=[f"SN1.1-00{m}" for m in (1, 2, 3) if m != n]) for n in (1, 2, 3)]
    limits = {"SN1.1": {"at_least": 2, "at_most": 3}}
    decision = decide(course_of(make_pool(items), limits=limits, **SHORT), (), ())
    assert decision.state.ahead.broken == "competence 0"


def test_a_question_whose_enemies_are_needed_is_not_picked() -> None:
    """The best item would take the last two of another competence with it."""
    strong = Parameters("2pl", 2.5, (0.0,), 0.0, None)
    items = [
        make_item("SN1.1-001"),
        make_item("SN1.1-002", parameters=strong, enemies=("SN1.2-001", "SN1.2-002")),
        make_item("SN1.2-001"),
        make_item("SN1.2-002"),
    ]
    limits = {"SN1.2": {"at_least": 1, "at_most": 2}}
    course = course_of(make_pool(items), choose_among=1, limits=limits, **SHORT)
    pick = decide(course, (), ()).pick
    assert pick is not None
    assert pick.item != 1
    assert 1 not in sit(course, lambda _: 1).items


def test_a_log_after_which_only_enemies_could_follow_has_no_pick() -> None:
    """Two questions that exclude each other in turn, both owed: whatever is asked, a rule breaks."""
    items = [
        make_item("SN1.1-001", enemies=("SN1.2-001",)),
        make_item("SN1.2-001"),
    ]
    limits = {"SN1.1": {"at_least": 1, "at_most": 1}, "SN1.2": {"at_least": 1, "at_most": 1}}
    decision = decide(course_of(make_pool(items), limits=limits, **SHORT), (), ())
    assert (decision.stop, decision.pick) == (StopReason.NO_ITEM, None)


# How much is left.


def test_the_questions_left_are_within_what_the_rules_and_the_bank_allow() -> None:
    course = course_of(se_target=0.4)
    sitting = sit(course, at_random(course, rng(2)))
    for given_, decision in enumerate(sitting.decisions[:-1]):
        assert decision.pick is not None
        low, high = remaining(course, decision.state, decision.pick)
        assert max(decision.state.ahead.needed, 1) <= low <= high <= 30 - given_


def test_the_questions_left_never_exceed_those_in_the_bank() -> None:
    course = course_of(make_pool([make_item("SN1.1-001"), make_item("SN1.1-002")]), se_target=0.05, **SHORT)
    decision = decide(course, (), ())
    assert decision.pick is not None
    assert remaining(course, decision.state, decision.pick) == (2, 2)


def test_when_nothing_is_missing_what_is_owed_is_left() -> None:
    course = course_of(se_target=1.0)
    decision = decide(course, (), ())
    assert decision.pick is not None
    assert remaining(course, decision.state, decision.pick) == (20, 20)


# Whole sittings on random rules and banks.


def bank_with_enemies(size: int, seed: int, pairs: list[tuple[int, int]]) -> Pool:
    """Few items per competence; pairs of enemies within and across competences."""
    items = list(make_items(size, seed=seed))
    for first, second in pairs:
        one, other = items[first % len(items)], items[second % len(items)]
        items[first % len(items)] = replace(one, enemies=one.enemies | {other.id})
    return make_pool(items)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    low = draw(st.integers(0, 14))
    return make_policy(
        length={"at_least": low, "at_most": draw(st.integers(max(low, 1), 18))},
        per_domain={"at_least": draw(st.integers(0, 2)), "at_most": draw(st.integers(2, 6))},
        per_competence={"at_least": draw(st.integers(0, 1)), "at_most": draw(st.integers(1, 4))},
        se_target=draw(st.sampled_from([0.3, 0.7, 0.9])),
        choose_among=draw(st.integers(1, 6)),
        loading=draw(st.sampled_from([0.0, 0.5, 0.9])),
    )


def assert_rules_kept(course: Course, sitting: Sitting) -> None:
    pool, rules = course.pool, course.blueprint
    assert len(set(sitting.items)) == len(sitting.items)
    assert not any(other in pool.enemies[item] for item in sitting.items for other in sitting.items)
    taken = np.bincount(pool.competence[list(sitting.items)], minlength=12).astype(np.intp)
    in_domain = np.bincount(rules.domain_of, weights=taken, minlength=5)
    assert rules.length[0] <= len(sitting.items) <= rules.length[1]
    assert np.all((rules.competence[:, 0] <= taken) & (taken <= rules.competence[:, 1]))
    assert np.all((rules.domain[:, 0] <= in_domain) & (in_domain <= rules.domain[:, 1]))


@given(
    st.integers(2, 5),
    st.integers(0, 50),
    st.lists(st.tuples(st.integers(0, 59), st.integers(0, 59)), max_size=12),
    policies(),
)
@settings(max_examples=60)
def test_a_sitting_never_breaks_a_rule_repeats_an_item_or_strands(
    size: int, seed: int, pairs: list[tuple[int, int]], policy: Policy
) -> None:
    pool = bank_with_enemies(size, seed, pairs)
    course = make_course(pool, policy, seed=seed, ineligible=frozenset())
    sitting = sit(course, at_random(course, rng(seed)))
    if sitting.decisions[0].state.ahead.broken is not None:
        assert (sitting.stopped, sitting.items) == (StopReason.NO_ITEM, ())
        return
    assert_rules_kept(course, sitting)
    assert all(decision.state.ahead.broken is None for decision in sitting.decisions)
    if sitting.stopped is StopReason.NO_ITEM:
        assert sitting.decisions[-1].state.ahead.possible == 0


# Exposure.


def test_the_exposure_cap_holds_over_a_campaign_of_five_domains() -> None:
    """2,000 sittings of six questions from 200: none is seen by more than 30 % within the Monte-Carlo error."""
    pool, draw, sittings = make_pool(make_items(17)[:200]), rng(30), 2000
    given_, eligible = np.zeros(200), np.zeros(200)
    policy = make_policy(**{**SHORT, "length": {"at_least": 6, "at_most": 6}}, choose_among=1, exposure_cap=0.3)
    for number in range(sittings):
        aside = draw_ineligible(eligibility(given=given_, eligible=eligible, cap=0.3), draw)
        names = frozenset(pool.items[i].id for i in aside)
        course = make_course(pool, policy, seed=number, ineligible=names)
        sitting = sit(course, at_random(course, draw))
        eligible += course.allowed
        given_[list(sitting.items)] += 1
    assert (given_ / sittings).max() <= 0.3 + 3 * np.sqrt(0.3 * 0.7 / sittings)
    assert (given_ / sittings).max() > 0.25


# Honest intervals.


def belief(item: Item) -> tuple[str, Floats, Floats]:
    """Model, mean, and a root of the covariance of an untried item's transformed parameters."""
    model, mean, covariance = judged(item, POOL.framework)
    return model, mean, np.asarray(np.linalg.cholesky(covariance), dtype=np.float64)


def examinee(theta: Floats, draw: np.random.Generator) -> Answering:
    """Someone of these abilities, for whom each item's true parameters are drawn from what is believed of it."""

    def answer(index: int) -> int:
        model, mean, root = BELIEFS[index]
        x = mean + root @ draw.normal(size=mean.size)
        guess, steps = (1 / (1 + np.exp(-x[2])), x[1:2]) if model == "3pl" else (0.0, x[1:])
        ability = theta[POOL.tables.domain[index] : POOL.tables.domain[index] + 1]
        chances = curve(ability, a=float(np.exp(x[0])), b=steps.tolist(), c=float(guess))[:, 0]
        return int(np.searchsorted(np.cumsum(chances), draw.random()))

    return answer


BELIEFS = [belief(item) for item in POOL.items]


def coverage(sittings: int, *, seed: int, **rules: Any) -> tuple[float, float]:
    """Share of 95 % intervals over five domains that hold the true ability, and its Monte-Carlo error."""
    draw, policy = rng(seed), make_policy(**rules)
    inside = np.zeros((sittings, 5))
    for number in range(sittings):
        course = make_course(POOL, policy, seed=number, ineligible=frozenset())
        loading = course.prior.loadings
        theta = loading * draw.normal() + np.sqrt(1 - loading**2) * draw.normal(size=5)
        found = sit(course, examinee(theta, draw)).decisions[-1].state.posterior
        for d in range(5):
            low, high = interval(found.domain[d], course.prior.grid)
            inside[number, d] = low <= theta[d] <= high
    return float(inside.mean()), float(inside.mean(axis=1).std() / np.sqrt(sittings))


def test_intervals_of_short_adaptive_tests_are_honest() -> None:
    found, error = coverage(4000, seed=95, **{**SHORT, "length": {"at_most": 6}})
    assert 3 * error < 0.01
    assert 0.94 <= found <= 0.96


@pytest.mark.nightly
def test_intervals_of_full_adaptive_tests_are_honest() -> None:
    found, error = coverage(6000, seed=96)
    assert 3 * error < 0.01
    assert 0.94 <= found <= 0.96
