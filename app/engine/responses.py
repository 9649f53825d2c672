"""Answers of many persons to many items, checked and cut into chunks."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from app.engine.batch import MISSING
from app.engine.design import Chunk, Codes, Layout, category_counts, linked_parts, make_chunk, make_layout
from app.engine.grid import Floats, Ints

CHUNK: Final = 2500
"""Persons worked on at once: few enough to stay in the processor's cache, enough to be worth a thread's while."""
DENSE_FROM: Final = 0.35
"""Share of cells filled from which a dense matrix product is faster than a sparse one."""
HIGHEST: Final = 32_000
"""Highest category: what is kept in two bytes."""
ROOM: Final = 2**62
"""Numbers of rows stay below this: what eight bytes hold."""
COLLAPSIBLE: Final = 24
"""Up to this many items, people with the same answers are likely enough to look for."""


@dataclass(frozen=True, slots=True, eq=False)
class Responses:
    """Answers ready for calibration.

    Attributes
    ----------
    counts : shape (n, most categories), people per category of each item.
    linked : shape (n,), the connected part of the design each item belongs to (-1: nobody answered it).
    groups : number of groups, G.
    persons : people with at least one answer; ``silent``: people without one, who say nothing.
    """

    layout: Layout
    chunks: tuple[Chunk, ...]
    counts: Floats
    linked: Ints
    groups: int
    persons: float
    silent: float

    @property
    def answers(self) -> float:
        """Number of answers."""
        return float(self.counts.sum())


def arrange(
    scores: NDArray[np.integer[Any]] | sparse.csr_matrix,
    *,
    domain: Sequence[int] | Ints | None = None,
    group: Sequence[int] | Ints | None = None,
    categories: Sequence[int] | Ints | None = None,
    weight: Floats | None = None,
    chunk: int = CHUNK,
) -> Responses:
    """Lay out answers for calibration.

    Parameters
    ----------
    scores : shape (N, n), category reached, ``MISSING`` where not seen; or sparse, where what is stored is the
        category **plus one** and what is not stored was not seen.
    domain : shape (n,), 0 … D - 1; one domain without it.
    group : shape (N,), 0 … G - 1; one group without it.
    categories : shape (n,); the highest category seen plus one (at least two) without it.
    weight : shape (N,), people each row stands for; one each without it.

    Raises
    ------
    ValueError
        If a shape does not fit, a score is not a category of its item, a weight is not positive, the numbers of
        domains or groups have a gap, or nobody of one of several groups answered anything.
    """
    codes = _codes(scores)
    where = _numbers("domain", domain, codes.shape[1])
    groups = _numbers("group", group, codes.shape[0])
    heavy = _weights(weight, codes.shape[0])
    found = _categories(codes, categories)
    answered = codes.getnnz(axis=1) if sparse.issparse(codes) else np.count_nonzero(codes != MISSING, axis=1)
    kept = np.flatnonzero(answered)
    voices = float(kept.size if heavy is None else heavy[kept].sum())
    everybody = float(answered.size if heavy is None else heavy.sum())
    number_of_groups = int(groups.max(initial=0)) + 1
    if kept.size < answered.size:
        codes, groups, heavy = _codes(codes[kept]), groups[kept], None if heavy is None else heavy[kept]
        _require_answers(groups, number_of_groups)
    layout = make_layout(where, found, complete=int(answered.sum()) == kept.size * where.size)
    codes, groups, heavy = _collapsed(codes, groups, heavy)
    chunks = tuple(
        make_chunk(codes[part], layout, group=number, weight=None if heavy is None else heavy[part])
        for number in range(number_of_groups)
        for part in _parts(groups, number, chunk)
    )
    counts = category_counts(chunks, layout, persons=voices)
    linked = linked_parts(chunks, layout, counts.sum(axis=1) > 0)
    return Responses(layout, chunks, counts, linked, number_of_groups, voices, everybody - voices)


def _codes(scores: NDArray[np.integer[Any]] | sparse.csr_matrix) -> Codes:
    """An array where enough cells are filled, else a sparse matrix of categories plus one."""
    if sparse.issparse(scores):
        return _from_sparse(scores)
    array = np.asarray(scores)
    if array.ndim != 2 or not np.issubdtype(array.dtype, np.integer):  # noqa: PLR2004
        raise ValueError(f"scores must be whole numbers of shape (persons, items), got {array.dtype} {array.shape}")
    low, high = int(array.min(initial=0)), int(array.max(initial=0))
    if low < MISSING or high > HIGHEST:
        wrong = low if low < MISSING else high
        raise ValueError(f"scores must be categories 0 … {HIGHEST} or {MISSING} for not seen, got {wrong}")
    if not np.issubdtype(array.dtype, np.signedinteger):
        array = array.astype(np.int16)
    seen = array != MISSING
    return array if np.count_nonzero(seen) >= DENSE_FROM * array.size else _without_missing(array, seen)


def _without_missing(array: NDArray[np.integer[Any]], seen: NDArray[np.bool_]) -> sparse.csr_matrix:
    """Categories plus one of what was seen. Cells are found in one row of all: several times as quick as in a table."""
    rows = np.count_nonzero(seen, axis=1)
    cells = np.flatnonzero(seen)
    columns = cells - np.repeat(np.arange(rows.size) * array.shape[1], rows)
    data = array.reshape(-1)[cells].astype(np.int16) + 1
    return sparse.csr_matrix((data, columns, np.concatenate([[0], np.cumsum(rows)])), shape=array.shape)


def _from_sparse(scores: sparse.csr_matrix) -> Codes:
    rows = scores.tocsr()
    if not np.issubdtype(rows.dtype, np.integer):
        raise ValueError(f"scores must be whole numbers, got {rows.dtype}")
    if rows.data.size and rows.data.min() == 0:  # stored although not seen
        rows = rows.copy()
        rows.eliminate_zeros()
    for end in (int(rows.data.min(initial=1)), int(rows.data.max(initial=1))):
        if not 1 <= end <= HIGHEST + 1:
            raise ValueError(f"scores must be stored as category plus one, got {end}")
    return rows if rows.nnz < DENSE_FROM * rows.shape[0] * rows.shape[1] else rows.toarray().astype(np.int16) - 1


def _require_answers(groups: Ints, number: int) -> None:
    """A group without answers has no place; where nobody answered anything, screening says so of every item."""
    mute = np.flatnonzero(np.bincount(groups, minlength=number) == 0)
    if mute.size and groups.size:
        raise ValueError(f"group must number people with answers, got none in group {mute[0]}")


def _numbers(name: str, given: Sequence[int] | Ints | None, size: int) -> Ints:
    if given is None:
        return np.zeros(size, dtype=np.intp)
    numbers = np.asarray(given, dtype=np.intp)
    if numbers.shape != (size,):
        raise ValueError(f"{name} must have shape ({size},), got {numbers.shape}")
    present = np.unique(numbers)
    if not np.array_equal(present, np.arange(present.size)):
        raise ValueError(f"{name} must number 0, 1, … without a gap, got {present.tolist()[:10]}")
    return numbers


def _weights(weight: Floats | None, persons: int) -> Floats | None:
    if weight is None:
        return None
    heavy = np.asarray(weight, dtype=np.float64)
    if heavy.shape != (persons,) or not np.all(np.isfinite(heavy) & (heavy > 0)):
        raise ValueError(f"weight must be positive with shape ({persons},), got {weight!r}")
    return heavy


def _categories(codes: Codes, given: Sequence[int] | Ints | None) -> Ints:
    if sparse.issparse(codes):
        highest = np.zeros(codes.shape[1], dtype=np.intp)
        np.maximum.at(highest, codes.indices, codes.data.astype(np.intp))
    else:
        highest = codes.max(axis=0, initial=MISSING).astype(np.intp) + 1
    if given is None:
        return np.maximum(highest, 2)
    categories = np.asarray(given, dtype=np.intp)
    if categories.shape != highest.shape or categories.min(initial=2) < 2:  # noqa: PLR2004
        raise ValueError(f"categories must be 2 or more for each of {highest.size} items, got {given!r}")
    over = np.flatnonzero(highest > categories)
    if over.size:
        item = int(over[0])
        raise ValueError(f"item {item}: score must be in 0 … {categories[item] - 1}, got {int(highest[item]) - 1}")
    return categories


def _collapsed(codes: Codes, group: Ints, weight: Floats | None) -> tuple[Codes, Ints, Floats | None]:
    """Of people of one group with the same answers, the first, with the weight of all."""
    if sparse.issparse(codes) or codes.shape[1] > COLLAPSIBLE:
        return codes, group, weight
    _, first, same = np.unique(_row_numbers(codes, group), return_index=True, return_inverse=True)
    total = np.bincount(same, weights=weight, minlength=first.size).astype(np.float64)
    return codes[first], group[first], total


def _row_numbers(codes: NDArray[np.integer[Any]], group: Ints) -> NDArray[np.int64]:
    """A number for each row, shape (N,), equal where group and answers are, and in their order.

    The row is read as a number with a digit for each answer. Where that grows too large, the numbers so far are
    replaced by their ranks: eight bytes a row, whatever the number of answers.
    """
    number, most = group.astype(np.int64), int(group.max(initial=0)) + 1
    for answers, highest in zip(codes.T, codes.max(axis=0, initial=MISSING).tolist(), strict=True):
        base = highest - MISSING + 1
        if most * base > ROOM:
            known, number = np.unique(number, return_inverse=True)
            most = known.size
        number = number * base + (answers - MISSING)
        most *= base
    return number


def _parts(group: Ints, number: int, size: int) -> list[Ints | slice]:
    """The group's rows in even parts of at most ``size``."""
    rows = np.flatnonzero(group == number)
    cuts = np.linspace(0, rows.size, max(1, -(-rows.size // size)) + 1).round().astype(np.intp).tolist()
    if rows.size and rows[-1] - rows[0] + 1 == rows.size:  # neighbours: a view instead of a copy
        return [slice(int(rows[0]) + low, int(rows[0]) + high) for low, high in pairwise(cuts)]
    return [rows[low:high] for low, high in pairwise(cuts)]
