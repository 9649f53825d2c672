"""The guide for universities is what it says: its commands and its script run against a live service."""

import csv
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

import framework
from app.accounts import client_service
from app.accounts import routes as accounts
from app.accounts.model import Scope
from app.db.connection import Database
from app.results import routes as results
from app.results import schemas, sheet
from tests import guides
from tests.browser.live import live
from tests.builders import Institution
from tests.conftest import NOON
from tests.results.journal import Campaign, finish_many, make_campaign

GUIDE = guides.read("university")


@pytest.fixture
def campaign(database: Database, institution: Institution) -> Campaign:
    return make_campaign(database, institution.id)


@pytest.fixture
def environment(
    make_app: Callable[..., FastAPI], database: Database, institution: Institution
) -> Iterator[dict[str, str]]:
    """The three variables of the guide, for a live service and a client of its own."""
    with database.transaction(institution.id) as tx:
        made = client_service.create_client(
            tx, institution_id=institution.id, name="Scolarité", scopes=list(Scope), now=NOON
        )
    with live(make_app()) as address:
        yield {
            "PATH": os.environ["PATH"],
            "TOISE_URL": address,
            "TOISE_CLIENT_ID": made.client.client_id,
            "TOISE_CLIENT_SECRET": made.secret,
        }


def test_the_script_keeps_a_copy_and_goes_on_where_it_stopped(
    environment: dict[str, str], database: Database, campaign: Campaign, tmp_path: Path
) -> None:
    (script,) = guides.blocks(GUIDE, "python")
    (tmp_path / "pull.py").write_text(script, encoding="utf-8")
    expected = finish_many(database, campaign, 3)
    assert run_script(tmp_path, environment) == "3 new results\n"
    assert run_script(tmp_path, environment) == "0 new results\n"
    expected += finish_many(database, campaign, 600)
    assert run_script(tmp_path, environment) == "600 new results\n"
    with closing(sqlite3.connect(tmp_path / "results.sqlite3")) as copy:
        kept = dict(copy.execute("SELECT session, document FROM result"))
    assert set(kept) == set(map(str, expected))
    assert all(json.loads(document)["session"] == session for session, document in kept.items())


def run_script(folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "pull.py"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(shutil.which("curl") is None, reason="the guide's commands use curl")
def test_the_commands_do_what_they_say(
    environment: dict[str, str], database: Database, campaign: Campaign, tmp_path: Path
) -> None:
    finish_many(database, campaign, 3)
    done = subprocess.run(
        ["sh", "-eu", "-c", "\n".join(guides.blocks(GUIDE, "sh"))],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    page, end = json.JSONDecoder().raw_decode(done.stdout)
    assert (len(page["data"]), page["has_more"]) == (2, True)
    assert done.stdout[end:].split() == ["304"]
    with (tmp_path / "results.csv").open(encoding="utf-8", newline="") as table:
        assert len(list(csv.DictReader(table))) == 3
    assert "toise-next-cursor:" in (tmp_path / "headers.txt").read_text().lower()
    assert json.loads((tmp_path / "framework.json").read_text()) == framework.load().to_data()


def fields(model: Any) -> Iterator[str]:
    """The names of a document's fields, through its parts."""
    schema = model.model_json_schema(by_alias=True)
    for part in (schema, *schema.get("$defs", {}).values()):
        yield from part.get("properties", {})


@pytest.mark.parametrize(
    "field", sorted(set(fields(schemas.Result)) - {"id", "fr", "en", "code", "title", "schema", "reason", "capacity"})
)
def test_every_field_of_a_result_is_explained(field: str) -> None:
    assert re.search(rf"`(\w+\.)?{field}`", GUIDE)


def test_every_column_of_a_table_is_named() -> None:
    assert {column for column in sheet.columns(()) if f"`{column}`" not in GUIDE} == set()
    assert {column for column in sheet.columns(("SN1",)) if f"`{column.removeprefix('SN1_')}`" not in GUIDE} == set()


def documented_codes() -> set[str]:
    app = FastAPI()
    for router in (accounts.router, results.router):
        app.include_router(router)
    answers = [
        answer
        for path in app.openapi()["paths"].values()
        for operation in path.values()
        for answer in operation["responses"].values()
    ]
    problems = [answer.get("content", {}).get("application/problem+json", {}) for answer in answers]
    return {code for problem in problems for code in problem.get("examples", {})}


def test_every_refusal_has_its_line() -> None:
    told = set(re.findall(r"^\| \d{3} \| `([a-z-]+)` \|", GUIDE, re.MULTILINE))
    assert told == documented_codes() - {"too-large"}


def test_every_query_parameter_has_its_line() -> None:
    app = FastAPI()
    app.include_router(results.router)
    names = {parameter["name"] for parameter in app.openapi()["paths"]["/api/v1/results"]["get"]["parameters"]}
    assert {name for name in names if f"\n| `{name}` |" not in GUIDE} == set()
