import datetime as dt
from pathlib import Path

import pytest

from app.bank.files import inspect
from app.bank.model import FrameworkNotPublished, NoFiles
from itembank.problem import Problem
from tests.bank.samples import bank_file, bank_text, item_text

TODAY = dt.date(2026, 11, 23)


def errors(problems: tuple[Problem, ...]) -> list[tuple[str, str, int | None]]:
    return [(found.code, found.item, found.line) for found in problems if found.severity == "error"]


def test_the_bank_we_ship_has_no_error() -> None:
    found = inspect([Path("itembank/data/socle-sante")], today=TODAY)
    assert found.errors == ()
    assert found.refused == ()
    assert len(found.good) >= 75


def test_good_items_go_in_and_bad_ones_are_reported_with_their_line(tmp_path: Path) -> None:
    path = bank_file(tmp_path, item_text(1), item_text(2, level=9), item_text(3), bank="essai")
    found = inspect([path], today=TODAY)
    assert [item.id for item in found.good] == ["SN1.1-001", "SN1.1-003"]
    assert found.refused == ("SN1.1-002",)
    line = 1 + path.read_text(encoding="utf-8").splitlines().index("    level: 9")
    assert errors(found.problems) == [("level-range", "SN1.1-002", line)]
    assert found.problems[0].file == str(path)


def test_an_item_that_is_not_yaml_is_refused_alone(tmp_path: Path) -> None:
    broken = item_text(2).replace("stem: {fr:", "stem: {fr: [")
    found = inspect([bank_file(tmp_path, item_text(1), broken, item_text(3), bank="essai")], today=TODAY)
    assert [item.id for item in found.good] == ["SN1.1-001", "SN1.1-003"]
    assert found.refused == ("SN1.1-002",)


def test_a_folder_is_read_by_name_and_its_order_does_not_matter(tmp_path: Path) -> None:
    bank_file(tmp_path, item_text(1, competence="SN2.1"), bank="essai", competence="SN2.1", name="a.yaml")
    bank_file(tmp_path, item_text(1), bank="essai", name="b.yml")
    (tmp_path / "notes.txt").write_text("rien", encoding="utf-8")
    found = inspect([tmp_path], today=TODAY)
    assert [item.id for item in found.good] == ["SN1.1-001", "SN2.1-001"]


def test_a_folder_without_bank_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoFiles):
        inspect([tmp_path])


def test_a_file_of_another_bank_gives_no_item(tmp_path: Path) -> None:
    first = bank_file(tmp_path, item_text(1), bank="essai", name="a.yaml")
    second = bank_file(tmp_path, item_text(2), bank="autre", name="b.yaml")
    found = inspect([first, second], today=TODAY)
    assert [item.id for item in found.good] == ["SN1.1-001"]
    assert found.refused == ("SN1.1-002",)
    assert errors(found.problems) == [("other-bank", "", 1)]


def test_of_two_items_with_one_id_the_first_is_kept(tmp_path: Path) -> None:
    found = inspect([bank_file(tmp_path, item_text(1), item_text(1, level=3), bank="essai")], today=TODAY)
    assert [(item.id, item.level) for item in found.good] == [("SN1.1-001", 2)]
    assert found.refused == ("SN1.1-001",)


def test_enemies_that_were_left_out_are_no_longer_named(tmp_path: Path) -> None:
    one = item_text(1, extra="    enemies: [SN1.1-002]\n")
    other = item_text(2, level=9, extra="    enemies: [SN1.1-001]\n")
    found = inspect([bank_file(tmp_path, one, other, bank="essai")], today=TODAY)
    assert [item.enemies for item in found.good] == [frozenset()]


def test_a_bank_name_that_cannot_name_versions_is_refused(tmp_path: Path) -> None:
    found = inspect([bank_file(tmp_path, item_text(1), bank="'mon@3'")], today=TODAY)
    assert found.good == ()
    assert errors(found.problems) == [("bad-id", "", None)]


def test_an_unknown_framework_is_refused_by_name(tmp_path: Path) -> None:
    text = bank_text(item_text(1), bank="essai").replace("2026.1", "1999.1")
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FrameworkNotPublished) as refused:
        inspect([path])
    assert refused.value.facts == {"name": "fr-socle-numerique-sante@1999.1"}


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"- 1\n- 2\n", b"a: [", b"\x00" * 50])
def test_a_file_that_is_no_bank_gives_problems_and_no_item(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(content)
    found = inspect([path], today=TODAY)
    assert found.good == ()
    assert found.errors
    assert all(problem.file == str(path) for problem in found.errors)
