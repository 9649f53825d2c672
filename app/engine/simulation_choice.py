"""Production's choice of the next item for many sittings at once, or the word that it is not certain.

The best candidates are taken in order; the one that the sitting's own draw points at is the choice if no rounding or
bound could change which item stands at that rank. Otherwise the caller asks again with exact values, or production.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from app.engine.content import Mask
from app.engine.grid import Floats, Ints
from app.engine.simulation_rules import Ledger, Singles

RELATIVE, ABSOLUTE = 2e-9, 1e-12
"""Differences of gains below these (the second in shares of the variance) may be rounding."""


Draw = Callable[[Ints], Ints]
"""From how many there are to choose from, shape (B,), to the place that each sitting's own generator draws."""


class Lower(Protocol):
    """Lower bounds of the gains at the places of a sitting, given their values."""

    def __call__(self, places: Ints, values: Floats) -> Floats: ...


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """The items, shape (B,), and which of them are certainly those of production."""

    items: Ints
    certain: Mask


def rounded(sd: Floats) -> Lower:
    """Lower bounds of gains that are exact but for rounding; ``sd`` has shape (B, D)."""
    absolute = ABSOLUTE * (sd**2).max(axis=1, keepdims=True)

    def lower(places: Ints, values: Floats) -> Floats:  # noqa: ARG001 - the rounding is the same everywhere
        least: Floats = values * (1 - RELATIVE) - absolute
        return least

    return lower


def choose(
    worth: Floats | Singles, lower: Lower, ledger: Ledger, *, rows: Ints, candidates: Singles, among: int, draw: Draw
) -> Choice:
    """Choose one item for each of these rows of the ledger.

    Parameters
    ----------
    worth : shape (B, n) by place, upper bounds of the gains; overwritten.
    candidates : shape (B, n) by place, 1 for what the rules allow next, else 0.
    among : the item is drawn from so many of the best.
    """
    np.multiply(worth, candidates, out=worth)
    places, values = _best(worth, among + 1)
    first, present = places[:, :-1], values[:, :-1] > 0
    count = np.maximum(present.sum(axis=1), 1)
    certain = present[:, 0] & _all_keep(ledger, rows, first, present)
    short = np.flatnonzero(certain & (count < among))
    certain[short] = candidates[short].sum(axis=1) == count[short]
    rank = draw(count)
    at = np.arange(len(rows))
    least = lower(first, values[:, :-1])
    before = np.arange(among) < rank[:, None]
    certain &= np.where(before, least, np.inf).min(axis=1) > values[at, rank]
    certain &= least[at, rank] > np.maximum(values[at, rank + 1], 0.0)
    return Choice(ledger.book.item[places[at, rank]], certain)


def _best(worth: Floats | Singles, count: int) -> tuple[Ints, Floats]:
    """Places and values of the highest, falling, shape (B, count); those taken are zero in ``worth`` afterwards."""
    rows = np.arange(len(worth))
    places = np.empty((len(worth), count), dtype=np.intp)
    values = np.empty((len(worth), count))
    for column in range(count):
        places[:, column] = worth.argmax(axis=1)
        values[:, column] = worth[rows, places[:, column]]
        if column < count - 1:
            worth[rows, places[:, column]] = 0.0
    return places, values


def _all_keep(ledger: Ledger, rows: Ints, places: Ints, present: Mask) -> Mask:
    """Whether every one of these candidates leaves the rules satisfiable; only those with enemies may not."""
    items = ledger.book.item[places]
    where, column = np.nonzero(present & (ledger.book.hostile[items] >= 0))
    kept = np.ones(len(rows), dtype=np.bool_)
    if where.size:
        kept[where[~ledger.keeps(rows[where], items[where, column])]] = False
    return kept
