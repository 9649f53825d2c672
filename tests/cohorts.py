"""A demonstration with the first students of its simulated cohort, in a database of its own."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import URL

from app.campaigns import cohort, demo, service
from app.campaigns.model import Campaign
from app.db import connection
from app.db.connection import Database
from app.settings import Settings
from tests import server
from tests.clock import NOON, Clock


@dataclass(frozen=True, slots=True)
class Demonstration:
    settings: Settings
    database: Database

    def fill(self, size: int) -> list[int]:
        return list(cohort.steps(self.database, size, Clock()))

    @property
    def campaign(self) -> Campaign:
        with self.database.transaction() as tx:
            return service.find(tx, cohort.CODE)


@contextlib.contextmanager
def demonstration(maintenance: URL, demonstrated: URL) -> Iterator[Demonstration]:
    """A copy of the process's demonstration, which takes seconds to make."""
    with server.copied(maintenance, of=demonstrated) as url:
        settings = server.settings_for(url, demo=True)
        with connection.addresses(settings) as at, connection.open_database(settings, at) as database:
            yield Demonstration(settings, database)


@contextlib.contextmanager
def model(maintenance: URL) -> Iterator[URL]:
    """A demonstration without a cohort, to be copied: nobody is connected to it."""
    with server.copied(maintenance) as url:
        settings = server.settings_for(url, demo=True)
        with connection.addresses(settings) as at, connection.open_database(settings, at) as database:
            demo.ensure(database, settings, NOON)
        yield url
