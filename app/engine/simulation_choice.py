"""Production's choice of the next item for many sittings at once, or the word that it is not certain.

Of the best candidates, the one that the sitting's own draw points at is the choice if no rounding or bound could change
which item stands at that rank. Otherwise the caller asks again with exact values, or production.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from app.engine.content import Mask
from app.engine.grid import Ints
from app.engine.simulation_rules import Ledger, Masks, candidates
from app.engine.simulation_top import Top

Draw = Callable[[Ints], Ints]
"""From how many there are to choose from, shape (B,), to the place that each sitting's own generator draws."""


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """The items, shape (B,), and which of them are certainly those of production."""

    items: Ints
    certain: Mask

    @classmethod
    def none(cls, size: int) -> "Choice":
        """None is certain yet."""
        return cls(np.zeros(size, dtype=np.intp), np.zeros(size, dtype=np.bool_))

    def put(self, rows: Ints, other: "Choice") -> None:
        """Take over the choices for these rows."""
        self.items[rows], self.certain[rows] = other.items, other.certain


def choose(best: Top, ledger: Ledger, *, rows: Ints, may: Masks | None, draw: Draw) -> Choice:
    """Choose one item for each of these rows of the ledger.

    Parameters
    ----------
    best : one candidate more than those the item is drawn from.
    may : as in ``candidates``.
    """
    first, values, among = best.items[:, :-1], best.values, best.items.shape[1] - 1
    present = values[:, :-1] > 0
    count = np.maximum(present.sum(axis=1), 1)
    certain = present[:, 0] & _all_keep(ledger, rows, first, present)
    short = np.flatnonzero(certain & (count < among))
    if short.size:
        certain[short] = candidates(ledger, may, rows[short]).sum(axis=1, dtype=np.intp) == count[short]
    rank, at = draw(count), np.arange(len(rows))
    before = np.arange(among) < rank[:, None]
    certain &= np.where(before, best.least[:, :-1], np.inf).min(axis=1) > values[at, rank]
    certain &= best.least[at, rank] > np.maximum(values[at, rank + 1], 0.0)
    return Choice(best.items[at, rank], certain)


def _all_keep(ledger: Ledger, rows: Ints, items: Ints, present: Mask) -> Mask:
    """Whether every one of these candidates leaves the rules satisfiable; only those with enemies may not."""
    kept = np.ones(len(rows), dtype=np.bool_)
    if not ledger.book.hostile_items.size:
        return kept
    where, column = np.nonzero(present & (ledger.book.hostile[items] >= 0))
    if where.size:
        kept[where[~ledger.keeps(rows[where], items[where, column])]] = False
    return kept
