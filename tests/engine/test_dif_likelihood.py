"""Likelihood-ratio tests of items under two groups: a direct maximisation, and known effects."""

import numpy as np
import pytest
from scipy.optimize import minimize

from app.engine.dif_likelihood import GroupParameters, likelihood_ratio, likelihood_ratio_dif
from app.engine.estimators import MISSING
from app.engine.families import FAMILIES
from app.engine.grid import Floats, Ints
from app.engine.matching import Bools
from tests.engine.fit_cases import Answered, Item, answered, drawn_items, drawn_scores


def two_groups(
    seed: int, *, model: str = "2pl", by: Floats | None = None, count: int = 10, persons: int = 1600
) -> tuple[list[Item], Answered, Bools]:
    """The focal half is less able and more alike; ``by`` is added to its parameters of the third item."""
    rng = np.random.default_rng(seed)
    items = drawn_items(rng, count, model=model)
    focal = np.arange(persons) % 2 == 1
    theta = np.where(focal, rng.normal(-0.5, 0.8, persons), rng.normal(0, 1, persons))
    scores = drawn_scores(rng, items, theta)
    if by is not None:
        name, xi = items[2]
        scores[focal, 2] = drawn_scores(rng, [(name, xi + by)], theta[focal])[:, 0]
    return items, answered(items, scores), focal


def compared(
    items: list[Item], case: Answered, focal: Bools, *, scores: Ints | None = None, anchors: Bools | None = None
) -> list[GroupParameters]:
    names, means = [name for name, _ in items], [xi for _, xi in items]
    return likelihood_ratio_dif(
        case.tables, case.scores if scores is None else scores, focal, names, means, anchors=anchors
    )


def direct(items: list[Item], scores: Ints, focal: Bools, item: int) -> float:
    """Likelihood ratio by maximising explicit sums over persons, without gradients."""
    theta = np.linspace(-7, 7, 141)
    name, start = items[item]
    others = np.zeros((len(scores), theta.size))
    for number, (other, xi) in enumerate(items):
        if number != item:
            others += FAMILIES[other].log_p(theta, xi)[scores[:, number]]

    def misfit(at: Floats, separate: int) -> float:
        total = 0.0
        for group in (0, 1):
            xi = at[:2] if not (separate and group) else at[6:8]
            mean, sd = at[2 + 2 * group], np.exp(at[3 + 2 * group])
            weight = np.exp(-((theta - mean) ** 2) / (2 * sd**2))
            who = focal == bool(group)
            p = np.exp(FAMILIES[name].log_p(theta, xi))[scores[who, item]]
            total += np.log((np.exp(others[who]) * p) @ (weight / weight.sum())).sum()
        return -total

    one = minimize(misfit, np.concatenate([start, np.zeros(4)]), args=(0,), tol=1e-9)
    two = minimize(misfit, np.concatenate([one.x, one.x[:2]]), args=(1,), tol=1e-9)
    return float(2 * (one.fun - two.fun))


@pytest.mark.parametrize("by", [None, np.array([0.0, 0.6])], ids=["fair", "harder"])
def test_the_statistic_is_that_of_a_direct_maximisation(by: Floats | None) -> None:
    items, case, focal = two_groups(1, by=by, count=6, persons=400)
    test = compared(items, case, focal)[2].test
    assert test is not None
    assert test.statistic == pytest.approx(direct(items, case.scores, focal, 2), abs=2e-3)


LOCATIONS = {
    "2pl": [0.0, 1.0],
    "3pl": [0.0, 1.0, 0.0],
    "gpcm": [0.0, 1.0, 1.0, 1.0],
    "grm": [0.0, 1.0, 0.0, 0.0],
}


@pytest.mark.parametrize(("model", "df"), [("2pl", 2), ("3pl", 2), ("gpcm", 4), ("grm", 4)])
def test_a_harder_item_is_found_with_its_size(model: str, df: int) -> None:
    shift = 0.7 * np.array(LOCATIONS[model])
    found = compared(*two_groups(3, model=model, by=shift, persons=3000))[2]
    assert found.test is not None
    assert (found.test.df, found.test.p < 1e-4, found.letter in "BC") == (df, True, True)
    assert found.signed < -0.05
    assert found.unsigned >= -found.signed
    away = np.abs(found.difference - shift)
    assert (away <= 3.5 * found.difference_se).all()


def test_a_crossing_item_differs_without_a_mean_difference() -> None:
    found = compared(*two_groups(3, by=np.array([-1.5, 0.0]), persons=3000))[2]
    assert found.test is not None
    assert found.test.p < 1e-4
    assert found.unsigned > abs(found.signed)


def test_without_effect_one_test_in_twenty_is_significant() -> None:
    tests = [one.test for seed in range(8) for one in compared(*two_groups(seed + 20, persons=600))]
    p = np.array([test.p for test in tests if test is not None])
    assert p.size == 80
    assert np.mean(p < 0.05) == pytest.approx(0.05, abs=3 * np.sqrt(0.05 * 0.95 / p.size))
    assert np.mean(p) == pytest.approx(0.5, abs=3 * np.sqrt(1 / 12 / p.size))


def test_errors_of_differences_are_their_spread() -> None:
    found = [compared(*two_groups(seed, count=6, persons=600))[2] for seed in range(24)]
    z = np.array([one.difference / one.difference_se for one in found])
    np.testing.assert_allclose(z.std(axis=0), 1, atol=3 / np.sqrt(48))


def test_anchors_hold_the_scale_and_missing_answers_are_left_out() -> None:
    items, case, focal = two_groups(5, by=np.array([0.0, 1.0]), persons=1200)
    scores = case.scores.copy()
    scores[::3, 4] = MISSING
    all_others = compared(items, case, focal, scores=scores)
    fair = compared(items, case, focal, scores=scores, anchors=np.arange(10) != 2)
    assert [one[2].test is not None and one[2].test.statistic for one in (fair, all_others)] == pytest.approx(
        [35.65] * 2, abs=0.01
    )
    assert fair[4].signed != pytest.approx(all_others[4].signed, abs=1e-4)
    assert fair[4].letter == "A"


def test_many_persons_in_blocks_and_single_precision_give_the_same_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    items, case, focal = two_groups(5, by=np.array([0.0, 1.0]), persons=1200, count=5)
    whole = compared(items, case, focal)

    monkeypatch.setattr("app.engine.dif_likelihood.BLOCK", 500)
    monkeypatch.setattr("app.engine.dif_likelihood.DOUBLE_TO", 1000)

    for one, other in zip(compared(items, case, focal), whole, strict=True):
        assert one.test is not None
        assert other.test is not None
        assert one.test.statistic == pytest.approx(other.test.statistic, rel=1e-4, abs=1e-4)
        assert one.difference == pytest.approx(other.difference, abs=1e-5)
        assert one.difference_se == pytest.approx(other.difference_se, rel=1e-4)


def test_items_too_rare_in_a_group_say_so() -> None:
    items, case, focal = two_groups(6, persons=200, count=5)
    scores = case.scores.copy()
    scores[focal, 1] = 1
    scores[np.flatnonzero(focal)[10:], 2] = MISSING
    found = compared(items, case, focal, scores=scores)
    assert [one.letter for one in found[1:3]] == ["?", "?"]
    assert found[1].test is None
    assert np.isnan(found[1].difference).all()


def test_a_small_difference_is_negligible_however_significant() -> None:
    none = np.zeros(2)
    clear, slight = likelihood_ratio(-100.0, -80.0, 2), likelihood_ratio(-100.0, -99.5, 2)
    cases = [(clear, 0.04), (clear, 0.07), (clear, 0.2), (slight, 0.2)]
    letters = [GroupParameters(test, none, none, none, none, 0.0, size).letter for test, size in cases]
    assert letters == ["A", "B", "C", "A"]


def test_two_calibrations_are_compared_by_their_likelihoods() -> None:
    found = likelihood_ratio(-1000.0, -997.0, 3)
    assert found.statistic == 6.0
    assert found.p == pytest.approx(0.1116, abs=1e-4)
    assert likelihood_ratio(-10.0, -10.1, 1).statistic == 0.0
    with pytest.raises(ValueError, match="df"):
        likelihood_ratio(-1.0, 0.0, 0)
