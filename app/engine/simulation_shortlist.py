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

from app.engine.grid import Floats, Ints
from app.engine.tables import ItemTables

Singles = NDArray[np.float32]

WANTED_ERROR: Final = 2e-6
"""Largest error of a probability near the middle of the grid that the truncation may leave."""
MIDDLE: Final = 3.0
"""Logits from zero within which that holds; further out few sittings have their mass."""
ROUNDOFF: Final = float(np.finfo(np.float32).eps) / 2
NEAR: Final = 2.0
"""Logits around a posterior's mean, to tell its middle from its tails."""
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
    if tables.domains != 1 or tables.above[0].shape[1] != tables.size:
        return None
    curves = tables.above[0]
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
class Bounds:
    """Upper bounds of many sittings' gains, and what lower bounds follow from.

    Attributes
    ----------
    upper : shape (B, n), by place; where an item teaches next to nothing it may be zero, negative or infinite.
    spread : shape (B, n), lower bound of p (1 - p).
    moved_error, likely_error : shape (B,): by how much the sums may be wrong.
    density, mean : the posteriors, as given.
    """

    theta: Floats
    density: Floats
    mean: Floats
    upper: Singles
    spread: Singles
    moved_error: Floats
    likely_error: Floats

    def lower(self, places: Ints, values: Floats) -> Floats:
        """Lower bound of the gains at these places, shape (B, k), of the given upper bounds; -1 where none is sure."""
        spread = np.take_along_axis(self.spread, places, axis=1).astype(np.float64)
        with np.errstate(invalid="ignore"):
            root = np.sqrt(np.maximum(values * spread, 0.0)) * (1 - SLACK) - 2 * self.moved_error[:, None]
        sure = (1 - SLACK) * np.maximum(root, 0.0) ** 2 / (np.maximum(spread, 0.0) + 4 * self.likely_error[:, None])
        sure[~np.isfinite(values)] = -1.0
        reach = self.theta[-1] - self.theta[0]
        low = np.flatnonzero((sure <= 3 * reach**2 * self.likely_error[:, None]).any(axis=1))
        sure[low] = np.where(sure[low] > self._negligible(low)[:, None], sure[low], -1.0)
        return sure

    def _negligible(self, rows: Ints) -> Floats:
        """More than the gain of any item whose upper bound is not positive.

        Of such an item one of the two answers has a probability p of at most 2.2 times the error, and
        ``gain <= E[(theta - mean)^2 P(that answer)] / (1 - p) <= (NEAR^2 p + E[(theta - mean)^2; further]) / (1 - p)``.
        """
        square = (self.theta - self.mean[rows]) ** 2
        further = np.where(square > NEAR**2, square, 0.0)
        tail: Floats = np.vecdot(self.density[rows], further)
        return 3 * NEAR**2 * self.likely_error[rows] + 1.1 * tail


def bounds(found: Shapes, density: Floats, mean: Floats) -> Bounds:
    """Bound every item's gain.

    Parameters
    ----------
    density : shape (B, Q), posteriors; mean : shape (B, 1), their means.
    """
    size, rank = len(density), found.size.size
    functions = np.concatenate([density * (found.theta - mean), density])
    absolute = np.abs(functions)
    inner = np.empty((2 * size, rank + 1), dtype=np.float32)
    inner[:, :rank] = projected = functions @ found.inward
    error = 1.001 * (absolute @ found.error + ROUNDOFF * (rank + 6) * (np.abs(projected) @ found.size + 0.5)) + 1e-7
    inner[:size, rank], inner[size:, rank] = error[:size], -0.5
    products = inner @ found.outward
    upper, spread = products[:size], products[size:]
    np.multiply(upper, upper, out=upper)
    np.multiply(spread, spread, out=spread)
    likely = error[size:]
    np.subtract((0.25 - 1.01 * likely).astype(np.float32)[:, None], spread, out=spread)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        np.divide(upper, spread, out=upper)
    return Bounds(found.theta, density, mean, upper, spread, error[:size], likely)
