"""``toise expire`` at a terminal."""

import datetime as dt
import json
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, update
from typer.testing import CliRunner

from app.cli import app
from app.db.connection import Database
from app.db.tables.campaigns import ParticipantRow
from app.db.tables.sessions import SessionRow
from app.settings import Settings
from tests.builders import Institution
from tests.conftest import Clock
from tests.server import SECRET
from tests.sittings import LearnerByApi, make_campaign

DAYS = 30


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    monkeypatch.setenv("TOISE_DATABASE_URL", str(settings.database_url))
    monkeypatch.setenv("TOISE_SECRET_KEY", SECRET)


@pytest.fixture
def code(client: TestClient, database: Database, institution: Institution, clock: Clock) -> str:
    """A campaign with two participants, one of whom has been kept long enough: commands read the real clock."""
    campaign = make_campaign(database, institution, clock.now, retention_days=DAYS)
    long_ago, lately = (dt.datetime.now(dt.UTC) - dt.timedelta(days=days) for days in (DAYS + 1, DAYS - 1))
    for moment in (long_ago, lately):
        learner = LearnerByApi(client, campaign.code)
        learner.start()
        with database.transaction(institution.id) as tx:
            tx.execute(update(SessionRow).where(SessionRow.id == learner.session).values(shown_at=moment))
    return campaign.code


def run(*arguments: str, status: int = 0) -> str:
    done = CliRunner().invoke(app, ["expire", *arguments])
    assert done.exit_code == status, done.output
    return done.output


def reported(*arguments: str) -> dict[str, dict[str, Any]]:
    report = json.loads(run("--json", *arguments))
    assert report["participants"] == sum(each["participants"] for each in report["campaigns"])
    return {each["code"]: each for each in report["campaigns"]}


def left(database: Database, institution: Institution) -> int:
    with database.transaction(institution.id) as tx:
        return tx.scalar(select(func.count()).select_from(ParticipantRow)) or 0


def test_a_trial_run_says_how_many_and_erases_nobody(code: str, database: Database, institution: Institution) -> None:
    campaign = reported("--dry-run")[code]
    assert (campaign["participants"], campaign["retention_days"]) == (1, DAYS)
    assert "Rien n’a été effacé" in run("--dry-run")
    assert left(database, institution) == 2


def test_it_erases_whose_time_is_over_and_a_second_time_nobody(
    code: str, database: Database, institution: Institution
) -> None:
    assert reported()[code]["participants"] == 1
    assert left(database, institution) == 1
    assert code not in reported()


def test_it_says_each_campaign_and_how_many(code: str) -> None:
    said = run().replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert f"{code} : 1" in said


def test_a_role_that_does_not_own_the_tables_is_refused(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = database.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("TOISE_DATABASE_URL", address)
    assert settings.database_url != address
    assert "ne possède pas les tables" in run(status=1)
