"""The doors that a code opens, watched: guesses and newcomers are counted as requests come."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from app.accounts import doors
from app.campaigns.model import normal_code
from app.db.connection import Database
from app.web.deps import AppSettings, Now, OwnTransactions, client_address


@dataclass(frozen=True, slots=True)
class Guard:
    """Slows down who guesses codes or fills a campaign from one address; the numbers are in ``accounts.doors``."""

    database: Database
    secret: bytes = field(repr=False)
    address: str
    now: dt.datetime

    def count_entry(self) -> None:
        """Raise ``TooManyEntries`` where newcomers of this address come too fast."""
        doors.count_entry(self.database, self.secret, address=self.address, now=self.now)

    @contextmanager
    def guess(self, code: str) -> Iterator[None]:
        """Count an attempt to come back, before the block; forget it where the block does not raise."""
        keys = doors.resume_keys(self.secret, code=normal_code(code), address=self.address)
        doors.count_guess(self.database, keys, self.now)
        yield
        doors.forgive(self.database, keys, self.now)


async def _guard(request: Request, database: OwnTransactions, settings: AppSettings, now: Now) -> Guard:
    return Guard(database, settings.derive("doors throttle"), client_address(request), now)


DoorGuard = Annotated[Guard, Depends(_guard)]
