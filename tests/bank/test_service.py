from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event, func, select, text, update
from sqlalchemy.exc import DBAPIError

from app.bank import service
from app.bank.files import inspect
from app.bank.model import BankName, FrameworkChanged, ImportReport, UnknownBank
from app.db.connection import Database
from app.db.tables.accounts import AuditRow
from app.db.tables.bank import BankVersionRow, ItemVersionRow
from framework import load
from itembank.formats import native
from tests.bank.samples import bank_file, bank_text, item_text, new_bank
from tests.builders import Institution
from tests.conftest import NOON


def imported(tx: Connection, *files: Path, dry_run: bool = False, strict: bool = False) -> ImportReport:
    return service.import_bank(tx, files, imported_by="operator", now=NOON, dry_run=dry_run, strict=strict)


@contextmanager
def noted(engine: Engine, seen: list[str]) -> Iterator[None]:
    def note(_connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield
    event.remove(engine, "before_cursor_execute", note)


def versions(tx: Connection, bank: str) -> list[int]:
    return [version.number for version in service.list_versions(tx) if version.bank == bank]


def test_an_import_publishes_the_good_items(tx: Connection, tmp_path: Path) -> None:
    bank = new_bank()
    report = imported(tx, bank_file(tmp_path, item_text(1), item_text(2, level=9), bank=bank))
    assert report.version is not None
    assert (report.version.name, report.version.item_count) == (f"{bank}@1", 1)
    assert (report.accepted, report.refused, report.unchanged) == (1, ("SN1.1-002",), False)
    assert [problem.code for problem in report.errors] == ["level-range"]


def test_the_same_content_is_the_same_version(tx: Connection, tmp_path: Path) -> None:
    bank = new_bank()
    path = bank_file(tmp_path, item_text(1), item_text(2), bank=bank)
    first = imported(tx, path)
    bank_file(tmp_path, item_text(2), item_text(1), bank=bank)
    again = imported(tx, path)
    assert again.unchanged
    assert again.version == first.version
    assert versions(tx, bank) == [1]


def test_other_content_is_the_next_version_and_the_first_stays(tx: Connection, tmp_path: Path) -> None:
    bank = new_bank()
    imported(tx, bank_file(tmp_path, item_text(1), bank=bank))
    report = imported(tx, bank_file(tmp_path, item_text(1, level=3), bank=bank))
    assert report.version is not None
    assert report.version.number == 2
    first = service.version_named(tx, BankName.read(f"{bank}@1"))
    assert "level: 2" in service.export_bank(tx, first)["SN1.1.yaml"]
    assert service.version_named(tx, BankName.read(bank)) == report.version


def test_content_that_comes_back_is_the_version_it_was(tx: Connection, tmp_path: Path) -> None:
    bank = new_bank()
    reports = [imported(tx, bank_file(tmp_path, item_text(1, level=level), bank=bank)) for level in (2, 3, 2)]
    report = reports[-1]
    assert report.version is not None
    assert (report.version.number, report.unchanged) == (1, True)


def test_a_dry_run_writes_nothing(tx: Connection, tmp_path: Path) -> None:
    bank = new_bank()
    path = bank_file(tmp_path, item_text(1), bank=bank)
    report = imported(tx, path, dry_run=True)
    assert (report.version, report.accepted, report.unchanged) == (None, 1, False)
    assert versions(tx, bank) == []
    published = imported(tx, path).version
    assert imported(tx, path, dry_run=True).version == published


def test_strict_publishes_nothing_while_an_item_is_bad(tx: Connection, tmp_path: Path) -> None:
    bank = new_bank()
    report = imported(tx, bank_file(tmp_path, item_text(1), item_text(2, level=9), bank=bank), strict=True)
    assert (report.version, report.refused) == (None, ("SN1.1-002",))
    assert versions(tx, bank) == []


def test_strict_lets_warnings_pass(tx: Connection, tmp_path: Path) -> None:
    expired = item_text(1, written="2024-11-01", valid_from="2024-11-01", review_by="2025-11-01")
    report = imported(tx, bank_file(tmp_path, expired, bank=new_bank()), strict=True)
    assert [problem.code for problem in report.problems] == ["expired"]
    assert report.version is not None


def test_nothing_good_publishes_nothing(tx: Connection, tmp_path: Path) -> None:
    bank = new_bank()
    report = imported(tx, bank_file(tmp_path, item_text(1, level=9), bank=bank))
    assert (report.version, report.accepted) == (None, 0)
    assert versions(tx, bank) == []


def test_parallel_imports_get_numbers_of_their_own(database: Database, tmp_path: Path) -> None:
    bank = new_bank()
    paths = [bank_file(tmp_path, item_text(n), bank=bank, name=f"{n}.yaml") for n in range(1, 9)]

    def publish(path: Path) -> str:
        with database.transaction() as tx:
            version = imported(tx, path).version
            assert version is not None
            return version.name

    with ThreadPoolExecutor(8) as threads:
        names = list(threads.map(publish, paths))
    assert sorted(names) == [f"{bank}@{number}" for number in range(1, 9)]


def test_parallel_imports_of_one_content_make_one_version(database: Database, tmp_path: Path) -> None:
    bank = new_bank()
    path = bank_file(tmp_path, item_text(1), bank=bank)

    def publish(_: int) -> bool:
        with database.transaction() as tx:
            return imported(tx, path).unchanged

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(publish, range(8))) == [False, *[True] * 7]


def test_an_import_for_an_institution_is_in_its_journal(
    database: Database, institution: Institution, tmp_path: Path
) -> None:
    path = bank_file(tmp_path, item_text(1), bank=new_bank())
    with database.transaction(institution.id) as tx:
        report, _ = (
            service.import_bank(tx, [path], imported_by="operator", now=NOON, institution_id=institution.id)
            for _ in range(2)
        )
    assert report.version is not None
    with database.transaction(institution.id) as tx:
        rows = tx.execute(select(AuditRow.actor, AuditRow.act, AuditRow.subject, AuditRow.at)).all()
    assert rows == [("operator", "bank.published", f"bank:{report.version.name}", NOON)]


def test_export_then_import_is_the_identity(tx: Connection, tmp_path: Path) -> None:
    first = imported(tx, Path("itembank/data/socle-sante"))
    assert first.version is not None
    for name, content in service.export_bank(tx, first.version).items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    again = imported(tx, tmp_path, strict=True)
    assert again.problems == ()
    assert again.version == first.version


def test_a_bank_that_lost_items_exports_as_a_bank_without_errors(tx: Connection, tmp_path: Path) -> None:
    one = item_text(1, extra="    enemies: [SN1.1-002]\n")
    other = item_text(2, level=9, extra="    enemies: [SN1.1-001]\n")
    first = imported(tx, bank_file(tmp_path, one, other, bank=new_bank()))
    assert first.version is not None
    exported = service.export_bank(tx, first.version)["SN1.1.yaml"]
    assert native.read({"a.yaml": exported.encode()}).problems == ()
    (tmp_path / "SN1.1.yaml").write_text(exported, encoding="utf-8")
    assert imported(tx, tmp_path).version == first.version


def test_a_large_bank_takes_as_many_statements_as_a_small_one(
    database: Database, tx: Connection, tmp_path: Path
) -> None:
    def statements(count: int) -> int:
        path = bank_file(tmp_path, *(item_text(n) for n in range(1, count + 1)), bank=new_bank())
        found = inspect([path], today=NOON.date())
        seen: list[str] = []
        with noted(database.engine, seen):
            report = service.publish_bank(tx, found, imported_by="operator", now=NOON)
        assert report.version is not None
        stored = select(func.count()).where(ItemVersionRow.bank_version_id == report.version.id)
        assert tx.scalar(stored) == count
        return len(seen)

    statements(1)  # publishes the framework too
    assert statements(500) == statements(1)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE item_versions SET item_id = 'x'",
        "DELETE FROM item_versions",
        "UPDATE bank_versions SET number = 99",
        "DELETE FROM bank_versions",
        "UPDATE framework_versions SET version = 'x'",
        "TRUNCATE item_versions",
    ],
)
def test_what_is_published_cannot_be_changed_by_the_service(tx: Connection, tmp_path: Path, statement: str) -> None:
    imported(tx, bank_file(tmp_path, item_text(1), bank=new_bank()))
    with pytest.raises(DBAPIError), tx.begin_nested():
        tx.execute(text(statement))


def test_what_is_published_cannot_be_changed_by_the_owner_either(
    database: Database, owner: Engine, tmp_path: Path
) -> None:
    with database.transaction() as tx:
        imported(tx, bank_file(tmp_path, item_text(1), bank=new_bank()))
    with pytest.raises(DBAPIError), owner.begin() as tx:
        tx.execute(update(BankVersionRow).values(number=99))


def test_a_framework_is_published_once(tx: Connection) -> None:
    assert service.publish_framework(tx, load()) == service.publish_framework(tx, load())


def test_a_published_framework_version_cannot_get_other_content(tx: Connection) -> None:
    service.publish_framework(tx, load())
    with pytest.raises(FrameworkChanged):
        service.publish_framework(tx, replace(load(), cuts=(-3.0, -1.5, -0.75, 0.0, 0.75, 1.5, 2.25)))


def test_a_published_framework_is_found_and_a_shipped_one_too(tx: Connection) -> None:
    assert service.find_framework(tx, "fr-socle-numerique-sante", "2026.1") == load()
    service.publish_framework(tx, replace(load(), version="2099.1"))
    found = service.find_framework(tx, "fr-socle-numerique-sante", "2099.1")
    assert found is not None
    assert found.name == "fr-socle-numerique-sante@2099.1"
    assert service.find_framework(tx, "fr-socle-numerique-sante", "1999.1") is None


@pytest.mark.parametrize("name", ["absente", "absente@1", "", "a b", "absente@0", "@3", "a@1@2"])
def test_a_version_that_does_not_exist_is_refused(tx: Connection, name: str) -> None:
    with pytest.raises(UnknownBank):
        service.version_named(tx, BankName.read(name))


def test_a_bank_may_follow_a_framework_published_on_the_server_only(tx: Connection, tmp_path: Path) -> None:
    service.publish_framework(tx, replace(load(), version="2098.1"))
    path = tmp_path / "a.yaml"
    path.write_text(bank_text(item_text(1), bank=new_bank()).replace("2026.1", "2098.1"), encoding="utf-8")
    report = imported(tx, path)
    assert report.version is not None
    assert report.version.framework == "fr-socle-numerique-sante@2098.1"
