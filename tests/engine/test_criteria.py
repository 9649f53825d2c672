"""What a candidate is worth by each criterion, each computed again from its definition."""

from typing import Any, get_args

import numpy as np
import pytest

from app.engine.criteria import CRITERIA, Moment, domain_worth
from app.engine.information import curves_of
from app.engine.plan import CRITERIA as NAMES
from app.engine.plan import Plan
from app.engine.selection import influence
from app.engine.sitting import State, assess, decide
from app.sessions.policy import Criterion
from tests.engine.brute import Array
from tests.engine.plans import everything, plan_of, rules

FREE = rules([0, 1], length=(1, 12))
HOMES = [0, 1] * 8
ITEMS, SCORES = [0, 1, 4, 6], [1, 0, 1, 1]


def judged(criterion: str, *, worth: tuple[float, float] = (1.0, 0.5), seed: int = 1) -> tuple[Plan, State, Array]:
    plan = plan_of(FREE, HOMES, criterion=criterion, cuts=(-0.5, 0.5))
    state = assess(plan, everything(plan), ITEMS, SCORES)
    effect = influence(plan.prior, state.posterior)
    moment = Moment(state.posterior, effect, np.array(worth), np.array([3, 1]))
    return plan, state, CRITERIA[criterion](plan, moment, np.random.default_rng(seed))


def after_each_answer(plan: Plan, item: int) -> list[tuple[float, State]]:
    """Each way to answer an item: how probable it is, and where the sitting stands after it."""
    before = assess(plan, everything(plan), ITEMS, SCORES)
    rows = np.exp(plan.tables.log_p[plan.tables.first_row[item] : plan.tables.first_row[item + 1]])
    chance = rows @ before.posterior.domain[plan.tables.domain[item]]
    return [
        (float(p), assess(plan, everything(plan), [*ITEMS, item], [*SCORES, score])) for score, p in enumerate(chance)
    ]


def test_every_criterion_has_a_name_that_plans_and_policies_take() -> None:
    assert tuple(CRITERIA) == NAMES == get_args(Criterion)


def test_variance_is_the_expected_drop_of_the_domains_variances() -> None:
    plan, state, found = judged("variance")
    weights = np.array([1.0, 0.5])
    for item in (2, 3, 5, 7):
        after = sum(p * float(weights @ then.posterior.sd**2) for p, then in after_each_answer(plan, item))
        assert found[item] == pytest.approx(float(weights @ state.posterior.sd**2) - after, abs=1e-9)


def test_classification_is_the_expected_drop_of_the_bands_loss() -> None:
    plan, state, found = judged("classification")
    weights = np.array([1.0, 0.5])

    def loss(now: State) -> float:
        chance = now.posterior.domain @ plan.bands.T
        return float(weights @ (chance * (1 - chance)).sum(axis=1))

    for item in (2, 3, 5, 7):
        after = sum(p * loss(then) for p, then in after_each_answer(plan, item))
        assert found[item] == pytest.approx(loss(state) - after, abs=1e-9)


def test_information_counts_an_item_by_what_its_domain_is_worth() -> None:
    _, _, even = judged("information", worth=(1.0, 1.0))
    _, _, found = judged("information", worth=(1.0, 0.0))
    assert np.all(found[1::2] == 0.0)
    np.testing.assert_array_equal(found[::2], even[::2])


def slope_information(plan: Plan, item: int, theta: float) -> float:
    """Fisher information from differences of the model's log-probabilities, read off the curves at a tiny step."""
    curves, own = curves_of(plan.tables), slice(plan.tables.first_row[item], plan.tables.first_row[item + 1])
    low, here, high = (curves.log_p(theta + step)[own] for step in (-1e-4, 0.0, 1e-4))
    return float(np.exp(here) @ ((high - low) / 2e-4) ** 2)


def test_information_is_taken_at_the_expected_ability_of_each_domain() -> None:
    plan, state, found = judged("information", worth=(1.0, 1.0))
    literal = [slope_information(plan, item, float(state.posterior.mean[item % 2])) for item in range(plan.size)]
    np.testing.assert_allclose(found, literal, rtol=1e-6)


def test_posterior_information_is_averaged_over_the_posterior_of_each_domain() -> None:
    plan, state, found = judged("posterior_information", worth=(1.0, 1.0))
    for item in (2, 3):
        density = state.posterior.domain[item % 2]
        literal = sum(
            weight * slope_information(plan, item, float(theta))
            for weight, theta in zip(density, plan.tables.grid.theta, strict=True)
        )
        assert found[item] == pytest.approx(literal, rel=1e-6)


def test_the_divergence_s_interval_narrows_with_the_root_of_a_domain_s_answers() -> None:
    plan, state, found = judged("kullback_leibler", worth=(1.0, 1.0))
    curves = curves_of(plan.tables)
    for item, answers in ((2, 3), (3, 1)):
        own, centre = (
            slice(plan.tables.first_row[item], plan.tables.first_row[item + 1]),
            state.posterior.mean[item % 2],
        )
        width = 3.0 / np.sqrt(answers)
        points = np.linspace(max(centre - width, -6), min(centre + width, 6), 20001)
        here, there = curves.log_p(centre)[own], curves.log_p(points)[:, own]
        literal = np.trapezoid((here - there) @ np.exp(here), points)
        assert found[item] == pytest.approx(literal, abs=1e-6)


def test_random_worth_is_even_and_of_the_draw() -> None:
    _, _, found = judged("random", seed=4)
    np.testing.assert_array_equal(found, np.random.default_rng(4).random(16))


@pytest.mark.parametrize("criterion", NAMES)
def test_every_criterion_gives_every_item_a_finite_worth_that_is_not_negative(criterion: str) -> None:
    _, _, found = judged(criterion)
    assert found.shape == (16,)
    assert np.all(np.isfinite(found))
    assert np.all(found >= -1e-12)


@pytest.mark.parametrize("criterion", [name for name in NAMES if name != "random"])
def test_every_criterion_chooses_better_than_at_random(criterion: str) -> None:
    """After twelve answers of a middling person the domains are known better than after twelve random items."""
    assert error_after(criterion) < error_after("random")


def error_after(criterion: str) -> float:
    """Mean posterior SD over some sittings of six items from forty."""
    errors = []
    for seed in range(6):
        plan = plan_of(rules([0], length=(6, 6)), [0] * 40, criterion=criterion, cuts=(0.0,), se_target=0.05)
        items: list[int] = []
        while pick := decide(plan, everything(plan), seed, items, [place % 2 for place in range(len(items))]).pick:
            items.append(pick.item)
        state = assess(plan, everything(plan), items, [place % 2 for place in range(len(items))])
        errors.append(float(state.posterior.sd[0]))
    return float(np.mean(errors))


def worth_of(**rest: Any) -> Any:
    plan = plan_of(rules([0, 1], length=(1, 12)), [0, 1] * 8, loading=0.0, **rest)
    state = assess(plan, everything(plan), [0, 2, 4, 6, 8, 10, 12, 14], [0] * 8)
    return domain_worth(plan, state.posterior).tolist()


def test_a_domain_that_is_precise_enough_is_worth_nothing_more_until_all_are() -> None:
    assert worth_of(se_target=0.75) == [0.0, 1.0]
    assert worth_of(se_target=0.05) == [1.0, 1.0]
    assert worth_of(se_target=2.0) == [1.0, 1.0]


def test_for_decisions_a_domain_that_is_sure_enough_is_worth_nothing_more() -> None:
    assert worth_of(criterion="classification", cuts=(0.5,), certainty=0.9) == [0.0, 1.0]
    assert worth_of(criterion="classification", cuts=(0.5,)) == [1.0, 1.0]
