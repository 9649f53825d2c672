"""The rules of a test, kept to the end of every sitting and over a whole campaign."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.bank.pool import Pool
from app.engine.exposure import draw_ineligible, eligibility
from app.engine.stopping import StopReason
from app.sessions.flow import Course, make_course
from app.sessions.policy import Policy
from tests.builders import make_items, make_policy, make_pool
from tests.sessions.courses import SHORT, rng
from tests.sessions.simulated import Sitting, at_random, sit

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
    pool, rules = course.pool, course.plan.blueprint
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


@pytest.mark.parametrize("sittings", [800, pytest.param(2000, marks=pytest.mark.nightly)])
def test_the_exposure_cap_holds_over_a_campaign_of_five_domains(sittings: int) -> None:
    """Sittings of six questions from 200: none is seen by more than 30 % within the Monte-Carlo error."""
    pool, draw = make_pool(make_items(17)[:200]), rng(30)
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
