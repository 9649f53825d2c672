"""Who works on the chunks of a calibration: this thread, several, several processes, or a Dask cluster."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any, Final, TypeVar

from threadpoolctl import threadpool_limits

from app.engine.design import Chunk
from app.engine.spread import Here, Shared, Spread
from app.errors import Unavailable, msgid

Found = TypeVar("Found")
CONNECT_SECONDS: Final = 10
WORTH_SHARING: Final = 2
"""Chunks from which threads bring more than they cost."""


class NoCluster(Unavailable):
    """A Dask cluster that cannot be used."""

    code = "no-cluster"
    message = msgid("Le calcul réparti n'est pas possible. À voir : %(said)s")


def processors() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def workers(chunks: Sequence[Chunk], *, threads: int) -> Iterator[Spread]:
    """Threads, each with one thread of the linear-algebra library: products release the interpreter's lock."""
    with threadpool_limits(1):
        if threads < WORTH_SHARING or len(chunks) < WORTH_SHARING:
            yield Here(chunks)
            return
        with ThreadPoolExecutor(threads) as executor:
            yield Shared(chunks, executor)


@contextmanager
def processes(chunks: Sequence[Chunk], *, count: int) -> Iterator[Spread]:
    """Processes, started afresh, each with one thread of the linear-algebra library."""
    fresh = get_context("spawn")
    with ProcessPoolExecutor(count, mp_context=fresh, initializer=threadpool_limits, initargs=(1,)) as pool:
        yield Shared(chunks, pool)


@dataclass(frozen=True, slots=True)
class Scattered:
    """Chunks that stay on the workers of a Dask cluster; only sums travel."""

    client: Any
    chunks: Sequence[Any]

    def each(self, function: Callable[..., Found], *common: Any) -> Iterable[Found]:  # noqa: ANN401 - passed through
        """``function(chunk, *common)`` for every chunk, in order."""
        everywhere = [self.client.scatter(part, broadcast=True, hash=False) for part in common]
        asked = [self.client.submit(function, chunk, *everywhere, pure=False) for chunk in self.chunks]
        found: list[Found] = self.client.gather(asked)
        return found


@contextmanager
def cluster(chunks: Sequence[Chunk], *, scheduler: str) -> Iterator[Spread]:
    """A Dask cluster by its scheduler's address.

    Raises
    ------
    NoCluster
        If the extra ``scale`` is not installed or nobody answers at the address.
    """
    try:
        from distributed import Client  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise NoCluster(said='pip install "toise[scale]"') from error
    try:
        client: Any = Client(scheduler, timeout=CONNECT_SECONDS, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TimeoutError) as error:
        raise NoCluster(said=f"{scheduler} : {error}") from error
    with client:
        yield Scattered(client, client.scatter(list(chunks), hash=False))
