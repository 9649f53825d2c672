"""How often an item may be seen: eligibility drawn once per sitting, and chance in the choice among the best.

Eligibility (van der Linden & Veldkamp 2004, J. Educ. Behav. Stat. 29; 2007): before a sitting, item i is set
aside with probability 1 - P(E_i), where P(E_i) = min(1, cap * e_i / a_i), e_i sittings in which it was eligible
and a_i sittings in which it was given. That steers the share of sittings that see an item towards the cap, but
from either side and slowly: how often an item is given where it is eligible changes as others are set aside, and in
a bank of forty items a share stood at .30 after two thousand sittings under a cap of .25. Hence the second half of
the rule (the restriction of Revuelta & Ponsoda 1998): an item whose share would exceed the cap if the next sitting
saw it is set aside for certain. No share then passes the cap, at hardly any loss of precision.
"""

from collections.abc import Callable
from typing import Final

import numpy as np

from app.engine.grid import Floats, Ints

ROUNDING: Final = 1e-9
"""Sittings by which a product of cap and sittings may be off."""


def eligibility(*, given: Floats, eligible: Floats, cap: float, sittings: int | None = None) -> Floats:
    """Probability with which each item is eligible in the next sitting.

    Parameters
    ----------
    given : shape (n,), sittings in which the item was given.
    eligible : shape (n,), sittings in which it was eligible (at least ``given``).
    cap : largest share of sittings that may see an item, in (0, 1].
    sittings : how many there were, up to now; None: no item is set aside for certain.

    Raises
    ------
    ValueError
        If the cap is outside (0, 1] or an item was given more often than it was eligible.
    """
    if not 0 < cap <= 1:
        raise ValueError(f"cap must be in (0, 1], got {cap}")
    if np.any(given > eligible):
        bad = int(np.flatnonzero(given > eligible)[0])
        raise ValueError(f"item {bad}: given {given[bad]} times but eligible only {eligible[bad]} times")
    with np.errstate(divide="ignore", invalid="ignore"):
        steered = np.where(given > 0, np.minimum(1.0, cap * eligible / given), 1.0)
    if sittings is None:
        return steered
    full = (given > 0) & (given + 1 > cap * (sittings + 1) + ROUNDING)
    return np.where(full, 0.0, steered)


def draw_ineligible(probability: Floats, rng: np.random.Generator) -> Ints:
    """Items set aside for one sitting."""
    return np.flatnonzero(rng.random(probability.size) >= probability)


def readmit(aside: Ints, seen: Floats, keepable: Callable[[Ints], bool]) -> Ints:
    """Items that stay set aside when those without which the rules could not be kept come back.

    The most seen have the first claim to stay aside; of the rest none could stay aside beside them.

    Parameters
    ----------
    aside : items drawn to be set aside.
    seen : shape (n,), how often each item was given.
    keepable : whether the rules can be kept without these items; true of fewer where it is true of more.
    """
    waiting = aside[np.argsort(-seen[aside], kind="stable")]
    stay = waiting[:0]
    while waiting.size:
        count = _most(waiting, stay, keepable)
        stay, waiting = np.concatenate([stay, waiting[:count]]), waiting[count + 1 :]
    return stay


def _most(waiting: Ints, stay: Ints, keepable: Callable[[Ints], bool]) -> int:
    """How many of the first waiting ones can stay aside too, by halving; all of them is tried first."""
    if keepable(np.concatenate([stay, waiting])):
        return int(waiting.size)
    fit, too_many = 0, waiting.size
    while too_many - fit > 1:
        middle = (fit + too_many) // 2
        if keepable(np.concatenate([stay, waiting[:middle]])):
            fit = middle
        else:
            too_many = middle
    return fit


def choose_among_best(ranked: Ints, rng: np.random.Generator, *, best: int) -> int:
    """Position in ``ranked`` of an item drawn evenly from its ``best`` first ones (randomesque: Kingsbury & Zara 1989).

    Raises
    ------
    ValueError
        If there is nothing to choose from.
    """
    if ranked.size == 0:
        raise ValueError("ranked must hold at least one item")
    return int(rng.integers(min(best, ranked.size)))


def partly_random(worth: Floats, candidates: Ints, rng: np.random.Generator, *, progress: float) -> Floats:
    """Mix chance into what candidates are worth, less and less (Revuelta & Ponsoda 1998, J. Educ. Meas. 35).

    ``(1 - s) R_i + s worth_i``, with R_i even between zero and the best candidate's worth. At the start every
    test begins elsewhere, where little is known and little is lost; from s = 1 on, choices are by worth alone.

    Parameters
    ----------
    worth : shape (n,), non-negative.
    candidates : the items that may come next.
    progress : s, from 0; beyond 1 it counts as 1.

    Returns
    -------
    shape (n,).

    Raises
    ------
    ValueError
        If the progress is negative.
    """
    if progress < 0:
        raise ValueError(f"progress must not be negative, got {progress}")
    if progress >= 1:
        return worth
    best = float(worth[candidates].max(initial=0.0))
    mixed: Floats = (1 - progress) * best * rng.random(worth.size) + progress * worth
    return mixed
