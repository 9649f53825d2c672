"""Known items, simulated answers: the estimates are as far off as they say."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from threadpoolctl import threadpool_limits

from benchmarks.calibrated_banks import sit_calibrated
from benchmarks.recovered import MODELS, PERSONS
from benchmarks.recovery import recover


@pytest.mark.parametrize("model", ["2pl", "3pl", "grm", "pcm"])
def test_errors_are_those_that_theory_allows(model: str) -> None:
    found = recover(model, 800, replications=5)

    assert abs(found.ratio - 1) < 0.1 + 2 * found.standard_error
    assert found.z_sd == pytest.approx(1, abs=0.12)
    assert found.coverage == pytest.approx(0.95, abs=0.035)


@pytest.mark.nightly
@pytest.mark.parametrize("persons", PERSONS)
@pytest.mark.parametrize("model", MODELS)
def test_every_model_is_recovered_within_a_tenth_of_theory(model: str, persons: int) -> None:
    with threadpool_limits(1), ThreadPoolExecutor(4) as executor:
        found = recover(model, persons, replications=24, executor=executor)

    assert abs(found.ratio - 1) < 0.1 + 2 * found.standard_error
    assert found.z_sd == pytest.approx(1, abs=0.08)


@pytest.mark.nightly
def test_intervals_on_calibrated_banks_hold_what_they_promise() -> None:
    with threadpool_limits(1), ThreadPoolExecutor(4) as executor:
        banks = [sit_calibrated(bank, persons=500, sittings=2_500, executor=executor) for bank in range(8)]

    honest, plain = (
        sum(bank[name].coverage for bank in banks) / 8 for name in ("shrunk and marginalised", "plain estimates")
    )
    assert 0.94 <= honest <= 0.96
    assert plain < honest
