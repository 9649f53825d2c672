"""What the engine claims, on simulated students; ``python -m benchmarks.honesty`` prints the figures."""

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor

import numpy as np
import pytest

from app.engine.simulation import Study
from app.engine.simulation_truth import bank_belief
from benchmarks.honest_studies import (
    CAP,
    CUTS,
    START,
    calibrated,
    exposures,
    honest_intervals,
    joint_and_apart,
    run,
    true_items,
)


@pytest.fixture
def executor() -> Iterator[Executor]:
    with ThreadPoolExecutor(2) as made:
        yield made


def test_domains_measured_jointly_need_fewer_items_and_err_no_more(executor: Executor) -> None:
    found = joint_and_apart(0.8, size=120, executor=executor)
    assert found.together.length.mean < 0.65 * found.apart.length.mean
    assert found.together.rmse < found.apart.rmse + 2 * (found.apart.standard_errors["rmse"] or 0)


def test_posteriors_of_items_make_intervals_more_honest_than_estimates(executor: Executor) -> None:
    plain, posterior = honest_intervals(persons=200, banks=2, sittings=1500, executor=executor)
    assert abs(posterior.coverage - 0.95) < abs(plain.coverage - 0.95)
    assert posterior.rmse / posterior.mean_se < plain.rmse / plain.mean_se


def test_calibrated_items_err_as_their_covariances_say() -> None:
    rng = np.random.default_rng(1)
    truth = true_items(rng, 4000)
    plain, shrunk = calibrated(rng, truth, 500)
    assert shrunk.covariance is not None
    error = shrunk.mean - truth.mean
    squared = np.vecdot(error, np.linalg.solve(shrunk.covariance, error[..., None])[..., 0])
    middle = np.abs(truth.mean[:, 1]) < 1.5  # further out likelihoods are not normal with 500 persons
    assert squared[middle].mean() == pytest.approx(2.0, rel=0.1)
    assert np.all((error**2).mean(axis=0) < ((plain.mean - truth.mean) ** 2).mean(axis=0))


def test_a_cap_is_held_and_every_item_is_used(executor: Executor) -> None:
    items = true_items(np.random.default_rng(2), 100)
    study = Study(items.plan(longest=8, progressive=2 * START), bank_belief(items.beliefs()), CUTS, exposure_cap=CAP)
    found = run(study, 2000, 1, executor)
    assert found.max_exposure < CAP + 0.01
    assert found.unused_share == 0
    assert found.violations == 0


@pytest.mark.nightly
@pytest.mark.parametrize("correlation", [0.6, 0.8])
def test_thousands_of_students_need_fewer_items_in_joint_domains(executor: Executor, correlation: float) -> None:
    found = joint_and_apart(correlation, size=4000, executor=executor)
    assert found.together.length.mean < {0.6: 0.82, 0.8: 0.55}[correlation] * found.apart.length.mean
    one, other = (figures.standard_errors["rmse"] or 0 for figures in (found.together, found.apart))
    assert found.together.rmse < found.apart.rmse + 2 * np.hypot(one, other)


@pytest.mark.nightly
def test_intervals_of_a_bank_calibrated_with_500_persons_are_honest(executor: Executor) -> None:
    plain, posterior = honest_intervals(persons=500, banks=10, sittings=2500, executor=executor)
    assert posterior.sittings >= 20_000
    assert 0.94 <= posterior.coverage <= 0.96
    assert plain.coverage < posterior.coverage


@pytest.mark.nightly
def test_the_cap_is_held_on_a_large_bank(executor: Executor) -> None:
    found = exposures(size=20_000, executor=executor)
    capped, free = found["cap .25, progressive start"], found["best item"]
    assert capped.max_exposure < CAP + 3 * (capped.standard_errors["max_exposure"] or 0)
    assert capped.unused_share == 0
    assert capped.mean_se < 1.14 * free.mean_se  # knowing every ability beforehand, no rule would lose less than 4 %
