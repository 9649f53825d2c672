"""What simulated sittings are run by, and what comes of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from app.engine.content import Mask, on_the_tree
from app.engine.grid import Floats, Ints
from app.engine.plan import Plan
from app.engine.simulation_rules import Rulebook, rulebook
from app.engine.simulation_screen import Screen, screen
from app.engine.simulation_shortlist import Shapes, shapes
from app.engine.stopping import StopReason

Answer = Callable[[Ints, Ints, int], Ints]
"""(sittings, the item each was given, how many it has answered) → the category each reached."""

REASONS: Final = tuple(StopReason)
GOES_ON: Final = -1


@dataclass(frozen=True, slots=True, eq=False)
class Desk:
    """A plan prepared for many sittings; ``book`` is None where they have to be run one by one."""

    plan: Plan
    book: Rulebook | None
    screen: Screen | None
    shapes: Shapes | None


def runs_together(plan: Plan) -> bool:
    """Whether many sittings of this plan are computed at once; else they are run one by one."""
    counting = not plan.has_sets and on_the_tree(plan.groups, plan.competence)
    return counting and plan.criterion == "variance" and not plan.shadow


def prepared(plan: Plan) -> Desk:
    """Prepare a plan: once for as many simulations as wanted."""
    together = runs_together(plan)
    bounded = together and plan.price is None
    return Desk(
        plan,
        rulebook(plan) if together else None,
        screen(plan) if together else None,
        shapes(plan.tables) if bounded else None,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Sittings:
    """What came of S sittings of at most T items.

    Attributes
    ----------
    items, scores : shape (S, T), in the order given; -1 after the end.
    length : shape (S,). stop : shape (S,), index into ``REASONS``.
    mean, sd : shape (S, D), final posterior means and standard deviations, logits.
    density : shape (S, D, Q), final posteriors.
    broken : shape (S,), True where the sitting ended with a rule that it had not kept.
    referred : shape (S,), decisions that rounding left uncertain and that the one-by-one code took.
    """

    items: Ints
    scores: Ints
    length: Ints
    stop: Ints
    mean: Floats
    sd: Floats
    density: Floats
    broken: Mask
    referred: Ints


def blank(plan: Plan, size: int) -> Sittings:
    """Sittings of which nothing is known yet."""
    domains, nodes = plan.tables.domains, plan.tables.grid.size
    return Sittings(
        items=np.full((size, plan.longest), -1, dtype=np.intp),
        scores=np.full((size, plan.longest), -1, dtype=np.intp),
        length=np.zeros(size, dtype=np.intp),
        stop=np.full(size, GOES_ON, dtype=np.intp),
        mean=np.empty((size, domains)),
        sd=np.empty((size, domains)),
        density=np.empty((size, domains, nodes)),
        broken=np.zeros(size, dtype=np.bool_),
        referred=np.zeros(size, dtype=np.intp),
    )
