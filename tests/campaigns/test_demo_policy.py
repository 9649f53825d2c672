"""The demonstration's rules suit the bank we ship, by the preflight that any campaign may have."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from app.bank.pool import Pool, make_pool
from app.campaigns import demo
from app.campaigns.feasibility import refuse_unkeepable
from app.campaigns.preflight import preflight_study
from app.engine.simulation import simulate
from app.engine.simulation_report import Report
from framework import load
from tests.sittings import bank_we_ship

TODAY = dt.date(2026, 11, 23)


@pytest.fixture(scope="module")
def pool() -> Pool:
    return make_pool(tuple(bank_we_ship().values()), load(), name="socle-sante@1")


def preflight(pool: Pool, size: int) -> Report:
    study = preflight_study(pool, demo.POLICY, today=TODAY)
    with ThreadPoolExecutor(2) as executor:
        return simulate(study, size=size, seed=1, executor=executor, workers=2)


def test_the_rules_can_be_kept_from_the_first_day_to_the_last(pool: Pool) -> None:
    last = min(item.review_by for item in pool.items)
    refuse_unkeepable(pool, demo.POLICY, opens=TODAY, closes=last)


def test_no_rule_is_broken_for_students_of_any_level(pool: Pool) -> None:
    found = preflight(pool, 40)
    assert found.overall.violations == 0
    assert demo.POLICY.length.at_least <= found.overall.length.mean <= demo.POLICY.length.at_most
    assert set(found.by_level) == set(range(1, 9))


@pytest.mark.nightly
def test_every_question_is_asked_and_none_too_often(pool: Pool) -> None:
    """The cap holds on average: the most exposed of 372 questions stands some standard errors above it."""
    found = preflight(pool, 800).overall
    assert demo.POLICY.exposure_cap is not None
    assert found.violations == 0
    assert found.unused_share == 0
    assert found.max_exposure <= demo.POLICY.exposure_cap + 0.02
    assert found.mean_se < demo.POLICY.se_target
    assert np.abs(found.coverage - 0.95) < 0.03
