"""What a request may ask for: a transaction, the time, the settings, who calls."""

import datetime as dt
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated

import anyio
from anyio import to_thread
from fastapi import Depends, Request
from sqlalchemy import Connection

from app.db.connection import Database
from app.errors import Unavailable
from app.settings import Settings

Clock = Callable[[], dt.datetime]
LONGEST_WAIT = 15.0  # seconds in the queue, before "come back later" is the better answer


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True, slots=True)
class Service:
    """What create_app was given; every request of the app shares it."""

    settings: Settings
    database: Database
    clock: Clock
    places: anyio.Semaphore
    """As many as connections: who waits, waits here, without holding a thread that another needs to finish."""
    answers: anyio.CapacityLimiter
    """Threads that compute next questions: two keep one processor busy, more would only fight for the interpreter."""
    ends: anyio.CapacityLimiter
    """Threads for beginning and ending transactions, beside those of the handlers."""


def service_of(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


async def transaction(request: Request) -> AsyncIterator[Connection]:
    """One transaction for the request, not yet scoped: authentication opens it to an institution.

    Each turn through a thread costs as much as a statement, so a waiting connection is taken without one.
    """
    service = service_of(request)
    async with _place(service.places):
        tx = service.database.idle()
        if tx is None:
            tx = await to_thread.run_sync(service.database.begun, limiter=service.ends)
        try:
            yield tx
        except BaseException:
            await _end(service, tx, tx.close)
            raise
        await _end(service, tx, lambda: _commit(tx))


def _commit(tx: Connection) -> None:
    with tx:
        tx.commit()


async def _end(service: Service, tx: Connection, ending: Callable[[], None]) -> None:
    """End a transaction, come what may; one that never began has nothing to wait for."""
    with anyio.CancelScope(shield=True):
        if tx.in_transaction():
            await to_thread.run_sync(ending, limiter=service.ends)
        else:
            tx.close()


@asynccontextmanager
async def _place(places: anyio.Semaphore) -> AsyncIterator[None]:
    """A place in the line for a connection, given back at the end of the block."""
    try:
        with anyio.fail_after(LONGEST_WAIT):
            await places.acquire()
    except TimeoutError:
        raise Unavailable from None
    try:
        yield
    finally:
        places.release()


async def _settings(request: Request) -> Settings:
    return service_of(request).settings


async def _database(request: Request) -> Database:
    return service_of(request).database


async def _now(request: Request) -> dt.datetime:
    return service_of(request).clock()


async def _answers(request: Request) -> anyio.CapacityLimiter:
    return service_of(request).answers


# These five are `async def` so that they run where they are: FastAPI sends a plain `def` through a thread.
Tx = Annotated[Connection, Depends(transaction, scope="function")]
"""Committed before the answer leaves: with FastAPI's other scope a client reads 200 although the commit failed."""

OwnTransactions = Annotated[Database, Depends(_database)]
"""For what must be kept although the request is refused, such as a failed sign-in."""

AnsweringThreads = Annotated[anyio.CapacityLimiter, Depends(_answers)]

AppSettings = Annotated[Settings, Depends(_settings)]
Now = Annotated[dt.datetime, Depends(_now)]
"""The server's clock, aware, in UTC; tests move it."""


def client_address(request: Request) -> str:
    """The caller's address: the one the farthest trusted proxy saw, or the connection's own.

    ``X-Forwarded-For`` grows from the left, each proxy adding the address it saw; only the entries our own
    proxies added may be believed.
    """
    trusted = service_of(request).settings.trusted_proxy_count
    seen = [part.strip() for line in request.headers.getlist("x-forwarded-for") for part in line.split(",")]
    if 0 < trusted <= len(seen):
        return seen[-trusted]
    return request.client.host if request.client else ""
