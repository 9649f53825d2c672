"""Two roles: one that owns the tables, and one that serves and may do nothing else."""

import datetime as dt
import re
import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import URL, NullPool, create_engine, text

from app import start
from app.db import connection, roles, schema
from app.db.connection import Addresses, Database, addresses, open_database, owner_database, owner_engine
from app.db.refusals import DatabaseRefused
from app.sessions import entry, overdue, retention
from app.settings import Settings
from tests import server
from tests.builders import make_institution
from tests.conftest import NOON
from tests.sittings import SHORT, make_campaign

TIMED = SHORT.model_copy(update={"time_limit_minutes": 30})


@pytest.fixture
def superuser(maintenance: URL) -> Iterator[Database]:
    """The whole server, for what an operator does by hand."""
    engine = create_engine(maintenance, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    yield Database(engine)
    engine.dispose()


@pytest.fixture
def role(superuser: Database) -> Iterator[str]:
    """A name that no role has; with ``_owner`` behind it, a second. Roles of these names go at the end."""
    name = f"toise_test_role_{uuid.uuid4().hex[:8]}"
    yield name
    with superuser.engine.connect() as tx:
        tx.exec_driver_sql(f"DROP ROLE IF EXISTS {name}, {name}_owner")


@pytest.fixture
def url(maintenance: URL, role: str) -> Iterator[URL]:
    """An empty database; asks for the role so that it is dropped before it."""
    assert role
    with server.empty(maintenance) as made:
        yield made


def make_role(superuser: Database, name: str, attributes: str) -> None:
    with superuser.engine.connect() as tx:
        tx.exec_driver_sql(f"CREATE ROLE {name} LOGIN {attributes}")


def give(superuser: Database, url: URL, role: str) -> None:
    with superuser.engine.connect() as tx:
        tx.exec_driver_sql(f"ALTER DATABASE {url.database} OWNER TO {role}")


def plain(url: URL, role: str) -> str:
    return url.set(username=role).render_as_string(hide_password=False)


def prepare(settings: Settings) -> None:
    with start.reached(settings) as at:
        start.migrate(settings, at)


def test_an_ordinary_owner_and_a_role_made_by_the_operator_serve(superuser: Database, url: URL, role: str) -> None:
    owner = f"{role}_owner"
    make_role(superuser, owner, "NOSUPERUSER NOCREATEROLE")
    make_role(superuser, role, "NOSUPERUSER NOBYPASSRLS")
    give(superuser, url, owner)
    settings = server.settings_for(url.set(username=owner), database_service_url=plain(url, role))
    prepare(settings)
    with start.serving(settings) as database:
        made = make_institution(database)
        with database.transaction() as tx:
            assert tx.scalar(text("SELECT count(*) FROM institutions")) == 0
    with addresses(settings) as at, owner_engine(at) as engine, engine.connect() as tx:
        assert tx.scalars(text("SELECT id FROM institutions")).all() == [made.id]
        assert tx.scalar(text("SELECT count(*) FROM directory")) == 0


def test_an_ordinary_owner_finds_overdue_sittings_and_erases(superuser: Database, url: URL, role: str) -> None:
    owner = f"{role}_owner"
    make_role(superuser, owner, "NOSUPERUSER NOCREATEROLE")
    make_role(superuser, role, "NOSUPERUSER NOBYPASSRLS")
    give(superuser, url, owner)
    settings = server.settings_for(url.set(username=owner), database_service_url=plain(url, role))
    prepare(settings)
    with start.serving(settings) as database:
        institution = make_institution(database)
        campaign = make_campaign(database, institution, NOON, policy=TIMED, identification="none", retention_days=1)
        with database.transaction() as tx:
            entry.enter(tx, code=campaign.code, identity=None, entry_key=None, locale="fr", now=NOON)
        later = NOON + dt.timedelta(days=2)
        with database.transaction() as tx:
            assert overdue.institutions(tx, later) == [institution.id]
        with database.transaction(institution.id) as tx:
            assert overdue.finish_overdue(tx, later, 10) == 1
    with addresses(settings) as at, owner_database(settings, at) as maintainer:
        assert [each.participants for each in retention.expire(maintainer, later, actor="tests")] == []
        later += dt.timedelta(days=2)
        assert [each.participants for each in retention.expire(maintainer, later, actor="tests")] == [1]
        with maintainer.transaction() as tx:
            assert tx.scalar(text("SELECT count(*) FROM participants")) == 0
        with maintainer.transaction(institution.id) as tx:
            left = "SELECT count(*) FROM participants", "SELECT count(*) FROM answers", "SELECT count(*) FROM results"
            assert [tx.scalar(text(query)) for query in left] == [0, 0, 0]
            assert tx.scalar(text("SELECT position FROM result_counters")) == 1


def test_the_role_is_made_with_a_password_that_is_never_sent(superuser: Database, url: URL, role: str) -> None:
    settings = server.settings_for(url)
    service = url.set(username=role)
    with addresses(settings) as at, owner_engine(at) as engine:
        schema.upgrade(engine)
        roles.prepare(engine, settings, service=service)
        roles.prepare(engine, settings, service=service)
    with superuser.engine.connect() as tx:
        stored = tx.scalar(text("SELECT rolpassword FROM pg_authid WHERE rolname = :role"), {"role": role})
    assert stored.startswith("SCRAM-SHA-256$")
    assert connection.service_password(settings) not in stored


def test_an_owner_that_may_not_make_roles_is_told_what_to_do(superuser: Database, url: URL, role: str) -> None:
    owner = f"{role}_owner"
    make_role(superuser, owner, "NOSUPERUSER NOCREATEROLE")
    settings = server.settings_for(url.set(username=owner))
    refused = pytest.raises(DatabaseRefused, match="TOISE_DATABASE_SERVICE_URL")
    with addresses(settings) as at, owner_engine(at) as engine, refused:
        roles.prepare(engine, settings, service=url.set(username=role))


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ("SUPERUSER", "superutilisateur"),
        ("BYPASSRLS", "BYPASSRLS"),
        ("IN ROLE pg_read_all_data", "membre d'un autre rôle"),
    ],
)
def test_a_role_that_could_step_around_isolation_is_refused(
    superuser: Database, url: URL, role: str, attributes: str, reason: str
) -> None:
    make_role(superuser, role, attributes)
    settings = server.settings_for(url, database_service_url=plain(url, role))
    prepare(settings)
    with pytest.raises(DatabaseRefused, match=reason), start.serving(settings):
        pass


def test_a_role_that_owns_a_table_is_refused(url: URL) -> None:
    settings = server.settings_for(url, database_service_url=url.render_as_string(hide_password=False))
    prepare(settings)
    with pytest.raises(DatabaseRefused, match="possède des tables"), start.serving(settings):
        pass


def test_a_database_prepared_with_another_secret_is_refused_until_migrated(url: URL) -> None:
    prepare(server.settings_for(url))
    other = server.settings_for(url, secret_key=server.SECRET[::-1])
    with pytest.raises(DatabaseRefused, match="autre clé secrète"), start.serving(other):
        pass
    with addresses(other) as at, owner_engine(at) as engine, engine.begin() as tx:
        roles._store_key(tx, connection.signer(other))
    with start.serving(other) as database:
        make_institution(database)


def test_a_database_without_tables_is_refused_with_the_command(url: URL) -> None:
    with pytest.raises(DatabaseRefused, match="toise migrate"), start.serving(server.settings_for(url)):
        pass


def test_a_database_of_a_later_version_is_refused(url: URL) -> None:
    settings = server.settings_for(url)
    prepare(settings)
    with addresses(settings) as at, owner_engine(at) as engine, engine.begin() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = 'of the future'"))
    with pytest.raises(DatabaseRefused, match="plus récente"), start.serving(settings):
        pass


def test_a_server_that_does_not_answer_is_refused() -> None:
    nowhere = server.settings_for(URL.create("postgresql+psycopg", host="127.0.0.1", port=1, database="x"))
    with pytest.raises(DatabaseRefused, match="ne répond pas"), start.serving(nowhere):
        pass


def test_an_owner_that_may_not_change_the_role_of_another_is_told_what_to_do(
    superuser: Database, url: URL, role: str
) -> None:
    owner = f"{role}_owner"
    make_role(superuser, owner, "NOSUPERUSER NOCREATEROLE")
    give(superuser, url, owner)
    make_role(superuser, role, "NOSUPERUSER NOBYPASSRLS")
    settings = server.settings_for(url.set(username=owner))
    with start.reached(settings) as at, pytest.raises(DatabaseRefused, match="CREATEROLE") as refused:
        start.migrate(settings, Addresses(owner=at.owner, service=url.set(username=role)))
    assert "SCRAM" not in str(refused.value)


def test_a_role_without_its_privileges_is_refused_with_the_command(superuser: Database, url: URL, role: str) -> None:
    prepare(server.settings_for(url))
    make_role(superuser, role, "NOSUPERUSER NOBYPASSRLS")
    settings = server.settings_for(url, database_service_url=plain(url, role))
    with pytest.raises(DatabaseRefused, match="toise migrate"), start.serving(settings):
        pass


def test_a_role_that_cannot_sign_in_is_refused_with_the_command(url: URL, role: str) -> None:
    settings = server.settings_for(url, database_service_url=plain(url, role))
    with pytest.raises(DatabaseRefused, match="n'entre pas"), start.serving(settings):
        pass


def test_the_service_holds_what_it_was_given_and_no_more(settings: Settings) -> None:
    whole = text("SELECT table_name, privilege_type FROM information_schema.role_table_grants")
    parts = text("SELECT table_name, privilege_type, column_name FROM information_schema.role_column_grants")
    with addresses(settings) as at, open_database(settings, at) as database, database.transaction() as tx:
        tables = {tuple(row) for row in tx.execute(whole)}
        columns = {tuple(row) for row in tx.execute(parts)}
    given = re.compile(r"([A-Z]+)(?: \(([^)]+)\))?")
    granted = [(table, *each) for table, told in roles.GRANTS.items() for each in given.findall(told)]
    assert tables == {(table, privilege) for table, privilege, limited in granted if not limited}
    assert {row for row in columns if row[:2] not in tables} == {
        (table, privilege, column) for table, privilege, limited in granted for column in limited.split(", ") if limited
    }
