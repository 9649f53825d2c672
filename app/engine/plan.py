"""What a test is run by, in arrays: the bank, the prior, the rules, and how the next item is chosen.

A plan is made once for a bank version and its rules, and serves every sitting and every simulated one. It knows
neither items nor texts.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from app.engine.content import Blueprint
from app.engine.grid import Floats, Ints
from app.engine.prior import SecondOrderPrior
from app.engine.tables import ItemTables

ALONE: Final = -1
"""The stimulus of an item that belongs to no set."""


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Everything a test is run by.

    Attributes
    ----------
    blueprint : the content rules.
    competence : shape (n,), index of each item's competence in the blueprint.
    enemies : per item, shape (k_i,): the items it excludes; mutual.
    hostile : the items that have enemies, in increasing order.
    stimulus : shape (n,), the set of items about one text or case that each item belongs to, -1 for none.
    se_target : posterior SD at which a domain is measured well enough, logits.
    choose_among : the next item is drawn evenly among this many best candidates.
    criterion : what a candidate is worth ("variance": the exact expected drop of posterior variance).
    cuts : shape (m,), increasing, logits: the cut points that decisions are about; empty where there are none.
    certainty : probability of one side of the cuts, in every domain, at which the test may end; None: no such rule.
    set_size : fewest and most items given of a set that has been opened.
    progressive : share of the longest test during which choices are partly random; 0: none.
    shadow : whether items are taken from the optimal complete test instead of one by one.
    """

    tables: ItemTables
    prior: SecondOrderPrior
    blueprint: Blueprint
    competence: Ints
    enemies: tuple[Ints, ...]
    hostile: Ints
    stimulus: Ints
    se_target: float
    choose_among: int
    criterion: str
    cuts: Floats
    certainty: float | None
    set_size: tuple[int, int]
    progressive: float
    shadow: bool

    @property
    def size(self) -> int:
        """Number of items, n."""
        return self.tables.size

    @property
    def longest(self) -> int:
        """Most items a test may have."""
        return self.blueprint.length[1]


def make_plan(
    tables: ItemTables,
    prior: SecondOrderPrior,
    blueprint: Blueprint,
    *,
    competence: Ints,
    se_target: float,
    choose_among: int = 1,
    enemies: tuple[Ints, ...] | None = None,
    stimulus: Ints | None = None,
    criterion: str = "variance",
    cuts: Floats | None = None,
    certainty: float | None = None,
    set_size: tuple[int, int] = (2, 4),
    progressive: float = 0.0,
    shadow: bool = False,
) -> Plan:
    """Build a plan; what is left out is as in a test without it.

    Raises
    ------
    ValueError
        If an array does not speak of every item of the tables.
    """
    none = np.empty(0, dtype=np.intp)
    enemies = (none,) * tables.size if enemies is None else enemies
    stimulus = np.full(tables.size, ALONE, dtype=np.intp) if stimulus is None else stimulus
    for name, values in (("competence", competence), ("enemies", enemies), ("stimulus", stimulus)):
        if len(values) != tables.size:
            raise ValueError(f"{name} must have one entry per item ({tables.size}), got {len(values)}")
    return Plan(
        tables=tables,
        prior=prior,
        blueprint=blueprint,
        competence=competence,
        enemies=enemies,
        hostile=np.flatnonzero([len(group) > 0 for group in enemies]).astype(np.intp),
        stimulus=stimulus,
        se_target=se_target,
        choose_among=choose_among,
        criterion=criterion,
        cuts=np.empty(0) if cuts is None else cuts,
        certainty=certainty,
        set_size=set_size,
        progressive=progressive,
        shadow=shadow,
    )
