"""Values that are costly to build and never change: built once per process, however many ask at the same moment."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Once(Generic[K, V]):
    """Keeps the ``size`` values asked for last.

    The first caller builds; those who ask meanwhile wait for that value. When building fails, only the
    caller that built sees the error, and the next in line builds in turn: the lost connection of one
    request is no reason to refuse another.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = Lock()
        self._values: OrderedDict[K, tuple[V]] = OrderedDict()
        self._builders: dict[K, Lock] = {}

    def get(self, key: K, build: Callable[[], V]) -> V:
        """Return the value of ``key``, from ``build()`` if nobody has built it."""
        kept, builder = self._look_up(key)
        if kept is not None:
            return kept[0]
        with builder:
            kept, _ = self._look_up(key)  # whoever held the lock before may have built it
            return kept[0] if kept is not None else self._build(key, build)

    def _look_up(self, key: K) -> tuple[tuple[V] | None, Lock]:
        with self._lock:
            kept = self._values.get(key)
            if kept is None:
                return None, self._builders.setdefault(key, Lock())
            self._values.move_to_end(key)
            return kept, self._lock

    def _build(self, key: K, build: Callable[[], V]) -> V:
        try:
            value = build()
            with self._lock:
                self._values[key] = (value,)
                while len(self._values) > self._size:
                    self._values.popitem(last=False)
        finally:
            with self._lock:
                self._builders.pop(key, None)
        return value
