"""What the rules still ask for and allow, exactly, and which items keep them all keepable.

Where the rules form a tree, counting is exact. Otherwise (enemies across competences or not all of each other,
items given in sets) counting gives two bounds: a test that leaves out what could conflict, which is possible for
certain, and one that ignores the conflicts, beyond which nothing is. Where they disagree, the shadow test decides.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from app.engine.content import Mask, Outlook, independent_counts, outlook
from app.engine.grid import Ints
from app.engine.plan import ALONE, Plan
from app.engine.rest import Rest, rest_of
from app.engine.shadow import can_be_completed, lengths
from app.engine.shortfall import shortfall


def look_ahead(plan: Plan, rest: Rest) -> Outlook:
    """Say what the rules still ask for and allow.

    ``needed``, ``possible`` and ``broken`` are exact. Off the tree ``open`` and ``owed`` are what counting cannot rule
    out: ``Keeper`` judges each item.
    """
    sure = _sure(plan, rest)
    if plan.on_tree or _at_its_best(plan, rest, sure):
        return sure
    bound = _bound(plan, rest)
    if bound.broken is not None or _agree(sure, bound):
        return bound
    short = shortfall(plan, rest)
    if short is not None:
        none = np.zeros_like(bound.open)
        return replace(bound, broken=short.rule, open=none, owed=none)
    needed, possible = lengths(plan, rest)
    return Outlook(needed, possible, None, bound.open & (possible > 0), bound.open & (possible > 0))


def next_items(plan: Plan, rest: Rest, ahead: Outlook) -> Mask:
    """Items that may come next, as far as counting can tell, shape (n,)."""
    fit: Mask = rest.available & ahead.open[plan.competence]
    if not plan.has_sets:
        return fit
    if rest.due:
        fit &= plan.stimulus == rest.open_set
        return fit
    least = plan.set_size[0]
    sizes = _set_sizes(plan, rest)
    entered = (plan.stimulus != ALONE) & (plan.stimulus != rest.open_set)
    fit &= ~(entered & ((sizes[plan.stimulus] < least) | (ahead.possible < least)))
    return fit


def _set_sizes(plan: Plan, rest: Rest) -> Ints:
    """Items of each set that may still appear; one entry more for those of none."""
    inside = plan.stimulus[rest.available & (plan.stimulus != ALONE)]
    return np.bincount(inside, minlength=int(plan.stimulus.max()) + 2).astype(np.intp)


@dataclass(frozen=True, slots=True)
class Keeper:
    """Judges, for one moment of a sitting, after which items every rule can still be kept.

    Attributes
    ----------
    needed : fewest further items; given where only items that lower it are wanted.
    ample : shape (C,), competences of which any item without a set can be given, whatever it excludes.
    """

    plan: Plan
    allowed: Mask
    given: Ints
    ample: Mask
    needed: int | None = None
    _known: dict[tuple[int, int, int], bool] = field(default_factory=dict, repr=False)

    def keeps(self, item: int) -> bool:
        """Whether a test that keeps every rule can go on with this item; items that look alike are judged once."""
        hostile = self.plan.enemies[item].size > 0
        alone = self.plan.stimulus[item] == ALONE
        if alone and (self.ample[self.plan.competence[item]] or (self.plan.on_tree and not hostile)):
            return True
        kind = (int(self.plan.competence[item]), int(self.plan.stimulus[item]), item if hostile else -1)
        if kind not in self._known:
            self._known[kind] = self._judged(item)
        return self._known[kind]

    def _judged(self, item: int) -> bool:
        rest = rest_of(self.plan, self.allowed, np.append(self.given, item))
        if self.needed is not None and not self.plan.on_tree:
            after = look_ahead(self.plan, rest)
            return after.broken is None and after.needed < self.needed
        return is_keepable(self.plan, rest)


def keeper_of(plan: Plan, allowed: Mask, given: Ints, rest: Rest, *, needed: int | None = None) -> Keeper:
    """The keeper of a moment; parameters as there.

    Most items are judged at once: what can be given together, less the most that giving one item can exclude, is
    still there after any item. Where counting decides on a bank whose rules form no tree, it has to count each time.
    """
    counting = plan.on_tree or needed is not None or rest.due
    if counting:
        return Keeper(plan, allowed, given, np.zeros(rest.taken.size, dtype=np.bool_), needed)
    loose = rest.available & (plan.stimulus == ALONE)
    left = np.maximum(together(plan, loose) - plan.most_lost, 0)
    return Keeper(plan, allowed, given, outlook(plan.blueprint, taken=rest.taken, available=left).open, needed)


def is_keepable(plan: Plan, rest: Rest) -> bool:
    """Whether some complete test keeps every rule."""
    if _sure(plan, rest).broken is None:
        return True
    if plan.on_tree or _bound(plan, rest).broken is not None:
        return False
    return can_be_completed(plan, rest)


def _at_its_best(plan: Plan, rest: Rest, sure: Outlook) -> bool:
    """Whether no conflict costs anything: as long a test as the rules allow, from any competence."""
    longest = plan.longest - int(rest.taken.sum())
    return not rest.due and sure.possible == longest and bool(sure.open.all())


def _agree(sure: Outlook, bound: Outlook) -> bool:
    return sure.broken is None and (sure.needed, sure.possible) == (bound.needed, bound.possible)


def _sure(plan: Plan, rest: Rest) -> Outlook:
    """Outlook with items that can all be given together: exact on the tree, a test possible for certain off it."""
    free = rest.available.copy()
    if plan.on_tree:
        return outlook(plan.blueprint, taken=rest.taken, available=together(plan, free))
    free[plan.stimulus != ALONE] = False
    due = _due_items(plan, rest)
    if due.size < rest.due:
        none = np.zeros_like(rest.taken)
        return replace(outlook(plan.blueprint, taken=rest.taken, available=none), broken="set")
    owed = np.bincount(plan.competence[due], minlength=rest.taken.size).astype(np.intp)
    found = outlook(plan.blueprint, taken=rest.taken + owed, available=together(plan, free))
    return replace(found, needed=found.needed + due.size, possible=found.possible + due.size)


def _due_items(plan: Plan, rest: Rest) -> Ints:
    """As many items of the open set as are due, without enemies."""
    inside = rest.available & (plan.stimulus == rest.open_set)
    inside[plan.hostile] = False
    return np.flatnonzero(inside)[: rest.due] if rest.due else np.empty(0, dtype=np.intp)


def together(plan: Plan, available: Mask) -> Ints:
    """Items per competence that could still be given together."""
    size = plan.blueprint.domain_of.size
    peaceful = available.copy()
    peaceful[plan.hostile] = False
    hostile = plan.hostile[available[plan.hostile]]
    counts = np.bincount(plan.competence[peaceful], minlength=size).astype(np.intp)
    counts += independent_counts(hostile, plan.competence, plan.enemies, size=size)
    return counts


def _bound(plan: Plan, rest: Rest) -> Outlook:
    """Outlook if enemies did not exclude each other and sets held no minimum: no test has more."""
    loose = rest.available & (plan.stimulus == ALONE)
    size = rest.taken.size
    counts = np.bincount(plan.competence[loose], minlength=size)
    grouped = np.flatnonzero(rest.available & (plan.stimulus != ALONE))
    kinds, members = np.unique(plan.stimulus[grouped] * size + plan.competence[grouped], return_counts=True)
    most = np.where(kinds // size == rest.open_set, rest.room, plan.set_size[1])
    counts = counts + np.bincount(kinds % size, weights=np.minimum(members, most), minlength=size)
    found = outlook(plan.blueprint, taken=rest.taken, available=counts.astype(np.intp))
    if not rest.due:
        return found
    return replace(found, needed=max(found.needed, rest.due), owed=found.open)
