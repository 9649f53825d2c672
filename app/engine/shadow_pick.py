"""The next items from the best complete test, instead of the best items one by one.

On the tree the best complete test is found by taking the best item that the rules allow, again and again (such
rules are a matroid: Edmonds 1971, Math. Program. 1), and the item taken first is the one that is picked anyway.
"""

import numpy as np

from app.engine.grid import Floats, Ints
from app.engine.plan import ALONE, Plan
from app.engine.prospect import look_ahead
from app.engine.rest import Rest, with_item
from app.engine.shadow import shadow_test


def best_in_shadow(plan: Plan, rest: Rest, worth: Floats, *, further: int, wanted: int) -> Ints:
    """Up to ``wanted`` items of the best complete test that may come next, best first.

    What it still takes of the set being given comes first: a set that was left is closed.

    Parameters
    ----------
    worth : shape (n,), what each item is worth.
    further : how many items are still to come; some test of this length keeps every rule.
    """
    if plan.on_tree:
        return _greedy(plan, rest, worth, further=further, wanted=wanted)
    found = shadow_test(plan, rest, worth, further=further)
    current = found[(plan.stimulus[found] == rest.open_set) & (rest.open_set != ALONE)]
    return (current if current.size else found)[:wanted]


def _greedy(plan: Plan, rest: Rest, worth: Floats, *, further: int, wanted: int) -> Ints:
    """The items that come first in the best complete test on the tree; equal ones in the bank's order."""
    shortest = look_ahead(plan, rest).needed == further
    chosen: list[int] = []
    for _ in range(min(wanted, further)):
        ahead = look_ahead(plan, rest)
        fit = rest.available & (ahead.owed if shortest else ahead.open)[plan.competence]
        chosen.append(int(np.argmax(np.where(fit, worth, -np.inf))))
        rest = with_item(plan, rest, chosen[-1])
    return np.array(chosen, dtype=np.intp)
