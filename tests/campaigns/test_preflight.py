"""A campaign's preflight: students of every level under its rules, before anybody enters."""

import datetime as dt
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.bank.pool import Pool, make_pool
from app.campaigns.model import InfeasibleBlueprint
from app.campaigns.preflight import preflight_study
from app.db.connection import Database
from app.engine.simulation import simulate
from app.sessions.policy import Policy, Range
from app.settings import Settings
from benchmarks.synthetic import WRITTEN, make_items
from framework import load
from tests.builders import Institution
from tests.campaigns.test_commands import create, policy_file, published, run
from tests.server import SECRET

TODAY = dt.date(2026, 6, 1)
RULES = {"length": {"at_least": 5, "at_most": 6}, "per_domain": {"at_least": 1}, "per_competence": {"at_least": 0}}


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TOISE_DATABASE_URL", str(settings.database_url))
    monkeypatch.setenv("TOISE_SECRET_KEY", SECRET)


def pool_of(size: int) -> Pool:
    return make_pool(make_items(size, load()), load(), name="bench@1")


def preflight(pool: Pool, policy: Policy, *, today: dt.date = TODAY) -> dict[str, Any]:
    with ThreadPoolExecutor(1) as executor:
        study = preflight_study(pool, policy, today=today)
        return simulate(study, size=40, seed=1, executor=executor, workers=1).content()


def test_every_level_has_its_students() -> None:
    found = preflight(pool_of(100), Policy.model_validate(RULES))
    assert {level: figures["n"] for level, figures in found["by_level"].items()} == dict.fromkeys("12345678", 5)
    assert found["violations"] == 0
    assert 5 <= found["length"]["mean"] <= 6


def test_items_out_of_service_are_never_asked() -> None:
    pool = pool_of(100)
    study = preflight_study(pool, Policy.model_validate(RULES), today=WRITTEN)
    assert study.serving is None
    with pytest.raises(InfeasibleBlueprint):
        preflight_study(pool, Policy.model_validate(RULES), today=WRITTEN - dt.timedelta(days=1))


def test_items_partly_in_service_leave_the_others_unused() -> None:
    items = make_items(100, load())
    later = tuple(
        item if index < 60 else type(item)(**{**_fields(item), "valid_from": dt.date(2027, 1, 1)})
        for index, item in enumerate(items)
    )
    pool = make_pool(later, load(), name="bench@1")
    study = preflight_study(pool, Policy.model_validate(RULES), today=TODAY)
    assert study.serving is not None
    assert np.flatnonzero(study.serving).tolist() == list(range(60))
    assert preflight(pool, Policy.model_validate({**RULES, "exposure_cap": 0.5}))["violations"] == 0
    assert preflight(pool, Policy.model_validate(RULES))["unused_share"] >= 0.4


def _fields(item: Any) -> dict[str, Any]:
    return {name: getattr(item, name) for name in type(item).__dataclass_fields__}


def test_rules_that_cannot_be_kept_are_refused_by_name() -> None:
    rules = Policy(length=Range(at_least=20, at_most=30), per_domain=Range(at_least=0, at_most=1))
    with pytest.raises(InfeasibleBlueprint):
        preflight_study(pool_of(100), rules, today=TODAY)


@pytest.mark.usefixtures("terminal")
def test_a_campaign_is_simulated_by_its_code(database: Database, institution: Institution, tmp_path: Path) -> None:
    told = create(database, institution, "--policy", policy_file(tmp_path, RULES))
    code = told.strip().rsplit(" ", 1)[-1]
    found = json.loads(run("preflight", code, "--n", 16, "--json", "--institution", institution.slug))
    assert (found["n"], found["seed"], found["violations"]) == (16, 1, 0)


@pytest.mark.usefixtures("terminal")
def test_a_bank_and_rules_are_simulated_without_a_campaign(
    database: Database, institution: Institution, tmp_path: Path
) -> None:
    options = ("--policy", policy_file(tmp_path, RULES), "--n", 16, "--institution", institution.slug)
    shown = run("preflight", "--bank", published(database).name, *options)
    assert "Couverture" in shown
    assert "tous" in shown


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize("options", [[], ["CODE", "--bank", "b"]])
def test_a_code_and_a_bank_exclude_each_other(options: list[str]) -> None:
    assert "Donner le code d’un parcours, ou --bank" in run("preflight", *options, status=2)
