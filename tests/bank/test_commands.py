import io
import json
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy import select
from typer.testing import CliRunner

from app.bank.commands import commands
from app.bank.files import inspect
from app.bank.shown import print_problems
from app.db.connection import Database
from app.db.tables.accounts import AuditRow
from app.settings import Settings
from app.web.typography import typeset
from tests.bank.samples import bank_file, item_text, new_bank
from tests.builders import Institution
from tests.server import SECRET
from tests.sittings import bank_we_ship


@pytest.fixture(autouse=True)
def french(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    monkeypatch.setenv("TOISE_DATABASE_URL", str(settings.database_url))
    monkeypatch.setenv("TOISE_SECRET_KEY", SECRET)


def run(*arguments: object, status: int = 0) -> str:
    done = CliRunner().invoke(commands, [str(argument) for argument in arguments])
    assert done.exit_code == status, done.output
    return done.output.replace("\N{NO-BREAK SPACE}", " ")


def test_check_says_that_a_good_bank_is_good() -> None:
    assert f"{len(bank_we_ship())} questions bonnes" in run("check", "itembank/data/socle-sante")


def test_check_gives_place_cause_and_repair_on_one_line_outside_a_terminal(tmp_path: Path) -> None:
    path = bank_file(tmp_path, item_text(1), item_text(2, level=9), bank="essai")
    line = 1 + path.read_text(encoding="utf-8").splitlines().index("    level: 9")
    printed = run("check", path, status=1).splitlines()
    assert len(printed) == 2
    assert printed[0].startswith(f"{path}:{line}:5: erreur: SN1.1-002 level: ")
    assert "1 à 8" in printed[0]
    assert printed[1] == "essai : 1 question bonne, 1 laissée de côté, 1 erreur"


def test_check_as_json_gives_the_same_as_data(tmp_path: Path) -> None:
    path = bank_file(tmp_path, item_text(1), item_text(2, level=9), bank="essai")
    report = json.loads(run("check", path, "--json", status=1))
    (problem,) = report["problems"]
    assert (report["bank"], report["good"], report["refused"]) == ("essai", 1, ["SN1.1-002"])
    assert (problem["severity"], problem["code"], problem["item"]) == ("error", "level-range", "SN1.1-002")
    assert (problem["file"], problem["column"], problem["where"]) == (str(path), 5, "level")
    assert problem["message"]
    assert problem["repair"]


def test_check_speaks_the_language_of_the_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    path = bank_file(tmp_path, item_text(1, level=9), bank="essai")
    problem = json.loads(run("check", path, "--json", status=1))["problems"][0]
    assert "level" in problem["message"].lower()
    assert "niveau" not in problem["message"].lower()


def test_warnings_alone_do_not_fail_a_check(tmp_path: Path) -> None:
    expired = item_text(1, written="2024-11-01", valid_from="2024-11-01", review_by="2025-11-01")
    assert "avertissement" in run("check", bank_file(tmp_path, expired, bank="essai"))


def test_a_file_that_does_not_exist_is_wrong_use(tmp_path: Path) -> None:
    run("check", tmp_path / "absent.yaml", status=2)


def test_an_empty_folder_is_refused_by_name(tmp_path: Path) -> None:
    assert str(tmp_path) in run("check", tmp_path, status=1)


def test_in_a_terminal_problems_stand_in_a_table_a_file_within_80_columns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    one = bank_file(tmp_path, item_text(1, level=9), bank="essai", name="a.yaml")
    two = bank_file(tmp_path, item_text(2).replace("correct: true", "correct: false"), bank="essai", name="b.yaml")
    screen = io.StringIO()
    problems = inspect([Path(one.name), Path(two.name)]).problems
    print_problems(Console(file=screen, width=80, force_terminal=True, color_system=None), problems)
    lines = screen.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    assert [line for line in lines if line.endswith(".yaml")] == ["a.yaml", "b.yaml"]
    text = " ".join(screen.getvalue().split())
    for problem in problems:
        assert f"{problem.line}:{problem.column}" in text
        assert problem.item in text
        assert all(word in text for word in typeset(problem.repair, "fr").split())


def test_what_a_file_holds_cannot_paint_the_terminal(tmp_path: Path) -> None:
    path = bank_file(tmp_path, item_text(1).replace("id: SN1.1-001", 'id: "[red]\\e[31m"'), bank="essai")
    screen = io.StringIO()
    console = Console(file=screen, width=80, force_terminal=True, color_system=None)
    print_problems(console, inspect([path]).problems)
    assert "\x1b[31m" not in screen.getvalue()
    assert "[red]" in screen.getvalue()


@pytest.mark.usefixtures("server")
def test_import_publishes_and_a_second_time_changes_nothing(institution: Institution, tmp_path: Path) -> None:
    bank = new_bank()
    path = bank_file(tmp_path, item_text(1), bank=bank)
    assert f"Version publiée : {bank}@1" in run("import", path, "--institution", institution.slug)
    assert f"{bank}@1 contient déjà" in run("import", path, "--institution", institution.slug)


@pytest.mark.usefixtures("server")
def test_import_is_in_the_journal_of_its_institution(
    database: Database, institution: Institution, tmp_path: Path
) -> None:
    bank = new_bank()
    run("import", bank_file(tmp_path, item_text(1), bank=bank), "--institution", institution.slug)
    with database.transaction(institution.id) as tx:
        assert tx.execute(select(AuditRow.actor, AuditRow.subject)).all() == [("operator", f"bank:{bank}@1")]


@pytest.mark.usefixtures("server")
def test_import_of_a_partly_good_bank_publishes_it_and_exits_1(institution: Institution, tmp_path: Path) -> None:
    bank = new_bank()
    path = bank_file(tmp_path, item_text(1), item_text(2, level=9), bank=bank)
    report = json.loads(run("import", path, "--institution", institution.slug, "--json", status=1))
    assert (report["version"]["number"], report["version"]["items"], report["accepted"]) == (1, 1, 1)
    assert report["refused"] == ["SN1.1-002"]


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("option", ["--dry-run", "--strict"])
def test_a_dry_or_strict_import_of_a_bad_bank_publishes_nothing(
    institution: Institution, tmp_path: Path, option: str
) -> None:
    bank = new_bank()
    path = bank_file(tmp_path, item_text(1), item_text(2, level=9), bank=bank)
    run("import", path, option, "--institution", institution.slug, status=1)
    assert bank not in run("list", "--json")


@pytest.mark.usefixtures("server")
def test_an_unknown_institution_is_refused_by_name(tmp_path: Path) -> None:
    path = bank_file(tmp_path, item_text(1), bank=new_bank())
    assert "nulle-part" in run("import", path, "--institution", "nulle-part", status=1)


@pytest.mark.usefixtures("server")
def test_list_names_every_version(institution: Institution, tmp_path: Path) -> None:
    bank = new_bank()
    for level in (2, 3):
        run("import", bank_file(tmp_path, item_text(1, level=level), bank=bank), "--institution", institution.slug)
    names = [(version["bank"], version["number"]) for version in json.loads(run("list", "--json"))]
    assert [name for name in names if name[0] == bank] == [(bank, 1), (bank, 2)]
    assert f"{bank}@2" in "".join(run("list").split())


@pytest.mark.usefixtures("server")
def test_export_then_import_is_the_same_version(institution: Institution, tmp_path: Path) -> None:
    bank, out = new_bank(), tmp_path / "out"
    bank_file(tmp_path, item_text(1), bank=bank)
    bank_file(tmp_path, item_text(1, competence="SN2.1"), bank=bank, competence="SN2.1")
    run("import", tmp_path, "--institution", institution.slug)
    run("export", f"{bank}@1", "--out", out)
    assert sorted(path.name for path in out.iterdir()) == ["SN1.1.yaml", "SN2.1.yaml"]
    report = json.loads(run("import", out, "--institution", institution.slug, "--json"))
    assert (report["unchanged"], report["version"]["number"]) == (True, 1)


@pytest.mark.usefixtures("server")
def test_export_never_mixes_with_files_already_there(institution: Institution, tmp_path: Path) -> None:
    bank = new_bank()
    path = bank_file(tmp_path, item_text(1), bank=bank)
    run("import", path, "--institution", institution.slug)
    assert "pas vide" in run("export", bank, "--out", tmp_path, status=1)
    assert path.exists()


@pytest.mark.usefixtures("server")
def test_export_of_an_unknown_version_is_refused(tmp_path: Path) -> None:
    assert "absente@7" in run("export", "absente@7", "--out", tmp_path / "out", status=1)
    assert not (tmp_path / "out").exists()
