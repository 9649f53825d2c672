import datetime as dt
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection

from app.db.connection import Database, institution_of
from app.errors import AppError
from app.institutions import service
from app.institutions.model import (
    BadName,
    BadSlug,
    InstitutionExists,
    KeyTaken,
    UnknownInstitution,
    UnknownTimezone,
)

NOW = dt.datetime(2026, 11, 23, 12, 0, tzinfo=dt.UTC)


def slug() -> str:
    return f"u-{uuid.uuid4().hex[:12]}"


def test_a_new_institution_is_found_by_its_slug(database: Database) -> None:
    name = slug()
    with database.transaction() as tx:
        made = service.create(tx, slug=name, name=" Université   de Lille ", now=NOW)
    with database.transaction() as tx:
        found = service.open_scope(tx, name)
    assert found == made
    assert (found.name, found.timezone) == ("Université de Lille", "Europe/Paris")


def test_a_slug_is_taken_once_on_the_whole_server(database: Database) -> None:
    name = slug()
    with database.transaction() as tx:
        service.create(tx, slug=name, name="Une", now=NOW)
    with database.transaction() as tx, pytest.raises(InstitutionExists):
        service.create(tx, slug=name, name="Deux", now=NOW)


def test_of_two_operators_who_create_the_same_slug_at_once_one_is_refused(database: Database) -> None:
    name = slug()

    def create(_: int) -> bool:
        try:
            with database.transaction() as tx:
                service.create(tx, slug=name, name="Une", now=NOW)
        except InstitutionExists:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(create, range(8))) == 1


@pytest.mark.parametrize(
    ("field", "value", "refusal"),
    [
        ("slug", "", BadSlug),
        ("slug", "Lille", BadSlug),
        ("slug", "-lille", BadSlug),
        ("slug", "a" * 64, BadSlug),
        ("slug", "lille\n--", BadSlug),
        ("name", "  ", BadName),
        ("name", "x" * 201, BadName),
        ("name", "Lille\0", BadName),
        ("timezone", "Europe/Lille", UnknownTimezone),
        ("timezone", "../etc/passwd", UnknownTimezone),
        ("timezone", "", UnknownTimezone),
    ],
)
def test_a_text_that_cannot_be_used_is_refused_by_its_name(
    tx: Connection, field: str, value: str, refusal: type[AppError]
) -> None:
    texts = {"slug": slug(), "name": "Lille", "timezone": "Europe/Paris"} | {field: value}
    with pytest.raises(refusal):
        service.create(tx, now=NOW, **texts)


def test_an_unknown_slug_opens_nothing(tx: Connection) -> None:
    with pytest.raises(UnknownInstitution):
        service.open_scope(tx, "nowhere")
    with pytest.raises(LookupError):
        service.current(tx)


def test_a_key_opens_one_institution_only(database: Database) -> None:
    key = f"campaign:{uuid.uuid4().hex}"
    with database.transaction() as tx:
        first = service.create(tx, slug=slug(), name="Une", now=NOW)
        service.open_with(tx, key, first.id, NOW)
    with database.transaction() as tx:
        second = service.create(tx, slug=slug(), name="Deux", now=NOW)
    with database.transaction(second.id) as tx, pytest.raises(KeyTaken):
        service.open_with(tx, key, second.id, NOW)
    with database.transaction() as tx:
        assert institution_of(tx, key) == first.id


def test_a_scope_shows_one_institution(database: Database) -> None:
    with database.transaction() as tx:
        service.create(tx, slug=slug(), name="Une", now=NOW)
    with database.transaction() as tx:
        second = service.create(tx, slug=slug(), name="Deux", now=NOW)
        assert service.current(tx) == second
