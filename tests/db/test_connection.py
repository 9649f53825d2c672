import uuid
from contextlib import ExitStack, suppress

from sqlalchemy import URL, Connection, Engine, func, insert, select, text

from app.db.connection import Database, addresses, institution_of, open_database, owner_engine, scope
from app.db.tables.institutions import InstitutionRow
from tests import server
from tests.builders import Institution, make_institution


def test_a_block_that_ends_well_is_committed(database: Database, institution: Institution) -> None:
    with database.transaction(institution.id) as tx:
        assert tx.scalar(select(InstitutionRow.slug)) == institution.slug


def test_a_block_that_raises_leaves_nothing(database: Database) -> None:
    lost = uuid.uuid4()
    with suppress(InterruptedError), database.transaction(lost) as tx:
        tx.execute(insert(InstitutionRow).values(id=lost, slug=lost.hex, name="perdue"))
        raise InterruptedError
    with database.transaction(lost) as tx:
        assert tx.scalar(select(func.count()).select_from(InstitutionRow)) == 0


def test_a_scope_ends_with_its_transaction(database: Database, institution: Institution) -> None:
    with database.transaction(institution.id):
        pass
    for _ in range(3):
        with database.transaction() as tx:
            assert tx.scalars(select(InstitutionRow.id)).all() == []


def test_a_known_key_opens_its_institution(tx: Connection, institution: Institution) -> None:
    assert institution_of(tx, institution.key) == institution.id
    assert tx.scalars(select(InstitutionRow.id)).all() == [institution.id]


def test_an_unknown_key_opens_nothing(tx: Connection, institution: Institution) -> None:
    assert institution_of(tx, institution.key + "x") is None
    assert tx.scalars(select(InstitutionRow.id)).all() == []


def test_a_transaction_that_changes_scope_leaves_the_first(database: Database, tx: Connection) -> None:
    first, second = make_institution(database), make_institution(database)
    scope(tx, first.id)
    scope(tx, second.id)
    assert tx.scalars(select(InstitutionRow.id)).all() == [second.id]


def test_connections_that_died_in_the_pool_are_replaced_without_an_error(database: Database, owner: Engine) -> None:
    process = text("SELECT pg_backend_pid()")
    with database.transaction() as first, database.transaction() as second:
        before = {first.scalar(process), second.scalar(process)}
    with owner.begin() as ends:
        ends.execute(text("SELECT pg_terminate_backend(p) FROM unnest(:all) AS p"), {"all": list(before)})
    with database.transaction() as first, database.transaction() as second:
        assert before.isdisjoint({first.scalar(process), second.scalar(process)})


def test_a_waiting_connection_is_taken_without_a_statement(database: Database) -> None:
    with database.transaction():
        pass
    tx = database.idle()
    assert tx is not None
    assert not tx.in_transaction()
    tx.close()


def test_a_connection_whose_server_hung_up_is_not_taken(database: Database, owner: Engine) -> None:
    process = text("SELECT pg_backend_pid()")
    with database.transaction() as tx:
        before = tx.scalar(process)
    with owner.begin() as ends:
        ends.execute(text("SELECT pg_terminate_backend(:process, 5000)"), {"process": before})
    taken = database.idle()
    if taken is not None:
        assert taken.scalar(process) != before
        taken.close()


def test_a_pool_with_nothing_waiting_gives_none(database: Database) -> None:
    with ExitStack() as held:
        while database.engine.pool.checkedin():  # type: ignore[attr-defined]  # a QueuePool has it
            held.enter_context(database.transaction())
        assert database.idle() is None


def test_moments_are_read_in_utc_whatever_the_time_zone_of_the_server(maintenance: URL) -> None:
    with server.copied(maintenance) as url:
        settings = server.settings_for(url)
        with addresses(settings) as at, owner_engine(at) as owner, owner.begin() as tx:
            tx.execute(text(f"ALTER DATABASE \"{url.database}\" SET timezone = 'Europe/Paris'"))
        with addresses(settings) as at, open_database(settings, at) as database, database.transaction() as tx:
            read = tx.scalar(text("SELECT timestamptz '2026-07-01T12:00:00Z'"))
    assert read is not None
    assert read.isoformat() == "2026-07-01T12:00:00+00:00"
