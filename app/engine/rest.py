"""What may still come after some items of a test have been given.

Items of a set (one text or case, several questions) follow each other. A set that was left is closed; one that
has been opened owes its least number of items, and those come next.
"""

from dataclasses import dataclass, replace

import numpy as np

from app.engine.content import Mask
from app.engine.grid import Ints
from app.engine.plan import ALONE, Plan


@dataclass(frozen=True, slots=True, eq=False)
class Rest:
    """What may still come.

    Attributes
    ----------
    taken : shape (C,), items given, per competence.
    available : shape (n,), items that may still appear: not seen, no enemy of one seen, of no closed set.
    open_set : the set being given, from which more may follow; -1 for none.
    due : fewest items of it that must follow now.
    room : most items of it that may follow.
    """

    taken: Ints
    available: Mask
    open_set: int
    due: int
    room: int


def rest_of(plan: Plan, allowed: Mask, given: Ints) -> Rest:
    """Compute what may follow these items, in their order; ``allowed`` is False for items set aside for the sitting."""
    available = allowed.copy()
    available[given] = False
    if plan.hostile.size:
        for item in given:
            available[plan.enemies[item]] = False
    taken = np.bincount(plan.competence[given], minlength=plan.blueprint.domain_of.size).astype(np.intp)
    if not plan.has_sets:
        return Rest(taken, available, ALONE, 0, 0)
    seen = plan.stimulus[given]
    last = int(seen[-1]) if seen.size else ALONE
    least, most = plan.set_size
    count = int((seen == last).sum())
    still = last if last != ALONE and count < most else ALONE
    closed = np.unique(seen[(seen != ALONE) & (seen != still)])
    available[np.isin(plan.stimulus, closed)] = False
    if still == ALONE:
        return Rest(taken, available, ALONE, 0, 0)
    return Rest(taken, available, still, max(least - count, 0), most - count)


def with_item(plan: Plan, rest: Rest, item: int) -> Rest:
    """What may follow when one more item has been given, on a plan without sets."""
    taken, available = rest.taken.copy(), rest.available.copy()
    taken[plan.competence[item]] += 1
    available[item] = False
    available[plan.enemies[item]] = False
    return replace(rest, taken=taken, available=available)
