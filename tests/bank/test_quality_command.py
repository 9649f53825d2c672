"""``toise bank check --quality`` and ``toise bank coverage``, as an author runs them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.bank.commands import commands
from itembank.quality.coverage import END, START
from tests.items import bank_file, in_case, make_case, make_item, make_order


@pytest.fixture(autouse=True)
def french(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    """Two questions of a case and one that asks for what is not."""
    path = tmp_path / "SN1.1.yaml"
    negative = make_item("SN1.1-003")
    stem = type(negative.stem)("Laquelle n'est pas utile ?", "What now?")
    items = (*in_case(make_case(), make_item("SN1.1-001"), make_order(item_id="SN1.1-002")), negative)
    path.write_bytes(bank_file(*items[:2], make_item("SN1.1-003", stem=stem)))
    return path


def run(*arguments: object, status: int = 0) -> str:
    done = CliRunner().invoke(commands, [str(argument) for argument in arguments])
    assert done.exit_code == status, done.output
    return done.output.replace("\N{NO-BREAK SPACE}", " ")


def test_without_quality_only_the_form_is_judged(bank: Path) -> None:
    assert "Choix unique" not in run("check", bank)


def test_quality_tells_what_to_repair_where_and_fails(bank: Path) -> None:
    printed = run("check", bank, "--quality", status=1)
    line = bank.read_text(encoding="utf-8").splitlines().index("    fr: Laquelle n'est pas utile ?") + 1
    assert f"{bank}:{line}:" in printed.replace("\n", "")
    assert "Questions dans un cas" in printed


def test_quality_as_json_gives_the_figures_too(bank: Path) -> None:
    report = json.loads(run("check", bank, "--quality", "--json", status=1))["quality"]
    assert [found["code"] for found in report["problems"] if found["severity"] == "error"] == ["negative-stem"]
    assert report["types"]["ordering"] == 1
    assert (report["cases"], report["questions_in_cases"], report["settings"]) == (1, 2, {"ward": 1})
    assert {"capacity": "SN1.1.a", "band": "novice", "type": "ordering", "count": 1} in report["cells"]
    assert {each["locale"] for each in report["longest_keys"]} == {"fr", "en"}
    assert all(0 <= pair["cosine"] <= 1 for pairs in report["pairs"].values() for pair in pairs)


def test_a_bank_of_sixty_single_choices_hears_what_the_form_of_its_options_gives_away(tmp_path: Path) -> None:
    path = tmp_path / "SN1.1.yaml"
    path.write_bytes(bank_file(*(make_item(f"SN1.1-{number:03}") for number in range(1, 61))))
    printed = run("check", path, "--quality", status=1)
    assert "La forme des options suffit à trouver la bonne réponse 60 fois sur 60" in " ".join(printed.split())
    found = json.loads(run("check", path, "--quality", "--json", status=1))["quality"]["guesses"]
    assert [(each["locale"], each["count"], each["total"]) for each in found] == [("fr", 60, 60), ("en", 60, 60)]
    assert found[0]["standard_errors_above"] == pytest.approx((60 - found[0]["expected"]) / found[0]["error"])


def test_files_whose_framework_cannot_be_read_have_no_quality(tmp_path: Path) -> None:
    path = tmp_path / "vide.yaml"
    path.write_text("")
    assert "quality" not in json.loads(run("check", path, "--quality", "--json", status=1))
    assert "référentiel" in run("coverage", path, status=1)


def test_coverage_is_printed_or_written_between_its_markers(bank: Path, tmp_path: Path) -> None:
    printed = run("coverage", bank)
    assert "| SN1.1.a | 2 S, 1 O | – | – | – | 3 |" in printed
    page = tmp_path / "page.md"
    page.write_text(f"x\n{START}\n{END}\n", encoding="utf-8")
    assert run("coverage", bank, "--write", page) == ""
    assert printed in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("content", [None, "a page without markers"])
def test_a_page_that_cannot_take_the_table_is_refused_and_stays(
    bank: Path, tmp_path: Path, content: str | None
) -> None:
    page = tmp_path / "page.md"
    if content is not None:
        page.write_text(content)
    run("coverage", bank, "--write", page, status=1)
    assert (page.read_text() if page.exists() else None) == content
