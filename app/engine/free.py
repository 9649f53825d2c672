"""What of an estimate is free to move, as one vector: item parameters, groups' means and log spreads, loadings."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.engine.expectation import Expected
from app.engine.grid import Floats
from app.engine.iteration import Estimate, Iteration
from app.engine.latent import Population
from app.engine.maximisation import prior_of, score_and_information
from app.engine.structure import HIGHEST, TIED, Moments, moments_of

STEP = 1e-5
"""Half the distance over which the log-density of abilities is differenced: sums of moments, exact to rounding."""


@dataclass(frozen=True, slots=True, eq=False)
class Free:
    """The free parameters of an iteration.

    Attributes
    ----------
    sizes : entries of each batch.
    mean, sd : shape (G, D), True where free.
    loadings : number of free loadings: none of one domain, one that two domains share, else one each.
    """

    sizes: tuple[int, ...]
    mean: NDArray[np.bool_]
    sd: NDArray[np.bool_]
    loadings: int

    @property
    def items(self) -> int:
        """Item parameters."""
        return sum(self.sizes)

    @property
    def size(self) -> int:
        """All of them."""
        return self.items + int(self.mean.sum() + self.sd.sum()) + self.loadings


def free_parameters(iteration: Iteration, estimate: Estimate) -> Free:
    """Everything but the reference group's mean where nothing anchors it, and its spread where slopes are free.

    And but the mean and spread of a group in a domain of which it answered nothing.
    """
    mean, sd = iteration.seen.copy(), iteration.seen.copy()
    mean[0] &= iteration.anchored
    sd[0] &= ~iteration.free_scale
    domains = estimate.population.domains
    loadings = {1: 0, TIED: 1}.get(domains, domains)
    return Free(tuple(values.size for values in estimate.items), mean, sd, loadings)


def moved(estimate: Estimate, free: Free, change: Floats) -> Estimate:
    """The estimate with a change of its free parameters, shape (P,): spreads in logs, loadings in atanh."""
    parts = np.split(change[: free.items], np.cumsum(free.sizes)[:-1])
    items = tuple(values + part.reshape(values.shape) for values, part in zip(estimate.items, parts, strict=True))
    population = _moved_population(estimate.population, free, change[free.items :])
    return Estimate(items, population, estimate.beliefs, estimate.lift)


def _moved_population(population: Population, free: Free, change: Floats) -> Population:
    means, sds, loadings = np.split(change, np.cumsum([free.mean.sum(), free.sd.sum()]))
    mean, log_sd, tied = population.mean.copy(), np.log(population.sd), np.arctanh(population.loading)
    mean[free.mean] += means
    log_sd[free.sd] += sds
    if free.loadings:
        tied += loadings  # one change for all where they are tied
    return Population(mean, np.exp(log_sd), np.clip(np.tanh(tied), 0.0, HIGHEST))


def gradient(iteration: Iteration, estimate: Estimate, free: Free, expected: Expected) -> Floats:
    """Slope of log-likelihood plus log-prior, shape (P,): that of the expected complete data (Fisher's identity)."""
    theta = iteration.nodes.theta
    found = []
    for batch, xi in zip(iteration.batches, estimate.items, strict=True):
        counts = iteration.counts(batch, expected)
        score, _ = score_and_information(batch.family, xi, counts, counts.sum(axis=1, keepdims=True), theta)
        mean, precision = prior_of(estimate.beliefs, batch, estimate.lift)
        found.append((score - precision * (xi - mean)).ravel())
    sums = moments_of(expected, theta, iteration.nodes.general)
    found.append(_population_gradient(estimate.population, free, sums))
    return np.concatenate(found)


def _population_gradient(population: Population, free: Free, sums: Moments) -> Floats:
    size = free.size - free.items
    found = np.empty(size)
    for place in range(size):
        step = np.zeros(size)
        step[place] = STEP
        high, low = (_log_density(_moved_population(population, free, sign * step), sums) for sign in (1, -1))
        found[place] = (high - low) / (2 * STEP)
    return found


def _log_density(population: Population, sums: Moments) -> float:
    """Expected log-density of all abilities given the general factor."""
    mean, sd, loading = population.mean, population.sd, population.loading
    zz = (sums.theta2 - 2 * mean * sums.theta + sums.size * mean**2) / sd**2
    gz = (sums.product - mean * sums.g) / sd
    rest = 1 - loading**2
    terms = sums.size * (np.log(sd) + 0.5 * np.log(rest)) + 0.5 * (zz - 2 * loading * gz + loading**2 * sums.g2) / rest
    return -float(terms.sum())
