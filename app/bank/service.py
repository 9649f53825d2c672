"""Frameworks and banks are published: checked, written as a new version, never changed again."""

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from app.accounts import audit
from app.bank import store
from app.bank.files import Inspection, inspect, shipped
from app.bank.model import BankName, BankVersion, FrameworkChanged, FrameworkVersion, ImportReport, UnknownBank
from framework.model import Framework
from itembank.formats import native
from itembank.model import Item


def publish_framework(tx: Connection, framework: Framework) -> FrameworkVersion:
    """Publish a framework version, once. Raise ``FrameworkChanged`` if it is published with other content."""
    content = framework.to_data()
    wanted = FrameworkVersion(uuid.uuid4(), framework.id, framework.version, _sha256(content))
    store.lock_name(tx, "framework", framework.id)
    published = store.framework_version(tx, framework.id, framework.version)
    if published is None:
        store.add_framework(tx, wanted, content)
        return wanted
    if published.sha256 != wanted.sha256:
        raise FrameworkChanged(name=framework.name)
    return published


def find_framework(tx: Connection, framework_id: str, version: str) -> Framework | None:
    """Return a framework as published on this server, or as shipped where it is not published yet."""
    published = store.framework_version(tx, framework_id, version)
    if published is None:
        return shipped(framework_id, version)
    return Framework.from_data(store.framework_content(tx, published.id))


def import_bank(
    tx: Connection,
    files: Sequence[Path],
    *,
    imported_by: str,
    now: dt.datetime,
    institution_id: uuid.UUID | None = None,
    dry_run: bool = False,
    strict: bool = False,
) -> ImportReport:
    """Read, check and publish the files (or folders of files) of one bank.

    Large banks are better read first, outside a transaction: ``files.inspect``, then ``publish_bank``.
    Raise ``NoFiles`` or ``FrameworkNotPublished``; everything else that is wrong is in the report.
    """
    inspection = inspect(files, find=lambda name, version: find_framework(tx, name, version), today=now.date())
    return publish_bank(
        tx,
        inspection,
        imported_by=imported_by,
        now=now,
        institution_id=institution_id,
        dry_run=dry_run,
        strict=strict,
    )


def publish_bank(
    tx: Connection,
    inspection: Inspection,
    *,
    imported_by: str,
    now: dt.datetime,
    institution_id: uuid.UUID | None = None,
    dry_run: bool = False,
    strict: bool = False,
) -> ImportReport:
    """Publish the good items as the bank's next version, or return the version that already holds them.

    Parameters
    ----------
    imported_by : the actor, as audit rows name it.
    institution_id : on whose behalf, in a transaction scoped to it; None for the operator of a server
        without institutions, whose act the version itself records.
    strict : publish nothing while a single item is bad.
    """
    if not inspection.good or inspection.framework is None or (strict and inspection.errors):
        return _report(inspection, None, unchanged=False)
    sha256 = fingerprint(inspection.bank, inspection.framework, inspection.good)
    store.lock_name(tx, "bank", inspection.bank)
    existing = store.bank_version_like(tx, inspection.bank, sha256)
    if existing is not None or dry_run:
        return _report(inspection, existing, unchanged=existing is not None)
    version = _add(tx, inspection, inspection.framework, sha256=sha256, imported_by=imported_by, now=now)
    if institution_id is not None:
        _record(tx, version, institution_id=institution_id, actor=imported_by, now=now)
    return _report(inspection, version, unchanged=False)


def _add(
    tx: Connection, inspection: Inspection, framework: Framework, *, sha256: str, imported_by: str, now: dt.datetime
) -> BankVersion:
    """Write the next version; the caller holds the bank's lock."""
    followed = publish_framework(tx, framework)
    version = BankVersion(
        id=uuid.uuid4(),
        bank=inspection.bank,
        number=store.next_number(tx, inspection.bank),
        framework_version_id=followed.id,
        framework=followed.name,
        sha256=sha256,
        item_count=len(inspection.good),
        imported_by=imported_by,
        created_at=now,
    )
    store.add_bank(tx, version, ((item.id, item.to_data()) for item in inspection.good))
    return version


def _record(tx: Connection, version: BankVersion, *, institution_id: uuid.UUID, actor: str, now: dt.datetime) -> None:
    audit.record(
        tx,
        institution_id=institution_id,
        actor=actor,
        act="bank.published",
        subject=f"bank:{version.name}",
        at=now,
        items=version.item_count,
        sha256=version.sha256,
    )


def _report(inspection: Inspection, version: BankVersion | None, *, unchanged: bool) -> ImportReport:
    return ImportReport(
        bank=inspection.bank,
        version=version,
        accepted=len(inspection.good),
        refused=inspection.refused,
        problems=inspection.problems,
        unchanged=unchanged,
    )


def fingerprint(bank: str, framework: Framework, items: Sequence[Item]) -> str:
    """SHA-256 of a bank's content, the same for equal items in the same order."""
    return _sha256({"bank": bank, "framework": framework.name, "items": [item.to_data() for item in items]})


def _sha256(content: Mapping[str, Any]) -> str:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def list_versions(tx: Connection) -> tuple[BankVersion, ...]:
    """Return every published bank version, by bank and number."""
    return store.bank_versions(tx)


def version_named(tx: Connection, name: BankName) -> BankVersion:
    """Return a version by name, the latest where the name has no number. Raise ``UnknownBank``."""
    version = store.bank_version_named(tx, name)
    if version is None:
        raise UnknownBank(name=name.text)
    return version


def export_bank(tx: Connection, version: BankVersion) -> Mapping[str, str]:
    """Return a version as native files, one a competence, by file name: importing them gives the same version."""
    items = sorted((Item.from_data(content) for content in store.items(tx, version.id)), key=_place)
    framework_id, _, framework_version = version.framework.rpartition("@")
    return {
        f"{competence}.yaml": native.write(
            group, bank=version.bank, framework_id=framework_id, framework_version=framework_version
        )
        for competence, group in groupby(items, key=lambda item: item.competence)
    }


def _place(item: Item) -> tuple[str, str]:
    return item.competence, item.id
