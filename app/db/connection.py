"""Engines and transactions."""

import datetime as dt
import select
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from sqlalchemy import URL, Connection, Engine, NullPool, QueuePool, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError

from app.db import embedded
from app.db.refusals import DatabaseRefused
from app.db.scope import BEGUN_IN, SIGNER, Signer, begin, institution_of, scope
from app.settings import Settings

__all__ = [
    "Addresses",
    "Database",
    "addresses",
    "institution_of",
    "open_database",
    "owner_database",
    "owner_engine",
    "scope",
]

SERVICE_ROLE = "toise_service"
POOL_WAIT = dt.timedelta(seconds=5)
PATIENCE = {
    "connect_timeout": "5",
    # a lost network is noticed in seconds, not in the hours TCP would take
    "keepalives_idle": "15",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "15000",
    "options": "-c statement_timeout=30s -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s",
}


def _nothing() -> None:
    """An external server is its operator's to restart."""


@dataclass(frozen=True, slots=True)
class Database:
    """The service's way to its rows.

    ``revive`` brings a lost server back when it is ours to bring back (the embedded one).
    """

    engine: Engine
    revive: Callable[[], None] = field(default=_nothing, repr=False)

    @contextmanager
    def transaction(self, institution_id: uuid.UUID | None = None) -> Iterator[Connection]:
        """Everything or nothing: commits at the end of the block, rolls back when it raises."""
        with self.begun(institution_id) as tx:
            yield tx
            tx.commit()

    def begun(self, institution_id: uuid.UUID | None = None) -> Connection:
        """A connection whose BEGIN has been answered; the caller ends it.

        Connections of the pool may have died with their server. BEGIN is the one statement that may be
        repeated without harm, so a lost connection is found there, at no cost while all is well: the
        first failure empties the pool, the second attempt connects anew.
        """
        try:
            return _begin(self.engine, institution_id)
        except DBAPIError as lost:
            self._bring_back(lost)
            return _begin(self.engine, institution_id)

    def idle(self) -> Connection | None:
        """A living connection of the pool, at once and without a word to the server; None where there is none.

        For an event loop, which must not wait. Its transaction begins with its first statement.
        """
        pool = self.engine.pool
        if not (isinstance(pool, QueuePool) and pool.checkedin()):
            return None
        tx = self.engine.connect()
        if _hung_up(tx):
            tx.invalidate()
            tx.close()
            return None
        return tx

    def _bring_back(self, lost: DBAPIError) -> None:
        try:
            self.revive()
        except DatabaseRefused:
            raise lost from None


def _begin(engine: Engine, institution_id: uuid.UUID | None) -> Connection:
    tx = engine.connect().execution_options(**{BEGUN_IN: institution_id})
    try:
        tx.begin()
    except BaseException:
        tx.close()
        raise
    return tx


def _hung_up(tx: Connection) -> bool:
    """Whether the server has closed an idle connection: there is then something to read, its end."""
    raw = tx.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    waiting = select.poll()
    waiting.register(raw.fileno(), select.POLLIN)
    return bool(waiting.poll(0))


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the database is, for the role that owns it and for the role that serves."""

    owner: URL
    service: URL
    revive: Callable[[], None] = field(default=_nothing, repr=False)


@contextmanager
def addresses(settings: Settings) -> Iterator[Addresses]:
    """The addresses to use; the embedded server runs at least as long as the block."""
    if settings.database_url is not None:
        yield _external(settings, make_url(settings.database_url))
        return
    with embedded.running(settings.data_dir) as server:
        service = server.url(role=SERVICE_ROLE)
        yield Addresses(owner=server.url(), service=service, revive=server.ensure_running)


def _external(settings: Settings, owner: URL) -> Addresses:
    if settings.database_service_url is not None:
        return Addresses(owner=owner, service=make_url(settings.database_service_url))
    return Addresses(owner=owner, service=owner.set(username=SERVICE_ROLE, password=service_password(settings)))


def service_password(settings: Settings) -> str:
    return settings.derive("database role").hex()


def signer(settings: Settings) -> Signer:
    return Signer(settings.derive("institution scope"))


@contextmanager
def open_database(settings: Settings, at: Addresses) -> Iterator[Database]:
    """The database as the service sees it, closed at the end of the block."""
    engine = service_engine(at.service, threads=settings.threads, signs=signer(settings))
    try:
        yield Database(engine=engine, revive=at.revive)
    finally:
        engine.dispose()


def service_engine(url: URL, *, threads: int, signs: Signer) -> Engine:
    """An engine with a connection for each thread and as many again.

    The second half is for transactions beside the request's own (a failed sign-in is counted although
    its request is refused); without it two threads could wait for each other's connection.
    """
    engine = create_engine(
        url,
        pool_size=threads,
        max_overflow=threads,
        pool_timeout=POOL_WAIT.total_seconds(),
        pool_use_lifo=True,
        hide_parameters=True,  # an error message must not carry an answer or a name
        connect_args=_patience(url),
        execution_options={SIGNER: signs},
    )
    return _beginning_in_scope(engine)


def _beginning_in_scope(engine: Engine) -> Engine:
    event.listen(engine, "connect", _leave_begin_to_us)
    event.listen(engine, "connect", _read_moments_in_utc)
    event.listen(engine, "begin", begin)
    return engine


def _patience(url: URL) -> dict[str, Any]:
    return {name: value for name, value in PATIENCE.items() if name not in url.query}


def _leave_begin_to_us(connection: psycopg.Connection, _record: object) -> None:
    """Left alone, psycopg sends BEGIN with the first statement, where it could not be retried."""
    connection.autocommit = True


def _read_moments_in_utc(connection: psycopg.Connection, _record: object) -> None:
    """Moments come back in the session's time zone, the server's unless told: a result would replay as another text."""
    connection.execute("SET TIME ZONE 'UTC'")


@contextmanager
def owner_engine(at: Addresses) -> Iterator[Engine]:
    """The engine of the role that owns the tables: migrations and maintenance only."""
    engine = create_engine(at.owner, poolclass=NullPool, hide_parameters=True)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def owner_database(settings: Settings, at: Addresses) -> Iterator[Database]:
    """The database as the owner sees it, for maintenance within one institution at a time.

    Row-level security is forced on an ordinary owner as on the service, so it scopes its transactions too; a
    superuser (the embedded server's) passes all of it, so statements must name the rows they mean.
    """
    with owner_engine(at) as owner:
        signed = _beginning_in_scope(owner).execution_options(**{SIGNER: signer(settings)})
        yield Database(engine=signed, revive=at.revive)
