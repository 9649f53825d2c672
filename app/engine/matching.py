"""Who is compared with whom when two groups' answers to an item are compared: persons of like ability.

A stratum is an integer per person and item; ``UNMATCHED`` leaves the person out of that item's comparison.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.engine.batch import MISSING, Scores
from app.engine.grid import Floats, Ints

UNMATCHED: Final = -1
EVERY: Final = slice(None)
Bools = NDArray[np.bool_]


def score_strata(scores: Scores, anchors: Bools, *, items: slice = EVERY) -> Ints:
    """Total score on the anchor items and, always, the studied item itself (Holland & Thayer 1988).

    Parameters
    ----------
    scores : shape (N, n), ``MISSING`` where not seen.
    anchors : shape (n,), items that make the matching score.
    items : those that are studied, all without it; long files are compared a few items at a time.

    Returns
    -------
    shape (N, studied): person's stratum for each studied item; ``UNMATCHED`` where an answer to it or to an anchor is
    missing.
    """
    seen = scores != MISSING
    points = np.where(seen, scores, 0)
    total = points[:, anchors].sum(axis=1)[:, None] + np.where(anchors[items], 0, points[:, items])
    complete = seen[:, anchors].all(axis=1)[:, None] & seen[:, items]
    return np.where(complete, total, UNMATCHED).astype(np.intp)


def ability_strata(theta: Floats, seen: Bools, *, count: int = 10) -> Ints:
    """Equally filled bands of ability, for tests in which persons answer different items.

    Parameters
    ----------
    theta : shape (N,) or (N, n), logits: ability, where it differs by item that of the item's domain.
    seen : shape (N, n).
    count : number of bands.

    Returns
    -------
    shape (N, n), 0 … count - 1, or ``UNMATCHED`` where the item was not seen or the ability is not finite.

    Raises
    ------
    ValueError
        If there are fewer than two bands.
    """
    if count < 2:  # noqa: PLR2004
        raise ValueError(f"count must be at least 2 bands, got {count}")
    theta = np.broadcast_to(theta if theta.ndim == 2 else theta[:, None], seen.shape)  # noqa: PLR2004
    out = np.full(seen.shape, UNMATCHED, dtype=np.intp)
    for item in range(seen.shape[1]):
        who = np.flatnonzero(seen[:, item] & np.isfinite(theta[:, item]))
        if who.size:
            cuts = np.quantile(theta[who, item], np.arange(1, count) / count)
            out[who, item] = np.searchsorted(cuts, theta[who, item], side="right")
    return out


def ability_steps(theta: Floats, seen: Bools, *, width: float = 0.1) -> Ints:
    """Steps of ability of equal width, for regressions: the stratum's number is then linear in ability.

    Equally filled bands are not, and under a difference of ability between groups their bend looks like a difference
    of slopes.

    Parameters
    ----------
    theta, seen : as of ``ability_strata``.
    width : logits.

    Returns
    -------
    shape (N, n), numbers from 0 up, or ``UNMATCHED``.
    """
    theta = np.broadcast_to(theta if theta.ndim == 2 else theta[:, None], seen.shape)  # noqa: PLR2004
    used = seen & np.isfinite(theta)
    step = np.rint(np.where(used, theta, 0.0) / width).astype(np.intp)
    return np.where(used, step - step.min(initial=0), UNMATCHED)


@dataclass(frozen=True, slots=True, eq=False)
class Purified:
    """Anchors that remain when flagged items no longer make the matching score.

    Attributes
    ----------
    anchors : shape (n,).
    rounds : comparisons made.
    settled : the last round flagged the same items as the one before.
    """

    anchors: Bools
    rounds: int
    settled: bool


def purified(flag: Callable[[Bools], Bools], items: int, *, most_rounds: int = 10) -> Purified:
    """Drop flagged items from the anchors and compare again until the flags stay the same (Candell & Drasgow 1988).

    Parameters
    ----------
    flag : from anchors, shape (n,), to flagged items, shape (n,).
    """
    anchors = np.ones(items, dtype=np.bool_)
    for done in range(1, most_rounds + 1):
        kept = ~flag(anchors)
        if not kept.any() or np.array_equal(kept, anchors):
            return Purified(anchors, done, bool(kept.any()))
        anchors = kept
    return Purified(anchors, most_rounds, settled=False)
