"""The distribution of abilities in the groups that answered, as calibration sees it.

In the reference group theta_d has mean 0 and variance 1, with one general factor behind the domains:

    theta_d = mean_d + sd_d (lambda_d g + sqrt(1 - lambda_d^2) e_d)

Other groups have their own means and standard deviations. Where every slope is fixed (Rasch, partial credit without a
slope), the reference group's standard deviation is free as well: it carries what the slopes cannot.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike

from app.engine.grid import Floats

TINY = 1e-30
"""Conditional probabilities are kept above this, so that domains that contradict each other stay finite."""


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """Abilities of the groups.

    Attributes
    ----------
    mean, sd : shape (G, D), logits; group 0 is the reference.
    loading : shape (D,), lambda in [0, 1); 0 where there is one domain.
    """

    mean: Floats
    sd: Floats
    loading: Floats

    @property
    def groups(self) -> int:
        """Number of groups, G."""
        return int(self.mean.shape[0])

    @property
    def domains(self) -> int:
        """Number of domains, D."""
        return int(self.mean.shape[1])


def standard_population(domains: int, *, groups: int = 1, loading: float = 0.7) -> Population:
    """Every group N(0, 1); the given loading in every domain where there are several."""
    shape = (groups, domains)
    return Population(np.zeros(shape), np.ones(shape), np.full(domains, loading if domains > 1 else 0.0))


@dataclass(frozen=True, slots=True, eq=False)
class Latent:
    """A group's abilities on nodes.

    Attributes
    ----------
    log_density : shape (D, Q), log P(theta_q), used where there is one domain.
    general : shape (K,), log P(g_k).
    conditional : shape (D, K, Q), P(theta_q | g_k), rows summing to one; empty where there is one domain.
    """

    log_density: Floats
    general: Floats
    conditional: Floats


def discretise(population: Population, group: int, theta: Floats, general: Floats, dtype: DTypeLike) -> Latent:
    """Put a group's distribution on the nodes ``theta`` (Q,) and ``general`` (K,)."""
    mean, sd, loading = population.mean[group][:, None], population.sd[group][:, None], population.loading
    z = (theta - mean) / sd
    log_density = _normalised_log(-0.5 * z**2)
    log_general = _normalised_log(-0.5 * general**2)
    if population.domains == 1:
        return Latent(log_density.astype(dtype), log_general.astype(dtype), np.empty((0, 0, 0), dtype=dtype))
    spread = np.sqrt(1 - loading**2)[:, None, None]
    centred = (z[:, None, :] - loading[:, None, None] * general[:, None]) / spread
    log_conditional = -0.5 * centred**2
    log_conditional -= log_conditional.max(axis=-1, keepdims=True)
    conditional = np.maximum(np.exp(log_conditional), TINY)
    conditional /= conditional.sum(axis=-1, keepdims=True)
    return Latent(log_density.astype(dtype), log_general.astype(dtype), conditional.astype(dtype))


def _normalised_log(log_weight: Floats) -> Floats:
    top = log_weight.max(axis=-1, keepdims=True)
    normalised: Floats = log_weight - top - np.log(np.exp(log_weight - top).sum(axis=-1, keepdims=True))
    return normalised
