"""Why a test stops, and how much is left until then."""

from dataclasses import replace
from typing import Any

import numpy as np

from app.engine.stopping import StopReason
from app.sessions.flow import decide, remaining
from itembank.model import Parameters
from tests.builders import make_item, make_items, make_pool
from tests.sessions.courses import SHORT, course_of, rng
from tests.sessions.simulated import at_random, sit

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


def test_a_test_for_a_decision_stops_when_every_domain_is_sure_enough() -> None:
    course = course_of(certainty=0.8, cut_levels=[4], criterion="classification", se_target=0.05)
    sitting = sit(course, lambda _: 0)
    assert (sitting.stopped, len(sitting.items)) == (StopReason.CLASSIFIED, 20)
    assert np.all(sitting.decisions[-1].state.certainty >= 0.8)


def test_questions_of_a_case_follow_each_other() -> None:
    items = [replace(item, stimulus="SN1.1-cas") if place < 3 else item for place, item in enumerate(make_items(8))]
    limits = {"SN1.1": {"at_least": 7, "at_most": 8}}
    sitting = sit(course_of(make_pool(items), criterion="random", limits=limits), at_random(course_of(), rng(5)))
    places = [place for place, item in enumerate(sitting.items) if item < 3]
    assert len(places) in {2, 3}
    assert places == list(range(places[0], places[0] + len(places)))


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


def test_a_decision_may_be_sure_at_any_moment() -> None:
    """By precision alone some twenty questions would be missing."""
    rules: dict[str, Any] = {"se_target": 0.4, "length": {"at_least": 5, "at_most": 60}, "per_domain": {}}
    precise, sure = course_of(**rules), course_of(**rules, certainty=0.8)
    found = []
    for course in (precise, sure):
        decision = decide(course, (), ())
        assert decision.pick is not None
        found.append(remaining(course, decision.state, decision.pick))
    assert found[1] == (12, found[0][1])
    assert found[0][0] > 12


def test_when_nothing_is_missing_what_is_owed_is_left() -> None:
    course = course_of(se_target=1.0)
    decision = decide(course, (), ())
    assert decision.pick is not None
    assert remaining(course, decision.state, decision.pick) == (20, 20)
