"""The grid of abilities on which everything is computed.

Equally spaced nodes with a smooth integrand make the plain sum converge faster than any power of the
spacing, as long as the spacing stays at or below the smallest posterior standard deviation; Gauss-Hermite
nodes are too far apart in the middle for long tests (Trefethen & Weideman 2014, SIAM Review 56).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Equally spaced ability nodes.

    Attributes
    ----------
    theta : shape (Q,), logits, increasing.
    """

    theta: Floats

    @property
    def spacing(self) -> float:
        """Distance between neighbouring nodes, in logits."""
        return float(self.theta[1] - self.theta[0])

    @property
    def size(self) -> int:
        """Number of nodes, Q."""
        return int(self.theta.size)


def make_grid(*, low: float = -6.0, high: float = 6.0, size: int = 61) -> Grid:
    """Build equally spaced nodes from ``low`` to ``high`` logits (61 nodes on [-6, 6]: spacing 0.2).

    Raises
    ------
    ValueError
        If the bounds are not finite and increasing or there are fewer than three nodes.
    """
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise ValueError(f"low and high must be finite with low < high, got {low} and {high}")
    if size < 3:  # noqa: PLR2004
        raise ValueError(f"size must be at least 3 nodes, got {size}")
    theta = np.linspace(low, high, size)
    theta.setflags(write=False)
    return Grid(theta)


def normal_weights(theta: Floats) -> Floats:
    """Weights of a standard normal on the nodes, summing to one; shape (Q,)."""
    density: Floats = np.exp(-0.5 * theta**2)
    weights: Floats = density / density.sum()
    return weights
