"""What is counted of simulated sittings, level by level, so that any number of them fits in memory."""

from dataclasses import dataclass, fields
from itertools import groupby

import numpy as np

from app.engine.grid import Floats, Ints
from app.engine.plan import ALONE, Plan
from app.engine.simulation_desk import REASONS, Desk, Sittings
from app.engine.simulation_reading import Reader, covered, levels_read
from app.engine.simulation_rules import Masks


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """Sums over sittings, first axis the true level of the students' mean ability, L levels.

    A student with several domains counts with the mean over them: errors of one student belong together.

    Attributes
    ----------
    lengths : shape (L, T + 1), sittings by number of items.
    error, error_square : shape (L,), sums of the students' mean errors and of the squares of those.
    square, square_square : the same of their mean squared errors. se : sum of the mean posterior SD.
    cover, cover_square : the same of the share of domains whose interval contains the truth.
    right, right_square : the same of the share of domains whose most probable level is the true one.
    given : shape (L, n), sittings that saw each item. eligible : shape (n,), those for which it was not set aside.
    violations, referred : sittings that broke a rule, and decisions that the one-by-one code took; shape (L,).
    stops : shape (L, reasons).
    """

    lengths: Ints
    error: Floats
    error_square: Floats
    square: Floats
    square_square: Floats
    se: Floats
    cover: Floats
    cover_square: Floats
    right: Floats
    right_square: Floats
    given: Ints
    eligible: Ints
    violations: Ints
    referred: Ints
    stops: Ints

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(Tally)))


def tally(desk: Desk, found: Reader, sat: Sittings, truth: Floats, *, allowed: Masks | None) -> Tally:
    """Count what came of these sittings.

    Parameters
    ----------
    truth : shape (S, D), true abilities, logits. allowed : shape (S, n), as given to ``sit``.
    """
    people, domains = truth.shape
    density = sat.density.reshape(people * domains, found.grid.size)
    error = sat.mean - truth
    cover = covered(found, density, truth.ravel()).reshape(truth.shape)
    right = levels_read(found, density).reshape(truth.shape) == np.searchsorted(found.cuts, truth, side="right")
    level = np.searchsorted(found.cuts, truth.mean(axis=1), side="right")
    count = found.cuts.size + 1
    by_level = [_sums(level, values.mean(axis=1), count) for values in (error, error**2, cover, right)]
    rows, columns = np.nonzero(sat.items >= 0)
    given = _counts(level[rows], sat.items[rows, columns], (count, desk.plan.size))
    lengths = _counts(level, sat.length, (count, desk.plan.longest + 1))
    stops = _counts(level, sat.stop, (count, len(REASONS)))
    eligible = np.full(desk.plan.size, people) if allowed is None else allowed.sum(axis=0)
    return Tally(
        lengths,
        *by_level[0],
        *by_level[1],
        _by_level(level, sat.sd.mean(axis=1), count),
        *by_level[2],
        *by_level[3],
        given,
        eligible.astype(np.intp),
        np.bincount(level, violations(desk.plan, sat, allowed), count).astype(np.intp),
        np.bincount(level, sat.referred, count).astype(np.intp),
        stops,
    )


def _counts(rows: Ints, columns: Ints, shape: tuple[int, int]) -> Ints:
    """How often each pair occurs."""
    return np.bincount(rows * shape[1] + columns, minlength=shape[0] * shape[1]).reshape(shape)


def _sums(level: Ints, values: Floats, count: int) -> tuple[Floats, Floats]:
    return _by_level(level, values, count), _by_level(level, values**2, count)


def _by_level(level: Ints, values: Floats, count: int) -> Floats:
    return np.asarray(np.bincount(level, values, count), dtype=np.float64)


def violations(plan: Plan, sat: Sittings, allowed: Masks | None) -> Masks:
    """Which sittings broke a rule, found again from the items given alone, shape (S,).

    An item twice or one set aside, two enemies, more or fewer items than a rule says in the test, a domain, a
    competence or a set, or items of a set apart from each other.
    """
    rows, columns = np.nonzero(sat.items >= 0)
    given, people = sat.items[rows, columns], len(sat.items)
    rising, rules = np.sort(sat.items, axis=1), plan.blueprint
    broken: Masks = ((rising[:, 1:] == rising[:, :-1]) & (rising[:, 1:] >= 0)).any(axis=1)
    if allowed is not None:
        broken[rows[~allowed[rows, given]]] = True
    if plan.groups:
        seen = _counts(rows, given, (people, plan.size))
        for group in plan.groups:
            broken |= seen[:, group].sum(axis=1) > 1
    counts = _counts(rows, plan.competence[given], (people, rules.domain_of.size))
    by_domain = counts @ (rules.domain_of[:, None] == np.arange(len(rules.domain))).astype(np.float64)
    for amount, (least, most) in (
        (counts, rules.competence.T),
        (by_domain, rules.domain.T),
        (sat.length[:, None], np.array(rules.length)[:, None]),
    ):
        broken |= ((amount < least) | (amount > most)).any(axis=1)
    return broken | _sets_broken(plan, sat)


def _sets_broken(plan: Plan, sat: Sittings) -> Masks:
    broken = np.zeros(len(sat.items), dtype=np.bool_)
    if not np.any(plan.stimulus != ALONE):
        return broken
    stimulus = np.where(sat.items >= 0, plan.stimulus[sat.items], ALONE)
    for person, row in enumerate(stimulus):
        runs = [(key, sum(1 for _ in run)) for key, run in groupby(row.tolist()) if key != ALONE]
        sizes = all(plan.set_size[0] <= size <= plan.set_size[1] for _, size in runs)
        broken[person] = not sizes or len({key for key, _ in runs}) < len(runs)
    return broken
