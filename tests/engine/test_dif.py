"""Mantel-Haenszel and standardisation: R's difR, known effects, and a plain loop."""

import numpy as np
import pytest

from app.engine.dif import mantel_haenszel, standardised
from app.engine.estimators import MISSING
from app.engine.grid import Floats, Ints
from app.engine.matching import UNMATCHED, Bools, ability_steps, ability_strata, purified, score_strata
from app.engine.multiplicity import adjusted
from tests.engine.dif_cases import REFERENCE, two_groups, verbal_aggression

ALL = np.ones(24, dtype=np.bool_)


@pytest.mark.parametrize("name", [*REFERENCE["mantel_haenszel"], "p_dif"])
def test_verbal_aggression_gives_the_figures_of_difr(name: str) -> None:
    scores, focal = verbal_aggression()
    strata = score_strata(scores, ALL)
    if name == "p_dif":
        found, told = standardised(scores, focal, strata).p_dif, REFERENCE["standardised"]["p_dif"]
    else:
        table, told = mantel_haenszel(scores, focal, strata), REFERENCE["mantel_haenszel"][name]
        found = (table.delta_se / 2.35) ** 2 if name == "log_variance" else getattr(table, name)
    np.testing.assert_allclose(found, told, rtol=0, atol=REFERENCE["tolerance"])


def test_classes_follow_the_rules_of_ets() -> None:
    scores, focal = verbal_aggression()
    table = mantel_haenszel(scores, focal, score_strata(scores, ALL))
    named = dict(zip(REFERENCE["items"], table.classes, strict=True))
    assert [name for name, letter in named.items() if letter == "C"] == ["S2WantShout", "S2DoCurse"]
    assert [name for name, letter in named.items() if letter == "B"] == [
        *("S4WantShout", "S2DoScold", "S3DoCurse", "S3DoScold"),
    ]


def plain_mantel(score: Ints, focal: Bools, stratum: Ints) -> tuple[float, float]:
    """Mantel's chi-square and the standardised mean difference, written as sums over strata."""
    excess = variance = weighted = weight = 0.0
    for level in set(stratum.tolist()):
        reference = [float(s) for s, f, k in zip(score, focal, stratum, strict=True) if k == level and not f]
        group = [float(s) for s, f, k in zip(score, focal, stratum, strict=True) if k == level and f]
        if not reference or not group:
            continue
        both = reference + group
        excess += sum(reference) - len(reference) * float(np.mean(both))
        variance += len(reference) * len(group) / len(both) * float(np.var(both, ddof=1))
        weighted += len(group) * float(np.mean(group) - np.mean(reference))
        weight += len(group)
    return excess**2 / variance, weighted / weight


def test_items_of_several_points_take_mantels_statistic() -> None:
    scores, focal = two_groups(np.random.default_rng(3), 1.0 * (np.arange(8) == 1), persons=300, steps=3)
    strata = score_strata(scores, np.ones(8, dtype=np.bool_))
    table = mantel_haenszel(scores, focal, strata)
    for item in range(8):
        chi, difference = plain_mantel(scores[:, item], focal, strata[:, item])
        assert table.chi_square[item] == pytest.approx(chi)
        assert table.mean_difference[item] == pytest.approx(difference)
    assert np.isnan(table.delta).all()
    assert table.classes[1] == "C"


def test_an_item_harder_for_the_focal_group_has_a_negative_delta_of_its_size() -> None:
    shift = np.zeros(20)
    shift[4] = 0.6
    scores, focal = two_groups(np.random.default_rng(5), shift, persons=6000)
    strata = score_strata(scores, np.ones(20, dtype=np.bool_))
    table, share = mantel_haenszel(scores, focal, strata), standardised(scores, focal, strata)
    assert table.delta[4] == pytest.approx(-2.35 * 0.6, abs=2 * table.delta_se[4])
    assert share.p_dif[4] == pytest.approx(-0.12, abs=0.04)
    assert share.classes[4] in "BC"
    fair = np.delete(table.delta / table.delta_se, 4)
    assert 0.5 < fair.std() < 1.5


def spread_of_p_dif(rng: np.random.Generator, shift: Floats) -> tuple[Floats, Floats]:
    found = []
    for _ in range(60):
        scores, focal = two_groups(rng, shift, persons=500, steps=2)
        found.append(standardised(scores, focal, score_strata(scores, np.ones(6, dtype=np.bool_))))
    return np.array([one.p_dif for one in found]).std(axis=0), np.mean([one.se for one in found], axis=0)


def test_the_error_of_the_standardised_difference_is_its_spread() -> None:
    seen, told = spread_of_p_dif(np.random.default_rng(9), np.zeros(6))
    np.testing.assert_allclose(told.mean(), seen.mean(), rtol=0.15)


def test_missing_answers_leave_a_person_out_of_the_comparison() -> None:
    scores, focal = two_groups(np.random.default_rng(1), np.zeros(5), persons=200)
    scores[:20, 2] = MISSING
    strata = score_strata(scores, np.array([True, True, False, True, True]))
    assert (strata[:20, 2] == UNMATCHED).all()
    assert (strata[:20, 0] != UNMATCHED).all()
    table = mantel_haenszel(scores, focal, strata)
    assert table.reference[2] + table.focal[2] <= 180


def test_what_cannot_be_compared_says_so() -> None:
    scores = np.array([[1, 0, 1], [1, 1, 0], [1, 0, 1], [1, 1, 0]])
    strata = np.zeros((4, 3), dtype=np.intp)
    strata[:, 2] = [0, 1, 0, 1]
    focal = np.array([False, False, True, True])
    table, share = mantel_haenszel(scores, focal, strata), standardised(scores, focal, strata)
    assert table.classes == ("?", "A", "?")
    assert np.isnan(table.chi_square[[0, 2]]).all()
    assert np.isfinite(share.p_dif).all()
    alone = mantel_haenszel(scores, np.zeros(4, dtype=np.bool_), strata)
    assert (alone.classes, alone.strata.tolist()) == (("?", "?", "?"), [0, 0, 0])
    assert standardised(scores, np.zeros(4, dtype=np.bool_), strata).classes == ("?", "?", "?")


@pytest.mark.parametrize(("persons", "letter"), [(2, "A"), (20, "C")])
def test_an_item_solved_by_one_group_only_has_an_odds_ratio_without_end(persons: int, letter: str) -> None:
    focal = np.repeat([False, True], persons)
    scores = np.column_stack([~focal, focal]).astype(np.intp)
    table = mantel_haenszel(scores, focal, np.zeros((2 * persons, 2), dtype=np.intp))
    assert table.alpha.tolist() == [np.inf, 0.0]
    assert table.delta.tolist() == [-np.inf, np.inf]
    assert np.isnan(table.delta_se).all()
    assert table.classes == (letter, letter)
    assert table.chi_square[0] == pytest.approx(2 * persons - 1)


def test_strata_in_which_all_succeed_or_all_fail_tell_nothing() -> None:
    scores, focal = np.array([[1], [1], [0], [0], [1], [0]]), np.array([0, 1, 0, 1, 0, 0], dtype=np.bool_)
    strata = np.array([[0], [0], [1], [1], [2], [2]])
    assert mantel_haenszel(scores, focal, strata).classes == ("?",)


def test_steps_of_ability_are_of_equal_width() -> None:
    theta = np.array([-0.52, 0.0, 0.26, np.nan, 1.0])
    seen = np.ones((5, 2), dtype=np.bool_)
    seen[1, 1] = False
    assert ability_steps(theta, seen, width=0.25)[:, 0].tolist() == [0, 2, 3, UNMATCHED, 6]
    assert ability_steps(np.tile(theta[:, None], 2), seen, width=0.25)[:, 1].tolist() == [0, UNMATCHED, 3, UNMATCHED, 6]


def test_shapes_that_disagree_are_refused() -> None:
    with pytest.raises(ValueError, match=r"scores \(N, n\)"):
        mantel_haenszel(np.zeros((3, 2), dtype=np.intp), np.zeros(2, dtype=np.bool_), np.zeros((3, 2), dtype=np.intp))


def test_ability_bands_hold_equally_many_of_those_who_saw_the_item() -> None:
    theta = np.array([0.3, -1.0, np.inf, 2.0, 0.5, -0.2, 1.0, 0.9, -2.0])
    seen = np.ones((9, 3), dtype=np.bool_)
    seen[0, 1] = False
    seen[:, 2] = False
    bands = ability_strata(theta, seen, count=4)
    assert np.bincount(bands[bands[:, 0] >= 0, 0]).tolist() == [2, 2, 2, 2]
    assert bands[2, 0] == bands[0, 1] == UNMATCHED
    assert (bands[:, 2] == UNMATCHED).all()
    np.testing.assert_array_equal(ability_strata(np.tile(theta[:, None], 3), seen, count=4), bands)
    with pytest.raises(ValueError, match="count"):
        ability_strata(theta, seen, count=1)


def test_purification_finds_the_item_that_biased_the_others() -> None:
    shift = np.zeros(8)
    shift[[2, 5]] = 1.2
    scores, focal = two_groups(np.random.default_rng(2), shift, persons=4000)

    def large(anchors: Bools) -> Bools:
        return np.isin(mantel_haenszel(scores, focal, score_strata(scores, anchors)).classes, ["B", "C"])

    done = purified(large, 8)
    assert np.flatnonzero(~done.anchors).tolist() == [2, 5]
    assert done.settled


def test_purification_ends_when_nothing_would_be_left_or_flags_alternate() -> None:
    nothing = purified(np.ones_like, 3)
    assert (nothing.settled, nothing.rounds, bool(nothing.anchors.all())) == (False, 1, True)
    turning = purified(lambda anchors: np.array([anchors[0], False]), 2, most_rounds=4)
    assert (turning.settled, turning.rounds) == (False, 4)


def test_adjusted_p_values_are_those_of_the_definitions() -> None:
    p = np.array([0.01, np.nan, 0.04, 0.03, 0.005])
    np.testing.assert_allclose(adjusted(p, method="holm"), [0.03, np.nan, 0.06, 0.06, 0.02])
    np.testing.assert_allclose(adjusted(p, method="bh"), [0.02, np.nan, 0.04, 0.04, 0.02])
    np.testing.assert_array_equal(adjusted(p, method="none"), p)
    np.testing.assert_array_equal(adjusted(np.array([np.nan])), [np.nan])
    with pytest.raises(ValueError, match="method"):
        adjusted(p, method="sidak")  # type: ignore[arg-type]
