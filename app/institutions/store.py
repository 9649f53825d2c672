"""SQL of institutions and of the directory that finds them."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from app.db.tables.institutions import DirectoryRow, InstitutionRow
from app.db.tables.results import ResultCounterRow
from app.institutions.model import Institution, InstitutionExists, KeyTaken


def add(tx: Connection, institution: Institution) -> None:
    """Write the institution and its counter of results; the transaction is scoped to it already.

    Raise ``InstitutionExists`` when the slug is taken: the constraint sees institutions that the scope hides.
    """
    try:
        with tx.begin_nested():
            tx.execute(insert(InstitutionRow).values(asdict(institution)))
    except IntegrityError as error:
        raise InstitutionExists(slug=institution.slug) from error
    tx.execute(insert(ResultCounterRow).values(institution_id=institution.id, position=0))


def all_ids(tx: Connection) -> Sequence[uuid.UUID]:
    """Every institution, for the owner's maintenance; the service's role sees its scope's only."""
    return tx.scalars(select(InstitutionRow.id).order_by(InstitutionRow.created_at, InstitutionRow.id)).all()


def in_scope(tx: Connection) -> Institution | None:
    """Return the institution the transaction is scoped to: row-level security shows no other."""
    row = tx.execute(
        select(
            InstitutionRow.id,
            InstitutionRow.slug,
            InstitutionRow.name,
            InstitutionRow.timezone,
            InstitutionRow.created_at,
        )
    ).one_or_none()
    return None if row is None else Institution(row.id, row.slug, row.name, row.timezone, row.created_at)


def add_key(tx: Connection, key: str, institution_id: uuid.UUID, now: dt.datetime) -> None:
    """Write one directory row. Raise ``KeyTaken`` when the key already opens an institution, this one or another."""
    try:
        with tx.begin_nested():
            tx.execute(insert(DirectoryRow).values(key=key, institution_id=institution_id, created_at=now))
    except IntegrityError as error:
        raise KeyTaken from error
