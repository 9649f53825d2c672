"""The maximisation step for abilities: means and spreads of the groups, and what ties the domains together."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.engine.expectation import Expected
from app.engine.grid import Floats
from app.engine.latent import Population

TIED: Final = 2
"""Number of domains whose loadings are equal: answers speak of one correlation, the product of two."""
HIGHEST: Final = 0.98
"""Loadings stay below this: above it sqrt(1 - lambda^2) is finer than the nodes."""
NARROWEST: Final = 0.1
"""Standard deviations stay above this, half the distance of the nodes: a few persons who agree would make them zero."""


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Expected sums over persons per group and domain, shapes (G, D): of 1, theta, theta^2, g, g^2 and g theta."""

    size: Floats
    theta: Floats
    theta2: Floats
    g: Floats
    g2: Floats
    product: Floats


def moments_of(expected: Expected, theta: Floats, general: Floats) -> Moments:
    """Sums from the expectation step; without a general factor its sums are zero."""
    mass = expected.mass
    zero = np.zeros(mass.shape[:2])
    if not expected.joint.size:
        return Moments(mass.sum(axis=-1), mass @ theta, mass @ theta**2, zero, zero, zero)
    by_general = expected.joint.sum(axis=-1)
    return Moments(
        mass.sum(axis=-1),
        mass @ theta,
        mass @ theta**2,
        by_general @ general,
        by_general @ general**2,
        np.einsum("gdkq,k,q->gd", expected.joint, general, theta, optimize=True),
    )


def maximise_population(
    population: Population, sums: Moments, *, centred: NDArray[np.bool_], scaled: NDArray[np.bool_]
) -> Population:
    """Means, then standard deviations given the loadings, then loadings given both.

    ``centred``, ``scaled``: shape (D,), domains in which the reference group's mean is held at 0, its standard
    deviation at 1. Where they are not, the caller may move the items instead and so come there faster (parameter
    expansion: Liu, Rubin & Wu 1998, Biometrika 85).
    """
    mean = sums.theta / np.maximum(sums.size, np.finfo(float).tiny)
    if population.groups == 1 and population.domains != TIED and not centred.any() and not scaled.any():
        return _unconstrained(population, sums, mean)
    if centred.any():  # then g has no mean of its own to take up what the held domains cannot
        mean[0] -= population.sd[0] * population.loading * sums.g[0] / np.maximum(sums.size[0], np.finfo(float).tiny)
    mean[0, centred] = 0.0
    sd = np.maximum(_spread(sums, mean, population.loading), NARROWEST)
    sd[0, scaled] = 1.0
    return Population(mean, sd, _loadings(sums, mean, sd, population.loading))


def _unconstrained(population: Population, sums: Moments, mean: Floats) -> Population:
    """One group: with the general factor's variance free as well, moments alone; at the maximum it is one."""
    squares = _squares(sums, mean)
    sd = np.maximum(np.sqrt(squares / sums.size), NARROWEST)
    if population.domains == 1:
        return Population(mean, sd, population.loading)
    cross = sums.product - mean * sums.g
    correlation = cross / np.sqrt(squares * (sums.g2 - sums.g**2 / sums.size))
    return Population(mean, sd, np.clip(correlation[0], 0.0, HIGHEST))


def _spread(sums: Moments, mean: Floats, loading: Floats) -> Floats:
    """Root of ``t^2 S_uu - t lambda S_ug - n (1 - lambda^2) = 0`` with t = 1 / sd and u = theta - mean."""
    squares = _squares(sums, mean)
    cross = loading * (sums.product - mean * sums.g)
    rest = sums.size * (1 - loading**2)
    return 2 * squares / (cross + np.sqrt(cross**2 + 4 * squares * rest))


def _loadings(sums: Moments, mean: Floats, sd: Floats, before: Floats) -> Floats:
    """Best root of ``-n l^3 + S_gz l^2 + (n - S_zz - S_gg) l + S_gz = 0``, z = (theta - mean) / sd, groups pooled."""
    if before.size == 1:
        return before
    n = sums.size.sum(axis=0)
    gz = ((sums.product - mean * sums.g) / sd).sum(axis=0)
    zz = (_squares(sums, mean) / sd**2).sum(axis=0)
    gg = sums.g2.sum(axis=0)
    if before.size == TIED:
        return np.full(TIED, _best_root(n.sum(), gz.sum(), zz.sum(), gg.sum()))
    return np.array([_best_root(*four) for four in zip(n, gz, zz, gg, strict=True)])


def _best_root(n: float, gz: float, zz: float, gg: float) -> float:
    roots = np.roots([-n, gz, n - zz - gg, gz])
    real = np.clip(roots[np.abs(roots.imag) < 1e-9].real, 0.0, HIGHEST)  # noqa: PLR2004 - rounding of a real root
    objective = -0.5 * n * np.log(1 - real**2) - 0.5 * (zz - 2 * real * gz + real**2 * gg) / (1 - real**2)
    return float(real[np.argmax(objective)])


def _squares(sums: Moments, mean: Floats) -> Floats:
    """Sum of (theta - mean)^2; rounding may not make it less than nothing."""
    return np.maximum(sums.theta2 - 2 * mean * sums.theta + sums.size * mean**2, np.finfo(float).tiny)
