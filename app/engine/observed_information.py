"""How sure calibration is: covariances from the observed information of the answers and the priors.

Exact: the gradient of the log-likelihood, known in closed form after an expectation step (Fisher's identity; Oakes
1999, J. R. Stat. Soc. B 61), differenced. From outer products of persons' gradients (Berndt et al. 1974, Ann. Econ.
Soc. Meas. 3) where there are many more persons than parameters and the exact way would take long; the information
times (N - P) / N, since the inverse of a noisy information is too small.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from scipy import sparse

from app.engine.beliefs import prior_by_role
from app.engine.calibration import Calibration
from app.engine.design import Chunk, Layout
from app.engine.free import Free, free_parameters, gradient, moved
from app.engine.grid import Floats
from app.engine.iteration import Estimate, Iteration
from app.engine.person_scores import Derivatives, outer_products
from app.engine.responses import DENSE_FROM

STEP: Final = 1e-4
QUICK: Final = 4e11
"""Floating-point operations that the exact way may take before the other is looked at: some ten seconds."""
ENOUGH: Final = 20
"""Persons per parameter from which outer products are good enough."""
SINGULAR: Final = 1e-9
"""Eigenvalues of the scaled information below this are none."""
NOTHING: Final = 1e-4
"""Information on one parameter below this, a standard deviation above 100 logits, is the noise of differences."""


class Method(StrEnum):
    """How the information was found."""

    DIFFERENCES = "differences"
    OUTER_PRODUCTS = "outer_products"


@dataclass(frozen=True, slots=True, eq=False)
class Uncertainty:
    """Posterior covariances of what was calibrated.

    Attributes
    ----------
    items : per batch, shape (b, p, p), transformed parameters.
    with_scale : per batch, shape (b, p), their covariance with the log of the reference group's standard deviation in
        their domain, where that is estimated; else zero.
    mean, log_sd : shape (G, D), standard errors; zero where fixed, infinite where the group answered nothing.
    loading : shape (D,), standard errors of the loadings themselves.
    determined : False where the information is not positive definite: some parameters are not determined by the answers
        and the priors, and their variances are infinite.
    """

    items: tuple[Floats, ...]
    with_scale: tuple[Floats, ...]
    mean: Floats
    log_sd: Floats
    loading: Floats
    method: Method
    determined: bool


def uncertainty(calibration: Calibration, *, method: Method | None = None) -> Uncertainty:
    """Covariances at a calibration's estimate; ``method`` follows from cost and number of persons without it."""
    iteration, estimate = calibration.iteration, calibration.estimate
    free = free_parameters(iteration, estimate)
    chosen = method or _cheapest(iteration, free)
    find = _by_differences if chosen is Method.DIFFERENCES else _by_outer_products
    information = find(iteration, estimate, free)
    covariance, settled = _inverse(information)
    determined = settled and bool(iteration.seen.all())
    scale = _with_scale(calibration, free, covariance)
    found = _sorted_out(estimate, free, covariance, scale, chosen, determined=determined)
    found.mean[~iteration.seen] = found.log_sd[~iteration.seen] = np.inf
    return found


def _cheapest(iteration: Iteration, free: Free) -> Method:
    general = iteration.nodes.general.size * iteration.layout.domains if iteration.layout.domains > 1 else 0
    passes = sum(
        _columns(chunk, iteration.layout) + 1.5 * general * chunk.persons for chunk in iteration.responses.chunks
    )
    cost = 2 * free.size * iteration.nodes.theta.size * 4 * passes
    plenty = iteration.responses.persons >= ENOUGH * free.size
    return Method.OUTER_PRODUCTS if cost > QUICK and plenty else Method.DIFFERENCES


def _columns(chunk: Chunk, layout: Layout) -> float:
    """Cells that a dense product with the chunk's answers goes through, or that a sparse one is worth.

    The two take the same time where ``DENSE_FROM`` of the answers exist.
    """
    return sum(
        design.nnz / DENSE_FROM * design.shape[1] / members.size if sparse.issparse(design) else float(design.size)
        for design, members in zip(chunk.designs, layout.members, strict=True)
    )


def _by_differences(iteration: Iteration, estimate: Estimate, free: Free) -> Floats:
    information = np.empty((free.size, free.size))
    for place in range(free.size):
        step = np.zeros(free.size)
        step[place] = STEP
        high, low = (_gradient_at(iteration, moved(estimate, free, sign * step), free) for sign in (1, -1))
        information[place] = (low - high) / (2 * STEP)
    return (information + information.T) / 2


def _gradient_at(iteration: Iteration, estimate: Estimate, free: Free) -> Floats:
    return gradient(iteration, estimate, free, iteration.expect(estimate, np.float64))


def _by_outer_products(iteration: Iteration, estimate: Estimate, free: Free) -> Floats:
    slopes = [
        batch.family.gradient(iteration.nodes.theta, xi)
        for batch, xi in zip(iteration.batches, estimate.items, strict=True)
    ]
    around = []
    for step in np.eye(free.size)[free.items :] * STEP:
        high, low = (iteration.terms(moved(estimate, free, sign * step), np.float64) for sign in (1, -1))
        around.append((high, low))
    terms = iteration.terms(estimate, np.float64)
    slopes_of = Derivatives(iteration.batches, iteration.layout, tuple(slopes), terms, tuple(around), STEP)
    parts = iteration.spread.each(outer_products, slopes_of)
    people = iteration.responses.persons
    information = sum(parts, np.zeros((free.size, free.size))) * (people - free.size) / people
    precisions = [
        np.tile(prior_by_role(estimate.beliefs, each.roles)[1], each.items.size) for each in iteration.batches
    ]
    items = np.arange(free.items)
    information[items, items] += np.concatenate(precisions)
    return information


def _inverse(information: Floats) -> tuple[Floats, bool]:
    """Inverse on a common scale; directions without information get infinite variance."""
    diagonal = np.diag(information)
    spoken = np.abs(diagonal) > NOTHING  # noise brought to the common scale would spoil the directions of the others
    scale = np.sqrt(np.abs(diagonal[spoken]))
    value, axes = np.linalg.eigh(information[np.ix_(spoken, spoken)] / np.outer(scale, scale))
    known = value > SINGULAR
    covariance = np.zeros_like(information)
    covariance[np.ix_(spoken, spoken)] = (axes[:, known] / value[known]) @ axes[:, known].T / np.outer(scale, scale)
    unsettled = np.flatnonzero(spoken)[(axes[:, ~known] ** 2).sum(axis=1) > SINGULAR]
    lost = np.concatenate([np.flatnonzero(~spoken), unsettled])
    covariance[lost, lost] = np.inf
    return covariance, not lost.size


def _with_scale(calibration: Calibration, free: Free, covariance: Floats) -> tuple[Floats, ...]:
    """Covariances of item parameters with the reference group's log standard deviation in the item's domain."""
    first = free.items + int(free.mean.sum())
    column = np.full(free.sd.shape[1], -1)
    column[free.sd[0]] = first + np.arange(int(free.sd[0].sum()))
    found, place = [], 0
    for batch, xi in zip(calibration.batches, calibration.estimate.items, strict=True):
        index = place + np.arange(xi.size).reshape(xi.shape)
        own = column[batch.domain]
        found.append(np.where(own[:, None] >= 0, covariance[index, own[:, None]], 0.0))
        place += xi.size
    return tuple(found)


def _sorted_out(
    estimate: Estimate,
    free: Free,
    covariance: Floats,
    with_scale: tuple[Floats, ...],
    method: Method,
    *,
    determined: bool,
) -> Uncertainty:
    blocks, place = [], 0
    for xi in estimate.items:
        index = place + np.arange(xi.size).reshape(xi.shape)
        blocks.append(covariance[index[:, :, None], index[:, None, :]])
        place += xi.size
    variance = np.split(np.diag(covariance)[free.items :], np.cumsum([free.mean.sum(), free.sd.sum()]))
    mean, log_sd = np.zeros(free.mean.shape), np.zeros(free.sd.shape)
    mean[free.mean], log_sd[free.sd] = np.sqrt(variance[0]), np.sqrt(variance[1])
    tied = np.sqrt(variance[2]) if free.loadings else np.zeros(1)
    loading = (1 - estimate.population.loading**2) * tied
    return Uncertainty(tuple(blocks), with_scale, mean, log_sd, loading, method, determined)
