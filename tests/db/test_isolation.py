"""Hand-written SQL as the service's role sees one institution, the one it has proved, and no other.

The service proves an institution in ``app.db.scope``, from a credential it has checked. SQL that an attacker
slips into a statement runs in a transaction that is scoped to the attacker's own institution, or to none:
these tests try what such SQL can try.
"""

import uuid
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import Connection, Engine, insert, text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from app.db.connection import Database, scope
from app.db.scope import Signer
from app.db.tables import Row
from app.db.tables.campaigns import PolicyVersionRow
from tests.builders import Institution, make_institution

OWNED = sorted(name for name, table in Row.metadata.tables.items() if "institution_id" in table.columns)


@pytest.fixture(scope="module")
def other(database: Database) -> Institution:
    """Somebody else's institution, with a row."""
    made = make_institution(database)
    with database.transaction(made.id) as tx:
        tx.execute(insert(PolicyVersionRow).values(id=made.id, content={"secret": True}, sha256="x"))
    return made


@pytest.fixture
def mine(database: Database, institution: Institution) -> Iterator[Connection]:
    """A transaction scoped to my institution, undone at the end."""
    with database.engine.connect() as tx:
        tx.begin()
        scope(tx, institution.id)
        yield tx
        tx.rollback()


def seen(tx: Connection, other: Institution) -> int:
    """How many rows of another institution's a transaction sees."""
    found = text(
        "SELECT (SELECT count(*) FROM policy_versions WHERE id = :id)"
        " + (SELECT count(*) FROM institutions WHERE id = :id)"
        " + (SELECT count(*) FROM directory WHERE institution_id = :id)"
    )
    count = tx.scalar(found, {"id": other.id})
    assert isinstance(count, int)
    return count


def test_the_rows_are_there_for_their_own_institution(database: Database, other: Institution) -> None:
    with database.transaction(other.id) as tx:
        assert seen(tx, other) == 3


def test_a_guessed_id_finds_nothing(mine: Connection, other: Institution) -> None:
    assert seen(mine, other) == 0


def test_without_a_scope_nothing_is_found(tx: Connection, other: Institution) -> None:
    assert seen(tx, other) == 0


@pytest.mark.parametrize("table", [*OWNED, "institutions"])
@pytest.mark.usefixtures("other")
def test_without_a_scope_every_table_is_empty(tx: Connection, table: str) -> None:
    assert tx.scalar(text(f"SELECT count(*) FROM {table}")) == 0


@pytest.mark.parametrize(
    "claim",
    [
        "{id}",
        "{id}:",
        "{id}:" + "0" * 64,
        "{id}:{mine}",
        "{id}:{unkeyed}",
        "'; DROP TABLE answers; --",
    ],
)
def test_naming_another_institution_without_a_proof_finds_nothing(
    mine: Connection, other: Institution, claim: str
) -> None:
    own_proof = mine.scalar(text("SELECT split_part(current_setting('toise.institution'), ':', 2)"))
    unkeyed = Signer(b"\0" * 32).prove(other.id).partition(":")[2]
    forged = claim.format(id=other.id, mine=own_proof, unkeyed=unkeyed)
    mine.execute(text("SELECT set_config('toise.institution', :forged, true)"), {"forged": forged})
    assert seen(mine, other) == 0


@pytest.mark.parametrize(
    "trick",
    [
        "RESET ROLE",
        "RESET SESSION AUTHORIZATION",
        "SET row_security = on",
        "SET search_path = pg_temp, public",
        "CREATE TEMP TABLE copied AS SELECT * FROM policy_versions",
        "CREATE TEMP VIEW window_on AS SELECT * FROM policy_versions",
        "CREATE TEMP TABLE institutions (id uuid)",
    ],
)
def test_what_the_role_may_do_opens_nothing(mine: Connection, other: Institution, trick: str) -> None:
    mine.exec_driver_sql(trick)
    for relation in ("public.policy_versions", "pg_temp.copied", "pg_temp.window_on"):
        if mine.scalar(text("SELECT to_regclass(:name)"), {"name": relation}):
            assert mine.scalar(text(f"SELECT count(*) FROM {relation} WHERE id = :id"), {"id": other.id}) == 0


@pytest.mark.parametrize(
    "trick",
    [
        "SET ROLE postgres",
        "SET SESSION AUTHORIZATION postgres",
        "ALTER ROLE CURRENT_USER BYPASSRLS",
        "ALTER TABLE policy_versions DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE policy_versions NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY own ON policy_versions",
        "CREATE POLICY all_of_it ON policy_versions USING (true)",
        "SELECT * FROM toise_private.scope_key",
        "CREATE OR REPLACE FUNCTION toise_scope() RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid'",
        "CREATE FUNCTION public.split_part(text, text, integer) RETURNS text LANGUAGE sql AS 'SELECT $1'",
        "CREATE TABLE public.mine (id uuid)",
        "COPY policy_versions TO '/tmp/stolen'",
        "COPY policy_versions TO PROGRAM 'cat'",
        "SELECT pg_read_file('postgresql.conf')",
        "SET session_replication_role = replica",
        "TRUNCATE policy_versions",
        "DELETE FROM answers",
        "DELETE FROM participants",
        "CREATE OR REPLACE FUNCTION toise_overdue(timestamptz) RETURNS SETOF uuid LANGUAGE sql AS 'SELECT NULL::uuid'",
        "UPDATE item_versions SET content = '{}'",
        "UPDATE sessions SET seed = 1",
        "UPDATE sessions SET ineligible = '[]'",
        "UPDATE campaigns SET bank_version_id = bank_version_id",
        "UPDATE participants SET label = 'autre'",
        "UPDATE results SET participant_id = participant_id",
        "LISTEN",
    ],
)
def test_what_would_open_more_is_refused(mine: Connection, trick: str) -> None:
    with pytest.raises(DBAPIError):
        mine.exec_driver_sql(trick)


def test_turning_row_security_off_is_an_error_not_a_way_in(mine: Connection) -> None:
    mine.exec_driver_sql("SET row_security = off")
    with pytest.raises(ProgrammingError, match="row-level security"):
        mine.exec_driver_sql("SELECT * FROM policy_versions")


def test_copy_to_the_client_carries_my_rows_only(mine: Connection, other: Institution) -> None:
    raw = mine.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    with raw.cursor().copy("COPY (SELECT id FROM institutions) TO STDOUT") as rows:
        assert str(other.id).encode() not in b"".join(bytes(row) for row in rows)


def test_a_row_for_another_institution_is_refused(mine: Connection, other: Institution) -> None:
    with pytest.raises(ProgrammingError, match="row-level security"):
        mine.execute(insert(PolicyVersionRow).values(id=uuid.uuid4(), institution_id=other.id, content={}, sha256="x"))


def test_another_institutions_rows_cannot_be_changed_or_deleted(mine: Connection, other: Institution) -> None:
    changed = mine.execute(text("UPDATE institutions SET name = 'à moi' WHERE id = :id"), {"id": other.id})
    deleted = mine.execute(text("DELETE FROM directory WHERE institution_id = :id"), {"id": other.id})
    assert (changed.rowcount, deleted.rowcount) == (0, 0)


def test_a_row_of_mine_cannot_hang_on_a_row_of_another(mine: Connection, other: Institution) -> None:
    hangs = text("INSERT INTO participants (id, campaign_id, resume_hash) VALUES (:id, :campaign, 'x')")
    with pytest.raises(DBAPIError, match="fk_participants_institution_id_campaign_id_campaigns"):
        mine.execute(hangs, {"id": uuid.uuid4(), "campaign": other.id})


def test_a_row_takes_the_institution_of_its_transaction(mine: Connection, institution: Institution) -> None:
    added = insert(PolicyVersionRow).values(id=uuid.uuid4(), content={}, sha256="y")
    assert mine.scalar(added.returning(PolicyVersionRow.institution_id)) == institution.id


def test_the_directory_shows_one_presented_key_and_cannot_be_listed(tx: Connection, other: Institution) -> None:
    tx.execute(text("SELECT set_config('toise.key', :key, true)"), {"key": other.key})
    assert tx.scalars(text("SELECT key FROM directory")).all() == [other.key]


def test_the_owner_lists_institutions_for_maintenance(owner: Engine, other: Institution) -> None:
    with owner.connect() as tx:
        assert other.id in set(tx.scalars(text("SELECT id FROM institutions")))


def test_the_proof_is_worked_out_once_a_statement(mine: Connection) -> None:
    plan = "\n".join(mine.scalars(text("EXPLAIN (VERBOSE) SELECT * FROM results ORDER BY position")))
    assert "InitPlan 1" in plan
    assert plan.count("toise_scope()") == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE framework_versions SET version = 'x'",
        "DELETE FROM bank_versions",
        "TRUNCATE item_versions CASCADE",
        "UPDATE answers SET score = 1",
        "TRUNCATE answers",
        "UPDATE audit SET act = 'x'",
        "UPDATE policy_versions SET sha256 = 'x'",
        "SET session_replication_role = replica; UPDATE answers SET score = 1",
    ],
)
def test_not_even_the_owner_changes_what_never_changes(owner: Engine, statement: str) -> None:
    with owner.connect() as tx, pytest.raises(ProgrammingError, match="its rows never change"):
        tx.exec_driver_sql(statement)
