"""Threads, processes and a Dask cluster give the same calibration."""

from collections.abc import Iterator

import numpy as np
import pytest
from distributed import LocalCluster

from app.engine.calibration import Calibration, calibrate
from app.engine.observed_information import Method, uncertainty
from app.engine.responses import Responses, arrange
from app.psychometrics.execution import NoCluster, cluster, processes, workers
from tests.engine.calibration_cases import answers, two_parameter_items

ITEMS = 30


@pytest.fixture(scope="module")
def responses() -> Responses:
    rng = np.random.default_rng(1)
    return arrange(answers(rng, rng.normal(size=1200), "2pl", two_parameter_items(rng, ITEMS)), chunk=200)


@pytest.fixture(scope="module")
def alone(responses: Responses) -> Calibration:
    return calibrate(responses, ["2pl"] * ITEMS)


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    options = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "dashboard_address": None}
    with LocalCluster(host="127.0.0.1", **options) as local:  # type: ignore[no-untyped-call]
        yield local.scheduler_address


def same(one: Calibration, other: Calibration) -> bool:
    return np.array_equal(one.estimate.items[0], other.estimate.items[0]) and one.trace == other.trace


@pytest.mark.parametrize("threads", [1, 3])
def test_threads_give_the_same_digits(responses: Responses, alone: Calibration, threads: int) -> None:
    with workers(responses.chunks, threads=threads) as spread:
        assert same(calibrate(responses, ["2pl"] * ITEMS, spread=spread), alone)


def test_processes_give_the_same_digits(responses: Responses, alone: Calibration) -> None:
    with processes(responses.chunks, count=2) as spread:
        assert same(calibrate(responses, ["2pl"] * ITEMS, spread=spread), alone)


def test_a_cluster_of_two_workers_gives_the_same_digits(
    responses: Responses, alone: Calibration, scheduler: str
) -> None:
    with cluster(responses.chunks, scheduler=scheduler) as spread:
        found = calibrate(responses, ["2pl"] * ITEMS, spread=spread)
        sure = uncertainty(found, method=Method.OUTER_PRODUCTS)

    assert same(found, alone)
    assert np.array_equal(sure.items[0], uncertainty(alone, method=Method.OUTER_PRODUCTS).items[0])


def test_a_cluster_that_does_not_answer_is_refused_with_its_address(
    responses: Responses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.psychometrics.execution.CONNECT_SECONDS", 0.2)

    with pytest.raises(NoCluster) as refused, cluster(responses.chunks, scheduler="tcp://127.0.0.1:9"):
        pytest.fail("nobody listens there")

    assert "127.0.0.1:9" in str(refused.value.facts["said"])
