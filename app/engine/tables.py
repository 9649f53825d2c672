"""Items as tables: one row of log-probabilities per score category, whatever model made it.

Scoring and selection read these rows and never ask for the model. A row of an item whose parameters are
uncertain is the *expected* probability under the parameters' posterior; as a person answers an item once,
that is the exact marginal likelihood when item posteriors are independent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np

from app.engine.families import FAMILIES
from app.engine.grid import Floats, Grid, Ints

LOG_FLOOR = -690.0
"""Log-probabilities are kept above this: exp(-690) is still a normal number, so no product is denormal."""
MOST_NODES = 6000
FEWEST_NODES = 3


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
    above : per domain, shape (Q, R_d): probabilities of the categories above 0 of its members, one after another.
    span : per domain, where its columns lie when the domains' columns are laid side by side.
    first_column : shape (n,), first of each item's columns laid so, members of domain 0 first.
    place : shape (n,), each item's place in ``first_column``.
    """

    grid: Grid
    log_p: Floats
    first_row: Ints
    domain: Ints
    members: tuple[Ints, ...]
    above: tuple[Floats, ...]
    span: tuple[slice, ...]
    first_column: Ints
    place: Ints

    @property
    def size(self) -> int:
        """Number of items."""
        return int(self.domain.size)

    @property
    def domains(self) -> int:
        """Number of domains, D."""
        return len(self.members)

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
    above = tuple(_above(log_p, first_row, m) for m in members)
    ends = np.cumsum([0, *(columns.shape[1] for columns in above)]).tolist()
    span = tuple(slice(start, end) for start, end in pairwise(ends))
    order = np.argsort(home, kind="stable")
    first_column = np.cumsum(counts[order] - 1) - (counts[order] - 1)
    place = np.argsort(order)
    for array in (log_p, first_row, home, *members, *above, first_column, place):
        array.setflags(write=False)
    return ItemTables(grid, log_p, first_row, home, members, above, span, first_column, place)


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

    ``Pbar_c(theta) = E[P_c(theta; xi)], xi ~ N(mean, covariance)``, by a Gauss-Hermite product rule along
    the covariance's principal axes, the wider the axis the more nodes: within 2e-5 of the integral for
    provisional 2PL and 3PL items, 2e-4 for partial credit in up to six steps.

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
    offsets, weights = _normal_rule(np.asarray(covariance, dtype=np.float64), mean.size)
    probabilities = np.exp(family.log_p(grid.theta, mean + offsets))
    expected: Floats = np.log(np.tensordot(weights, probabilities, axes=1))
    return expected


def _normal_rule(covariance: Floats, size: int) -> tuple[Floats, Floats]:
    """Nodes (N, p) and weights (N,) that integrate against N(0, covariance)."""
    if covariance.shape != (size, size) or not np.allclose(covariance, covariance.T):
        raise ValueError(f"covariance must be symmetric with shape ({size}, {size}), got {covariance!r}")
    variance, axes = np.linalg.eigh(covariance)
    if variance.min(initial=0.0) < -1e-9 * max(1.0, float(variance.max(initial=0.0))):
        raise ValueError(f"covariance must be positive semi-definite, got eigenvalues {variance}")
    kept = variance > 1e-12  # noqa: PLR2004
    scale = axes[:, kept] * np.sqrt(variance[kept])
    rules = [np.polynomial.hermite_e.hermegauss(count) for count in _node_counts(np.sqrt(variance[kept]))]
    points = np.array(list(product(*(nodes for nodes, _ in rules))))
    mass = np.array(list(product(*(weights for _, weights in rules)))).prod(axis=1)
    return points @ scale.T, mass / mass.sum()


def _node_counts(sd: Floats) -> list[int]:
    """Nodes per axis: what its width asks for; evenly fewer, never below three, where they would be too many."""
    wanted = np.ceil(4 + 6 * sd)
    counts = wanted.copy()
    while counts.prod() > MOST_NODES and counts.max(initial=0) > FEWEST_NODES:
        counts[np.argmax(np.where(counts > FEWEST_NODES, counts / wanted, 0.0))] -= 1
    return [int(count) for count in counts]


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
    answered = tables.domain[items] == np.arange(tables.domains)[:, None]
    total: Floats = answered.astype(np.float64) @ tables.log_p[rows]
    return total
