"""Sums over persons that the fit of a bank is made of, a chunk of persons at a time: nobody's posterior is kept.

What stays in memory of a person are the answers, a byte or two each, and a few numbers: ability and error by domain,
and how well the person fits.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from app.engine.batch import Scores
from app.engine.empirical_curves import EmpiricalCurve, band_starts, curve_sums, from_curve_sums, seen_mass
from app.engine.estimators import Estimates, batch_log_likelihood
from app.engine.grid import Floats
from app.engine.item_fit import (
    MeanSquares,
    from_point_sums,
    from_posterior_sums,
    point_sums,
    posterior_sums,
)
from app.engine.local_dependence import LocalDependence, from_residual_sums, residual_sums
from app.engine.person_fit import PersonFit, person_fit
from app.engine.posterior import posterior
from app.engine.prior import SecondOrderPrior
from app.engine.tables import ItemTables

CHUNK: Final = 4_000


@dataclass(frozen=True, slots=True, eq=False)
class Abilities:
    """Answers with what they say of the persons.

    Attributes
    ----------
    scores : shape (N, n). estimates : posterior means and standard deviations, shapes (N, D).
    mass : shape (n, Q), persons at each node among those who saw each item.
    """

    tables: ItemTables
    prior: SecondOrderPrior
    scores: Scores
    estimates: Estimates
    mass: Floats

    def densities(self) -> Iterator[tuple[slice, Floats]]:
        """Posteriors of some persons at a time, shape (persons, D, Q), computed again."""
        for part in parts(self.scores):
            yield part, posterior(self.prior, batch_log_likelihood(self.tables, self.scores[part])).domain


@dataclass(frozen=True, slots=True, eq=False)
class ItemsInSums:
    """Items beside the model; ``curves``: None for an item that nobody saw."""

    squares: MeanSquares
    at_points: MeanSquares
    curves: tuple[EmpiricalCurve | None, ...]


def parts(scores: Scores) -> Iterator[slice]:
    """Chunks of persons."""
    return (slice(first, first + CHUNK) for first in range(0, len(scores), CHUNK))


def abilities(tables: ItemTables, prior: SecondOrderPrior, scores: Scores) -> Abilities:
    """Everybody's posterior mean and spread, and how many are where."""
    theta, se = np.empty((2, len(scores), tables.domains))
    mass = np.zeros((tables.size, tables.grid.size))
    for part in parts(scores):
        post = posterior(prior, batch_log_likelihood(tables, scores[part]))
        theta[part], se[part] = post.mean, post.sd
        mass += seen_mass(scores[part], post.domain, tables.domain)
    return Abilities(tables, prior, scores, Estimates(theta, se), mass)


def items_in_sums(of: Abilities) -> ItemsInSums:
    """Mean squares both ways, and curves."""
    tables = of.tables
    starts = [band_starts(mass) if mass.any() else None for mass in of.mass]
    by_posterior, by_points = np.zeros((8, tables.size)), np.zeros((6, tables.size))
    curves: list[Floats | None] = [None] * tables.size
    for part, density in of.densities():
        scores = of.scores[part]
        by_posterior += posterior_sums(tables, scores, density)
        by_points += point_sums(tables, scores, of.estimates.theta[part])
        for item, bands in enumerate(starts):
            if bands is not None:
                sums, before = curve_sums(tables, scores, density, item, bands), curves[item]
                curves[item] = sums if before is None else before + sums
    told = [
        None if bands is None or sums is None else from_curve_sums(tables, mass, bands, sums)
        for mass, bands, sums in zip(of.mass, starts, curves, strict=True)
    ]
    return ItemsInSums(from_posterior_sums(by_posterior), from_point_sums(by_points), tuple(told))


def dependence(of: Abilities) -> LocalDependence:
    """Correlations of residuals."""
    sums = np.zeros((4, of.tables.size, of.tables.size))
    for part in parts(of.scores):
        sums += residual_sums(of.tables, of.scores[part], of.estimates.theta[part])
    return from_residual_sums(sums)


def persons_in_chunks(of: Abilities) -> PersonFit:
    """Everybody's fit."""
    theta, se = of.estimates.theta, of.estimates.se
    found = [person_fit(of.tables, of.scores[p], Estimates(theta[p], se[p])) for p in parts(of.scores)]
    names = ("lz", "lz_star", "p", "p_two_sided", "answers")
    return PersonFit(*(np.concatenate([getattr(one, name) for one in found]) for name in names))
