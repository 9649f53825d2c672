"""Answers as indicator matrices, persons by (item, category), domain by domain.

One matrix product with the items' log-probabilities gives every person's log-likelihood, and the transposed product
gives the expected counts. Where everybody answered everything, category 0 follows from the others and has no column.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from app.engine.grid import Floats, Ints

Codes = NDArray[np.integer[Any]] | sparse.csr_matrix
"""Categories with -1 for not seen; or sparse, category plus one."""
Design = NDArray[np.uint8] | sparse.csr_matrix


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Where the categories of the items lie: items of one domain side by side.

    Attributes
    ----------
    domain : shape (n,), each item's domain, 0 … D - 1.
    categories : shape (n,), score categories of each item.
    complete : True where nobody lacks an answer, so that category 0 has no column.
    members : per domain, its items in the order of their columns.
    columns : per domain, shape (n_d + 1,): where each of its items' columns start; the last is their number.
    """

    domain: Ints
    categories: Ints
    complete: bool
    members: tuple[Ints, ...]
    columns: tuple[Ints, ...]

    @property
    def domains(self) -> int:
        """Number of domains, D."""
        return len(self.columns)

    @property
    def lowest(self) -> int:
        """First category that has a column."""
        return 1 if self.complete else 0


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Some persons of one group.

    Attributes
    ----------
    group : their group, 0 the reference.
    designs : per domain, shape (persons, columns): 1 where the answer was that category.
    weight : shape (persons,): how many people gave these very answers; None: one each.
    """

    group: int
    designs: tuple[Design, ...]
    weight: Floats | None

    @property
    def persons(self) -> int:
        """Number of rows."""
        return int(self.designs[0].shape[0])


def make_layout(domain: Ints, categories: Ints, *, complete: bool) -> Layout:
    """Place the items' categories."""
    width = categories - 1 if complete else categories
    members = tuple(np.flatnonzero(domain == number) for number in range(int(domain.max(initial=0)) + 1))
    starts = tuple(np.concatenate([[0], np.cumsum(width[mine])]).astype(np.intp) for mine in members)
    return Layout(domain, categories, complete, members, starts)


def make_chunk(codes: Codes, layout: Layout, *, group: int, weight: Floats | None) -> Chunk:
    """Indicators of some persons' answers."""
    return Chunk(group, tuple(_design(codes, layout, domain) for domain in range(layout.domains)), weight)


def _design(codes: Codes, layout: Layout, domain: int) -> Design:
    members, first = layout.members[domain], layout.columns[domain]
    mine = codes if layout.domains == 1 else codes[:, members]
    if sparse.issparse(mine):
        column = (first[mine.indices] + mine.data - 1).astype(np.int32)
        shape = (mine.shape[0], int(first[-1]))
        design: Design = sparse.csr_matrix((np.ones(column.size, dtype=np.float32), column, mine.indptr), shape=shape)
        return design
    if layout.complete and int(first[-1]) == members.size:  # two categories everywhere: scores are the indicators
        return np.ascontiguousarray(mine, dtype=np.uint8)
    owner = np.repeat(np.arange(members.size), np.diff(first))
    category = np.arange(int(first[-1])) - first[owner] + layout.lowest
    indicators: NDArray[np.uint8] = (mine[:, owner] == category).view(np.uint8)
    return indicators


def category_counts(chunks: Sequence[Chunk], layout: Layout, *, persons: float) -> Floats:
    """People per item and category, shape (n, most categories)."""
    counts = np.zeros((layout.categories.size, int(layout.categories.max(initial=2))))
    for domain, first in enumerate(layout.columns):
        members = layout.members[domain]
        flat = sum((_column_sums(chunk, domain) for chunk in chunks), np.zeros(int(first[-1])))
        owner = np.repeat(np.arange(members.size), np.diff(first))
        counts[members[owner], np.arange(flat.size) - first[owner] + layout.lowest] = flat
    if layout.complete:
        counts[:, 0] = persons - counts.sum(axis=1)
    return counts


def _column_sums(chunk: Chunk, domain: int) -> Floats:
    weight = np.ones(chunk.persons) if chunk.weight is None else chunk.weight
    design = chunk.designs[domain]
    sums: Floats = design.T @ weight if sparse.issparse(design) else weight @ design
    return sums


def linked_parts(chunks: Sequence[Chunk], layout: Layout, seen: NDArray[np.bool_]) -> Ints:
    """Number of the connected part of the design each item belongs to, -1 for items nobody answered.

    Items are linked when somebody answered both: parts that nobody links have no common scale.
    """
    part = np.where(seen, 0, -1)
    if layout.complete:
        return part
    rest, number = seen.copy(), 0
    while rest.any():
        reached = _reached(chunks, layout, start=int(np.flatnonzero(rest)[0]))
        part[reached] = number
        rest &= ~reached
        number += 1
    return part


def _reached(chunks: Sequence[Chunk], layout: Layout, *, start: int) -> NDArray[np.bool_]:
    reached = np.zeros(layout.categories.size, dtype=np.bool_)
    reached[start] = True
    grown = True
    while grown:
        before = int(reached.sum())
        for chunk in chunks:
            reached |= _answered_by(chunk, layout, _who_answered(chunk, layout, reached))
        grown = int(reached.sum()) > before
    return reached


def _who_answered(chunk: Chunk, layout: Layout, items: NDArray[np.bool_]) -> Floats:
    """1 for persons who answered one of these items."""
    total = np.zeros(chunk.persons)
    for design, members, first in zip(chunk.designs, layout.members, layout.columns, strict=True):
        total += design @ np.repeat(items[members], np.diff(first)).astype(np.float32)
    return (total > 0).astype(np.float64)


def _answered_by(chunk: Chunk, layout: Layout, persons: Floats) -> NDArray[np.bool_]:
    """Items that one of these persons answered."""
    found = np.zeros(layout.categories.size, dtype=np.bool_)
    for design, members, first in zip(chunk.designs, layout.members, layout.columns, strict=True):
        found[members] = np.add.reduceat(design.T @ persons, first[:-1]) > 0 if members.size else False
    return found
