"""Upper bounds of the criterion in single precision, for one domain of items scored 0 or 1.

Most of a simulation's time would go into ``sum_q F[q] P_i[q]`` for every item i. The items' curves are smooth, so a few
shapes carry them: ``P_i[q] = sum_r U[q, r] V[r, i] + error`` with r far below Q (a truncated singular value
decomposition). Products with U, then with V in single precision, give every item's criterion with errors that are
bounded: for one sitting, by

    sum_q |F[q]| e[q]  +  u (r + 6) sum_r |f[r]| v[r]        e[q] = max_i |error_i[q]|, v[r] = max_i |V[r, i]|

where u is single precision's unit roundoff. The bound is added to the sums beforehand, so what comes out is an upper
bound of each item's gain; a lower bound of the best one's is enough to tell whether the order is certain. Where it is
not, the criterion is computed in full.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.engine.grid import Floats
from app.engine.simulation_top import Bytes, Top, highest
from app.engine.tables import ItemTables

Singles = NDArray[np.float32]

WANTED_ERROR: Final = 2e-6
"""Largest error of a probability near the middle of the grid that the truncation may leave."""
MIDDLE: Final = 3.0
"""Logits from zero within which that holds; further out few sittings have their mass."""
ROUNDOFF: Final = float(np.finfo(np.float32).eps) / 2
NEAR: Final = 2.0
"""Logits around a posterior's mean, to tell its middle from its tails."""
BLOCK: Final = 512
"""Sittings computed together: they and the shapes stay in a core's cache."""
SLACK: Final = 1e-6
"""Relative rounding of the few single-precision operations after the products."""


@dataclass(frozen=True, slots=True, eq=False)
class Shapes:
    """The curves of a bank in a few shapes.

    Attributes
    ----------
    theta : shape (Q,).
    inward : shape (Q, r): U. outward : shape (r + 1, n), single precision: V and a row of ones, which adds the errors.
    size : shape (r,), max_i |V[r, i]|. error : shape (Q,), e.
    """

    theta: Floats
    inward: Floats
    outward: Singles
    size: Floats
    error: Floats


def shapes(tables: ItemTables) -> Shapes | None:
    """The shapes of a bank; None where the bounds would not hold: several domains, more categories, falling curves."""
    if tables.domains != 1 or tables.above[0].shape[1] != tables.kinds:
        return None
    curves = tables.per_item(tables.above[0])
    if np.any(np.diff(curves, axis=0) < 0):
        return None
    theta = tables.grid.theta
    weight = np.where(np.abs(theta) <= MIDDLE, 1.0, np.exp(-2 * (np.abs(theta) - MIDDLE)))
    left, values, right = np.linalg.svd(curves * weight[:, None], full_matrices=False)
    inward = left * values / weight[:, None]
    middle = weight == 1.0
    rank, error = 1, _left_out(curves, inward, right, 1)
    while error[middle].max() > WANTED_ERROR:
        rank += 1
        error = _left_out(curves, inward, right, rank)
    outward = np.concatenate([right[:rank], np.ones((1, tables.size))]).astype(np.float32)
    return Shapes(theta, inward[:, :rank], outward, np.abs(right[:rank]).max(axis=1), error)


def _left_out(curves: Floats, inward: Floats, right: Floats, rank: int) -> Floats:
    error: Floats = np.abs(inward[:, :rank] @ right[:rank] - curves).max(axis=1)
    return error


@dataclass(frozen=True, slots=True, eq=False)
class _Desk:
    """Room to compute in, used block after block: fresh memory of this size would cost as much as the sums.

    Attributes
    ----------
    functions, absolute : shape (2 B, Q). projected : shape (2 B, r). inner : shape (2 B, r + 1).
    products : shape (2 B, n).
    """

    functions: Floats
    absolute: Floats
    projected: Floats
    inner: Singles
    products: Singles

    @classmethod
    def of(cls, found: Shapes, size: int) -> "_Desk":
        nodes, rank = found.inward.shape
        return cls(
            np.empty((2 * size, nodes)),
            np.empty((2 * size, nodes)),
            np.empty((2 * size, rank)),
            np.empty((2 * size, rank + 1), dtype=np.float32),
            np.empty((2 * size, found.outward.shape[1]), dtype=np.float32),
        )


def best_bounded(found: Shapes, density: Floats, mean: Floats, candidates: Bytes, *, count: int) -> Top:
    """Bound every candidate's gain and take the highest.

    Parameters
    ----------
    density : shape (B, Q), posteriors; mean : shape (B, 1), their means. candidates : shape (B, n), 1 or 0.
    """
    size = len(density)
    desk = _Desk.of(found, min(BLOCK, size))
    best = Top.empty(size, count)
    spread, errors = np.empty((size, count)), np.empty((2, size))
    for start in range(0, size, BLOCK):
        rows = slice(start, min(start + BLOCK, size))
        part = desk.products[: 2 * (rows.stop - start)]
        errors[:, rows] = _bound(found, desk, density[rows], mean[rows])
        upper, wide = part[: len(part) // 2], part[len(part) // 2 :]
        upper *= candidates[rows]
        for column, (items, values) in enumerate(highest(upper, count)):
            best.items[rows, column], best.values[rows, column] = items, values
        spread[rows] = np.take_along_axis(wide, best.items[rows], axis=1)
    best.least[:] = _lower(found.theta, density, mean, best.values, spread, errors)
    return best


def _bound(found: Shapes, desk: _Desk, density: Floats, mean: Floats) -> Floats:
    """Fill the products: upper bounds of the gains, then lower bounds of p (1 - p); return both sums' errors, (2, B).

    Where an item teaches next to nothing, its upper bound may be zero, negative or infinite.
    """
    size, rank = len(density), found.size.size
    functions, products = desk.functions[: 2 * size], desk.products[: 2 * size]
    np.multiply(density, np.subtract(found.theta, mean, out=functions[:size]), out=functions[:size])
    functions[size:] = density
    projected = np.matmul(functions, found.inward, out=desk.projected[: 2 * size])
    inner = desk.inner[: 2 * size]
    inner[:, :rank] = projected
    left_out = np.abs(functions, out=desk.absolute[: 2 * size]) @ found.error
    rounded = ROUNDOFF * (rank + 6) * (np.abs(projected, out=projected) @ found.size + 0.5)
    errors = (1.001 * (left_out + rounded) + 1e-7).reshape(2, size)
    inner[:size, rank], inner[size:, rank] = errors[0], -0.5
    np.matmul(inner, found.outward, out=products)
    np.multiply(products, products, out=products)
    upper, spread = products[:size], products[size:]
    np.subtract((0.25 - 1.01 * errors[1]).astype(np.float32)[:, None], spread, out=spread)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        np.divide(upper, spread, out=upper)
    return errors


def _lower(  # noqa: PLR0917 - arrays of one block
    theta: Floats, density: Floats, mean: Floats, values: Floats, spread: Floats, errors: Floats
) -> Floats:
    """Lower bounds of the gains that have these upper bounds, shape (B, k); -1 where none is sure."""
    moved, likely = errors[:, :, None]
    with np.errstate(invalid="ignore"):
        root = np.sqrt(np.maximum(values * spread, 0.0)) * (1 - SLACK) - 2 * moved
    sure: Floats = (1 - SLACK) * np.maximum(root, 0.0) ** 2 / (np.maximum(spread, 0.0) + 4 * likely)
    sure[~np.isfinite(values)] = -1.0
    reach = theta[-1] - theta[0]
    low = np.flatnonzero((sure <= 3 * reach**2 * likely).any(axis=1))
    limit = _negligible(theta, density[low], mean[low], likely[low])
    sure[low] = np.where(sure[low] > limit, sure[low], -1.0)
    return sure


def _negligible(theta: Floats, density: Floats, mean: Floats, error: Floats) -> Floats:
    """More than the gain of any item whose upper bound is not positive, shape (B, 1).

    Of such an item one of the two answers has a probability p of at most 2.2 times the error, and
    ``gain <= E[(theta - mean)^2 P(that answer)] / (1 - p) <= (NEAR^2 p + E[(theta - mean)^2; further]) / (1 - p)``.
    """
    square = (theta - mean) ** 2
    tail = np.vecdot(density, np.where(square > NEAR**2, square, 0.0))
    limit: Floats = 3 * NEAR**2 * error + 1.1 * tail[:, None]
    return limit
