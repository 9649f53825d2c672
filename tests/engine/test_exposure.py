"""Eligibility: the formula, and the cap kept over a campaign."""

import numpy as np
import pytest

from app.engine.exposure import choose_among_best, draw_ineligible, eligibility
from app.engine.grid import make_grid
from app.engine.posterior import posterior
from app.engine.prior import second_order_prior
from app.engine.selection import expected_gain, influence
from tests.engine.bank import tables_of
from tests.strategies import LoggedItem


def test_eligibility_is_the_cap_times_eligible_over_given() -> None:
    given, eligible = np.array([0.0, 10.0, 40.0, 80.0]), np.array([0.0, 100.0, 100.0, 100.0])
    assert eligibility(given=given, eligible=eligible, cap=0.3) == pytest.approx([1.0, 1.0, 0.75, 0.375])


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
