"""The migrations and the tables in the code say the same, both ways."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from alembic import command
from sqlalchemy import URL, Engine, inspect, text

from app.db import connection, roles, schema
from app.db.tables import Row
from tests import server


@pytest.fixture
def fresh(maintenance: URL) -> Iterator[Engine]:
    """The owner of a database without a table."""
    with server.empty(maintenance) as url:
        settings = server.settings_for(url)
        with connection.addresses(settings) as at, connection.owner_engine(at) as engine:
            yield engine


def names(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names())


def test_upgrading_makes_exactly_the_tables_of_the_code(fresh: Engine) -> None:
    schema.upgrade(fresh)
    with fresh.connect() as tx:
        assert schema.differences(tx) == []
        assert schema.current(tx) == schema.newest()


def test_downgrading_leaves_nothing(fresh: Engine) -> None:
    schema.upgrade(fresh)
    schema.downgrade(fresh, "base")
    assert names(fresh) == {"alembic_version"}
    with fresh.connect() as tx:
        assert tx.scalar(text("SELECT count(*) FROM pg_proc WHERE proname LIKE 'toise%'")) == 0
        assert tx.scalar(text("SELECT count(*) FROM pg_namespace WHERE nspname = 'toise_private'")) == 0


def test_what_was_downgraded_upgrades_again(fresh: Engine) -> None:
    schema.upgrade(fresh)
    schema.downgrade(fresh, "base")
    schema.upgrade(fresh)
    with fresh.connect() as tx:
        assert schema.differences(tx) == []


def test_upgrading_twice_changes_nothing(fresh: Engine) -> None:
    schema.upgrade(fresh)
    schema.upgrade(fresh)
    with fresh.connect() as tx:
        assert schema.current(tx) == schema.newest()


def test_two_that_migrate_at_once_take_turns(maintenance: URL) -> None:
    with server.empty(maintenance) as url:
        address = url.render_as_string(hide_password=False)
        given = {**os.environ, "TOISE_DATABASE_URL": address, "TOISE_SECRET_KEY": server.SECRET}
        command = [sys.executable, "-c", "from app.cli import main; main()", "migrate"]
        both = [subprocess.Popen(command, env=given, stdout=subprocess.PIPE) for _ in range(2)]
        said = [process.communicate()[0].decode() for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert all(schema.newest() in text for text in said)


def test_alembics_own_check_is_clean(owner: Engine) -> None:
    with owner.connect() as tx:
        command.check(schema.configuration(tx))


def test_an_empty_database_has_no_revision(fresh: Engine) -> None:
    with fresh.connect() as tx:
        assert schema.current(tx) is None


def test_every_table_has_its_grants() -> None:
    assert set(roles.GRANTS) == {*Row.metadata.tables, "alembic_version"}


def test_every_institutions_rows_are_isolated_by_force(owner: Engine) -> None:
    forced = text("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
    owned = {name for name, table in Row.metadata.tables.items() if "institution_id" in table.columns}
    with owner.connect() as tx:
        assert set(tx.scalars(forced)) == {*owned, "institutions"}


def test_every_reference_between_institutions_rows_stays_within_one() -> None:
    for table in Row.metadata.tables.values():
        for key in table.foreign_key_constraints:
            target = key.referred_table
            if "institution_id" in table.columns and "institution_id" in target.columns:
                assert "institution_id" in key.column_keys, (table.name, target.name)
