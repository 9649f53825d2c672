"""Complete tests: whether one exists, how long it may be, and which one is best.

The best complete test that holds what was given is the shadow test (van der Linden & Reese 1998, Appl. Psychol.
Meas. 22): an item taken from it can never make the rules unkeepable.
"""

import numpy as np

from app.engine.content import Mask
from app.engine.grid import Floats, Ints
from app.engine.plan import ALONE, Plan
from app.engine.rest import Rest
from app.engine.rule_program import Columns, alike, by_peace, per_domain, program_of, solve


def lengths(plan: Plan, rest: Rest) -> tuple[int, int]:
    """Fewest and most further items that complete a test.

    Raises
    ------
    ValueError
        If no test can be completed.
    """
    columns = alike(plan, rest)
    program = program_of(plan, rest, columns)
    cost = np.zeros(program.upper.size)
    cost[: columns.item.size] = 1.0
    fewest, most = solve(program, cost), solve(program, -cost)
    if fewest is None or most is None:
        raise ValueError("rest must leave a test that can be completed")
    return int(cost @ fewest), int(cost @ most)


def can_be_completed(plan: Plan, rest: Rest) -> bool:
    """Whether some test holds what was given and keeps every rule."""
    program = program_of(plan, rest, alike(plan, rest))
    return solve(program, np.zeros(program.upper.size)) is not None


def shadow_test(plan: Plan, rest: Rest, worth: Floats, *, further: int) -> Ints:
    """Items of the best complete test that are still to come, best first; equal ones in the bank's order.

    Of equal items that the rules cannot tell apart, the first of the bank are in it, whichever the solver chose.

    Parameters
    ----------
    worth : shape (n,), what each item is worth, finite.
    further : how many items are still to come.

    Returns
    -------
    shape (further,).

    Raises
    ------
    ValueError
        If no test of this length keeps every rule.
    """
    columns = worthwhile(plan, rest, worth, further=further)
    length = plan.blueprint.domain_of.size + len(plan.blueprint.domain)
    program = program_of(plan, rest, columns)
    program.least[length] = program.most[length] = further
    cost = np.zeros(program.upper.size)
    cost[: columns.item.size] = -worth[columns.item]
    found = solve(program, cost)
    if found is None:
        raise ValueError(f"further must be a length at which every rule can be kept, got {further}")
    of_kind = np.bincount(columns.kind, weights=found[: columns.item.size], minlength=1)
    chosen = np.sort(columns.item[columns.place < of_kind[columns.kind]])
    return chosen[np.argsort(-worth[chosen], kind="stable")]


def worthwhile(plan: Plan, rest: Rest, worth: Floats, *, further: int) -> Columns:
    """Available items one by one, without those that some best test of ``further`` items does without.

    Of items that the rules cannot tell apart, only as many of the best are kept as could be given. And where as many
    items without enemies and sets are at least as good as could be given of a competence, one of them is always
    free to stand in for an item of that competence with enemies, or for every item of a set.
    """
    room = _room(plan, rest, further)
    fence = _fence(plan, rest, worth, room)
    better, in_set = worth > fence[plan.competence], plan.stimulus != ALONE
    opened = np.append(plan.stimulus[rest.available & in_set & better], rest.open_set)
    alone = better.copy()
    alone[_quiet(plan)] = True
    wanted: Mask = rest.available & np.where(in_set, np.isin(plan.stimulus, opened), alone)
    peaceful, hostile = by_peace(plan, wanted)
    order, kind, place = _ranked(plan, peaceful, worth)
    most = np.where(in_set, np.minimum(room[plan.competence], plan.set_size[1]), room[plan.competence])
    kept = place < most[order]
    kinds = np.concatenate([kind[kept], kind.size + np.arange(hostile.size)])
    places = np.concatenate([place[kept], np.zeros(hostile.size, dtype=np.intp)])
    item = np.concatenate([order[kept], hostile])
    return Columns(item, np.ones(item.size, dtype=np.intp), kinds, places)


def _room(plan: Plan, rest: Rest, further: int) -> Ints:
    """Most items of each competence that could still be given."""
    rules = plan.blueprint
    domain = rules.domain[:, 1] - per_domain(plan, rest.taken)
    room = np.minimum(rules.competence[:, 1] - rest.taken, domain[rules.domain_of])
    return np.asarray(np.clip(room, 0, further), dtype=np.intp)


def _fence(plan: Plan, rest: Rest, worth: Floats, room: Ints) -> Floats:
    """Worth of the last of as many quiet items of each competence as there is room for; none: below every worth."""
    quiet = np.flatnonzero(rest.available & _quiet(plan))
    order, _, place = _ranked(plan, quiet, worth)
    fence = np.where(room > 0, -np.inf, np.inf)
    last = order[place == room[plan.competence[order]] - 1]
    fence[plan.competence[last]] = worth[last]
    return fence


def _quiet(plan: Plan) -> Mask:
    """Items without enemies and sets."""
    quiet: Mask = plan.stimulus == ALONE
    quiet[plan.hostile] = False
    return quiet


def _ranked(plan: Plan, items: Ints, worth: Floats) -> tuple[Ints, Ints, Ints]:
    """Items by kind and falling worth; the kind of each, counted from zero; and its place in its kind."""
    kind = (plan.stimulus[items] + 1) * plan.blueprint.domain_of.size + plan.competence[items]
    order = np.lexsort((items, -worth[items], kind))
    start = np.flatnonzero(np.diff(kind[order], prepend=-1))
    count = np.diff(start, append=items.size)
    number = np.repeat(np.arange(start.size), count)
    return items[order], number, np.arange(items.size) - np.repeat(start, count)
