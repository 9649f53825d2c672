import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import Connection, Engine, event

from app.bank import pools, service
from app.bank.model import UnknownBankVersion
from app.db.connection import Database
from tests.bank.samples import bank_file, item_text, new_bank
from tests.conftest import NOON


def publish(database: Database, folder: Path) -> uuid.UUID:
    path = bank_file(folder, item_text(1), item_text(2), bank=new_bank())
    with database.transaction() as tx:
        version = service.import_bank(tx, [path], imported_by="operator", now=NOON).version
    assert version is not None
    return version.id


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def test_a_pool_holds_the_version_as_published(database: Database, tx: Connection, tmp_path: Path) -> None:
    pool = pools.of(tx, publish(database, tmp_path))
    assert [item.id for item in pool.items] == ["SN1.1-001", "SN1.1-002"]
    assert pool.name.endswith("@1")
    assert pool.framework.name == "fr-socle-numerique-sante@2026.1"
    assert pool.provisional


def test_requests_that_ask_together_read_the_version_once(database: Database, tmp_path: Path) -> None:
    version_id, together = publish(database, tmp_path), Barrier(6)

    def ask(_: int) -> int:
        with database.transaction() as tx:
            together.wait(10)
            return id(pools.of(tx, version_id))

    with statements(database.engine) as seen, ThreadPoolExecutor(6) as threads:
        assert len(set(threads.map(ask, range(6)))) == 1
    assert sum("FROM item_versions" in statement for statement in seen) == 1


def test_an_unknown_version_is_refused_every_time(tx: Connection) -> None:
    unknown = uuid.uuid4()
    for _ in range(2):
        with pytest.raises(UnknownBankVersion):
            pools.of(tx, unknown)
