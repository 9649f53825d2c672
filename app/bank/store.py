"""SQL of published versions. They are only ever inserted: the database refuses anything else."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import psycopg
from psycopg.types.json import Jsonb
from sqlalchemy import Connection, Row, Select, func, insert, select

from app.bank.model import BankName, BankVersion, FrameworkVersion
from app.db.tables.bank import BankVersionRow, FrameworkVersionRow, ItemVersionRow

_BANK = (
    BankVersionRow.id,
    BankVersionRow.bank,
    BankVersionRow.number,
    BankVersionRow.framework_version_id,
    FrameworkVersionRow.framework,
    FrameworkVersionRow.version,
    BankVersionRow.sha256,
    BankVersionRow.item_count,
    BankVersionRow.imported_by,
    BankVersionRow.created_at,
)


def lock_name(tx: Connection, kind: str, name: str) -> None:
    """Queue up behind other transactions that publish under this name, until they end."""
    tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"{kind}:{name}", 0))))


def framework_version(tx: Connection, framework: str, version: str) -> FrameworkVersion | None:
    row = tx.execute(
        select(
            FrameworkVersionRow.id,
            FrameworkVersionRow.framework,
            FrameworkVersionRow.version,
            FrameworkVersionRow.sha256,
        ).where(FrameworkVersionRow.framework == framework, FrameworkVersionRow.version == version)
    ).one_or_none()
    return None if row is None else FrameworkVersion(*row)


def framework_content(tx: Connection, version_id: uuid.UUID) -> Mapping[str, Any]:
    content: Mapping[str, Any] = tx.execute(
        select(FrameworkVersionRow.content).where(FrameworkVersionRow.id == version_id)
    ).scalar_one()
    return content


def add_framework(tx: Connection, version: FrameworkVersion, content: Mapping[str, Any]) -> None:
    tx.execute(
        insert(FrameworkVersionRow).values(
            id=version.id,
            framework=version.framework,
            version=version.version,
            content=dict(content),
            sha256=version.sha256,
        )
    )


def bank_version(tx: Connection, version_id: uuid.UUID) -> BankVersion | None:
    row = tx.execute(_banks().where(BankVersionRow.id == version_id)).one_or_none()
    return None if row is None else _bank(row)


def bank_version_named(tx: Connection, name: BankName) -> BankVersion | None:
    """The version of this number, or the latest where none is given."""
    query = _banks().where(BankVersionRow.bank == name.bank).order_by(BankVersionRow.number.desc()).limit(1)
    if name.number is not None:
        query = query.where(BankVersionRow.number == name.number)
    row = tx.execute(query).one_or_none()
    return None if row is None else _bank(row)


def bank_version_like(tx: Connection, bank: str, sha256: str) -> BankVersion | None:
    """The latest version of the bank with exactly this content."""
    row = tx.execute(
        _banks()
        .where(BankVersionRow.bank == bank, BankVersionRow.sha256 == sha256)
        .order_by(BankVersionRow.number.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else _bank(row)


def bank_versions(tx: Connection) -> tuple[BankVersion, ...]:
    rows = tx.execute(_banks().order_by(BankVersionRow.bank, BankVersionRow.number))
    return tuple(_bank(row) for row in rows)


def next_number(tx: Connection, bank: str) -> int:
    """The number after the latest; the caller holds the bank's lock."""
    latest = tx.scalar(select(func.max(BankVersionRow.number)).where(BankVersionRow.bank == bank))
    return 1 + (latest or 0)


def add_bank(tx: Connection, version: BankVersion, items: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
    """Write a version and its items (id, content), in their order."""
    tx.execute(
        insert(BankVersionRow).values(
            id=version.id,
            bank=version.bank,
            number=version.number,
            framework_version_id=version.framework_version_id,
            sha256=version.sha256,
            item_count=version.item_count,
            imported_by=version.imported_by,
            created_at=version.created_at,
        )
    )
    _copy_items(tx, version.id, items)


def _copy_items(tx: Connection, version_id: uuid.UUID, items: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
    """COPY: one round trip for a bank of any size."""
    connection = tx.connection.driver_connection
    assert isinstance(connection, psycopg.Connection)
    statement = "COPY item_versions (bank_version_id, position, item_id, content) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for position, (item_id, content) in enumerate(items):
            copy.write_row((version_id, position, item_id, Jsonb(content)))


def items(tx: Connection, version_id: uuid.UUID) -> Sequence[Mapping[str, Any]]:
    """The contents of a version's items, in their order."""
    return (
        tx.execute(
            select(ItemVersionRow.content)
            .where(ItemVersionRow.bank_version_id == version_id)
            .order_by(ItemVersionRow.position)
        )
        .scalars()
        .all()
    )


def _banks() -> Select[uuid.UUID, str, int, uuid.UUID, str, str, str, int, str, Any]:
    return select(*_BANK).join(FrameworkVersionRow, FrameworkVersionRow.id == BankVersionRow.framework_version_id)


def _bank(row: Row[Any]) -> BankVersion:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    framework, version = values.pop("framework"), values.pop("version")
    return BankVersion(framework=f"{framework}@{version}", **values)
