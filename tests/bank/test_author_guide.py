"""The guide for item authors is what it says: its files are checked, its commands are run."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from itembank.problem import WARNINGS
from itembank.wording import english
from tests import guides, server

GUIDE = guides.read("author")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where an author who has followed the guide stands."""
    (tmp_path / "ma-banque").mkdir()
    (tmp_path / "ma-banque" / "SN1.1.yaml").write_text("".join(guides.blocks(GUIDE, "yaml")), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def fresh_server(maintenance: URL, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with server.copied(maintenance) as url:
        monkeypatch.setenv("TOISE_DATABASE_URL", url.render_as_string(hide_password=False))
        monkeypatch.setenv("TOISE_SECRET_KEY", server.SECRET)
        monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
        yield


@pytest.mark.usefixtures("folder", "fresh_server")
def test_every_command_of_the_guide_does_what_it_says() -> None:
    lines = [line for block in guides.blocks(GUIDE, "sh") for line in block.splitlines()]
    done = {line: guides.run(line) for line in lines}
    assert {line: result.output for line, result in done.items() if result.exit_code} == {}
    said = [result.output.replace("\N{NO-BREAK SPACE}", " ") for result in done.values()]
    check, _, quality, coverage, dry, first, second, listed, exported, again = said
    assert "3 questions bonnes" in check
    assert "Choix unique" in quality
    assert "| SN1.1.b | – | 1 M, 1 T | – | – | 2 |" in coverage
    assert "rien n’a été écrit" in dry.replace("'", "’")
    assert "Version publiée : ma-banque@1" in first
    assert "ma-banque@1 contient déjà" in second
    assert "ma-banque@1" in listed
    assert "3 questions" in exported
    assert "ma-banque@1 contient déjà" in again


def test_every_kind_of_problem_is_explained() -> None:
    explained = re.findall(r"^\| `([a-z0-9-]+)` \|", GUIDE, re.MULTILINE)
    assert sorted(explained) == sorted(english.TABLE)


def test_the_warnings_named_are_the_warnings() -> None:
    (sentence,) = re.findall(r"^The warnings are (.*?);", GUIDE, re.MULTILINE | re.DOTALL)
    assert set(re.findall(r"`([a-z-]+)`", sentence)) == WARNINGS
