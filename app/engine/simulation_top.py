"""The best candidates of many sittings."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.engine.grid import Floats, Ints
from app.engine.levels import levelled_rows

Bytes = NDArray[np.uint8]

CLEAR: Final = 1e-6
"""Gains that differ by more than this share can be no ties, nor can others between them make them so (``levels``)."""
ABSOLUTE: Final = 1e-12
"""Differences of gains below this share of the variance may be rounding."""


@dataclass(frozen=True, slots=True, eq=False)
class Top:
    """The highest of every sitting, falling.

    Attributes
    ----------
    items : shape (B, k). values : shape (B, k), upper bounds of their gains, zero where no candidate is left.
    least : shape (B, k), lower bounds of the same.
    """

    items: Ints
    values: Floats
    least: Floats

    @classmethod
    def empty(cls, size: int, count: int) -> "Top":
        return cls(np.empty((size, count), dtype=np.intp), np.empty((size, count)), np.empty((size, count)))

    def fill(self, worth: Floats) -> None:
        """Take the highest out of ``worth``, shape (B, n), which is zero there afterwards."""
        for column, (items, values) in enumerate(highest(worth, self.items.shape[1])):
            self.items[:, column], self.values[:, column] = items, values


def highest(worth: Floats | NDArray[np.float32], count: int) -> Iterator[tuple[Ints, Floats | NDArray[np.float32]]]:
    """So many highest of every row, one after the other: their columns and values, zero where no more are left.

    Parameters
    ----------
    worth : shape (B, n), not negative; zero in those places afterwards.
    """
    every = np.arange(len(worth))
    for left in range(count, 0, -1):
        places = worth.argmax(axis=1)
        yield places, worth[every, places]
        if left > 1:
            worth[every, places] = 0.0


def best_exact(worth: Floats, candidates: Bytes, sd: Floats, *, count: int) -> Top:
    """The highest of gains that are exact but for rounding.

    Parameters
    ----------
    worth : shape (B, n); overwritten. candidates : shape (B, n), 1 or 0. sd : shape (B, D).
    """
    best = Top.empty(len(worth), count)
    np.multiply(worth, candidates, out=worth)
    best.fill(worth)
    best.least[:] = best.values * (1 - CLEAR) - _rounding(sd)
    return best


def best_levelled(kind: Ints | None, gains: Floats, candidates: Bytes, sd: Floats, *, count: int) -> Top:
    """The highest after ties are made equal, as production ranks them: equal ones in the bank's order.

    Parameters
    ----------
    kind : shape (n,), which of the gains is each item's; None: its own.
    gains : shape (B, K), not more than the squares of ``sd``. The others as in ``best_exact``.

    Returns
    -------
    Heights in the place of gains, one apart; none is certain where rounding decides what is a tie.
    """
    level, doubt = levelled_rows(gains, rounding=_rounding(sd))
    best = Top.empty(len(gains), count)
    best.fill((level if kind is None else level.take(kind, axis=1)) * candidates)
    present = best.values > 0
    lowest = np.where(present[:, :-1], best.values[:, :-1], np.inf).min(axis=1)
    best.values[:] = np.where(present, np.arange(count, 0, -1), 0)
    best.least[:] = np.where((doubt < lowest * (1 - CLEAR))[:, None], best.values, -1.0)
    return best


def _rounding(sd: Floats) -> Floats:
    rounding: Floats = ABSOLUTE * (sd**2).max(axis=1, keepdims=True)
    return rounding
