"""Institutions come into being, and are found by the keys that open them."""

import datetime as dt
import uuid
from collections.abc import Sequence

from sqlalchemy import Connection

from app.db.connection import institution_of, scope
from app.institutions import store
from app.institutions.model import (
    Institution,
    InstitutionExists,
    UnknownInstitution,
    checked_name,
    checked_slug,
    checked_timezone,
)


def create(tx: Connection, *, slug: str, name: str, timezone: str = "Europe/Paris", now: dt.datetime) -> Institution:
    """Make an institution, its directory row and its counters; the transaction is then scoped to it.

    Raise ``BadSlug``, ``BadName`` or ``UnknownTimezone`` for what cannot be used, ``InstitutionExists`` for a slug
    already taken.
    """
    slug, name, timezone = checked_slug(slug), checked_name(name), checked_timezone(timezone)
    if institution_of(tx, institution_key(slug)) is not None:
        raise InstitutionExists(slug=slug)
    institution = Institution(uuid.uuid4(), slug, name, timezone, now)
    scope(tx, institution.id)
    store.add(tx, institution)
    store.add_key(tx, institution_key(slug), institution.id, now)
    return institution


def open_scope(tx: Connection, slug: str) -> Institution:
    """Scope the transaction to the institution of this slug. Raise ``UnknownInstitution``."""
    if institution_of(tx, institution_key(slug)) is None:
        raise UnknownInstitution(slug=slug)
    return current(tx)


def all_ids(tx: Connection) -> Sequence[uuid.UUID]:
    """Return every institution's id, in a transaction of the owner's role (maintenance)."""
    return store.all_ids(tx)


def current(tx: Connection) -> Institution:
    """Return the institution of a scoped transaction."""
    institution = store.in_scope(tx)
    if institution is None:
        raise LookupError("the transaction is not scoped to an institution")
    return institution


def open_with(tx: Connection, key: str, institution_id: uuid.UUID, now: dt.datetime) -> None:
    """Let ``key`` (``kind:value``, normalised) open this institution from now on. Raise ``KeyTaken``."""
    store.add_key(tx, key, institution_id, now)


def institution_key(slug: str) -> str:
    """Return the directory key of an institution."""
    return f"institution:{slug}"
