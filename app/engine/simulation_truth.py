"""What is true in a simulation: the students' abilities, the items' parameters, and the answers that follow from them.

The test under study sees none of it. Its items are known with uncertainty, so each replication draws the true
parameters from the posteriors that the bank states: intervals are honest only if they hold over those draws.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from scipy.special import expit

from app.engine.families import FAMILIES
from app.engine.grid import Floats, Ints

ONE_CURVE: Final = frozenset({"rasch", "1pl", "2pl", "3pl", "4pl"})
"""Families of items scored 0 or 1: ``P(1) = c + (d - c) / (1 + exp(-a (theta - b)))``."""
USUAL: Final = {"a": 1.0, "b": 0.0, "c": 0.0, "d": 1.0}
"""Their parameters, with what those a family does not have are worth."""


@dataclass(frozen=True, slots=True, eq=False)
class ItemBelief:
    """One item's posterior: its family (of ``FAMILIES``), transformed mean (p,), covariance (p, p) or None: exact."""

    family: str
    mean: Floats
    covariance: Floats | None


@dataclass(frozen=True, slots=True, eq=False)
class TrueBank:
    """Items as they are.

    Attributes
    ----------
    families : per group of items alike. parameters : per group, shape (k, p), transformed.
    curves : per group of items scored 0 or 1, shape (k, 4): slope, difficulty, lower and upper asymptote.
    group, place : shape (n,), each item's group and row in it.
    """

    families: tuple[str, ...]
    parameters: tuple[Floats, ...]
    curves: tuple[Floats, ...]
    group: Ints
    place: Ints

    def scores(self, items: Ints, theta: Floats, uniform: Floats) -> Ints:
        """Draw answers.

        Parameters
        ----------
        items, theta, uniform : shape (B,): the item, the ability in its domain (logits), a number from [0, 1).

        Returns
        -------
        shape (B,), the category reached: how many of the cumulative probabilities lie at or below ``uniform``.
        """
        if len(self.families) == 1:
            return self._scores_in(0, items, theta, uniform)
        found, group = np.empty(items.size, dtype=np.intp), self.group[items]
        for index in range(len(self.families)):
            rows = np.flatnonzero(group == index)
            found[rows] = self._scores_in(index, items[rows], theta[rows], uniform[rows])
        return found

    def _scores_in(self, group: int, items: Ints, theta: Floats, uniform: Floats) -> Ints:
        name, xi = self.families[group], self.parameters[group][self.place[items]]
        if name in ONE_CURVE:
            a, b, c, d = self.curves[group][self.place[items]].T
            wrong: Floats = 1 - c - (d - c) * expit(a * (theta - b))
            return (wrong <= uniform).astype(np.intp)
        below = np.cumsum(np.exp(FAMILIES[name].log_p(theta[:, None, None], xi)[:, :-1, 0]), axis=1)
        reached: Ints = (below <= uniform[:, None]).sum(axis=1)
        return reached


def _curves(name: str, xi: Floats) -> Floats:
    """Slope, difficulty, lower and upper asymptote of items scored 0 or 1, shape (k, 4); else no columns."""
    if name not in ONE_CURVE:
        return np.empty((len(xi), 0))
    given = dict(zip(FAMILIES[name].natural_parameters(2), FAMILIES[name].natural(xi).T, strict=True))
    whole = [given.get(letter, np.full(len(xi), usual)) for letter, usual in USUAL.items()]
    return np.stack(whole, axis=1)


@dataclass(frozen=True, slots=True, eq=False)
class BankBelief:
    """What a bank says about its items, grouped by family and number of parameters.

    Attributes
    ----------
    means : per group, shape (k, p). spreads : per group, shape (k, p, p), roots of the covariances.
    exact : whether every item is known exactly, so that all replications have the same items.
    """

    families: tuple[str, ...]
    means: tuple[Floats, ...]
    spreads: tuple[Floats, ...]
    group: Ints
    place: Ints
    exact: bool

    @property
    def size(self) -> int:
        """Number of items."""
        return int(self.group.size)

    def draw(self, rng: np.random.Generator) -> TrueBank:
        """Draw the items' true parameters from their posteriors."""
        drawn = tuple(
            mean + np.matvec(spread, rng.standard_normal(mean.shape))
            for mean, spread in zip(self.means, self.spreads, strict=True)
        )
        curves = tuple(_curves(name, xi) for name, xi in zip(self.families, drawn, strict=True))
        return TrueBank(self.families, drawn, curves, self.group, self.place)


def bank_belief(items: Sequence[ItemBelief]) -> BankBelief:
    """Group items by family and number of parameters.

    Raises
    ------
    ValueError
        If an item's family is unknown or its covariance is not a covariance matrix of its parameters.
    """
    kinds = [(item.family, item.mean.size) for item in items]
    order = list(dict.fromkeys(kinds))
    group = np.array([order.index(kind) for kind in kinds], dtype=np.intp)
    place = np.empty_like(group)
    for index in range(len(order)):
        place[group == index] = np.arange((group == index).sum())
    spreads = [_spread(number, item) for number, item in enumerate(items)]
    return BankBelief(
        tuple(family for family, _ in order),
        tuple(np.array([item.mean for item, k in zip(items, kinds, strict=True) if k == kind]) for kind in order),
        tuple(np.array([spread for spread, k in zip(spreads, kinds, strict=True) if k == kind]) for kind in order),
        group,
        place,
        all(item.covariance is None for item in items),
    )


def _spread(number: int, item: ItemBelief) -> Floats:
    """A root of the covariance: ``spread @ spread.T``."""
    size = item.mean.size
    if item.family not in FAMILIES:
        raise ValueError(f"item {number}: family must be one of {', '.join(FAMILIES)}, got {item.family!r}")
    if item.covariance is None:
        return np.zeros((size, size))
    if item.covariance.shape != (size, size) or not np.allclose(item.covariance, item.covariance.T):
        raise ValueError(f"item {number}: covariance must be symmetric with shape ({size}, {size})")
    variance, axes = np.linalg.eigh(item.covariance)
    if variance.min() < -1e-9 * max(1.0, float(variance.max())):
        raise ValueError(f"item {number}: covariance must be positive semi-definite, got eigenvalues {variance}")
    spread: Floats = axes * np.sqrt(np.maximum(variance, 0.0))
    return spread


def abilities_from_prior(loadings: Floats, size: int, rng: np.random.Generator) -> Floats:
    """Draw students from the second-order prior, shape (size, D), logits."""
    general = rng.standard_normal((size, 1))
    own: Floats = rng.standard_normal((size, loadings.size))
    return loadings * general + np.sqrt(1 - loadings**2) * own


def abilities_at_level(cuts: Floats, level: int, *, domains: int, size: int, rng: np.random.Generator) -> Floats:
    """Draw students whose ability lies evenly within one level's band in every domain, shape (size, D), logits.

    Parameters
    ----------
    cuts : two or more cut points, logits, increasing; the outer bands are as wide as their neighbours.
    level : from 1 to the number of cuts plus one.

    Raises
    ------
    ValueError
        If there is no such level.
    """
    edges = [2 * cuts[0] - cuts[1], *cuts, 2 * cuts[-1] - cuts[-2]]
    if not 1 <= level < len(edges):
        raise ValueError(f"level must be from 1 to {len(edges) - 1}, got {level}")
    low, high = list(pairwise(edges))[level - 1]
    drawn: Floats = rng.uniform(low, high, (size, domains))
    return drawn
