"""Prices of items: the exposure cap kept by what items cost instead of by lot.

To give the most information under a cap on every item's share of tests is a linear program. At its solution every
student is given the items that are worth most *less a price*, the program's dual variable of that item's cap (the
duality of the assignment problem: Koopmans & Beckmann 1957, Econometrica 25). A lot that ignores ability keeps an
item from those for whom it matters most as often as from others; a price does not. Here prices are logarithms, so that
one number serves at every ability and at every stage of a test: items are ranked by ``worth * exp(-price)``.

They are found on simulated students by stochastic approximation (Robbins & Monro 1951, Ann. Math. Stat. 22): after
each round the price of items above the cap rises and that of others falls, at most to zero. Steps shrink and the last
prices are averaged (Polyak & Juditsky 1992, SIAM J. Control Optim. 30). Prices steer; the eligibility draw stays the
guard of the cap. To have every item seen is the business of a progressive start: to make poor items so cheap that
they are chosen cost much more precision than one first item at random.
"""

from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from app.engine.grid import Floats
from app.engine.simulation import Study, simulate

STEP: Final = 0.12
"""Change of a price in the first round where nobody saw an item, or twice as many as should; larger ones overshoot."""
HALVED: Final = 15
"""Rounds after which steps are half as large."""
STEEPEST: Final = 2.0
"""An excess counts as no more than this many times the cap."""
AIM: Final = 0.98
"""Share of the cap that prices aim at: exposures scatter around it, and what passes the cap the lot would displace."""
AVERAGED: Final = 3
"""The last of this many parts of the rounds is averaged."""


@dataclass(frozen=True, slots=True, eq=False)
class Prices:
    """What was found.

    Attributes
    ----------
    price : shape (n,), for ``Plan.price``.
    exposure : shape (n,), share of the last round's students who saw each item, without any other guard.
    """

    price: Floats
    exposure: Floats


def find_prices(study: Study, *, cap: float, rounds: int, size: int, seed: int, executor: Executor) -> Prices:
    """Find prices under which about no item is seen by more than the cap.

    Parameters
    ----------
    study : what is simulated; its own cap is left out.
    cap : largest share of students who should see an item.
    rounds, size : how many rounds, and students in each.

    Raises
    ------
    ValueError
        If the cap is outside (0, 1] or there is no round; and as ``simulate``.
    """
    if not 0 < cap <= 1:
        raise ValueError(f"cap must be in (0, 1], got {cap}")
    if rounds < 1:
        raise ValueError(f"rounds must be at least 1, got {rounds}")
    price, exposure, found = np.zeros(study.plan.size), np.zeros(study.plan.size), []
    for number in range(rounds):
        priced = replace(study, plan=replace(study.plan, price=price), exposure_cap=None)
        seen = simulate(priced, size=size, seed=seed + number, executor=executor).counted.given.sum(axis=0)
        exposure = seen / size
        price = moved(price, exposure, cap=AIM * cap, step=STEP / (1 + number / HALVED))
        found.append(price)
    return Prices(np.mean(found[-max(1, rounds // AVERAGED) :], axis=0), exposure)


def moved(price: Floats, exposure: Floats, *, cap: float, step: float) -> Floats:
    """Prices after one round.

    Parameters
    ----------
    price, exposure : shape (n,). step : the change for an exposure of twice the cap.
    """
    excess = np.clip(exposure / cap - 1, -1.0, STEEPEST)
    new: Floats = np.maximum(price + step * excess, 0.0)
    return new
