"""Content rules that stay satisfiable to the end of the test.

Rules are minimum and maximum counts in the whole test, per domain and per competence. Each competence lies in
one domain, so the rules form a tree, and on a tree counting is exact: a partial test can be completed if and
only if at every node what is still needed fits into what is still possible. No search, no look-ahead. Groups of
enemies that all exclude each other within one competence are one more level of the tree; for every other kind of
enemies, and for items given in sets, counts are bounds (``app.engine.prospect``).
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from app.engine.grid import Ints

Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True, eq=False)
class Blueprint:
    """Minimum and maximum number of items at every node.

    Attributes
    ----------
    length : (minimum, maximum) of the whole test.
    domain : shape (D, 2), minimum and maximum per domain.
    competence : shape (C, 2), the same per competence.
    domain_of : shape (C,), the domain of each competence.
    """

    length: tuple[int, int]
    domain: Ints
    competence: Ints
    domain_of: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Outlook:
    """What is needed and possible from here on.

    Attributes
    ----------
    needed : fewest further items that satisfy every minimum.
    possible : most further items that break no maximum and that the bank can give.
    broken : the rule that cannot be kept any more ("length", "domain 2", "competence 5", "set 7"), or None.
    open : shape (C,), True where one more item of the competence can be part of a test that keeps every rule.
    owed : shape (C,), True where one more item of the competence lowers ``needed``.
    """

    needed: int
    possible: int
    broken: str | None
    open: Mask
    owed: Mask


def outlook(blueprint: Blueprint, *, taken: Ints, available: Ints) -> Outlook:
    """Say what the rules still ask for and allow.

    Parameters
    ----------
    taken : shape (C,), items already given, per competence.
    available : shape (C,), items that could still be given together, per competence.

    Raises
    ------
    ValueError
        If the counts do not have one entry per competence.
    """
    if taken.shape != blueprint.domain_of.shape or available.shape != blueprint.domain_of.shape:
        raise ValueError(f"one count per competence expected, got {taken.shape} and {available.shape}")
    size = len(blueprint.domain)
    in_domain = np.bincount(blueprint.domain_of, weights=taken, minlength=size).astype(np.intp)
    need_c = np.maximum(blueprint.competence[:, 0] - taken, 0)
    room_c = np.minimum(blueprint.competence[:, 1] - taken, available)
    below = np.bincount(blueprint.domain_of, weights=need_c, minlength=size).astype(np.intp)
    above = np.bincount(blueprint.domain_of, weights=room_c, minlength=size).astype(np.intp)
    need_d = np.maximum(blueprint.domain[:, 0] - in_domain, below)
    room_d = np.minimum(blueprint.domain[:, 1] - in_domain, above)
    total = int(taken.sum())
    needed = max(blueprint.length[0] - total, int(need_d.sum()))
    possible = min(blueprint.length[1] - total, int(room_d.sum()))
    broken = _broken(need_c - room_c, need_d - room_d, needed - possible)
    # One more of competence c costs the margin above it, unless it is itself among what is needed.
    free = blueprint.length[1] - total - int(need_d.sum())
    wanted_c = need_c > 0
    fits_domain = wanted_c | (room_d - below > 0)[blueprint.domain_of]
    wanted_d = wanted_c | (need_d > below)[blueprint.domain_of]
    fits_test = wanted_d | (free > 0)
    open_c = (room_c > 0) & fits_domain & fits_test & (broken is None)
    return Outlook(needed, possible, broken, open_c, open_c & (wanted_d | (needed > need_d.sum())))


def _broken(short_c: Ints, short_d: Ints, short: int) -> str | None:
    """Name the first rule that asks for more than is possible, given what each rule is short of."""
    if np.any(short_c > 0):
        return f"competence {int(np.flatnonzero(short_c > 0)[0])}"
    if np.any(short_d > 0):
        return f"domain {int(np.flatnonzero(short_d > 0)[0])}"
    return "length" if short > 0 else None


def independent_counts(eligible: Ints, competence: Ints, enemies: tuple[Ints, ...], *, size: int) -> Ints:
    """Items per competence that could all be given together: of items that exclude each other, one counts.

    Exact where enemies come in groups of one competence that all exclude each other; otherwise the counts of one
    possible choice (those with fewest enemies win), so that rules may be called broken that another would keep.

    Parameters
    ----------
    eligible : items still eligible, in any order.
    competence : shape (n,), competence of every item of the bank.
    enemies : per item of the bank, the items it excludes.
    size : number of competences.
    """
    counts = np.zeros(size, dtype=np.intp)
    excluded: set[int] = set()
    for item in sorted(eligible.tolist(), key=lambda one: (enemies[one].size, one)):
        if item in excluded:
            continue
        counts[competence[item]] += 1
        if enemies[item].size:
            excluded.update(enemies[item].tolist())
    return counts


def enemy_groups(enemies: tuple[Ints, ...]) -> tuple[Ints, ...]:
    """Groups of items that all exclude each other, such that every two enemies are together in at least one.

    Each is as large as it gets when filled in the bank's order: large groups make sharp bounds.
    """
    foes = [set(group.tolist()) for group in enemies]
    covered: set[tuple[int, int]] = set()
    groups: list[Ints] = []
    for first, others in enumerate(foes):
        for second in sorted(other for other in others if other > first):
            if (first, second) not in covered:
                group = _grown([first, second], foes)
                covered.update(combinations(sorted(group), 2))
                groups.append(np.array(sorted(group), dtype=np.intp))
    return tuple(groups)


def _grown(group: list[int], foes: list[set[int]]) -> list[int]:
    for other in sorted(foes[group[0]] & foes[group[1]]):
        if foes[other].issuperset(group):
            group.append(other)
    return group


def on_the_tree(groups: tuple[Ints, ...], competence: Ints) -> bool:
    """Whether groups of enemies are apart from each other and each within one competence, so that counting is exact."""
    members = np.concatenate(groups) if groups else np.empty(0, dtype=np.intp)
    apart = np.unique(members).size == members.size
    return apart and all(np.unique(competence[group]).size == 1 for group in groups)
