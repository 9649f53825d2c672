"""Chunks of persons shared out among workers."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeVar

from app.engine.design import Chunk

Found = TypeVar("Found")


class Spread(Protocol):
    """Something that applies a function to every chunk, in order."""

    def each(self, function: Callable[..., Found], *common: Any) -> Iterable[Found]:  # noqa: ANN401 - passed through
        """``function(chunk, *common)`` for every chunk."""


@dataclass(frozen=True, slots=True)
class Here:
    """In this thread."""

    chunks: Sequence[Chunk]

    def each(self, function: Callable[..., Found], *common: Any) -> Iterable[Found]:  # noqa: ANN401
        return (function(chunk, *common) for chunk in self.chunks)


@dataclass(frozen=True, slots=True)
class Shared:
    """Through a ``concurrent.futures.Executor``: threads, processes."""

    chunks: Sequence[Chunk]
    executor: Executor

    def each(self, function: Callable[..., Found], *common: Any) -> Iterable[Found]:  # noqa: ANN401
        return self.executor.map(partial(_applied, function, common), self.chunks)


def _applied(function: Callable[..., Found], common: tuple[Any, ...], chunk: Chunk) -> Found:
    return function(chunk, *common)
