"""Posterior means and deviations of many persons, without keeping their posteriors.

The formulas of ``app.engine.posterior``, laid out for many persons at once: nodes first and persons last in memory, one
product with the conditional densities per domain and direction, moments by a product with three rows.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy import sparse

from app.engine.batch import Answers, Contrasts, dense_likelihood, likelihood_of
from app.engine.grid import Floats
from app.engine.posterior import moments
from app.engine.prior import SecondOrderPrior
from app.engine.tables import LOG_FLOOR, ItemTables

NARROW: Final = 1e-4
"""Variances below this, in squared logits, are computed again about their mean: the difference of raw moments has
lost too many digits there."""


def posterior_moments(
    tables: ItemTables, of_domain: Sequence[Contrasts], prior: SecondOrderPrior, answers: Answers
) -> tuple[Floats, Floats]:
    """Posterior mean and standard deviation of every domain, shapes (N, D), logits."""
    if tables.domains == 1:
        mean, sd = _alone(tables, of_domain[0], prior, answers)
        return mean[:, None], sd[:, None]
    likelihood = [_scaled(likelihood_of(tables, contrast, answers)) for contrast in of_domain]
    evidence = [matrix @ each for matrix, each in zip(prior.conditional, likelihood, strict=True)]
    log_general = prior.log_general[:, None] + sum(np.log(each) for each in evidence)
    general = np.exp(log_general - log_general.max(axis=0))
    found = [
        _moments((matrix.T @ (general / m)) * each, prior.grid.theta)
        for matrix, each, m in zip(prior.conditional, likelihood, evidence, strict=True)
    ]
    return np.stack([mean for mean, _ in found], axis=1), np.stack([sd for _, sd in found], axis=1)


def _alone(tables: ItemTables, contrast: Contrasts, prior: SecondOrderPrior, answers: Answers) -> tuple[Floats, Floats]:
    """One domain has an ordinary prior, which goes into the product with the answers."""
    log_prior = np.log(prior.marginal[0])
    if sparse.issparse(answers):
        return _moments(_scaled(likelihood_of(tables, contrast, answers) + log_prior), prior.grid.theta)
    return _moments(_scaled(dense_likelihood(contrast, answers, constant=log_prior, fleeting=True)), prior.grid.theta)


def _scaled(log_density: Floats) -> Floats:
    """Densities (Q, N) on any positive scale from log-densities (N, Q), which are overwritten.

    Where every one of them is a normal number as it stands, it needs no scaling.
    """
    by_node = log_density.T
    if not by_node.size or by_node.min() > LOG_FLOOR / 2:
        return np.exp(by_node, out=by_node)
    by_node -= by_node.max(axis=0)
    return np.exp(np.maximum(by_node, LOG_FLOOR, out=by_node), out=by_node)


def _moments(density: Floats, theta: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation of densities (Q, N) on any scale, by one product with three rows."""
    mass, first, second = np.stack([np.ones_like(theta), theta, theta**2]) @ density
    mean = first / mass
    variance = second / mass - mean**2
    sd = np.sqrt(np.maximum(variance, 0.0))
    narrow = np.flatnonzero(variance < NARROW)
    if narrow.size:
        mean[narrow], sd[narrow] = moments((density[:, narrow] / mass[narrow]).T, theta)
    return mean, sd
