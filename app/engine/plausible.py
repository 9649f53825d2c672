"""Plausible values: draws from the joint posterior of all domains, for statistics over groups of persons.

A person's mean is the best guess for that person, but means spread less than abilities do; several draws for each
person, each analysed alone and the results combined, give unbiased group statistics (Mislevy 1991, Psychometrika 56).

Drawn in the order of the model: the general ability g from its posterior, then each domain from

    p(theta_d | g, answers) ∝ phi((theta_d - lambda_d g) / sqrt(1 - lambda_d^2)) L_d(theta_d)

at that very g. Both are continuous: the density's cubic spline through the nodes is integrated exactly, and the
distribution function inverted by bisection within its cell.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from scipy.interpolate import CubicSpline

from app.engine.grid import Floats, Grid
from app.engine.posterior import posterior
from app.engine.prior import CONDITIONAL_FLOOR, SecondOrderPrior

BISECTIONS: Final = 40
AT_ONCE: Final = 20_000
"""Densities inverted at a time, whatever the number of persons: memory stays constant."""


@dataclass(frozen=True, slots=True, eq=False)
class PlausibleValues:
    """Draws in logits: ``general`` of shape (N, M), ``theta`` of shape (N, M, D), M draws for each person."""

    general: Floats
    theta: Floats


def plausible_values(
    prior: SecondOrderPrior, log_likelihood: Floats, *, draws: int, rng: np.random.Generator
) -> PlausibleValues:
    """Draw from the joint posterior of the general ability and all domains.

    The random numbers are taken person after person, so that drawing for two groups in turn equals drawing for both.

    Parameters
    ----------
    log_likelihood : shape (N, D, Q), from ``batch_log_likelihood``.
    draws : values for each person, M.

    Raises
    ------
    ValueError
        If ``draws`` is not positive or ``posterior`` refuses the log-likelihood.
    """
    if draws < 1:
        raise ValueError(f"draws must be at least 1, got {draws}")
    if log_likelihood.ndim != 3:  # noqa: PLR2004
        raise ValueError(f"log_likelihood must have shape (persons, domains, nodes), got {log_likelihood.shape}")
    size = len(log_likelihood)
    uniform = rng.random((size, draws, 1 + prior.domains))
    general, theta = np.empty((size, draws)), np.empty((size, draws, prior.domains))
    chunk = max(1, AT_ONCE // draws)
    for start in range(0, size, chunk):
        part = slice(start, start + chunk)
        density = posterior(prior, log_likelihood[part]).general
        general[part] = _inverse(prior.grid, np.repeat(density, draws, axis=0), uniform[part, :, 0])
        for domain in range(prior.domains):
            conditional = _conditional(prior, domain, general[part], log_likelihood[part, domain])
            theta[part, :, domain] = _inverse(prior.grid, conditional, uniform[part, :, 1 + domain])
    return PlausibleValues(general, theta)


def _conditional(prior: SecondOrderPrior, domain: int, general: Floats, log_likelihood: Floats) -> Floats:
    """Density of a domain's ability at the nodes given each drawn g, shape (N M, Q), highest value one."""
    loading = prior.loadings[domain]
    z = (prior.grid.theta - loading * general[..., None]) / np.sqrt(1 - loading**2)
    log_density = (log_likelihood[:, None] - 0.5 * z**2).reshape(-1, prior.grid.size)
    log_density -= log_density.max(axis=-1, keepdims=True)
    density: Floats = np.exp(np.maximum(log_density, CONDITIONAL_FLOOR, out=log_density), out=log_density)
    return density


def _inverse(grid: Grid, density: Floats, uniform: Floats) -> Floats:
    """Where the distribution function of each density (T, Q) reaches its uniform number; the numbers' shape."""
    mass, bend = _rules(grid.theta.size)
    total = np.maximum.accumulate(density @ mass, axis=-1)
    goal = uniform.reshape(-1) * total[:, -1]
    cell = np.minimum((total[:, 1:] <= goal[:, None]).sum(axis=-1), grid.size - 2)
    rows = np.arange(len(density))
    ends = density[rows, cell], density[rows, cell + 1]
    bent = density @ bend
    bends = bent[rows, cell], bent[rows, cell + 1]
    place = cell + _bisected(goal - total[rows, cell], ends, bends)
    values: Floats = (grid.theta[0] + place * grid.spacing).reshape(uniform.shape)
    return values


def _bisected(goal: Floats, ends: tuple[Floats, Floats], bends: tuple[Floats, Floats]) -> Floats:
    """How far into its cell (0 … 1) the integral of each cubic reaches the goal."""
    low, high = np.zeros_like(goal), np.ones_like(goal)
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        short = _area(middle, ends, bends) < goal
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    return (low + high) / 2


def _area(x: Floats, ends: tuple[Floats, Floats], bends: tuple[Floats, Floats]) -> Floats:
    """Integral from 0 to x of the cubic with these values and second derivatives at 0 and 1."""
    y = 1 - x
    straight = ends[0] * (1 - y**2) / 2 + ends[1] * x**2 / 2
    first = -((1 - y**2) / 2 - (1 - y**4) / 4) / 6
    second = -(x**2 / 2 - x**4 / 4) / 6
    return straight + bends[0] * first + bends[1] * second


@cache
def _rules(size: int) -> tuple[Floats, Floats]:
    """What turns values at nodes one apart into their spline's integrals to each node, and second derivatives."""
    nodes = np.arange(size, dtype=np.float64)
    spline = CubicSpline(nodes, np.eye(size))
    mass, bend = spline.antiderivative()(nodes).T, spline(nodes, 2).T
    for matrix in (mass, bend):
        matrix.setflags(write=False)
    return mass, bend
