"""Where an objective known on the grid is highest, and how sharply: the root of its slope between nodes.

The objective's best node is found first, so that of several roots (three-parameter items have several) the highest
wins, then the root beside it by interpolating the slope. Derivatives come from the values by central differences of
sixth order, so nobody asks which model an item follows. Everything works on all persons at once.
"""

from typing import Final

import numpy as np

from app.engine.grid import Floats, Grid, Ints

SECANT_STEP: Final = 1e-4
SECANT_STEPS: Final = 3
_STENCIL: Final = (-1 / 60, 9 / 60, -45 / 60, 0.0, 45 / 60, -9 / 60, 1 / 60)
_REACH: Final = 3


def derivative(values: Floats, grid: Grid) -> Floats:
    """Slope along the last axis, per logit: central differences of sixth order; second within three nodes of the ends.

    Raises
    ------
    ValueError
        If the grid has fewer than seven nodes.
    """
    if values.shape[-1] < len(_STENCIL):
        raise ValueError(f"values must have at least {len(_STENCIL)} nodes, got {values.shape[-1]}")
    inner = values.shape[-1] - 2 * _REACH
    slope = np.empty_like(values)
    slope[..., :_REACH] = np.gradient(values[..., : _REACH + 1], grid.spacing, axis=-1)[..., :-1]
    slope[..., -_REACH:] = np.gradient(values[..., -_REACH - 1 :], grid.spacing, axis=-1)[..., 1:]
    middle = slope[..., _REACH:-_REACH]
    middle[...] = 0.0
    for place, weight in enumerate(_STENCIL):
        if weight:
            middle += (weight / grid.spacing) * values[..., place : place + inner]
    return slope


def highest(grid: Grid, objective: Floats) -> tuple[Floats, Floats]:
    """Abilities where the objective is highest, and the standard error from its curvature there, ``(-f'')^-1/2``.

    Parameters
    ----------
    objective : shape (..., Q), a log-likelihood or log-density.

    Returns
    -------
    theta, se : shape (...), logits. Infinite, with a standard error of NaN, where the objective still rises at an end.
    """
    flat = objective.reshape(-1, grid.size)
    slope = derivative(flat, grid)
    best = flat.argmax(axis=-1)
    place = _root(slope, best)
    precision = -_between(derivative(slope, grid), place)
    theta = grid.theta[0] + place * grid.spacing
    theta[best == 0], theta[best == grid.size - 1] = -np.inf, np.inf
    with np.errstate(divide="ignore", invalid="ignore"):
        se = np.where(np.isfinite(theta), 1 / np.sqrt(precision), np.nan)
    return theta.reshape(objective.shape[:-1]), se.reshape(objective.shape[:-1])


def _root(slope: Floats, best: Ints) -> Floats:
    """The place, in nodes, of the slope's root beside the best node: linear guess, then secants on the cubic."""
    rows = np.arange(len(slope))
    inside = np.clip(best, 1, slope.shape[-1] - 2)
    low = np.where(slope[rows, inside] > 0, inside, inside - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        place: Floats = low + slope[rows, low] / (slope[rows, low] - slope[rows, low + 1])
        for _ in range(SECANT_STEPS):
            value = _between(slope, place)
            place = place - value * SECANT_STEP / (_between(slope, place + SECANT_STEP) - value)
    return place


def _between(values: Floats, place: Floats) -> Floats:
    """Cubic interpolation between nodes (Lagrange, four nodes), one place for each row."""
    known = np.where(np.isfinite(place), place, 0.0)
    first = np.clip(np.floor(known).astype(np.intp) - 1, 0, values.shape[-1] - 4)
    x = place - first
    weights = np.stack(
        [
            -(x - 1) * (x - 2) * (x - 3) / 6,
            x * (x - 2) * (x - 3) / 2,
            -x * (x - 1) * (x - 3) / 2,
            x * (x - 1) * (x - 2) / 6,
        ],
        axis=-1,
    )
    near = values[np.arange(len(values))[:, None], first[:, None] + np.arange(4)]
    value: Floats = np.vecdot(weights, near)
    return value
