"""The best candidates of many sittings."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.engine.grid import Floats, Ints

Singles = NDArray[np.float32]

RELATIVE: Final = 2e-9
ABSOLUTE: Final = 1e-12
"""Differences of gains below these (the second in shares of the variance) may be rounding."""


@dataclass(frozen=True, slots=True, eq=False)
class Top:
    """The highest of every sitting, falling.

    Attributes
    ----------
    places : shape (B, k). values : shape (B, k), upper bounds of their gains, zero where no candidate is left.
    least : shape (B, k), lower bounds of the same.
    """

    places: Ints
    values: Floats
    least: Floats

    @classmethod
    def empty(cls, size: int, count: int) -> "Top":
        return cls(np.empty((size, count), dtype=np.intp), np.empty((size, count)), np.empty((size, count)))

    def fill(self, rows: slice, worth: Floats | Singles) -> None:
        """Take these rows' highest out of ``worth``, shape (rows, n), which is zero there afterwards."""
        every, places, values = np.arange(len(worth)), self.places[rows], self.values[rows]
        for column in range(places.shape[1]):
            places[:, column] = worth.argmax(axis=1)
            values[:, column] = worth[every, places[:, column]]
            if column < places.shape[1] - 1:
                worth[every, places[:, column]] = 0.0


def best_exact(worth: Floats, candidates: Singles, sd: Floats, *, count: int) -> Top:
    """The highest of gains that are exact but for rounding.

    Parameters
    ----------
    worth : shape (B, n) by place; overwritten. candidates : shape (B, n), 1 or 0. sd : shape (B, D).
    """
    best = Top.empty(len(worth), count)
    np.multiply(worth, candidates, out=worth)
    best.fill(slice(None), worth)
    best.least[:] = best.values * (1 - RELATIVE) - ABSOLUTE * (sd**2).max(axis=1, keepdims=True)
    return best
