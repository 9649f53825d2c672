"""What the answers of many sittings say: posteriors on one row per sitting, and the exact criterion of every item.

Equal to ``posterior`` and ``selection`` up to rounding. With one domain the prior of its ability is one fixed vector
and the posterior is kept as a product; with several the joint posterior is computed from the log-likelihoods.
"""

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from app.engine.grid import Floats, Ints
from app.engine.plan import Plan
from app.engine.posterior import Posterior, conditional_means, moments, posterior
from app.engine.prior import SecondOrderPrior
from app.engine.selection import ROUNDING
from app.engine.tables import ItemTables

SMALLEST = 1e-280
"""Densities are kept above this: products of denormal numbers cost many times as much."""

TOGETHER: Final = 512
"""Sittings whose densities stay in a core's cache."""


class Belief(Protocol):
    """Posteriors of many sittings; ``mean`` and ``sd`` have shape (B, D), logits."""

    @property
    def mean(self) -> Floats: ...

    @property
    def sd(self) -> Floats: ...

    def select(self, rows: Ints) -> "Belief":
        """These sittings only, or again."""

    def learn(self, items: Ints, scores: Ints) -> None:
        """Take in each sitting's answer."""

    def gains(self, rows: Ints, se_target: float) -> Floats:
        """Exact expected drop of variance, of the different tables, shape (rows, K)."""

    def densities(self) -> Floats:
        """Posterior of every domain, shape (B, D, Q)."""


def prior_belief(plan: Plan, size: int) -> Belief:
    """As many sittings before their first answer."""
    if plan.tables.domains == 1:
        return OneDomain.start(plan, size)
    return Joint.start(plan, size)


@dataclass(slots=True, eq=False)
class OneDomain:
    """Posteriors of one domain, shape (B, Q), sums one."""

    tables: ItemTables
    probability: Floats
    density: Floats
    mean: Floats
    sd: Floats

    @classmethod
    def start(cls, plan: Plan, size: int) -> "OneDomain":
        one = plan.prior.marginal[0]
        density = np.repeat((one / one.sum())[None], size, axis=0)
        made = cls(plan.tables, np.exp(plan.tables.log_p), density, np.empty((size, 1)), np.empty((size, 1)))
        made._summarise(slice(None))
        return made

    def select(self, rows: Ints) -> "OneDomain":
        return OneDomain(self.tables, self.probability, self.density[rows], self.mean[rows], self.sd[rows])

    def learn(self, items: Ints, scores: Ints) -> None:
        reached = self.tables.first_row[items] + scores
        self.mean, self.sd = np.empty((items.size, 1)), np.empty((items.size, 1))
        for start in range(0, items.size, TOGETHER):
            self._learn(slice(start, start + TOGETHER), reached)

    def _learn(self, rows: slice, reached: Ints) -> None:
        """Some rows, few enough for a core's cache, in few passes over them."""
        density = self.density[rows]
        density *= self.probability.take(reached[rows], axis=0)
        np.maximum(density, SMALLEST, out=density)
        density /= density.sum(axis=1, keepdims=True)
        self._summarise(rows)

    def gains(self, rows: Ints, se_target: float) -> Floats:  # noqa: ARG002 - one domain: always its own target
        density = self.density[rows]
        moved = (density * (self.tables.grid.theta - self.mean[rows])) @ self.tables.above[0]
        return criterion(self.tables, moved[:, None], density @ self.tables.above[0], np.ones((len(rows), 1)))

    def densities(self) -> Floats:
        return self.density[:, None]

    def _summarise(self, rows: slice) -> None:
        mean, sd = moments(self.density[rows], self.tables.grid.theta)
        self.mean[rows], self.sd[rows] = mean[:, None], sd[:, None]


@dataclass(slots=True, eq=False)
class Joint:
    """Log-likelihoods of several domains, shape (B, D, Q), and what follows from them."""

    tables: ItemTables
    prior: SecondOrderPrior
    log_likelihood: Floats
    post: Posterior

    @classmethod
    def start(cls, plan: Plan, size: int) -> "Joint":
        nothing = np.zeros((size, plan.tables.domains, plan.tables.grid.size))
        return cls(plan.tables, plan.prior, nothing, posterior(plan.prior, nothing))

    @property
    def mean(self) -> Floats:
        return self.post.mean

    @property
    def sd(self) -> Floats:
        return self.post.sd

    def select(self, rows: Ints) -> "Joint":
        return Joint(self.tables, self.prior, self.log_likelihood[rows], self._post_of(rows))

    def learn(self, items: Ints, scores: Ints) -> None:
        rows = np.arange(items.size)
        self.log_likelihood[rows, self.tables.domain[items]] += self.tables.log_p[self.tables.first_row[items] + scores]
        self.post = posterior(self.prior, self.log_likelihood)

    def gains(self, rows: Ints, se_target: float) -> Floats:
        post, tables = self._post_of(rows), self.tables
        weights = target_worths(post.sd, se_target)
        centred = conditional_means(self.prior, post) - post.mean[..., None]
        size = tables.span[-1].stop
        moved, likely = np.empty((len(rows), tables.domains, size)), np.empty((len(rows), size))
        for domain, (above, span) in enumerate(zip(tables.above, tables.span, strict=True)):
            functions = _product(centred * post.weight[:, domain, None], self.prior.conditional[domain])
            functions *= post.likelihood[:, domain, None]
            functions[:, domain] = post.domain[:, domain] * (tables.grid.theta - post.mean[:, domain, None])
            moved[..., span] = _product(functions, above)
            likely[:, span] = post.domain[:, domain] @ above
        return criterion(tables, moved, likely, weights)

    def densities(self) -> Floats:
        return self.post.domain

    def _post_of(self, rows: Ints) -> Posterior:
        return Posterior(*(getattr(self.post, name)[rows] for name in Posterior.__slots__))


def _product(stacked: Floats, matrix: Floats) -> Floats:
    """(B, T, A) times (A, C) as one product: numpy would make one for each of B."""
    flat: Floats = stacked.reshape(-1, stacked.shape[-1]) @ matrix
    return flat.reshape(*stacked.shape[:-1], matrix.shape[1])


def target_worths(sd: Floats, se_target: float) -> Floats:
    """Worth of each domain's precision, shape (B, D), as ``selection.target_weights``."""
    wanted = sd > se_target
    return np.where(wanted.any(axis=1, keepdims=True), wanted, 1.0)


def criterion(tables: ItemTables, moved: Floats, likely: Floats, weights: Floats) -> Floats:
    """Gain per different table, shape (B, K), as ``selection.expected_gain``.

    Parameters
    ----------
    moved : shape (B, T, R), products of the targets' functions with the categories above 0.
    likely : shape (B, R), products of the densities with them.
    weights : shape (B, T).
    """
    squared = _weighted(moved, weights)
    first = tables.first_column
    if likely.shape[1] == first.size:
        dichotomous: Floats = squared / (likely * np.maximum(1 - likely, ROUNDING))
        return dichotomous
    lowest = np.maximum(1 - np.add.reduceat(likely, first, axis=1), ROUNDING)
    below = _weighted(np.add.reduceat(moved, first, axis=2), weights)
    gain: Floats = np.add.reduceat(squared / likely, first, axis=1) + below / lowest
    return gain


def _weighted(moved: Floats, weights: Floats) -> Floats:
    """``sum_t w_t moved_t^2``, shape (B, R)."""
    total: Floats = np.einsum("bt,btr,btr->br", weights, moved, moved)
    return total
