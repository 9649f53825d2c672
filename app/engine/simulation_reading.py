"""How intervals and levels of many sittings are read from their posteriors, as ``report`` reads one.

Both come from the distribution function, which is linear in the density before it is normalised: two small products
replace a spline per sitting. Where the result is too close to a limit to be sure, ``report`` itself is asked.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.interpolate import CubicSpline

from app.engine.grid import Floats, Grid, Ints
from app.engine.report import POINTS_PER_CELL, band_probabilities, interval
from app.engine.simulation_rules import Masks

MASS: Final = 0.95
UNSURE: Final = 1e-3
"""Probabilities closer to a limit than this are computed by ``report``."""


@dataclass(frozen=True, slots=True, eq=False)
class Reader:
    """How densities on the nodes are read.

    Attributes
    ----------
    cuts : shape (m,), cut points between levels, logits.
    points : shape (P,), between which the distribution is linear.
    area : shape (P, Q): area @ density is the unnormalised distribution function at the points.
    at_cuts : shape (Q, m), the same at the cut points.
    """

    grid: Grid
    cuts: Floats
    points: Floats
    area: Floats
    at_cuts: Floats


def reader(grid: Grid, cuts: Floats) -> Reader:
    """Prepare the reading of densities.

    Raises
    ------
    ValueError
        If the cut points are not finite and strictly increasing.
    """
    if cuts.ndim != 1 or not np.all(np.isfinite(cuts)) or np.any(np.diff(cuts) <= 0):
        raise ValueError(f"cuts must be finite and strictly increasing, got {cuts!r}")
    points = np.linspace(grid.theta[0], grid.theta[-1], POINTS_PER_CELL * (grid.size - 1) + 1)
    area = np.ascontiguousarray(CubicSpline(grid.theta, np.eye(grid.size)).antiderivative()(points))
    at_cuts = np.array([[np.interp(cut, points, column) for cut in cuts] for column in area.T])
    return Reader(grid, cuts, points, area, at_cuts.reshape(grid.size, cuts.size))


def covered(found: Reader, density: Floats, truth: Floats) -> Masks:
    """Whether the 95 % interval of each density, shape (N, Q), contains the truth, shape (N,), logits."""
    spacing = found.points[1] - found.points[0]
    position = np.clip((truth - found.points[0]) / spacing, 0, found.points.size - 1)
    left = np.minimum(position.astype(np.intp), found.points.size - 2)
    inside = position - left
    below = (1 - inside) * np.vecdot(density, found.area[left]) + inside * np.vecdot(density, found.area[left + 1])
    share = below / (density @ found.area[-1])
    limits = (1 - MASS) / 2, (1 + MASS) / 2
    within: Masks = (share >= limits[0]) & (share <= limits[1])
    within &= (truth >= found.points[0]) & (truth <= found.points[-1])
    for index in np.flatnonzero(np.abs(share[:, None] - limits).min(axis=1) < UNSURE):
        low, high = interval(density[index], found.grid, mass=MASS)
        within[index] = low <= truth[index] <= high
    return within


def levels_read(found: Reader, density: Floats) -> Ints:
    """The most probable level of each density, shape (N, Q), from 0."""
    at_cuts = (density @ found.at_cuts) / (density @ found.area[-1])[:, None]
    bands = np.diff(at_cuts, axis=1, prepend=0.0, append=1.0)
    level: Ints = bands.argmax(axis=1)
    if found.cuts.size:
        first, second = np.sort(bands, axis=1)[:, :-3:-1].T
        for index in np.flatnonzero(first - second < UNSURE):
            level[index] = band_probabilities(density[index], found.grid, found.cuts.tolist()).argmax()
    return level
