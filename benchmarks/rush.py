"""Many learners who start in the same second: nobody lost, nobody twice."""

import asyncio
import secrets
import time
from dataclasses import dataclass

from sqlalchemy import text

from app import settings, start
from app.db.connection import owner_engine
from benchmarks.client import connected
from benchmarks.program import CACHE
from benchmarks.served import CODE
from benchmarks.server import serving
from benchmarks.table import Table

LEARNERS = (200, 500)
ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Start:
    """One learner's start: the sitting opened, how long it took, how often it had to be asked again (503)."""

    session: str
    seconds: float
    repeats: int


def measure() -> tuple[Table, ...]:
    with serving() as served:
        asyncio.run(_enter(served.port))  # the pool of items is built
        rows = [_rush(served.port, learners) for learners in LEARNERS]
    columns = ("learners", "started", "lost", "double", "asked again", "all in, s", "median s", "slowest s")
    return (Table("Learners starting in the same second", columns, rows),)


def _rush(port: int, learners: int) -> tuple[str, ...]:
    before = _rows()
    began = time.perf_counter()
    starts = asyncio.run(_all(port, learners))
    told = {found.session for found in starts}
    kept = _rows() - before
    waits = sorted(found.seconds for found in starts)
    lost, double = learners - len(told), kept - len(told)
    repeats = sum(found.repeats for found in starts)
    spent = time.perf_counter() - began
    seconds = (f"{spent:.1f}", f"{waits[len(waits) // 2]:.2f}", f"{waits[-1]:.2f}")
    return f"{learners}", f"{len(told)}", f"{lost}", f"{double}", f"{repeats}", *seconds


async def _all(port: int, learners: int) -> list[Start]:
    """All at once, each on a connection of its own."""
    return await asyncio.gather(*(_enter(port) for _ in range(learners)))


async def _enter(port: int) -> Start:
    """Start a test; when the service asks to come back later, send the same entry again, as a program should."""
    body = {"code": CODE, "locale": "fr", "entry_key": secrets.token_urlsafe(24)}
    began = time.perf_counter()
    for repeats in range(ATTEMPTS):
        async with connected(port) as connection:
            reply = await connection.post("/api/v1/sessions", body)
        if reply.status == 201:
            return Start(reply.data()["session"]["id"], time.perf_counter() - began, repeats)
        if reply.status != 503:
            raise RuntimeError(f"{reply.status}: {reply.body[:500]!r}")
        await asyncio.sleep(1)
    raise RuntimeError(f"still refused after {ATTEMPTS} attempts")


def _rows() -> int:
    """Sittings in the database, as its owner counts them: one of each learner, or somebody is there twice."""
    chosen = settings.read(data_dir=CACHE / "served", demo=True)
    with start.reached(chosen) as at, owner_engine(at) as owner, owner.connect() as tx:
        sittings, learners = tx.execute(
            text("SELECT (SELECT count(*) FROM sessions), (SELECT count(*) FROM participants)")
        ).one()
    if sittings != learners:
        raise RuntimeError(f"{sittings} sittings of {learners} learners")
    return int(sittings)
