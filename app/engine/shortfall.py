"""Which rule cannot be kept, and by how much, where no test keeps them all."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.sparse import eye_array, hstack

from app.engine.grid import Floats
from app.engine.plan import Plan
from app.engine.rest import Rest
from app.engine.rule_program import Program, alike, program_of, solve

FIRST: Final = 1e-4
"""What lets the first of two rules give way where either would do: competences before domains before the length."""


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A rule whose minimum is out of reach.

    Attributes
    ----------
    rule : "competence 5", "domain 2", "length" or "set 7".
    needed : its minimum, counting what was given.
    possible : the most it can have in a test that keeps the other rules and comes closest to keeping all.
    """

    rule: str
    needed: int
    possible: int


def shortfall(plan: Plan, rest: Rest) -> Shortfall | None:
    """Find the first rule that has to give way: minimums are missed by as few items as can be; maximums hold.

    None where every rule can be kept.

    Raises
    ------
    ValueError
        If a maximum has been overstepped already.
    """
    columns = alike(plan, rest)
    program = program_of(plan, rest, columns)
    rules = len(plan.blueprint.domain) + plan.blueprint.domain_of.size + 2
    cost = np.concatenate([np.zeros(program.upper.size), 1 + FIRST * np.arange(rules)])
    found = solve(_with_slack(program, rules), cost)
    if found is None:
        raise ValueError("rest must not hold more items than a rule allows")
    missing = found[program.upper.size :].astype(np.intp)
    if not missing.any():
        return None
    row = int(np.flatnonzero(missing)[0])
    needed = int(program.least[row]) + _taken(plan, rest, row)
    return Shortfall(_name(plan, rest, row), needed, needed - int(missing[row]))


def _with_slack(program: Program, rules: int) -> Program:
    """One more column for each of the first rows, which counts as much as it misses."""
    slack = eye_array(program.matrix.shape[0], rules)
    least: Floats = np.maximum(program.least[:rules], 0.0)
    upper = np.concatenate([program.upper, least])
    return replace(program, matrix=hstack([program.matrix, slack], format="csc"), upper=upper)


def _taken(plan: Plan, rest: Rest, row: int) -> int:
    competences, domains = rest.taken.size, len(plan.blueprint.domain)
    if row < competences:
        return int(rest.taken[row])
    if row < competences + domains:
        return int(rest.taken[plan.blueprint.domain_of == row - competences].sum())
    return int(rest.taken.sum()) if row == competences + domains else 0


def _name(plan: Plan, rest: Rest, row: int) -> str:
    competences, domains = rest.taken.size, len(plan.blueprint.domain)
    if row < competences:
        return f"competence {row}"
    if row < competences + domains:
        return f"domain {row - competences}"
    return "length" if row == competences + domains else f"set {rest.open_set}"
