"""Fixtures are few: a database for each process, a transaction that is undone, a client. See builders.py."""

import ipaddress
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
import structlog
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, is_hypothesis_test
from hypothesis import settings as hypothesis
from sqlalchemy import URL, Connection, Engine
from threadpoolctl import threadpool_limits

from app.db import connection
from app.db.connection import Database
from app.main import create_app
from app.settings import Settings
from tests import cohorts, server
from tests.builders import Institution, make_institution
from tests.clock import NOON, Clock

__all__ = ("NOON", "Clock")

for name in [name for name in os.environ if name.startswith("TOISE_") and "_TEST_" not in name]:
    del os.environ[name]

# As many processes run as there are cores: their products of matrices must not fight over them.
threadpool_limits(1)
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # of the programs that tests start

# What is logged of an error is its trace alone: to draw every variable of it as well takes seconds.
PLAIN = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
structlog.configure(processors=[*structlog.get_config()["processors"][:-1], PLAIN])

SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
hypothesis.register_profile("dev", max_examples=50, deadline=None, suppress_health_check=SLOW)
hypothesis.register_profile(
    "ci", max_examples=100, deadline=None, derandomize=True, print_blob=True, suppress_health_check=SLOW
)
hypothesis.register_profile("nightly", max_examples=5_000, deadline=None, suppress_health_check=SLOW)
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "ci" if "CI" in os.environ else "dev")
hypothesis.load_profile(PROFILE)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """By night every property is tried again, with many more examples."""
    for item in items if PROFILE == "nightly" else ():
        if is_hypothesis_test(getattr(item, "obj", None)):
            item.add_marker(pytest.mark.nightly)


@pytest.fixture(scope="session")
def maintenance() -> Iterator[URL]:
    """The server's address, for tests that make databases of their own."""
    with server.running() as url:
        yield url


@pytest.fixture(scope="session")
def settings(maintenance: URL) -> Iterator[Settings]:
    with server.copied(maintenance) as url:
        yield server.settings_for(url)


@pytest.fixture(scope="session")
def demonstrated(maintenance: URL) -> Iterator[URL]:
    """A database with the demonstration, to be copied: see ``cohorts.demonstration``."""
    with cohorts.model(maintenance) as url:
        yield url


@pytest.fixture(scope="session")
def owner(settings: Settings) -> Iterator[Engine]:
    """The role that owns the tables. The service never has it."""
    with connection.addresses(settings) as at, connection.owner_engine(at) as engine:
        yield engine


@pytest.fixture(scope="session")
def database(settings: Settings) -> Iterator[Database]:
    """The database as the service sees it. Commits stay: work in a fresh institution."""
    with connection.addresses(settings) as at, connection.open_database(settings, at) as opened:
        yield opened


@pytest.fixture
def tx(database: Database) -> Iterator[Connection]:
    """A transaction of the service that is always rolled back."""
    with database.engine.connect() as opened:
        opened.begin()
        yield opened
        opened.rollback()


@pytest.fixture
def institution(database: Database) -> Institution:
    return make_institution(database)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make_app(settings: Settings, database: Database, clock: Clock) -> Callable[..., FastAPI]:
    """The service with some settings changed: ``make_app(max_body_bytes=20_000)``."""

    def made(**changed: object) -> FastAPI:
        return create_app(settings.model_copy(update=changed), database, clock=clock)

    return made


@pytest.fixture
def make_client(make_app: Callable[..., FastAPI]) -> Iterator[Callable[..., TestClient]]:
    """A client of the service. ``app`` takes one that the test has added routes to.

    An error nobody foresaw is raised into the test; ``raises=False`` answers 500 as the service does.
    """
    with ExitStack() as clients:

        def made(app: FastAPI | None = None, *, raises: bool = True, **changed: object) -> TestClient:
            address = str(ipaddress.IPv6Address(uuid.uuid4().int))  # its own: what is counted by address stays apart
            client = TestClient(
                app or make_app(**changed),
                raise_server_exceptions=raises,
                follow_redirects=False,
                client=(address, 50_000),
            )
            return clients.enter_context(client)

        yield made


@pytest.fixture
def client(make_client: Callable[..., TestClient]) -> TestClient:
    return make_client()
