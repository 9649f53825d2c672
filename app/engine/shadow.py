"""Complete tests by mixed integer programming: whether one exists, how long it may be, and which one is best.

The best complete test that holds what was given is the shadow test (van der Linden & Reese 1998, Appl. Psychol.
Meas. 22): an item taken from it can never make the rules unkeepable. HiGHS solves the programs. Three things keep
them small and quick:

* items that the rules cannot tell apart are one column with a count, or, where their worth matters, only so many
  of the best of them as could ever be given;
* a set is tied to its items one by one (x_i <= z_s) and enemies by groups, so that the linear relaxation is nearly
  always whole; it is solved first, and only a fractional one is solved again with integers;
* without presolve, which costs more than it saves at this size.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csc_array

from app.engine.grid import Floats, Ints
from app.engine.plan import ALONE, Plan
from app.engine.rest import Rest

WHOLE: Final = 1e-6
"""A count this close to a whole number is one."""
INFEASIBLE: Final = 2
"""The solver's status for a program without solution."""


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """The unknowns: how many items of each kind follow.

    Attributes
    ----------
    item : shape (m,), an item of the kind.
    most : shape (m,), how many there are.
    kind, place : shape (m,), which columns the rules cannot tell apart, and each one's place among them, from 0.
    """

    item: Ints
    most: Ints
    kind: Ints
    place: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """Rows ``least <= matrix @ x <= most`` over the columns, and one switch for every set that could be opened.

    The first rows are the rules with a minimum: every competence, every domain, the length, the open set.
    ``upper``, shape (m + S,): the largest value of each column and switch.
    """

    matrix: csc_array
    least: Floats
    most: Floats
    upper: Floats


def alike(plan: Plan, rest: Rest) -> Columns:
    """Available items by kind: one column for all that the rules cannot tell apart, one for each that has enemies."""
    peaceful, hostile = _by_peace(plan, rest)
    kind = (plan.stimulus[peaceful] + 1) * plan.blueprint.domain_of.size + plan.competence[peaceful]
    _, first, count = np.unique(kind, return_index=True, return_counts=True)
    item = np.concatenate([peaceful[first], hostile])
    most = np.concatenate([count, np.ones(hostile.size, dtype=np.intp)])
    return Columns(item, most, np.arange(item.size), np.zeros(item.size, dtype=np.intp))


def worthwhile(plan: Plan, rest: Rest, worth: Floats) -> Columns:
    """Available items one by one; of those that the rules cannot tell apart, as many of the best as could be given."""
    peaceful, hostile = _by_peace(plan, rest)
    stimulus, competence = plan.stimulus[peaceful], plan.competence[peaceful]
    order = np.lexsort((peaceful, -worth[peaceful], competence, stimulus))
    kind = ((stimulus + 1) * plan.blueprint.domain_of.size + competence)[order]
    start = np.flatnonzero(np.diff(kind, prepend=-1))
    length = np.diff(start, append=kind.size)
    place, kind = np.arange(kind.size) - np.repeat(start, length), np.repeat(np.arange(start.size), length)
    room = np.maximum(plan.blueprint.competence[:, 1] - rest.taken, 0)[competence]
    room = np.where(stimulus == ALONE, room, np.minimum(room, plan.set_size[1]))[order]
    item = np.concatenate([peaceful[order[place < room]], hostile])
    kind = np.concatenate([kind[place < room], start.size + np.arange(hostile.size)])
    place = np.concatenate([place[place < room], np.zeros(hostile.size, dtype=np.intp)])
    return Columns(item, np.ones(item.size, dtype=np.intp), kind, place)


def _by_peace(plan: Plan, rest: Rest) -> tuple[Ints, Ints]:
    hostile = plan.hostile[rest.available[plan.hostile]]
    peaceful = rest.available.copy()
    peaceful[plan.hostile] = False
    return np.flatnonzero(peaceful), hostile


def program_of(plan: Plan, rest: Rest, columns: Columns) -> Program:
    """Write the rules down for these columns."""
    stimulus = plan.stimulus[columns.item]
    unopened = np.flatnonzero((stimulus != ALONE) & (stimulus != rest.open_set))
    sets, number = np.unique(stimulus[unopened], return_inverse=True)
    rows = _Rows(columns.item.size + sets.size)
    _count(plan, rest, columns, rows)
    _tie_sets(plan, columns, rows, unopened, number)
    _part_enemies(plan, columns, rows)
    return rows.program(np.concatenate([columns.most, np.ones(sets.size)]))


class _Rows:
    """Rows of a program as they are written."""

    def __init__(self, width: int) -> None:
        self._width, self._height = width, 0
        self._cells: list[tuple[Ints, Ints, Floats]] = []
        self._bounds: list[Floats] = []

    def add(self, row: Ints, column: Ints, value: Floats | float) -> None:
        """Cells of the rows that are bounded next, counted from zero."""
        self._cells.append((row + self._height, column, np.broadcast_to(np.float64(value), row.shape)))

    def bound(self, least: Floats | float, most: Floats | float, *, count: int) -> None:
        """Close a block of ``count`` rows."""
        bounds = np.empty((count, 2))
        bounds[:, 0], bounds[:, 1] = least, most
        self._bounds.append(bounds)
        self._height += count

    def program(self, upper: Floats) -> Program:
        row, column, value = (np.concatenate(part) for part in zip(*self._cells, strict=True))
        matrix = csc_array((value, (row, column)), shape=(self._height, self._width))
        least, most = np.concatenate(self._bounds).T
        return Program(matrix, least, most, upper)


def _count(plan: Plan, rest: Rest, columns: Columns, rows: _Rows) -> None:
    """Minimum and maximum of every competence, every domain, the length, and the open set, in this order."""
    rules, competence = plan.blueprint, plan.competence[columns.item]
    every, (competences, domains) = np.arange(columns.item.size), (rules.domain_of.size, len(rules.domain))
    current = np.flatnonzero(plan.stimulus[columns.item] == rest.open_set) if rest.open_set != ALONE else every[:0]
    last = np.full(current.size, competences + domains + 1)
    row = [competence, competences + rules.domain_of[competence], np.full(every.size, competences + domains), last]
    rows.add(np.concatenate(row), np.concatenate([every, every, every, current]), 1.0)
    taken = np.concatenate([rest.taken, _per_domain(plan, rest.taken), [rest.taken.sum()]])
    least, most = np.concatenate([rules.competence, rules.domain, [rules.length]]).T
    rows.bound(np.append(least - taken, rest.due), np.append(most - taken, rest.room), count=taken.size + 1)


def _per_domain(plan: Plan, counts: Ints) -> Ints:
    size = len(plan.blueprint.domain)
    return np.bincount(plan.blueprint.domain_of, weights=counts, minlength=size).astype(np.intp)


def _tie_sets(plan: Plan, columns: Columns, rows: _Rows, members: Ints, number: Ints) -> None:
    """Nothing of a set unless its switch is on; then between its least and most.

    ``members`` : the columns of sets; ``number`` : which set each belongs to, counted from zero.
    """
    least, most = plan.set_size
    switch = np.arange(number.max(initial=-1) + 1)
    for size, bounds in ((least, (0.0, np.inf)), (most, (-np.inf, 0.0))):
        rows.add(number, members, 1.0)
        rows.add(switch, columns.item.size + switch, -float(size))
        rows.bound(*bounds, count=switch.size)
    each = np.arange(members.size)
    rows.add(each, members, 1.0)
    rows.add(each, columns.item.size + number, -np.minimum(columns.most[members], most).astype(np.float64))
    rows.bound(-np.inf, 0.0, count=members.size)


def _part_enemies(plan: Plan, columns: Columns, rows: _Rows) -> None:
    """At most one of each group of enemies."""
    place = np.full(plan.size, -1, dtype=np.intp)
    place[columns.item] = np.arange(columns.item.size)
    groups = [place[group][place[group] >= 0] for group in plan.groups]
    met = [group for group in groups if group.size > 1]
    if met:
        rows.add(np.repeat(np.arange(len(met)), [group.size for group in met]), np.concatenate(met), 1.0)
        rows.bound(-np.inf, 1.0, count=len(met))


def solve(program: Program, cost: Floats) -> Floats | None:
    """Counts of least cost, whole numbers; None where no test keeps the rules.

    Raises
    ------
    RuntimeError
        If the solver gives up.
    """
    if cost.size == 0:
        return cost if np.all((program.least <= 0) & (program.most >= 0)) else None
    found = _solved(program, cost, integrality=0)
    if found is not None and np.abs(found - np.round(found)).max() > WHOLE:
        found = _solved(program, cost, integrality=1)
    return None if found is None else np.round(found)


def _solved(program: Program, cost: Floats, *, integrality: int) -> Floats | None:
    found = milp(
        cost,
        integrality=np.full(cost.size, integrality),
        bounds=Bounds(0.0, program.upper),
        constraints=LinearConstraint(program.matrix, program.least, program.most),
        options={"presolve": False, "mip_rel_gap": 0.0},
    )
    if found.status not in {0, INFEASIBLE}:
        raise RuntimeError(f"the solver gave up: {found.message}")
    counts: Floats | None = found.x if found.status == 0 else None
    return counts


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
    columns = worthwhile(plan, rest, worth)
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
