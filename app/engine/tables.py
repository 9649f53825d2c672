"""Items as tables: one row of log-probabilities per score category, whatever model made it.

Scoring and selection read these rows and never ask for the model. A row of an item whose parameters are
uncertain is the *expected* probability under the parameters' posterior; as a person answers an item once,
that is the exact marginal likelihood when item posteriors are independent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from app.engine.families import FAMILIES
from app.engine.grid import Floats, Grid, Ints
from app.engine.quadrature import normal_rule

LOG_FLOOR = -690.0
"""Log-probabilities are kept above this: exp(-690) is still a normal number, so no product is denormal."""
PRODUCT_ONLY = {"gpcm"}
"""Families whose stored sessions were run on a product rule, however many the steps."""


@dataclass(frozen=True, slots=True, eq=False)
class ItemTables:
    """A bank as arrays.

    Attributes
    ----------
    grid : the ability nodes.
    log_p : shape (R, Q), one row per item and category, items one after another.
    first_row : shape (n + 1,), item i owns rows ``first_row[i] : first_row[i + 1]`` (category 0 first).
    domain : shape (n,), the domain each item measures, 0 … D - 1.
    members : per domain, shape (n_d,): its items, in increasing order.
    above : per domain, shape (Q, R_d): probabilities of the categories above 0 of its *different* tables, in the order
        of the first items that have them. Items of one domain whose tables are equal share columns, so that whatever
        is computed from these is the very same number for all of them.
    span : per domain, where its columns lie when the domains' columns are laid side by side.
    first_column : shape (K,), first of each different table's columns laid so, those of domain 0 first.
    kind : shape (n,), each item's place in ``first_column``.
    alike : shape (n,), the first item of the same domain with the same table.
    in_order : whether every item has its own table, in the bank's order: ``kind`` is 0 … n - 1.
    """

    grid: Grid
    log_p: Floats
    first_row: Ints
    domain: Ints
    members: tuple[Ints, ...]
    above: tuple[Floats, ...]
    span: tuple[slice, ...]
    first_column: Ints
    kind: Ints
    alike: Ints
    in_order: bool

    @property
    def size(self) -> int:
        """Number of items."""
        return int(self.domain.size)

    @property
    def domains(self) -> int:
        """Number of domains, D."""
        return len(self.members)

    @property
    def kinds(self) -> int:
        """Number of different tables, K; equal ones in different domains count as different."""
        return int(self.first_column.size)

    def per_item(self, values: Floats) -> Floats:
        """Values of the different tables, shape (..., K), as values of the items, shape (..., n)."""
        return values if self.in_order else values.take(self.kind, axis=-1)

    def categories(self, item: int) -> int:
        """Number of score categories of an item."""
        return int(self.first_row[item + 1] - self.first_row[item])


def make_tables(grid: Grid, rows: Sequence[Floats], domain: Sequence[int], *, domains: int) -> ItemTables:
    """Stack one (categories, Q) block of log-probabilities per item into read-only tables.

    Raises
    ------
    ValueError
        If a block has another number of nodes, fewer than two categories, probabilities that do not sum to
        one (1e-9), or an item names a domain outside 0 … ``domains`` - 1.
    """
    if len(rows) != len(domain):
        raise ValueError(f"one domain per item expected, got {len(rows)} items and {len(domain)} domains")
    for item, (block, where) in enumerate(zip(rows, domain, strict=True)):
        _check_block(item, block, grid.size)
        if not 0 <= where < domains:
            raise ValueError(f"item {item}: domain must be in 0 … {domains - 1}, got {where}")
    counts = np.array([len(block) for block in rows], dtype=np.intp)
    first_row = np.concatenate([[0], np.cumsum(counts)]).astype(np.intp)
    log_p = np.maximum(np.concatenate(rows), LOG_FLOOR) if rows else np.empty((0, grid.size))
    home = np.asarray(domain, dtype=np.intp)
    members = tuple(np.flatnonzero(home == d) for d in range(domains))
    alike = _alike(log_p, first_row, home)
    firsts = tuple(m[alike[m] == m] for m in members)
    above = tuple(_above(log_p, first_row, m) for m in firsts)
    ends = np.cumsum([0, *(columns.shape[1] for columns in above)]).tolist()
    span = tuple(slice(start, end) for start, end in pairwise(ends))
    order = np.concatenate(firsts)
    first_column = np.cumsum(counts[order] - 1) - (counts[order] - 1)
    number = np.zeros(home.size, dtype=np.intp)
    number[order] = np.arange(order.size)
    kind = number[alike]
    for array in (log_p, first_row, home, *members, *above, first_column, kind, alike):
        array.setflags(write=False)
    in_order = bool(np.array_equal(kind, np.arange(home.size)))
    return ItemTables(grid, log_p, first_row, home, members, above, span, first_column, kind, alike, in_order)


def _alike(log_p: Floats, first_row: Ints, home: Ints) -> Ints:
    """Of each item, the first of its domain whose rows are the same bit for bit."""
    first: dict[tuple[int, bytes], int] = {}
    blocks = (log_p[start:end].tobytes() for start, end in pairwise(first_row))
    keys = zip(home.tolist(), blocks, strict=True)
    return np.array([first.setdefault(key, item) for item, key in enumerate(keys)], dtype=np.intp)


def _above(log_p: Floats, first_row: Ints, members: Ints) -> Floats:
    """Probabilities of the categories above 0 of these items as columns."""
    rows = [np.arange(first_row[i] + 1, first_row[i + 1]) for i in members]
    columns = np.exp(log_p[np.concatenate(rows)]) if rows else np.empty((0, log_p.shape[1]))
    return np.ascontiguousarray(columns.T)


def _check_block(item: int, block: Floats, size: int) -> None:
    if block.ndim != 2 or block.shape[0] < 2 or block.shape[1] != size:  # noqa: PLR2004
        raise ValueError(f"item {item}: rows must have shape (categories >= 2, {size}), got {block.shape}")
    total = np.exp(block).sum(axis=0)
    if not np.allclose(total, 1.0, rtol=0, atol=1e-9):
        raise ValueError(
            f"item {item}: probabilities must sum to one at every ability, got {total.min()} … {total.max()}"
        )


def item_rows(grid: Grid, name: str, mean: Floats, covariance: Floats | None = None) -> Floats:
    """Log of the expected category probabilities of one item under its parameters' normal posterior.

    ``Pbar_c(theta) = E[P_c(theta; xi)], xi ~ N(mean, covariance)``, by ``quadrature.normal_rule``: within 2e-5 of
    the integral for provisional 2PL, 3PL and 4PL items, 2e-4 for partial credit in up to six steps and for graded
    and nominal items as calibrations leave them (5e-4 for graded items as little known as provisional ones).

    Parameters
    ----------
    name : the item's family, of ``FAMILIES``.
    mean : shape (p,), transformed parameters, in the family's order.
    covariance : shape (p, p), symmetric and positive semi-definite; None where the item is known exactly.

    Returns
    -------
    shape (categories, Q).

    Raises
    ------
    ValueError
        If the model is unknown or the covariance is not a covariance matrix.
    """
    if name not in FAMILIES:
        raise ValueError(f"model must be one of {', '.join(FAMILIES)}, got {name!r}")
    family = FAMILIES[name]
    mean = np.asarray(mean, dtype=np.float64)
    if covariance is None:
        return family.log_p(grid.theta, mean)
    known = np.asarray(covariance, dtype=np.float64)
    offsets, weights = normal_rule(known, mean.size, product_only=name in PRODUCT_ONLY)
    probabilities = np.exp(family.log_p(grid.theta, mean + offsets))
    expected: Floats = np.log(np.tensordot(weights, probabilities, axes=1))
    return expected


def log_likelihood(tables: ItemTables, items: Ints, scores: Ints) -> Floats:
    """Log-likelihood of the answers to each domain's items at each ability.

    Parameters
    ----------
    items, scores : shape (t,), items answered and the category reached in each.

    Returns
    -------
    shape (D, Q); zero for a domain without answers.

    Raises
    ------
    ValueError
        If a score is not a category of its item.
    """
    rows = tables.first_row[items] + scores
    wrong = (scores < 0) | (rows >= tables.first_row[items + 1])
    if wrong.any():
        bad = int(np.flatnonzero(wrong)[0])
        last = tables.categories(items[bad]) - 1
        raise ValueError(f"item {items[bad]}: score must be in 0 … {last}, got {scores[bad]}")
    if tables.domains == 1:
        return np.add.reduce(tables.log_p[rows], axis=0, keepdims=True)
    answered = tables.domain[items] == np.arange(tables.domains)[:, None]
    total: Floats = answered.astype(np.float64) @ tables.log_p[rows]
    return total
