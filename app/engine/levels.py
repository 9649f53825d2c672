"""What is worth the same: values that differ only by rounding are made equal before anything is ranked by them.

Two items are often worth exactly the same (equal tables in domains of which nothing is known yet, items that mirror
each other around the estimate), but sums are rounded, and how depends on the place of a column in a matrix product
and on the machine. An order made by such digits could not be replayed elsewhere. Rounding to some digits would only
move the edge at which two equal values part; here values are chained: sorted, each belongs with the next higher one
if it falls short of it by no more than ``TIE`` of it. Exact ties then never part, and other values only
if their distance happens to be ``TIE`` to within rounding. Equal items are ranked in the order of the bank.
"""

from typing import Final

import numpy as np

from app.engine.content import Mask
from app.engine.grid import Floats

TIE: Final = 1e-8
"""Share of a value within which the next one counts as equal: far above rounding, far below what matters to a test."""

ROUNDED: Final = 2e-9
"""Differences below this share of a value may be rounding."""


def levelled(worth: Floats) -> Floats:
    """The values with every chain of ties raised to the highest of the chain.

    Parameters
    ----------
    worth : shape (n,), finite.
    """
    rising = np.sort(worth)
    apart = rising[1:] - rising[:-1] > TIE * np.abs(rising[1:])
    if apart.all():
        return worth
    order, last = np.argsort(worth), np.append(apart, True)
    ends = np.flatnonzero(last)
    level = np.empty_like(worth)
    level[order] = rising[ends].repeat(np.diff(ends, prepend=-1))
    return level


def levelled_rows(worth: Floats, *, rounding: Floats) -> tuple[Floats, Floats]:
    """``levelled`` of every row, and down to where that is beyond doubt.

    Parameters
    ----------
    worth : shape (B, n), known to ``ROUNDED`` of each value.
    rounding : shape (B, 1), by how much more the values may be off.

    Returns
    -------
    The levelled values, shape (B, n), and of each row, shape (B,), the highest value that lies so nearly ``TIE`` above
    the next one that rounding decides whether they are equal; minus infinity where there is none.
    """
    order = np.argsort(worth, axis=1)
    rising = np.take_along_axis(worth, order, axis=1)
    gap, limit = np.diff(rising, axis=1), TIE * np.abs(rising[:, 1:])
    last = np.concatenate([gap > limit, np.ones((len(worth), 1), dtype=np.bool_)], axis=1)
    level = np.empty_like(worth)
    np.put_along_axis(level, order, _ends(rising, last), axis=1)
    doubtful = np.abs(gap - limit) <= ROUNDED * np.abs(rising[:, 1:]) + rounding
    return level, np.where(doubtful, rising[:, 1:], -np.inf).max(axis=1, initial=-np.inf)


def _ends(rising: Floats, last: Mask) -> Floats:
    """The value at the end of each chain, for every place of it."""
    places = np.where(last, np.arange(rising.shape[1]), rising.shape[1])
    end = np.minimum.accumulate(places[:, ::-1], axis=1)[:, ::-1]
    return np.take_along_axis(rising, end, axis=1)
