"""Empirical item curves: what persons of an ability answered, beside what the model says they would."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from app.engine.batch import MISSING, Scores
from app.engine.grid import Floats, Ints
from app.engine.tables import ItemTables

BANDS: Final = 10


@dataclass(frozen=True, slots=True, eq=False)
class EmpiricalCurve:
    """One item in B bands of ability.

    Attributes
    ----------
    theta : shape (B,), mean ability in the band, logits.
    persons : shape (B,), expected number of persons there.
    observed, expected : shape (B, C), share of each category.
    se : shape (B, C), standard error of ``observed - expected`` under the model.
    rmsd : root mean square of observed less expected mean score, over the highest score, weighted by persons.
    """

    theta: Floats
    persons: Floats
    observed: Floats
    expected: Floats
    se: Floats
    rmsd: float


def empirical_curve(
    tables: ItemTables, scores: Scores, density: Floats, item: int, *, bands: int = BANDS
) -> EmpiricalCurve | None:
    """Expected counts by posterior weights (Mislevy & Bock 1990; root mean square as in PISA: OECD 2017, chapter 9).

    Each person counts in every band with the posterior's mass there, so that under the model the expected difference
    is zero however short the test. Bands hold about equal numbers of persons, whole nodes each.

    Parameters
    ----------
    scores : shape (N, n), ``MISSING`` where not seen.
    density : shape (N, D, Q), posterior of each person's abilities given all answers, summing to one.

    Returns
    -------
    None where nobody answered.
    """
    mass = seen_mass(scores[:, [item]], density, tables.domain[[item]])[0]
    if not mass.any():
        return None
    starts = band_starts(mass, bands)
    return from_curve_sums(tables, mass, starts, curve_sums(tables, scores, density, item, starts))


def seen_mass(scores: Scores, density: Floats, domain: Ints) -> Floats:
    """Persons at each node among those who saw each item, shape (n, Q); those of others may be added."""
    seen = scores != MISSING
    return np.stack([density[:, d].T @ column for d, column in zip(domain, seen.T.astype(np.float64), strict=True)])


def curve_sums(tables: ItemTables, scores: Scores, density: Floats, item: int, starts: Ints) -> Floats:
    """Sums over these persons by band and category, shape (3, B, C); those of others may be added.

    Persons expected to answer it, how many more did, and the squares of the persons' parts in that.
    """
    who = np.flatnonzero(scores[:, item] != MISSING)
    weight = density[who, tables.domain[item]]
    p = np.exp(tables.log_p[tables.first_row[item] : tables.first_row[item + 1]])
    mass = np.add.reduceat(weight, starts, axis=1)
    chosen = scores[who, item][:, None] == np.arange(len(p))
    model = np.stack([np.add.reduceat(weight * row, starts, axis=1) for row in p], axis=2)
    difference = mass[:, :, None] * chosen[:, None, :] - model
    return np.stack([model.sum(axis=0), difference.sum(axis=0), (difference**2).sum(axis=0)])


def from_curve_sums(tables: ItemTables, mass: Floats, starts: Ints, sums: Floats) -> EmpiricalCurve:
    """The curve from the sums of all persons: ``mass``, shape (Q,), is the item's row of ``seen_mass``."""
    model, difference, squares = sums
    persons = np.add.reduceat(mass, starts)
    expected = model / persons[:, None]
    observed = expected + difference / persons[:, None]
    se = np.sqrt(squares) / persons[:, None]
    theta = np.add.reduceat(mass * tables.grid.theta, starts) / persons
    highest = expected.shape[1] - 1
    gap = (observed - expected) @ np.arange(highest + 1) / highest
    return EmpiricalCurve(theta, persons, observed, expected, se, float(np.sqrt(persons @ gap**2 / persons.sum())))


def band_starts(mass: Floats, count: int = BANDS) -> Ints:
    """First nodes of bands of about equal mass (Q,)."""
    middle = (np.cumsum(mass) - mass / 2) / mass.sum()
    band = np.minimum((middle * count).astype(np.intp), count - 1)
    return np.unique(band, return_index=True)[1]
