"""Empirical item curves: what persons of an ability answered, beside what the model says they would."""

from dataclasses import dataclass

import numpy as np

from app.engine.estimators import MISSING
from app.engine.grid import Floats, Ints
from app.engine.tables import ItemTables


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
    tables: ItemTables, scores: Ints, density: Floats, item: int, *, bands: int = 10
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
    who = np.flatnonzero(scores[:, item] != MISSING)
    if not who.size:
        return None
    weight = density[who, tables.domain[item]]
    p = np.exp(tables.log_p[tables.first_row[item] : tables.first_row[item + 1]])
    starts = _bands(weight.sum(axis=0), bands)
    mass = np.add.reduceat(weight, starts, axis=1)
    chosen = scores[who, item][:, None] == np.arange(len(p))
    model = np.stack([np.add.reduceat(weight * row, starts, axis=1) for row in p], axis=2)
    difference = mass[:, :, None] * chosen[:, None, :] - model
    persons = mass.sum(axis=0)
    expected = model.sum(axis=0) / persons[:, None]
    observed = expected + difference.sum(axis=0) / persons[:, None]
    se = np.sqrt((difference**2).sum(axis=0)) / persons[:, None]
    theta = np.add.reduceat(weight.sum(axis=0) * tables.grid.theta, starts) / persons
    gap = (observed - expected) @ np.arange(len(p)) / (len(p) - 1)
    return EmpiricalCurve(theta, persons, observed, expected, se, float(np.sqrt(persons @ gap**2 / persons.sum())))


def _bands(mass: Floats, count: int) -> Ints:
    """First nodes of bands of about equal mass."""
    middle = (np.cumsum(mass) - mass / 2) / mass.sum()
    band = np.minimum((middle * count).astype(np.intp), count - 1)
    return np.unique(band, return_index=True)[1]
