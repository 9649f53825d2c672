import datetime as dt
import json
import tempfile
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from app.bank import service as banks
from app.bank.model import BankVersion
from app.campaigns.commands import commands
from app.db.connection import Database
from app.settings import Settings
from framework import load
from tests.bank.samples import bank_file, item_text, new_bank
from tests.builders import Institution
from tests.server import SECRET


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    monkeypatch.setenv("TOISE_DATABASE_URL", str(settings.database_url))
    monkeypatch.setenv("TOISE_SECRET_KEY", SECRET)


def run(*arguments: object, status: int = 0) -> str:
    done = CliRunner().invoke(commands, [str(argument) for argument in arguments])
    assert done.exit_code == status, done.output
    return done.output.replace("\N{NO-BREAK SPACE}", " ")


def published(database: Database) -> BankVersion:
    """A bank in service today, whatever the day: commands read the real clock."""
    today = dt.datetime.now(dt.UTC).date()
    dates = {"written": today, "valid_from": today, "review_by": today + dt.timedelta(days=365)}
    bank = new_bank()
    with tempfile.TemporaryDirectory() as folder, database.transaction() as tx:
        for competence in load().competences:
            items = (item_text(number, competence=competence.id, **dates) for number in range(1, 6))
            bank_file(Path(folder), *items, bank=bank, competence=competence.id)
        report = banks.import_bank(tx, [Path(folder)], imported_by="tests", now=dt.datetime.now(dt.UTC), strict=True)
    assert report.version is not None
    return report.version


def create(database: Database, institution: Institution, *options: object, status: int = 0) -> str:
    bank = published(database)
    titles = ("--title-fr", "Positionnement [1]", "--title-en", "Placement")
    return run("create", *titles, "--bank", bank.name, "--institution", institution.slug, *options, status=status)


def policy_file(folder: Path, content: object) -> Path:
    path = folder / "policy.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def listed(institution: Institution) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run("list", "--institution", institution.slug, "--json"))
    return found


def test_create_says_the_code_and_list_shows_the_campaign(database: Database, institution: Institution) -> None:
    code = create(database, institution).split()[-1]
    (campaign,) = listed(institution)
    assert (campaign["code"], campaign["state"], campaign["participants"]) == (code, "open", 0)
    table = run("list", "--institution", institution.slug)
    assert code in table
    assert "Positionnement [1]" in " ".join(table.split())


def test_moments_are_read_on_the_institution_s_clock(database: Database, institution: Institution) -> None:
    opens = dt.datetime.now(ZoneInfo("Europe/Paris")).replace(hour=8, minute=30, second=0, microsecond=0)
    opens += dt.timedelta(days=20)
    create(
        database,
        institution,
        "--opens",
        f"{opens:%Y-%m-%dT%H:%M}",
        "--closes",
        f"{opens + dt.timedelta(days=9):%Y-%m-%d}",
    )
    (campaign,) = listed(institution)
    assert campaign["state"] == "not_yet"
    assert dt.datetime.fromisoformat(campaign["opens_at"]) == opens
    last = (opens + dt.timedelta(days=9)).replace(hour=23, minute=59)
    assert dt.datetime.fromisoformat(campaign["closes_at"]) == last


def test_a_closing_that_is_no_moment_is_wrong_use(database: Database, institution: Institution) -> None:
    assert "2027-01-31 18:00" in create(database, institution, "--closes", "31/01/2027", status=2)


def test_a_campaign_longer_than_its_questions_serve_is_refused(database: Database, institution: Institution) -> None:
    closes = dt.datetime.now(dt.UTC) + dt.timedelta(days=400)
    assert "tenues" in create(database, institution, "--closes", f"{closes:%Y-%m-%d}", status=1)


def test_close_closes(database: Database, institution: Institution) -> None:
    code = create(database, institution).split()[-1]
    assert code in run("close", code.lower())
    assert [campaign["state"] for campaign in listed(institution)] == ["closed"]


def test_rules_come_from_a_file(database: Database, institution: Institution, tmp_path: Path) -> None:
    create(database, institution, "--policy", policy_file(tmp_path, {"length": {"at_least": 12, "at_most": 15}}))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"lenght": {}}, "lenght: cette règle n’existe pas"),
        ({"length": {"at_least": 9, "at_most": 3}}, "length: at_least ne doit pas dépasser at_most"),
        ({"length": {"at_most": "a"}}, "length.at_most: un nombre entier est attendu"),
        ({"se_target": 2}, "se_target: la valeur doit être au plus 1"),
        ({"loading": {"SN1": 3}}, "loading.SN1: la valeur doit être au plus 0.95"),
        ({"feedback": "each"}, "feedback: les valeurs possibles sont"),
        ([], "un groupe de valeurs entre accolades est attendu"),
        ("{", "ligne 1, colonne 2"),
        ('{"se_target": 0.5, "se_target": 0.6}', "se_target: cette règle est écrite deux fois"),
    ],
)
def test_a_policy_that_cannot_be_read_names_the_field(
    database: Database, institution: Institution, tmp_path: Path, content: object, said: str
) -> None:
    printed = create(database, institution, "--policy", policy_file(tmp_path, content), status=1)
    assert said.replace("’", "'") in printed.replace("’", "'")


def test_rules_that_cannot_be_kept_are_refused_by_name(
    database: Database, institution: Institution, tmp_path: Path
) -> None:
    policy = policy_file(tmp_path, {"limits": {"SN3": {"at_least": 1, "at_most": 1}}})
    assert "SN3" in create(database, institution, "--policy", policy, status=1)
    assert listed(institution) == []


def test_an_unknown_bank_or_code_is_refused(institution: Institution) -> None:
    titles = ("--title-fr", "Un", "--title-en", "One")
    assert "absente" in run("create", *titles, "--bank", "absente", "--institution", institution.slug, status=1)
    assert "code" in run("close", "QQQQQQ", status=1)


def test_an_identification_that_does_not_exist_is_wrong_use(database: Database, institution: Institution) -> None:
    create(database, institution, "--identification", "carte", status=2)
