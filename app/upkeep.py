"""What the service does by itself, without a request: a thread beside the web server, in every process.

Nothing is remembered between two rounds: what is to be done is found in the database each time, so a killed
process loses nothing, and several processes do not do the same thing twice (they pass over each other's locks).
What is to be done once has a thread of its own, which ends with it.
"""

import datetime as dt
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from threading import Event, Thread
from typing import Final

from app.campaigns import cohort
from app.db import roles
from app.db.connection import Database, addresses, owner_database
from app.logs import log
from app.sessions import overdue, retention
from app.settings import Settings
from app.web.deps import Clock, utc_now

OVERDUE_EVERY: Final = dt.timedelta(seconds=30)
EXPIRE_EVERY: Final = dt.timedelta(days=1)
ONCE: Final = dt.timedelta.max
RETRY: Final = dt.timedelta(minutes=5)
"""After a failure, unless the chore comes back sooner."""
AT_ONCE: Final = 10
"""Sittings ended in one transaction, some 200 ms: learners who finish meanwhile wait for it."""
FIRST_PAGES: Final = 3.0
"""Seconds that those who open the service at once have it to themselves, before what is to be done once."""
LAST_SECOND: Final = 1.0
"""How long the end of the service waits for a step under way; one cut off is undone by the database."""
SERVICE: Final = "service"
"""Who acts, as audit rows name it."""


@dataclass(frozen=True, slots=True)
class Chore:
    """Something to do at the start and then ``every`` so often, step by step: it may be left between two steps.

    Where ``every`` is ``ONCE``, a round that went well was the last one.
    """

    name: str
    every: dt.timedelta
    steps: Callable[[], Iterator[object]]


def chores(settings: Settings, database: Database, *, clock: Clock = utc_now) -> tuple[Chore, ...]:
    """Return what a service does. Erasing comes first: ending an old sitting would begin its time anew."""
    usual = (
        Chore("expire", EXPIRE_EVERY, partial(_expire, settings, clock)),
        Chore("finish-overdue", OVERDUE_EVERY, partial(_finish_overdue, database, clock)),
    )
    if not settings.demo or not settings.demo_cohort:
        return usual
    return (*usual, Chore("simulated-cohort", ONCE, partial(cohort.steps, database, settings.demo_cohort, clock)))


@contextmanager
def doing(todo: Sequence[Chore]) -> Iterator[None]:
    """Do the chores in a thread, as long as the block lasts; those to be done once, each in its own."""
    stopping = Event()
    again = [chore for chore in todo if chore.every != ONCE]
    threads = [
        Thread(target=_once, args=(chore, stopping), name=chore.name, daemon=True)
        for chore in todo
        if chore.every == ONCE
    ]
    if again:
        threads.append(Thread(target=_work, args=(again, stopping), name="upkeep", daemon=True))
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopping.set()
        for thread in threads:
            thread.join(LAST_SECOND)


def _once(chore: Chore, stopping: Event) -> None:
    stopping.wait(FIRST_PAGES)
    while not stopping.is_set() and not _done(chore, stopping):
        stopping.wait(RETRY.total_seconds())


def _work(todo: Sequence[Chore], stopping: Event) -> None:
    due = dict.fromkeys(todo, time.monotonic())
    while not stopping.is_set():
        for chore in [chore for chore in todo if due[chore] <= time.monotonic()]:
            well = _done(chore, stopping)
            due[chore] = time.monotonic() + (chore.every if well else min(chore.every, RETRY)).total_seconds()
        stopping.wait(max(0, min(due.values()) - time.monotonic()))


def _done(chore: Chore, stopping: Event) -> bool:
    """Whether a round of the chore went well. A failure is logged, and ends this round only."""
    try:
        for _ in chore.steps():
            if stopping.is_set():
                break
    except Exception as error:  # noqa: BLE001 - the thread lives as long as the service
        log().error("chore-failed", chore=chore.name, exc_info=error)
        return False
    return True


def _finish_overdue(database: Database, clock: Clock) -> Iterator[None]:
    with database.transaction() as tx:
        waiting = overdue.institutions(tx, clock())
    for institution_id in waiting:
        stuck: set[uuid.UUID] = set()
        tried, ended = -1, 0
        while ended or len(stuck) > tried:
            tried = len(stuck)
            with database.transaction(institution_id) as tx:
                ended = overdue.finish_overdue(tx, clock(), AT_ONCE, stuck)
            if ended:
                log().info("overdue-finished", institution=str(institution_id), sittings=ended)
            yield


def _expire(settings: Settings, clock: Clock) -> Iterator[None]:
    """As the owner, where the address we were given is the owner's."""
    with addresses(settings) as at, owner_database(settings, at) as owner:
        with owner.transaction() as tx:
            may = roles.maintains(tx)
        if not may:
            log().warning("expire-left-to-the-operator")
            return
        for each in retention.expire(owner, clock(), actor=SERVICE):
            log().info("participants-expired", campaign=str(each.campaign_id), participants=each.participants)
            yield
