"""Answers a second through the whole stack, against a bare FastAPI route that inserts one row and commits."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import cycle
from statistics import median

from benchmarks.client import Connection
from benchmarks.served import CODE, ITEMS
from benchmarks.server import Served, serving
from benchmarks.table import Table
from benchmarks.timing import ratios, spread

CONNECTIONS = (1, 8, 32)
ROUNDS = 7
SECONDS = 3.0
REQUESTS = {1: 250, 8: 900, 32: 900}
"""Most requests of a round, over all connections."""
LENGTH = 30
"""Questions of a sitting; its last answer also writes the result."""

Send = Callable[[], Awaitable[None]]
Route = Callable[[Connection, int], Awaitable[Send]]


@dataclass(frozen=True, slots=True)
class Round:
    """One route under one load: requests a second, seconds per request, share of a core the client used.

    ``work``: processor seconds of the server's process per request, which other programs disturb least.
    """

    rate: float
    waits: tuple[float, ...]
    client: float
    work: float

    def quantile(self, share: float) -> float:
        ordered = sorted(self.waits)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


@dataclass(slots=True)
class Sitting:
    path: str
    token: str
    step: int = 1


async def answers(connection: Connection, count: int) -> Send:
    """Sittings enough for ``count`` answers, started before the clock runs."""
    started = [await _enter(connection) for _ in range(-(-count // LENGTH))]
    places = cycle("1234")
    waiting = iter([sitting for sitting in started for _ in range(LENGTH)])

    async def send() -> None:
        sitting = next(waiting)
        body = {"step": sitting.step, "response": {"choice": next(places)}}
        reply = await connection.post(sitting.path, body, token=sitting.token)
        if reply.status != 200:
            raise RuntimeError(f"{reply.status}: {reply.body[:500]!r}")
        sitting.step += 1

    return send


async def _enter(connection: Connection) -> Sitting:
    reply = await connection.post("/api/v1/sessions", {"code": CODE, "locale": "fr"})
    if reply.status != 201:
        raise RuntimeError(f"{reply.status}: {reply.body[:500]!r}")
    entered = reply.data()
    return Sitting(f"/api/v1/sessions/{entered['session']['id']}/answers", entered["token"])


async def bare(connection: Connection, _count: int) -> Send:
    async def send() -> None:
        reply = await connection.post("/bare", {"step": 1, "response": {"choice": "1"}})
        if reply.status != 200:
            raise RuntimeError(f"{reply.status}: {reply.body[:500]!r}")

    return send


async def one_round(served: Served, route: Route, connections: int) -> Round:
    """Every connection sends its next request when the last is answered, until the count or the time is reached."""
    count = REQUESTS[connections] // connections
    async with asyncio.TaskGroup() as group:
        opened = [group.create_task(_prepared(served.port, route, count)) for _ in range(connections)]
    prepared = [task.result() for task in opened]
    began, used, worked = time.perf_counter(), time.process_time(), served.cpu_seconds()
    waits = await asyncio.gather(*(_closed_loop(send, count, began + SECONDS) for _, send in prepared))
    spent, used, worked = time.perf_counter() - began, time.process_time() - used, served.cpu_seconds() - worked
    for connection, _ in prepared:
        connection.writer.close()
    told = tuple(wait for part in waits for wait in part)
    return Round(len(told) / spent, told, used / spent, worked / len(told))


async def _prepared(port: int, route: Route, count: int) -> tuple[Connection, Send]:
    connection = Connection(*await asyncio.open_connection("127.0.0.1", port))
    return connection, await route(connection, count)


async def _closed_loop(send: Send, count: int, deadline: float) -> list[float]:
    waits = []
    for _ in range(count):
        start = time.perf_counter()
        if start > deadline:
            break
        await send()
        waits.append(time.perf_counter() - start)
    return waits


def measure() -> tuple[Table, ...]:
    with serving() as served:
        asyncio.run(one_round(served, answers, 8))  # the pool of items is built, statements are prepared
        seen = {load: asyncio.run(_rounds(served, load)) for load in CONNECTIONS}
    return _ratios(seen), _figures(seen)


async def _rounds(served: Served, connections: int) -> dict[str, list[Round]]:
    found: dict[str, list[Round]] = {"bare route": [], "answer route": []}
    for number in range(ROUNDS):
        routes = [("bare route", bare), ("answer route", answers)]
        for name, route in routes if number % 2 else reversed(routes):
            found[name].append(await one_round(served, route, connections))
    return found


def _ratios(seen: dict[int, dict[str, list[Round]]]) -> Table:
    rows = []
    for load, rounds in seen.items():
        ours, peer = rounds["answer route"], rounds["bare route"]
        rate = ratios([one.rate for one in ours], [one.rate for one in peer])
        p99 = ratios([one.quantile(0.99) for one in ours], [one.quantile(0.99) for one in peer])
        work = ratios([one.work for one in peer], [one.work for one in ours]).text(scale=100, digits=0)
        rows.append((f"{load}", rate.text(scale=100, digits=0), "≥ 50 %", p99.text(), "≤ 3", work))
    title = f"Answer route over {ITEMS} items as a share of a bare insert-and-commit route"
    return Table(
        title, ("connections", "answers a second, %", "target", "p99, times", "target", "by processor time, %"), rows
    )


def _figures(seen: dict[int, dict[str, list[Round]]]) -> Table:
    rows = [_figure(load, name, parts) for load, rounds in seen.items() for name, parts in rounds.items()]
    columns = (
        "connections",
        "route",
        "requests a second",
        "p50 ms",
        "p99 ms",
        "server ms of processor",
        "client's share of a core",
    )
    return Table("Both routes, one server process", columns, rows)


def _figure(load: int, name: str, rounds: Sequence[Round]) -> tuple[str, ...]:
    halves = [spread([one.quantile(share) for one in rounds]).text(scale=1e3, digits=1) for share in (0.5, 0.99)]
    client = f"{median(one.client for one in rounds):.0%}"
    work = spread([one.work for one in rounds]).text(scale=1e3)
    return f"{load}", name, spread([one.rate for one in rounds]).text(digits=0), *halves, work, client
