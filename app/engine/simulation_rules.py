"""The content rules of many sittings at once: what is left to give, what is still owed, what may come next.

The counting of ``content.outlook`` on one row per sitting, for rules that form a tree.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.engine.content import Blueprint, Mask
from app.engine.grid import Ints
from app.engine.plan import Plan
from app.engine.simulation_top import Bytes

Masks = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Outlooks:
    """What is needed and possible from here on, per sitting.

    Attributes
    ----------
    needed : shape (B,), fewest further items that satisfy every minimum.
    kept : shape (B,), False where a rule cannot be kept any more.
    open, owed : shape (B, C), as in ``content.Outlook``.
    """

    needed: Ints
    kept: Mask
    open: Masks
    owed: Masks

    def select(self, rows: Ints) -> "Outlooks":
        """These sittings only."""
        return Outlooks(self.needed[rows], self.kept[rows], self.open[rows], self.owed[rows])


def outlooks(blueprint: Blueprint, *, taken: Ints, available: Ints) -> Outlooks:
    """Say what the rules still ask for and allow, as ``content.outlook`` does for one sitting.

    Parameters
    ----------
    taken, available : shape (B, C), items given, and items that could still be given together, per competence.
    """
    within = (blueprint.domain_of[:, None] == np.arange(len(blueprint.domain))).astype(np.intp)
    need_c = np.maximum(blueprint.competence[:, 0] - taken, 0)
    room_c = np.minimum(blueprint.competence[:, 1] - taken, available)
    below, in_domain = need_c @ within, taken @ within
    need_d = np.maximum(blueprint.domain[:, 0] - in_domain, below)
    room_d = np.minimum(blueprint.domain[:, 1] - in_domain, room_c @ within)
    total, asked = taken.sum(axis=1), need_d.sum(axis=1)
    needed = np.maximum(blueprint.length[0] - total, asked)
    possible = np.minimum(blueprint.length[1] - total, room_d.sum(axis=1))
    kept = (need_c <= room_c).all(axis=1) & (need_d <= room_d).all(axis=1) & (needed <= possible)
    wanted = need_c > 0
    wanted_d = wanted | (need_d > below)[:, blueprint.domain_of]
    fits = (wanted | (room_d > below)[:, blueprint.domain_of]) & (
        wanted_d | (blueprint.length[1] - total > asked)[:, None]
    )
    may = (room_c > 0) & fits & kept[:, None]
    return Outlooks(needed, kept, may, may & (wanted_d | (needed > asked)[:, None]))


@dataclass(frozen=True, slots=True, eq=False)
class Rulebook:
    """A plan's rules as arrays that serve all sittings.

    Attributes
    ----------
    competence : shape (n,), of each item.
    excluded : shape (n, 1 + k), per item those that leave with it, itself first and as filler.
    hostile : shape (n,), each item's row among the items with enemies, group after group, else -1.
    hostile_items : shape (H,), the items of those rows. group_of : shape (H,), their groups of enemies.
    group_start : shape (G,), each group's first row. group_competence : shape (G, C), 1 where it lies.
    """

    blueprint: Blueprint
    competence: Ints
    excluded: Ints
    hostile: Ints
    hostile_items: Ints
    group_of: Ints
    group_start: Ints
    group_competence: Ints


def rulebook(plan: Plan) -> Rulebook:
    """Arrange the rules of a plan whose rules form a tree (``Plan.on_tree``)."""
    longest = max((group.size for group in plan.enemies), default=0)
    excluded = np.repeat(np.arange(plan.size)[:, None], 1 + longest, axis=1)
    for one in plan.hostile:
        excluded[one, 1 : 1 + plan.enemies[one].size] = plan.enemies[one]
    sizes = [group.size for group in plan.groups]
    counted = np.concatenate([np.empty(0, dtype=np.intp), *plan.groups])
    hostile = np.full(plan.size, -1, dtype=np.intp)
    hostile[counted] = np.arange(counted.size)
    start = np.cumsum([0, *sizes], dtype=np.intp)[:-1]
    homes = plan.competence[counted[start]][:, None] == np.arange(plan.blueprint.domain_of.size)
    return Rulebook(
        blueprint=plan.blueprint,
        competence=plan.competence,
        excluded=excluded,
        hostile=hostile,
        hostile_items=counted,
        group_of=np.repeat(np.arange(len(sizes)), sizes),
        group_start=start,
        group_competence=homes.astype(np.intp),
    )


@dataclass(slots=True, eq=False)
class Ledger:
    """What many sittings have given and may still give; it changes as they go on.

    Attributes
    ----------
    free : shape (B, n), 1 where the item is neither set aside nor given nor an enemy of one given, else 0.
    taken : shape (B, C), items given per competence.
    peaceful : shape (B, C), free items without enemies.
    together : shape (B, C), free items with enemies that could be given together.
    """

    book: Rulebook
    free: Bytes
    taken: Ints
    peaceful: Ints
    together: Ints

    @classmethod
    def start(cls, book: Rulebook, allowed: Masks) -> "Ledger":
        """Nothing given yet; ``allowed``, shape (B, n), False for items set aside."""
        size = len(book.blueprint.competence)
        calm = book.hostile < 0
        member = (book.competence[:, None] == np.arange(size)) & calm[:, None]
        counts = (allowed.astype(np.float32) @ member.astype(np.float32)).astype(np.intp)
        free = allowed.astype(np.uint8)
        made = cls(book, free, np.zeros_like(counts), counts, np.zeros_like(counts))
        made.together = made._together(made._fighting(np.arange(len(free))))
        return made

    def select(self, rows: Ints) -> "Ledger":
        """These sittings only, or again."""
        return Ledger(self.book, self.free[rows], self.taken[rows], self.peaceful[rows], self.together[rows])

    def outlooks(self) -> Outlooks:
        return outlooks(self.book.blueprint, taken=self.taken, available=self.peaceful + self.together)

    def give(self, items: Ints) -> None:
        """Give each sitting its item."""
        book, rows = self.book, np.arange(items.size)
        home, calm = book.competence[items], book.hostile[items] < 0
        self.taken[rows, home] += 1
        self.peaceful[rows[calm], home[calm]] -= 1
        self.free[rows[:, None], book.excluded[items]] = 0
        fierce = rows[~calm]
        if fierce.size:
            self.together[fierce] = self._together(self._fighting(fierce))

    def keeps(self, rows: Ints, items: Ints) -> Mask:
        """Whether each sitting could still keep every rule after this item with enemies: its whole group leaves."""
        fighting = self._fighting(rows)
        fighting[self.book.group_of[:, None] == self.book.group_of[self.book.hostile[items]]] = False
        taken = self.taken[rows]
        taken[np.arange(rows.size), self.book.competence[items]] += 1
        available = self.peaceful[rows] + self._together(fighting)
        return outlooks(self.book.blueprint, taken=taken, available=available).kept

    def _fighting(self, rows: Ints) -> Masks:
        """Free items with enemies, shape (H, rows)."""
        return np.ascontiguousarray(self.free[rows[:, None], self.book.hostile_items].T) > 0

    def _together(self, fighting: Masks) -> Ints:
        """Items with enemies that could be given together, per competence: one of each group."""
        if not self.book.group_start.size:
            return np.zeros((fighting.shape[1], len(self.book.blueprint.competence)), dtype=np.intp)
        some = np.logical_or.reduceat(fighting, self.book.group_start, axis=0)
        counts: Ints = some.T.astype(np.intp) @ self.book.group_competence
        return counts


def candidates(ledger: Ledger, may: Masks | None, rows: Ints, items: Ints | None = None) -> Bytes:
    """1 where the rules allow an item next, else 0, shape (rows, items).

    Parameters
    ----------
    may : shape (B, C), the competences of which items may come; None: all. items : which; None: the whole bank.
    """
    found: Bytes = ledger.free.take(rows, axis=0)
    home = ledger.book.competence
    if items is not None:
        found, home = found.take(items, axis=1), home[items]
    if may is not None:
        found &= may.take(rows, axis=0).view(np.uint8).take(home, axis=1)
    return found
