"""Eligibility: the formula, and the cap kept over a campaign."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.exposure import choose_among_best, draw_ineligible, eligibility, partly_random, readmit
from app.engine.grid import Ints, make_grid
from app.engine.plan import Plan
from app.engine.posterior import posterior
from app.engine.prior import second_order_prior
from app.engine.selection import expected_gain, influence
from app.engine.sitting import decide
from tests.engine.bank import tables_of
from tests.engine.brute import Array
from tests.engine.plans import plan_of, rules
from tests.strategies import LoggedItem


def test_eligibility_is_the_cap_times_eligible_over_given() -> None:
    given, eligible = np.array([0.0, 10.0, 40.0, 80.0]), np.array([0.0, 100.0, 100.0, 100.0])
    assert eligibility(given=given, eligible=eligible, cap=0.3) == pytest.approx([1.0, 1.0, 0.75, 0.375])


def test_an_item_that_the_next_sitting_would_bring_above_the_cap_is_out() -> None:
    given, eligible = np.array([0.0, 29.0, 30.0, 31.0]), np.full(4, 100.0)
    found = eligibility(given=given, eligible=eligible, cap=0.3, sittings=99)
    assert found == pytest.approx([1.0, 1.0, 0.0, 0.0])


@pytest.mark.parametrize("sittings", [0, 1, 7])
def test_what_was_never_given_is_in_whatever_the_cap(sittings: int) -> None:
    never = np.zeros(2)
    assert eligibility(given=never, eligible=never, cap=0.01, sittings=sittings).tolist() == [1, 1]


def test_under_a_cap_of_one_everybody_may_see_every_item() -> None:
    always = np.array([9.0])
    assert eligibility(given=always, eligible=always, cap=1, sittings=9).tolist() == [1]


def test_a_cap_of_one_sets_nothing_aside() -> None:
    assert eligibility(given=np.array([5.0, 9.0]), eligible=np.array([9.0, 9.0]), cap=1).tolist() == [1, 1]


@pytest.mark.parametrize("cap", [0.0, -0.1, 1.01, np.nan])
def test_a_cap_outside_zero_to_one_is_refused(cap: float) -> None:
    with pytest.raises(ValueError, match=rf"cap must be in \(0, 1\], got {cap}"):
        eligibility(given=np.zeros(1), eligible=np.zeros(1), cap=cap)


def test_an_item_given_more_often_than_eligible_is_refused_by_its_number() -> None:
    with pytest.raises(ValueError, match=r"item 1: given 3\.0 times but eligible only 2\.0 times"):
        eligibility(given=np.array([1.0, 3.0]), eligible=np.array([2.0, 2.0]), cap=0.5)


def test_items_are_set_aside_as_often_as_their_probability_says() -> None:
    rng = np.random.default_rng(8)
    probability = np.array([0.0, 0.25, 0.9, 1.0])
    counts = np.zeros(4)
    for _ in range(4000):
        counts[draw_ineligible(probability, rng)] += 1
    assert counts[[0, 3]].tolist() == [4000, 0]
    assert counts / 4000 == pytest.approx(1 - probability, abs=0.03)


def test_the_choice_is_even_among_the_best() -> None:
    rng = np.random.default_rng(8)
    drawn = np.bincount([choose_among_best(np.arange(50), rng, best=4) for _ in range(4000)], minlength=50)
    assert drawn[4:].sum() == 0
    assert drawn[:4] / 4000 == pytest.approx(0.25, abs=0.03)


def test_fewer_candidates_than_asked_are_all_drawn() -> None:
    rng = np.random.default_rng(8)
    assert {choose_among_best(np.arange(2), rng, best=9) for _ in range(60)} == {0, 1}


def test_choosing_from_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="ranked must hold at least one item"):
        choose_among_best(np.empty(0, dtype=np.intp), np.random.default_rng(0), best=3)


def test_the_cap_holds_over_a_campaign() -> None:
    """2,500 sittings of 8 questions from 200, always the best one: without the cap the first is in every sitting."""
    rng = np.random.default_rng(200)
    items = [LoggedItem(0, float(np.exp(rng.normal(0, 0.3))), (float(rng.normal()),), 0.0, 0) for _ in range(200)]
    tables, prior = tables_of(items, domains=1), second_order_prior(make_grid(), (0.0,))
    given, eligible, sittings = np.zeros(200), np.zeros(200), 2500
    for _ in range(sittings):
        allowed = np.ones(200, dtype=np.bool_)
        allowed[draw_ineligible(eligibility(given=given, eligible=eligible, cap=0.3), rng)] = False
        eligible += allowed
        theta, likelihood = rng.normal(), np.zeros((1, 61))
        for _ in range(8):
            post = posterior(prior, likelihood)
            gain = expected_gain(tables, post, influence(prior, post), np.array([1.0, 0.0]))
            item = int(np.argmax(np.where(allowed, gain, -1.0)))
            allowed[item] = False
            given[item] += 1
            right = rng.random() < 1 / (1 + np.exp(-items[item].a * (theta - items[item].b[0])))
            likelihood[0] += tables.log_p[2 * item + int(right)]
    assert (given / sittings).max() <= 0.3 + 3 * np.sqrt(0.3 * 0.7 / sittings)
    assert np.sort(given / sittings)[-5:] == pytest.approx(0.3, abs=0.03)


# The progressive start.


def test_a_progressive_start_is_chance_alone_at_first_and_worth_alone_at_last() -> None:
    worth, everyone = np.array([1.0, 2.0, 3.0]), np.arange(3)
    first = partly_random(worth, everyone, np.random.default_rng(1), progress=0.0)
    np.testing.assert_array_equal(first, 3.0 * np.random.default_rng(1).random(3))
    for progress in (1.0, 1.7):
        assert partly_random(worth, everyone, np.random.default_rng(1), progress=progress) is worth


def test_between_them_chance_is_as_large_as_the_best_candidate_and_falls_with_progress() -> None:
    worth, candidates = np.array([0.5, 9.0, 2.0]), np.array([0, 2])
    mixed = partly_random(worth, candidates, np.random.default_rng(2), progress=0.25)
    np.testing.assert_allclose(mixed, 0.75 * 2.0 * np.random.default_rng(2).random(3) + 0.25 * worth)


def test_a_progress_below_none_is_refused() -> None:
    with pytest.raises(ValueError, match=r"progress must not be negative, got -0.1"):
        partly_random(np.ones(2), np.arange(2), np.random.default_rng(1), progress=-0.1)


# The cap over many sittings.


def shares(*, sittings: int, cap: float, **rest: Any) -> tuple[Array, Array]:
    """Share of sittings that saw each of forty items, eight at a time, without and with a cap."""
    plan = plan_of(rules([0], length=(8, 8)), [0] * 40, se_target=0.05, **rest)
    return _shares(plan, sittings, 1.0), _shares(plan, sittings, cap)


def _shares(plan: Plan, sittings: int, cap: float) -> Array:
    rng, given, eligible = np.random.default_rng(6), np.zeros(plan.size), np.zeros(plan.size)
    for seed in range(sittings):
        chance = eligibility(given=given, eligible=eligible, cap=cap, sittings=seed)
        allowed = np.ones(plan.size, dtype=np.bool_)
        allowed[draw_ineligible(chance, rng)] = False
        items: list[int] = []
        while pick := decide(plan, allowed, seed, items, [(seed >> place) % 2 for place in range(len(items))]).pick:
            items.append(pick.item)
        eligible += allowed
        given[items] += 1
    return np.asarray(given / sittings)


@pytest.mark.parametrize(
    ("rest", "sittings"),
    [
        ({}, 600),
        ({"progressive": 0.5, "choose_among": 3}, 400),
        pytest.param({}, 6000, marks=pytest.mark.nightly),
        pytest.param({"progressive": 0.5, "choose_among": 3}, 6000, marks=pytest.mark.nightly),
    ],
    ids=["cap alone", "with chance", "cap alone, many", "with chance, many"],
)
def test_no_item_is_seen_by_more_than_a_quarter_of_the_sittings(rest: dict[str, Any], sittings: int) -> None:
    """Not even by chance, and the cap does bind; every item of the bank is used."""
    free, capped = shares(sittings=sittings, cap=0.25, **rest)
    assert free.max() > 0.8
    assert 0.24 < capped.max() <= 0.25
    assert np.all(capped > 0)


def test_a_progressive_start_spreads_what_is_seen() -> None:
    """Without chance most of the bank is never seen."""
    plain, chance = (_shares(plan_of(rules([0], length=(8, 8)), [0] * 40, progressive=p), 120, 1.0) for p in (0.0, 1.0))
    assert plain.max() == 1.0
    assert np.all(chance > 0)
    assert (plain > 0).sum() < 0.5 * plain.size


# Draws that the rules cannot be kept with.


@pytest.mark.parametrize(("most", "kept"), [(5, [4, 0, 2, 3, 1]), (4, [4, 0, 2, 3]), (2, [4, 0]), (0, [])])
def test_the_most_seen_have_the_first_claim_to_stay_aside(most: int, kept: list[int]) -> None:
    aside, seen = np.array([1, 3, 0, 4, 2]), np.array([5.0, 1.0, 3.0, 2.0, 9.0])
    assert readmit(aside, seen, lambda items: items.size <= most).tolist() == kept


def test_of_none_set_aside_none_comes_back() -> None:
    assert readmit(np.empty(0, dtype=np.intp), np.zeros(3), lambda _: False).size == 0


@given(st.lists(st.integers(0, 9), min_size=1, max_size=9), st.sets(st.integers(0, 8)), st.sets(st.integers(0, 8)))
def test_only_what_the_rules_cannot_do_without_comes_back(seen: list[int], one: set[int], other: set[int]) -> None:
    """Rules that need an item of each of two groups."""
    groups = [group for group in (one, other) if group & set(range(len(seen)))]

    def keepable(items: Ints) -> bool:
        return all(group & set(range(len(seen))) - set(items.tolist()) for group in groups)

    aside = np.arange(len(seen))
    stay = readmit(aside, np.array(seen, dtype=np.float64), keepable)
    assert keepable(stay)
    for item in set(aside.tolist()) - set(stay.tolist()):
        assert not keepable(np.append(stay, item))
