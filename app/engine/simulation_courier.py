"""What all chunks of a simulation share, taken to each process once and not with every chunk.

A bank prepared for simulation takes megabytes, a chunk's answers thousands of bytes, and an executor does not say which
of its processes will do what. So a chunk names what it needs; a process that has it goes to work, one that has not says
so, and is sent everything.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from functools import partial
from typing import Any, Final, Generic, TypeVar
from uuid import uuid4

Shared = TypeVar("Shared")
Part = TypeVar("Part")
Found = TypeVar("Found")

KEPT: Final = 2
"""How many simulations' shared parts a process keeps."""
_here: dict[str, Any] = {}


class Courier(Generic[Shared, Part, Found]):
    """Runs ``work(shared, part)``, which never returns None, on an executor of threads, processes or a cluster."""

    def __init__(self, executor: Executor, work: Callable[[Shared, Part], Found], shared: Shared) -> None:
        self._executor, self._work, self._shared = executor, work, shared
        self._name = uuid4().hex
        self._sent = False

    def each(self, parts: Iterable[Part]) -> Iterator[Found]:
        """What comes of each part, in their order; at the first call everything is sent along."""
        if not self._sent:
            self._sent = True
            yield from self._executor.map(partial(_with_what_is_sent, self._work, self._name, self._shared), parts)
            return
        sent = list(parts)
        found = self._executor.map(partial(_with_what_is_here, self._work, self._name), sent)
        for part, one in zip(sent, found, strict=True):
            yield self._brought(part) if one is None else one

    def _brought(self, part: Part) -> Found:
        return self._executor.submit(_with_what_is_sent, self._work, self._name, self._shared, part).result()


def _keep(name: str, shared: object) -> None:
    _here[name] = shared
    while len(_here) > KEPT:
        del _here[next(iter(_here))]


def _with_what_is_here(work: Callable[[Any, Part], Found], name: str, part: Part) -> Found | None:
    shared = _here.get(name)
    return None if shared is None else work(shared, part)


def _with_what_is_sent(work: Callable[[Shared, Part], Found], name: str, shared: Shared, part: Part) -> Found:
    _keep(name, shared)
    return work(shared, part)
