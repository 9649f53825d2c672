from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL, select
from typer.testing import CliRunner

from app.bank.commands import commands as bank
from app.campaigns.commands import commands as campaign
from app.db import connection
from app.db.connection import Database
from app.db.tables.accounts import AuditRow
from tests import server
from tests.bank.samples import bank_file, item_text
from tests.builders import make_institution


@pytest.fixture
def database(maintenance: URL, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A server of its own, so that it may have no institution, one or several."""
    with server.copied(maintenance) as url:
        settings = server.settings_for(url)
        monkeypatch.setenv("TOISE_DATABASE_URL", url.render_as_string(hide_password=False))
        monkeypatch.setenv("TOISE_SECRET_KEY", server.SECRET)
        monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
        with connection.addresses(settings) as at, connection.open_database(settings, at) as opened:
            yield opened


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return bank_file(tmp_path, item_text(1), bank="essai")


def test_the_only_institution_needs_no_naming(database: Database, file: Path) -> None:
    only = make_institution(database)
    assert CliRunner().invoke(bank, ["import", str(file)]).exit_code == 0
    with database.transaction(only.id) as tx:
        assert tx.scalars(select(AuditRow.subject)).all() == ["bank:essai@1"]


@pytest.mark.usefixtures("database")
def test_a_server_without_institutions_takes_banks_but_has_no_campaigns(file: Path) -> None:
    assert CliRunner().invoke(bank, ["import", str(file)]).exit_code == 0
    listed = CliRunner().invoke(campaign, ["list"])
    assert listed.exit_code == 1
    assert "aucun établissement" in listed.output


def test_of_several_institutions_one_must_be_named(database: Database, file: Path) -> None:
    slugs = sorted(make_institution(database).slug for _ in range(2))
    refused = CliRunner().invoke(bank, ["import", str(file)])
    assert refused.exit_code == 1
    assert ", ".join(slugs) in refused.output


@pytest.mark.usefixtures("database")
def test_a_place_that_cannot_be_written_is_a_refusal_and_no_traceback(file: Path) -> None:
    CliRunner().invoke(bank, ["import", str(file)])
    refused = CliRunner().invoke(bank, ["export", "essai", "--out", str(file / "out")])
    assert refused.exit_code == 1
    assert isinstance(refused.exception, SystemExit)


def test_a_database_that_does_not_answer_is_a_refusal_and_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOISE_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    monkeypatch.setenv("TOISE_SECRET_KEY", server.SECRET)
    refused = CliRunner().invoke(bank, ["list"])
    assert refused.exit_code == 1
    assert isinstance(refused.exception, SystemExit)
