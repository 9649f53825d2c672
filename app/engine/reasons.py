"""Why this item: what it is worth, and what kept every better one from being given. Computed when somebody asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from app.engine.content import Mask
from app.engine.grid import Ints
from app.engine.plan import Plan
from app.engine.prospect import Keeper, keeper_of
from app.engine.selection import influence
from app.engine.sitting import Ranking, State, decide, is_measured, rank_items, step_rng


class Cause(StrEnum):
    """What keeps a better item from being given."""

    SET_ASIDE = "set_aside"
    """Not for this sitting: seen too often in others, or out of service."""
    ENEMY = "enemy"
    """It gives away, or is given away by, an item already given."""
    SET = "set"
    """Its set is closed, too small by now, or another set has to be gone on with."""
    CONTENT = "content"
    """The counts of its competence, its domain or the test leave no room for it."""
    NOT_OWED = "not_owed"
    """All is known well enough: only what the rules still ask for is given."""
    INFEASIBLE = "infeasible"
    """After it, some rule could not be kept any more."""
    NOT_IN_SHADOW = "not_in_shadow"
    """The best complete test does without it."""
    PRICE = "price"
    """It could have been given, but is dear: it is kept for those for whom it is worth more."""
    CHANCE = "chance"
    """It could have been given: the draw fell on another."""


@dataclass(frozen=True, slots=True, eq=False)
class Reasons:
    """Why an item was picked.

    Attributes
    ----------
    item : the item picked.
    criterion, worth : the criterion's name and the item's value.
    rank : its place by the criterion among all items not yet given, 1 the best; equal ones share a place.
    better : shape (rank - 1,), the items worth more, best first.
    causes : what kept each of them from being given.
    """

    item: int
    criterion: str
    worth: float
    rank: int
    better: Ints
    causes: tuple[Cause, ...]


def explain(plan: Plan, allowed: Mask, seed: int, items: Sequence[int], scores: Sequence[int]) -> Reasons | None:
    """Say why ``decide`` picks what it picks after these answers (parameters as there); None where the test ends."""
    decision = decide(plan, allowed, seed, items, scores)
    if decision.pick is None:
        return None
    state, item = decision.state, decision.pick.item
    effect = influence(plan.prior, state.posterior)
    ranking = rank_items(plan, allowed, state, effect, step_rng(seed, state))
    above = ranking.worth > ranking.worth[item]
    above[state.given] = False
    better = np.flatnonzero(above)
    better = better[np.argsort(-ranking.worth[better], kind="stable")]
    needed = state.ahead.needed if is_measured(plan, state) else None
    keeper = keeper_of(plan, allowed, state.given, state.rest, needed=needed)
    causes = tuple(
        _barred(plan, allowed, state, int(one)) or _passed_over(plan, ranking, keeper, int(one)) for one in better
    )
    return Reasons(item, plan.criterion, float(ranking.worth[item]), better.size + 1, better, causes)


def _barred(plan: Plan, allowed: Mask, state: State, item: int) -> Cause | None:
    """What makes an item none of those that the rules allow next; None where they do."""
    if not allowed[item]:
        return Cause.SET_ASIDE
    if np.isin(plan.enemies[item], state.given).any():
        return Cause.ENEMY
    if not state.rest.available[item] or (state.rest.due and plan.stimulus[item] != state.rest.open_set):
        return Cause.SET
    if not state.ahead.open[plan.competence[item]]:
        return Cause.CONTENT
    return None if state.eligible[item] else Cause.SET


def _passed_over(plan: Plan, ranking: Ranking, keeper: Keeper, item: int) -> Cause:
    """What keeps an item that the rules allow from being the one."""
    if item not in ranking.candidates:
        return Cause.NOT_OWED
    if not keeper.keeps(item):
        return Cause.INFEASIBLE
    if plan.shadow and item not in ranking.best:
        return Cause.NOT_IN_SHADOW
    return Cause.CHANCE if plan.price is None or item in ranking.best else Cause.PRICE
