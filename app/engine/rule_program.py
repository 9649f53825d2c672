"""The rules as a mixed integer program: how many items of each kind may follow. HiGHS solves it.

Items that the rules cannot tell apart are one column with a count, or one each where their worth matters. A set is
tied to its items one by one (x_i <= z_s) and enemies by groups, so that the linear relaxation is nearly always whole;
it is solved first, and a fractional one is split into a few branches (Land & Doig 1960) before the solver's own
search over whole numbers is asked. Presolve costs more than it saves at this size.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csc_array

from app.engine.content import Mask
from app.engine.grid import Floats, Ints
from app.engine.plan import ALONE, Plan
from app.engine.rest import Rest

WHOLE: Final = 1e-6
"""A count this close to a whole number is one."""
TIE: Final = 1e-9
"""Costs this close are equal."""
RELAXATIONS: Final = 8
"""Relaxations that are tried, branch by branch, before the solver's own search, which costs as much as a dozen."""
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
    peaceful, hostile = by_peace(plan, rest.available)
    kind = (plan.stimulus[peaceful] + 1) * plan.blueprint.domain_of.size + plan.competence[peaceful]
    _, first, count = np.unique(kind, return_index=True, return_counts=True)
    item = np.concatenate([peaceful[first], hostile])
    most = np.concatenate([count, np.ones(hostile.size, dtype=np.intp)])
    return Columns(item, most, np.arange(item.size), np.zeros(item.size, dtype=np.intp))


def by_peace(plan: Plan, available: Mask) -> tuple[Ints, Ints]:
    """Available items without enemies, and those with."""
    hostile = plan.hostile[available[plan.hostile]]
    peaceful = available.copy()
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
    taken = np.concatenate([rest.taken, per_domain(plan, rest.taken), [rest.taken.sum()]])
    least, most = np.concatenate([rules.competence, rules.domain, [rules.length]]).T
    rows.bound(np.append(least - taken, rest.due), np.append(most - taken, rest.room), count=taken.size + 1)


def per_domain(plan: Plan, counts: Ints) -> Ints:
    """Counts per competence as counts per domain."""
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
    best: tuple[float, Floats | None] = (np.inf, None)
    branches = [(np.zeros(cost.size), program.upper)]
    for _ in range(RELAXATIONS):
        lower, upper = branches.pop()
        found = _solved(program, cost, lower, upper, integrality=0)
        if found is not None and cost @ found < best[0] - TIE:
            parts = np.abs(found - np.round(found))
            if parts.max() <= WHOLE:
                best = float(cost @ found), np.round(found)
            else:
                branches += _halves(lower, upper, found, int(np.argmax(parts)))
        if not branches:
            return best[1]
    found = _solved(program, cost, np.zeros(cost.size), program.upper, integrality=1)
    return None if found is None else np.round(found)


def _halves(lower: Floats, upper: Floats, found: Floats, column: int) -> list[tuple[Floats, Floats]]:
    """The same program with the column at most, or at least, its whole neighbour; the nearer one last, to be next."""
    below, above = upper.copy(), lower.copy()
    below[column], above[column] = np.floor(found[column]), np.ceil(found[column])
    halves = [(lower, below), (above, upper)]
    return halves if found[column] % 1 > 0.5 else halves[::-1]  # noqa: PLR2004


def _solved(program: Program, cost: Floats, lower: Floats, upper: Floats, *, integrality: int) -> Floats | None:
    found = milp(
        cost,
        integrality=np.full(cost.size, integrality),
        bounds=Bounds(lower, upper),
        constraints=LinearConstraint(program.matrix, program.least, program.most),
        options={"presolve": False, "mip_rel_gap": 0.0},
    )
    if found.status not in {0, INFEASIBLE}:
        raise RuntimeError(f"the solver gave up: {found.message}")
    counts: Floats | None = found.x if found.status == 0 else None
    return counts
