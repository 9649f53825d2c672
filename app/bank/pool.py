"""A pool: one published bank version, ready to be asked from. Immutable."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from app.bank.provisional import judged, measured
from app.engine.grid import Floats, Grid, Ints, make_grid
from app.engine.plan import ALONE
from app.engine.tables import ItemTables, item_rows, make_tables
from framework.model import Framework
from itembank.model import Item


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """Items and the arrays that speak of them, in the same order.

    Attributes
    ----------
    name : the bank version, as results quote it ("socle-sante@3").
    position : item id → its index in ``items``.
    competence : shape (n,), index into ``competences``.
    enemies : per item, the indices of the items it excludes.
    hostile : indices of the items that have enemies.
    stimulus : shape (n,), number of the case each item belongs to, in the order of the bank; -1 for none.
    provisional : True while any item stands on its author's level.
    """

    name: str
    framework: Framework
    items: tuple[Item, ...]
    position: Mapping[str, int]
    tables: ItemTables
    competences: tuple[str, ...]
    competence: Ints
    enemies: tuple[Ints, ...]
    hostile: Ints
    stimulus: Ints
    provisional: bool


@lru_cache(maxsize=1)
def standard_grid() -> Grid:
    """The grid of every operational test: 61 nodes on [-6, 6] logits."""
    return make_grid()


def make_pool(items: Sequence[Item], framework: Framework, *, name: str) -> Pool:
    """Turn items into a pool.

    Raises
    ------
    ValueError
        If two items share an id or an item names a competence the framework does not have.
    """
    position = {item.id: index for index, item in enumerate(items)}
    if len(position) < len(items):
        raise ValueError("item ids must be unique within a bank")
    competences = tuple(c.id for domain in framework.domains for c in domain.competences)
    number = {name: index for index, name in enumerate(competences)}
    unknown = sorted({item.competence for item in items} - number.keys())
    if unknown:
        raise ValueError(f"unknown competence {unknown[0]}: the framework {framework.id} has {', '.join(competences)}")
    grid = standard_grid()
    enemies = _enemies(items, position)
    rows = _rows(grid, items, framework)
    domain = [_domain_index(framework, item.competence) for item in items]
    tables = make_tables(grid, rows, domain, domains=len(framework.domains))
    return Pool(
        name=name,
        framework=framework,
        items=tuple(items),
        position=position,
        tables=tables,
        competences=competences,
        competence=np.array([number[item.competence] for item in items], dtype=np.intp),
        enemies=enemies,
        hostile=np.flatnonzero([len(e) > 0 for e in enemies]).astype(np.intp),
        stimulus=_stimuli(items),
        provisional=any(item.parameters is None for item in items),
    )


def _rows(grid: Grid, items: Sequence[Item], framework: Framework) -> list[Floats]:
    """Log-probabilities of every item; untried items of one level and shape are believed alike and computed once."""
    found: dict[tuple[str, bytes, bytes], Floats] = {}
    rows = []
    for item in items:
        model, mean, covariance = judged(item, framework) if item.parameters is None else measured(item)
        key = model, mean.tobytes(), b"" if covariance is None else covariance.tobytes()
        if key not in found:
            found[key] = item_rows(grid, model, mean, covariance)
        rows.append(found[key])
    return rows


def _domain_index(framework: Framework, competence: str) -> int:
    return next(
        index for index, domain in enumerate(framework.domains) if competence in {c.id for c in domain.competences}
    )


def _enemies(items: Sequence[Item], position: Mapping[str, int]) -> tuple[Ints, ...]:
    """Enmity is mutual whichever side declares it; enemies outside the bank do not matter."""
    found: list[set[int]] = [set() for _ in items]
    for index, item in enumerate(items):
        for enemy in item.enemies & position.keys():
            found[index].add(position[enemy])
            found[position[enemy]].add(index)
    return tuple(np.array(sorted(group - {index}), dtype=np.intp) for index, group in enumerate(found))


def _stimuli(items: Sequence[Item]) -> Ints:
    """Cases numbered as the bank comes to them."""
    names = dict.fromkeys(item.stimulus for item in items if item.stimulus is not None)
    number = {name: place for place, name in enumerate(names)}
    found = [ALONE if item.stimulus is None else number[item.stimulus] for item in items]
    return np.array(found, dtype=np.intp)
