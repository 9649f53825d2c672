"""Nodes and weights that integrate over an item's uncertain parameters."""

from functools import lru_cache
from itertools import product
from typing import Final

import numpy as np
from scipy.special import ndtri
from scipy.stats import qmc

from app.engine.grid import Floats

MOST_NODES: Final = 6000
FEWEST_NODES: Final = 3
SOBOL_POWER: Final = 13
"""Points where a product rule would have too few nodes an axis: 2 to this power."""


def normal_rule(covariance: Floats, size: int, *, product_only: bool = False) -> tuple[Floats, Floats]:
    """Nodes (N, p) and weights (N,) that integrate against N(0, covariance).

    A Gauss-Hermite product rule along the covariance's principal axes, the wider the axis the more nodes; where
    that would be more than ``MOST_NODES``, Sobol's points (quasi-Monte Carlo: Sobol 1967; Caflisch 1998, Acta
    Numerica 7), or with ``product_only`` evenly fewer nodes an axis.

    Parameters
    ----------
    covariance : shape (p, p), symmetric and positive semi-definite.
    size : p.

    Raises
    ------
    ValueError
        If the covariance is not a covariance matrix of that size.
    """
    if covariance.shape != (size, size) or not np.allclose(covariance, covariance.T):
        raise ValueError(f"covariance must be symmetric with shape ({size}, {size}), got {covariance!r}")
    variance, axes = np.linalg.eigh(covariance)
    if variance.min(initial=0.0) < -1e-9 * max(1.0, float(variance.max(initial=0.0))):
        raise ValueError(f"covariance must be positive semi-definite, got eigenvalues {variance}")
    kept = variance > 1e-12  # noqa: PLR2004
    scale = axes[:, kept] * np.sqrt(variance[kept])
    wanted = np.ceil(4 + 6 * np.sqrt(variance[kept]))
    if wanted.prod() > MOST_NODES and not product_only:
        points = _sobol(int(kept.sum()))  # widest axis first: there they are spread best
        return points @ scale[:, ::-1].T, np.full(len(points), 1 / len(points))
    rules = [np.polynomial.hermite_e.hermegauss(count) for count in _node_counts(wanted)]
    points = np.array(list(product(*(nodes for nodes, _ in rules))))
    mass = np.array(list(product(*(weights for _, weights in rules)))).prod(axis=1)
    return points @ scale.T, mass / mass.sum()


def _node_counts(wanted: Floats) -> list[int]:
    """Nodes per axis: what is wanted; evenly fewer, never below three, where they would be too many."""
    counts = wanted.copy()
    while counts.prod() > MOST_NODES and counts.max(initial=0) > FEWEST_NODES:
        counts[np.argmax(np.where(counts > FEWEST_NODES, counts / wanted, 0.0))] -= 1
    return [int(count) for count in counts]


@lru_cache(maxsize=8)
def _sobol(axes: int) -> Floats:
    """Standard normal points, shape (2 ** SOBOL_POWER, axes): not scrambled, so that they are the same for ever."""
    uniform = qmc.Sobol(axes, scramble=False).random_base2(SOBOL_POWER)
    points: Floats = ndtri(uniform + 0.5 / 2**SOBOL_POWER)
    points.setflags(write=False)
    return points
