"""Point estimates besides the posterior mean: mode of the posterior, maximum likelihood, Warm's weighted likelihood.

All three solve "slope of an objective = 0" on a fine grid: the objective's best node is found first, so that of
several roots (three-parameter items have several) the highest wins, then the root beside it by interpolating the
slope. Derivatives come from the tables by central differences of sixth order, so no estimator asks which model an
item follows.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from app.engine.grid import Floats, Grid, Ints
from app.engine.posterior import posterior
from app.engine.prior import SecondOrderPrior
from app.engine.tables import ItemTables

MISSING: Final = -1
"""Score of an item that a person did not see."""
_STENCIL: Final = np.array([-1, 9, -45, 0, 45, -9, 1]) / 60


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """Abilities with their standard errors, shapes (N, D), logits.

    An answer pattern without a finite maximum gives an infinite ability and a standard error of NaN; a domain
    without answers gives NaN for both (maximum and weighted likelihood only).
    """

    theta: Floats
    se: Floats


def batch_log_likelihood(tables: ItemTables, scores: Ints) -> Floats:
    """Log-likelihood of many persons' answers.

    Parameters
    ----------
    scores : shape (N, n), the category each person reached in each item, ``MISSING`` where not seen.

    Returns
    -------
    shape (N, D, Q).

    Raises
    ------
    ValueError
        If a score is not a category of its item.
    """
    counts = np.diff(tables.first_row)
    wrong = np.argwhere((scores < MISSING) | (scores >= counts))
    if wrong.size:
        person, item = wrong[0].tolist()
        raise ValueError(
            f"person {person}, item {item}: score must be in 0 … {counts[item] - 1}, got {scores[person, item]}"
        )
    total = np.zeros((len(scores), tables.domains, tables.grid.size))
    chosen = np.zeros((len(scores), len(tables.log_p)))
    persons, items = np.nonzero(scores != MISSING)
    chosen[persons, tables.first_row[items] + scores[persons, items]] = 1.0
    owner = np.repeat(tables.domain, counts)
    for domain in range(tables.domains):
        total[:, domain] = chosen[:, owner == domain] @ tables.log_p[owner == domain]
    return total


def expected_a_posteriori(prior: SecondOrderPrior, log_likelihood: Floats) -> Estimates:
    """Posterior means and standard deviations (Bock & Mislevy 1982); all domains jointly."""
    post = posterior(prior, log_likelihood)
    return Estimates(post.mean, post.sd)


def maximum_a_posteriori(prior: SecondOrderPrior, log_likelihood: Floats) -> Estimates:
    """Modes of the domains' marginal posteriors; standard error from the curvature there."""
    density = np.maximum(posterior(prior, log_likelihood).domain, np.finfo(np.float64).tiny)
    objective = np.log(density)
    return _solve(prior.grid, objective, _derivative(objective, prior.grid))


def maximum_likelihood(grid: Grid, log_likelihood: Floats, *, answered: Ints) -> Estimates:
    """Maxima of the domains' likelihoods; standard error from the curvature there (observed information).

    Parameters
    ----------
    answered : shape (N, D), number of answers per domain.
    """
    found = _solve(grid, log_likelihood, _derivative(log_likelihood, grid))
    return _blank(found, answered)


def weighted_likelihood(tables: ItemTables, log_likelihood: Floats, seen: Floats) -> Estimates:
    """Weighted likelihood estimates: first-order bias removed, finite for every pattern.

    Maximises ``l(theta) + log I(theta) / 2`` with ``I = sum_i sum_c P'^2 / P`` over the items seen; standard error
    from the curvature there. For the Rasch, 2PL and partial-credit families this is Warm's estimate (Warm 1989,
    Psychometrika 54); for the 3PL it is the likelihood under Jeffreys' prior (Magis & Raiche 2012,
    Psychometrika 77, compare the two), which is what R's mirt reports as WLE.

    Parameters
    ----------
    seen : shape (N, n), 1 where the person answered the item, else 0.
    """
    information = np.maximum(_information(tables, seen), np.finfo(np.float64).tiny)
    objective = log_likelihood + 0.5 * np.log(information)
    found = _solve(tables.grid, objective, _derivative(objective, tables.grid))
    return _blank(found, np.stack([seen[:, m].sum(axis=1) for m in tables.members], axis=1))


def _information(tables: ItemTables, seen: Floats) -> Floats:
    """Fisher information of the items seen per person and domain, shape (N, D, Q), from the tables themselves."""
    p = np.exp(tables.log_p)
    by_item = np.add.reduceat(_derivative(p, tables.grid) ** 2 / p, tables.first_row[:-1], axis=0)
    return np.stack([seen[:, members] @ by_item[members] for members in tables.members], axis=1)


def _derivative(values: Floats, grid: Grid) -> Floats:
    """Sixth-order central differences along the last axis; second-order within three nodes of the ends."""
    slope = np.gradient(values, grid.spacing, axis=-1)
    inner = values.shape[-1] - 6
    slope[..., 3:-3] = (
        sum(float(weight) * values[..., k : k + inner] for k, weight in enumerate(_STENCIL)) / grid.spacing
    )
    return slope


def _solve(grid: Grid, objective: Floats, slope: Floats) -> Estimates:
    """Root of the slope beside the objective's best node; standard error from the curvature, ``-slope'``."""
    curvature = -_derivative(slope, grid)
    best = objective.argmax(axis=-1)
    theta, precision = np.empty(best.shape), np.empty(best.shape)
    for index in np.ndindex(best.shape):
        theta[index], place = _root(grid, slope[index], int(best[index]))
        precision[index] = _between(curvature[index], place)
    with np.errstate(divide="ignore", invalid="ignore"):
        se = np.where(np.isfinite(theta), 1 / np.sqrt(precision), np.nan)
    return Estimates(theta, se)


def _root(grid: Grid, slope: Floats, best: int) -> tuple[float, float]:
    """The root's ability and its place among the nodes; infinite where the objective still rises at an end."""
    if best in {0, grid.size - 1}:
        return (-np.inf if best == 0 else np.inf), float(best)
    low = best if slope[best] > 0 else best - 1
    place = low + slope[low] / (slope[low] - slope[low + 1])
    for _ in range(3):  # secant from the linear guess on the cubic through four nodes
        value, step = _between(slope, place), 1e-4
        place -= value * step / (_between(slope, place + step) - value)
    return float(grid.theta[0] + place * grid.spacing), place


def _between(values: Floats, place: float) -> float:
    """Cubic interpolation between nodes (Lagrange, four nodes)."""
    first = int(np.clip(np.floor(place) - 1, 0, values.size - 4))
    x = place - first
    weights = (
        -(x - 1) * (x - 2) * (x - 3) / 6,
        x * (x - 2) * (x - 3) / 2,
        -x * (x - 1) * (x - 3) / 2,
        x * (x - 1) * (x - 2) / 6,
    )
    return float(np.dot(weights, values[first : first + 4]))


def _blank(found: Estimates, answered: Ints | Floats) -> Estimates:
    nothing = np.asarray(answered) == 0
    return Estimates(np.where(nothing, np.nan, found.theta), np.where(nothing, np.nan, found.se))
