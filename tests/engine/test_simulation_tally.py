"""Intervals, levels and broken rules of simulated sittings are those a reader of each one would find."""

from dataclasses import replace

import numpy as np
import pytest

from app.engine.grid import make_grid
from app.engine.report import band_probabilities, interval
from app.engine.simulation_desk import Sittings, prepared
from app.engine.simulation_reading import covered, levels_read, reader
from app.engine.simulation_sitting import sit
from app.engine.simulation_tally import tally, violations
from tests.engine.brute import Array
from tests.engine.simulated import CUTS, Setting, class_of, setting

GRID = make_grid()


def densities(rng: np.random.Generator, count: int) -> Array:
    mean, sd = rng.normal(size=(count, 1)), rng.uniform(0.2, 1.0, size=(count, 1))
    density = np.exp(-0.5 * ((GRID.theta - mean) / sd) ** 2) * (1 + 0.3 * np.sin(GRID.theta))
    return np.asarray(density / density.sum(axis=1, keepdims=True))


def test_coverage_is_that_of_the_reported_interval() -> None:
    density = densities(np.random.default_rng(1), 200)
    limits = np.array([interval(row, GRID) for row in density])
    near = np.random.default_rng(2).choice([-0.01, -1e-9, 1e-9, 0.01], size=200)
    for truth in (limits[:, 0] + near, limits[:, 1] + near):
        expected = (limits[:, 0] <= truth) & (truth <= limits[:, 1])
        assert covered(reader(GRID, CUTS), density, truth).tolist() == expected.tolist()


def test_an_ability_beyond_the_grid_is_not_covered() -> None:
    density = densities(np.random.default_rng(3), 2)
    assert not covered(reader(GRID, CUTS), density, np.array([-9.0, 9.0])).any()


def test_levels_are_the_most_probable_ones_of_the_report() -> None:
    density = densities(np.random.default_rng(4), 500)
    expected = [int(np.argmax(band_probabilities(row, GRID, CUTS.tolist()))) for row in density]
    assert levels_read(reader(GRID, CUTS), density).tolist() == expected


def test_levels_as_probable_as_each_other_are_judged_by_the_report() -> None:
    density = np.exp(-0.5 * GRID.theta**2)[None]
    found = levels_read(reader(GRID, np.array([0.0])), density / density.sum())
    assert found[0] == int(np.argmax(band_probabilities(density[0] / density.sum(), GRID, [0.0])))


def test_without_cuts_there_is_one_level() -> None:
    assert levels_read(reader(GRID, np.empty(0)), densities(np.random.default_rng(5), 3)).tolist() == [0, 0, 0]


@pytest.mark.parametrize("cuts", [[1.0, 0.0], [np.nan], [[0.0]]])
def test_cuts_that_do_not_rise_are_refused(cuts: list[float]) -> None:
    with pytest.raises(ValueError, match="cuts must be finite and strictly increasing"):
        reader(GRID, np.array(cuts))


def run(found: Setting, size: int = 40, allowed: np.ndarray | None = None) -> tuple[Sittings, Array]:
    students = class_of(found, size, np.random.default_rng(7))
    return sit(prepared(found.plan), students.answer, seeds=students.seeds, allowed=allowed), students.truth


def test_sums_are_those_of_the_sittings() -> None:
    found = setting(np.random.default_rng(6), domains=2, competences=2, length=(3, 8), se_target=0.7)
    allowed = np.random.default_rng(8).random((40, 120)) < 0.9
    sat, truth = run(found, allowed=allowed)
    counted = tally(prepared(found.plan), reader(GRID, CUTS), sat, truth, allowed=allowed)
    level = np.searchsorted(CUTS, truth.mean(axis=1))
    for place in range(5):
        mine = level == place
        error = (sat.mean - truth)[mine]
        assert counted.error[place] == pytest.approx(error.mean(axis=1).sum())
        assert counted.square[place] == pytest.approx((error**2).mean(axis=1).sum())
        assert counted.se[place] == pytest.approx(sat.sd[mine].mean(axis=1).sum())
        assert counted.lengths[place] @ np.arange(9) == sat.length[mine].sum()
        assert counted.given[place].sum() == sat.length[mine].sum()
    inside = [
        [low <= t <= high for t, (low, high) in zip(row, (interval(d, GRID) for d in density), strict=True)]
        for row, density in zip(truth, sat.density, strict=True)
    ]
    assert counted.cover.sum() == pytest.approx(np.mean(inside, axis=1).sum())
    assert counted.eligible.tolist() == allowed.sum(axis=0).tolist()
    assert counted.stops.sum() == 40
    assert not counted.violations.any()


def test_sums_of_parts_are_the_sums_of_the_whole() -> None:
    found = setting(np.random.default_rng(6), length=(3, 3))
    sat, truth = run(found, 10)
    whole = tally(prepared(found.plan), reader(GRID, CUTS), sat, truth, allowed=None)
    twice = whole + whole
    assert twice.given.tolist() == (2 * whole.given).tolist()
    assert twice.cover.tolist() == (2 * whole.cover).tolist()


def broken(found: Setting, **changed: object) -> list[bool]:
    sat, _ = run(found, 2)
    assert not violations(found.plan, sat, None).any()
    seen = violations(replace(found.plan, **changed), sat, None)  # type: ignore[arg-type]
    return [bool(one) for one in seen]


def test_an_item_given_twice_is_a_violation() -> None:
    found = setting(np.random.default_rng(9), length=(4, 4))
    sat, _ = run(found, 2)
    sat.items[1, 3] = sat.items[1, 0]
    assert violations(found.plan, sat, None).tolist() == [False, True]


def test_an_item_set_aside_is_a_violation() -> None:
    found = setting(np.random.default_rng(9), length=(4, 4))
    sat, _ = run(found, 2)
    allowed = np.ones((2, 120), dtype=np.bool_)
    allowed[0, sat.items[0, 1]] = False
    assert violations(found.plan, sat, allowed).tolist() == [True, False]


def test_two_enemies_are_a_violation() -> None:
    found = setting(np.random.default_rng(9), length=(4, 4))
    sat, _ = run(found, 2)
    assert broken(found, groups=(sat.items[0, :2],))[0]


def test_too_few_or_too_many_are_a_violation() -> None:
    found = setting(np.random.default_rng(9), competences=2, length=(4, 4))
    rules = found.plan.blueprint
    tight = {
        "length": replace(rules, length=(5, 6)),
        "domain": replace(rules, domain=np.array([[0, 3]])),
        "competence": replace(rules, competence=np.array([[5, 9], [0, 4]])),
    }
    assert [broken(found, blueprint=blueprint) for blueprint in tight.values()] == [[True, True]] * 3


@pytest.mark.parametrize(
    ("sets", "expected"),
    [((0, 0, -1, -1), False), ((0, 1, 0, 1), True), ((0, -1, -1, -1), True), ((0, 0, 0, 0), True)],
)
def test_items_of_a_set_come_together_and_in_its_numbers(sets: tuple[int, ...], *, expected: bool) -> None:
    found = setting(np.random.default_rng(9), length=(4, 4))
    sat, _ = run(found, 1)
    stimulus = np.full(120, -1, dtype=np.intp)
    stimulus[sat.items[0]] = sets
    plan = replace(found.plan, stimulus=stimulus, set_size=(2, 3))
    assert violations(plan, sat, None).tolist() == [expected]
