"""What a test is run by, in arrays: the bank, the prior, the rules, and how the next item is chosen.

A plan is made once for a bank version and its rules, and serves every sitting and every simulated one. It knows
neither items nor texts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypedDict, Unpack

import numpy as np

from app.engine.classification import band_weights
from app.engine.content import Blueprint, enemy_groups, on_the_tree
from app.engine.grid import Floats, Ints
from app.engine.prior import SecondOrderPrior
from app.engine.tables import ItemTables

ALONE: Final = -1
"""The stimulus of an item that belongs to no set."""

CRITERIA: Final = (
    "variance",
    "classification",
    "information",
    "posterior_information",
    "kullback_leibler",
    "random",
)
"""What a candidate may be worth; ``app.engine.criteria`` says what each means."""


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Everything a test is run by.

    Attributes
    ----------
    blueprint : the content rules.
    competence : shape (n,), index of each item's competence in the blueprint.
    enemies : per item, shape (k_i,): the items it excludes; mutual.
    hostile : the items that have enemies, in increasing order.
    groups : groups of items that all exclude each other; together they hold every two enemies.
    most_lost : shape (C,), most items of each competence that giving one item can exclude.
    stimulus : shape (n,), the set of items about one text or case that each item belongs to, -1 for none.
    set_size : fewest and most items given of a set once it has been opened, one after another.
    has_sets : whether there are sets at all.
    on_tree : whether the rules form a tree, on which counting is exact (``app.engine.content``), or are taken for one.
    se_target : posterior SD at which a domain is measured well enough, logits.
    bands : shape (B, Q), the bands that decisions are about (``classification.band_weights``); no rows where none are.
    certainty : probability of one band, in every domain, at which the test may end; None: no such rule.
    criterion : what a candidate is worth, a name of ``CRITERIA``.
    choose_among : the next item is drawn evenly among this many best candidates.
    progressive : share of the longest test during which choices are partly random; 0: none.
    shadow : whether items are taken from the best complete test instead of one by one.
    price : shape (n,), not negative: items are ranked by what they are worth times ``exp(-price)``, so that dear ones
        go to those for whom they are worth most (``app.engine.pricing``); None: by what they are worth.
    """

    tables: ItemTables
    prior: SecondOrderPrior
    blueprint: Blueprint
    competence: Ints
    enemies: tuple[Ints, ...]
    hostile: Ints
    groups: tuple[Ints, ...]
    most_lost: Ints
    stimulus: Ints
    set_size: tuple[int, int]
    has_sets: bool
    on_tree: bool
    se_target: float
    bands: Floats
    certainty: float | None
    criterion: str
    choose_among: int
    progressive: float
    shadow: bool
    price: Floats | None = None

    @property
    def size(self) -> int:
        """Number of items, n."""
        return self.tables.size

    @property
    def longest(self) -> int:
        """Most items a test may have."""
        return self.blueprint.length[1]


class Options(TypedDict, total=False):
    """What a plan may have beside the least; what is left out is as in a test without it.

    ``cuts``: cut points that decisions are about, logits, strictly increasing. ``counted``: whether rules that form no
    tree for their enemies are judged by counting all the same: nothing they forbid is given, but rules may be taken for
    unkeepable that could be kept.
    """

    enemies: tuple[Ints, ...] | None
    stimulus: Ints | None
    set_size: tuple[int, int]
    cuts: Sequence[float]
    certainty: float | None
    criterion: str
    choose_among: int
    progressive: float
    shadow: bool
    counted: bool
    price: Floats | None


def make_plan(
    tables: ItemTables,
    prior: SecondOrderPrior,
    blueprint: Blueprint,
    *,
    competence: Ints,
    se_target: float,
    **options: Unpack[Options],
) -> Plan:
    """Build a plan.

    Raises
    ------
    ValueError
        If an array does not speak of every item, a number is out of its range, the criterion is unknown, or
        decisions are wanted without a cut.
    """
    enemies = options.get("enemies") or (np.empty(0, dtype=np.intp),) * tables.size
    given = options.get("stimulus")
    stimulus = np.full(tables.size, ALONE, dtype=np.intp) if given is None else given
    _refuse_lengths(tables.size, competence=competence, enemies=enemies, stimulus=stimulus, price=options.get("price"))
    _refuse(se_target, options)
    groups, has_sets = enemy_groups(enemies), bool(np.any(stimulus != ALONE))
    cuts = options.get("cuts", ())
    return Plan(
        tables=tables,
        prior=prior,
        blueprint=blueprint,
        competence=competence,
        enemies=enemies,
        hostile=np.flatnonzero([len(foes) > 0 for foes in enemies]).astype(np.intp),
        groups=groups,
        most_lost=_most_lost(enemies, competence, blueprint.domain_of.size),
        stimulus=stimulus,
        set_size=_set_size(options.get("set_size", (2, 4))),
        has_sets=has_sets,
        on_tree=not has_sets and (options.get("counted", False) or on_the_tree(groups, competence)),
        se_target=se_target,
        bands=band_weights(tables.grid, cuts) if len(cuts) else np.empty((0, tables.grid.size)),
        certainty=options.get("certainty"),
        criterion=options.get("criterion", "variance"),
        choose_among=options.get("choose_among", 1),
        progressive=options.get("progressive", 0.0),
        shadow=options.get("shadow", False),
        price=options.get("price"),
    )


def _refuse_lengths(size: int, *, price: Floats | None, **arrays: Sequence[object] | Ints) -> None:
    for name, values in (arrays | ({} if price is None else {"price": price})).items():
        if len(values) != size:
            raise ValueError(f"{name} must have one entry per item ({size}), got {len(values)}")
    if price is not None and not np.all((price >= 0) & np.isfinite(price)):
        raise ValueError(f"price must be finite and not negative, got {price.min()} … {price.max()}")


def _most_lost(enemies: tuple[Ints, ...], competence: Ints, size: int) -> Ints:
    found = np.zeros(size, dtype=np.intp)
    for foes in enemies:
        np.maximum(found, np.bincount(competence[foes], minlength=size), out=found)
    return found


def _set_size(size: tuple[int, int]) -> tuple[int, int]:
    least, most = size
    if not 0 <= least <= most:
        raise ValueError(f"set_size must be a minimum and a maximum, got {size!r}")
    return max(least, 1), most


def _refuse(se_target: float, options: Options) -> None:
    if not se_target > 0:
        raise ValueError(f"se_target must be positive, got {se_target}")
    certainty, choose_among = options.get("certainty"), options.get("choose_among", 1)
    progressive = options.get("progressive", 0.0)
    if certainty is not None and not 0 < certainty <= 1:
        raise ValueError(f"certainty must be in (0, 1], got {certainty}")
    if choose_among < 1:
        raise ValueError(f"choose_among must be at least 1, got {choose_among}")
    if not 0 <= progressive <= 1:
        raise ValueError(f"progressive must be in [0, 1], got {progressive}")
    _refuse_criterion(options.get("criterion", "variance"), certainty, options.get("cuts", ()))


def _refuse_criterion(criterion: str, certainty: float | None, cuts: Sequence[float]) -> None:
    if criterion not in CRITERIA:
        raise ValueError(f"criterion must be one of {', '.join(CRITERIA)}, got {criterion!r}")
    if not len(cuts) and (certainty is not None or criterion == "classification"):
        raise ValueError("cuts must hold at least one cut point where decisions are wanted, got none")
