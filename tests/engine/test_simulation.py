"""A simulation's report says what its students show, whoever computes it."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from app.engine.grid import Floats
from app.engine.simulation import Study, simulate
from app.engine.simulation_desk import prepared
from app.engine.simulation_reading import reader
from app.engine.simulation_report import Report, report
from app.engine.simulation_sitting import sit
from app.engine.simulation_tally import tally
from app.engine.simulation_truth import abilities_at_level
from tests.engine.simulated import CUTS, Setting, class_of, setting


def study(found: Setting, **changed: object) -> Study:
    return replace(Study(found.plan, found.belief, CUTS), **changed)  # type: ignore[arg-type]


def run(made: Study, size: int = 600, *, workers: int = 2, seed: int = 1) -> Report:
    with ThreadPoolExecutor(workers) as executor:
        return simulate(made, size=size, seed=seed, executor=executor, workers=workers)


def test_the_report_is_plain_json_with_every_figure_overall_and_by_level() -> None:
    found = json.loads(json.dumps(run(study(setting(np.random.default_rng(1)))).content()))
    wanted = {
        "n",
        "length",
        "bias",
        "rmse",
        "mean_se",
        "coverage",
        "level_accuracy",
        "max_exposure",
        "unused_share",
        "overlap",
        "violations",
    }
    assert wanted | {"seconds", "by_level"} <= found.keys()
    assert set(found["length"]) == {"mean", "p95"}
    assert all(wanted <= figures.keys() for figures in found["by_level"].values())
    assert sum(figures["n"] for figures in found["by_level"].values()) == found["n"] == 600


def test_estimates_and_intervals_of_the_true_prior_are_honest() -> None:
    overall = run(study(setting(np.random.default_rng(2), sd=0.2)), 4000).overall
    assert abs(overall.bias) < 4 * (overall.standard_errors["bias"] or 0)
    assert abs(overall.coverage - 0.95) < 4 * (overall.standard_errors["coverage"] or 0)
    assert overall.rmse == pytest.approx(overall.mean_se, rel=0.06)


def test_the_same_seed_gives_the_same_report_however_many_workers() -> None:
    made = study(setting(np.random.default_rng(3), sd=0.2, choose_among=3), exposure_cap=0.3)
    one, many = run(made, workers=1).overall, run(made, workers=3).overall
    assert (many.length, many.exposure, many.overlap, many.stops) == (one.length, one.exposure, one.overlap, one.stops)
    assert (many.coverage, many.level_accuracy) == pytest.approx((one.coverage, one.level_accuracy))
    assert (many.bias, many.rmse, many.mean_se) == pytest.approx((one.bias, one.rmse, one.mean_se))
    assert run(made, seed=2).overall.bias != one.bias


def test_an_exposure_cap_is_held() -> None:
    made = study(setting(np.random.default_rng(4), length=(10, 10)))
    free = run(made, 2000).overall
    capped = run(replace(made, exposure_cap=0.25), 2000).overall
    assert free.max_exposure == 1.0
    assert capped.max_exposure < 0.26
    assert capped.unused_share < free.unused_share
    assert (capped.overlap or 0) < (free.overlap or 0)


@pytest.mark.parametrize("stimulus", [None, np.repeat(np.arange(6), 5)])
def test_items_set_aside_come_back_where_the_rules_could_not_be_kept(stimulus: np.ndarray | None) -> None:
    rules: dict[str, object] = {} if stimulus is None else {"stimulus": stimulus}
    found = setting(np.random.default_rng(5), count=30, length=(18, 18), **rules)  # type: ignore[arg-type]
    overall = run(study(found, exposure_cap=0.05), 16).overall
    assert overall.violations == 0
    assert overall.length.mean == 18


def test_students_may_be_given() -> None:
    def third_level(first: int, size: int, rng: np.random.Generator) -> Floats:  # noqa: ARG001
        return abilities_at_level(CUTS, 3, domains=1, size=size, rng=rng)

    assert set(run(study(setting(np.random.default_rng(6)), abilities=third_level)).by_level) == {3}


def test_progress_is_told_after_every_batch() -> None:
    done: list[int] = []
    with ThreadPoolExecutor(1) as executor:
        made = study(setting(np.random.default_rng(7), sd=0.1))
        simulate(made, size=95, seed=1, executor=executor, workers=1, progress=done.append)
    assert done == [10, 20, 30, 40, 50, 60, 70, 80, 90, 95]


def test_figures_are_those_of_the_sittings() -> None:
    found = setting(np.random.default_rng(8), length=(3, 9), se_target=0.6)
    students = class_of(found, 50, np.random.default_rng(1))
    sat = sit(prepared(found.plan), students.answer, seeds=students.seeds)
    counted = tally(prepared(found.plan), reader(found.plan.tables.grid, CUTS), sat, students.truth, allowed=None)
    overall = report(counted, seconds=1.5).overall
    error = sat.mean[:, 0] - students.truth[:, 0]
    seen = np.array([np.bincount(row[row >= 0], minlength=120) for row in sat.items])
    common = (seen @ seen.T)[~np.eye(50, dtype=np.bool_)].mean()
    assert overall.bias == pytest.approx(error.mean())
    assert overall.standard_errors["bias"] == pytest.approx(error.std(ddof=1) / np.sqrt(50))
    assert overall.rmse == pytest.approx(np.sqrt((error**2).mean()))
    assert overall.length.mean == pytest.approx(sat.length.mean())
    assert overall.length.p95 == np.quantile(sat.length, 0.95, method="inverted_cdf")
    assert overall.max_exposure == seen.mean(axis=0).max()
    assert overall.unused_share == (seen.sum(axis=0) == 0).mean()
    assert overall.overlap == pytest.approx(common / sat.length.mean())


def test_one_student_has_no_standard_errors_and_no_overlap() -> None:
    overall = run(study(setting(np.random.default_rng(9))), 1).overall
    assert overall.overlap is None
    assert overall.standard_errors["bias"] is None
    assert overall.standard_errors["rmse"] is None


def test_a_report_of_nobody_is_refused() -> None:
    found = setting(np.random.default_rng(10))
    students = class_of(found, 0, np.random.default_rng(1))
    sat = sit(prepared(found.plan), students.answer, seeds=students.seeds)
    counted = tally(prepared(found.plan), reader(found.plan.tables.grid, CUTS), sat, students.truth, allowed=None)
    with pytest.raises(ValueError, match="at least one sitting is needed"):
        report(counted, seconds=0)


def test_a_size_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="size must be at least 1, got 0"):
        run(study(setting(np.random.default_rng(11))), 0)


def test_posteriors_of_other_items_are_refused() -> None:
    one, other = setting(np.random.default_rng(12)), setting(np.random.default_rng(13), count=60)
    with pytest.raises(ValueError, match="belief must speak of 120 items, got 60"):
        run(study(one, belief=other.belief))


@pytest.mark.parametrize("cap", [None, 0.5])
def test_items_out_of_service_are_never_given(cap: float | None) -> None:
    serving = np.arange(120) % 2 == 0
    found = run(study(setting(np.random.default_rng(14)), serving=serving, exposure_cap=cap), 200).overall
    assert found.violations == 0
    assert found.unused_share >= 0.5
