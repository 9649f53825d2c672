"""Local dependence: pairs of items whose answers agree more than ability explains."""

from dataclasses import dataclass

import numpy as np

from app.engine.batch import MISSING, Scores
from app.engine.between_nodes import at_abilities
from app.engine.grid import Floats, Ints
from app.engine.tables import ItemTables


@dataclass(frozen=True, slots=True, eq=False)
class LocalDependence:
    """Correlations of residuals, shapes (n, n); NaN on the diagonal and for pairs that too few persons saw.

    Attributes
    ----------
    q3 : Yen's Q3.
    adjusted : Q3 less the mean of all pairs, which is below zero as residuals of one person are around an estimate.
    persons : persons who answered both.
    mean : mean Q3 of the pairs.
    """

    q3: Floats
    adjusted: Floats
    persons: Ints
    mean: float


@dataclass(frozen=True, slots=True)
class Pair:
    """Two items, by number, and their correlation of residuals."""

    first: int
    second: int
    q3: float
    adjusted: float
    persons: int


def residual_correlations(tables: ItemTables, scores: Scores, theta: Floats, *, fewest: int = 30) -> LocalDependence:
    """Q3 of every pair (Yen 1984, Applied Psychological Measurement 8), over the persons who answered both.

    Parameters
    ----------
    scores : shape (N, n), ``MISSING`` where not seen.
    theta : shape (N, D), logits; answers without a finite estimate in the item's domain are left out.
    fewest : persons that a pair needs.
    """
    return from_residual_sums(residual_sums(tables, scores, theta), fewest=fewest)


def residual_sums(tables: ItemTables, scores: Scores, theta: Floats) -> Floats:
    """What ``from_residual_sums`` needs of these persons, shape (4, n, n); sums of others may be added."""
    residual, seen = _residuals(tables, scores, theta)
    return np.stack([seen.T @ seen, residual.T @ seen, (residual**2).T @ seen, residual.T @ residual])


def from_residual_sums(sums: Floats, *, fewest: int = 30) -> LocalDependence:
    """Q3 of every pair from the sums of all persons."""
    count, total, squares, crossed = sums
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = squares - total**2 / count
        q3 = (crossed - total * total.T / count) / np.sqrt(spread * spread.T)
    q3[(count < fewest) | np.eye(len(count), dtype=np.bool_)] = np.nan
    known = q3[np.isfinite(q3)]
    mean = float(known.mean()) if known.size else np.nan
    return LocalDependence(q3, q3 - mean, count.astype(np.intp), mean)


def dependent_pairs(found: LocalDependence, *, above: float = 0.2) -> list[Pair]:
    """Pairs whose Q3 is ``above`` the mean or more, strongest first (Christensen, Makransky & Horton 2017)."""
    rows, columns = np.nonzero(np.triu(np.nan_to_num(found.adjusted, nan=-np.inf) >= above))
    pairs = [
        Pair(int(i), int(j), float(found.q3[i, j]), float(found.adjusted[i, j]), int(found.persons[i, j]))
        for i, j in zip(rows, columns, strict=True)
    ]
    return sorted(pairs, key=lambda pair: -pair.adjusted)


def _residuals(tables: ItemTables, scores: Scores, theta: Floats) -> tuple[Floats, Floats]:
    """Score less its expectation, 0 where not seen, and 1 where seen; shapes (N, n)."""
    seen = (scores != MISSING) & np.isfinite(theta[:, tables.domain])
    residual = np.zeros(scores.shape)
    for item in range(tables.size):
        who = seen[:, item]
        p = at_abilities(tables, item, theta[who, tables.domain[item]]).p
        residual[who, item] = scores[who, item] - p @ np.arange(p.shape[1])
    return residual, seen.astype(np.float64)
