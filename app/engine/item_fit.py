"""Infit and outfit: the scatter of answers around the model, beside what the model says it is.

Mean squares of residuals: 1 expected, more where answers are erratic, less where they are too regular. Two ways:

* at point estimates, as other programs report (Wright & Masters 1982). Estimates have seen the answers they are
  compared with, so that with short tests the mean squares fall well below 1 under the true model, and z with them;
* averaged over each person's posterior. Under the true model a posterior draw and the answers have the joint
  distribution of the true ability and the answers, so that the mean square is 1 whatever the length of the test.

Both are made of sums over persons. Sums of some persons may be added to those of others (``point_sums``,
``posterior_sums``), so that no more than a chunk of posteriors has to be in memory.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from app.engine.batch import MISSING, Scores
from app.engine.between_nodes import at_abilities
from app.engine.grid import Floats, Ints
from app.engine.tables import ItemTables

FEWEST: Final = 30
WIDEST: Final = 1.4142
"""Largest standard deviation of a mean square in the cube-root transformation, as mirt limits it."""


@dataclass(frozen=True, slots=True, eq=False)
class MeanSquares:
    """Per item, shapes (n,); NaN for an item that too few persons saw.

    Attributes
    ----------
    outfit, infit : mean squares, unweighted and weighted by information.
    outfit_z, infit_z : approximately standard normal under the model.
    persons : persons who answered.
    """

    outfit: Floats
    outfit_z: Floats
    infit: Floats
    infit_z: Floats
    persons: Ints


def mean_squares(tables: ItemTables, scores: Scores, theta: Floats, *, fewest: int = FEWEST) -> MeanSquares:
    """Infit and outfit at point estimates, z by the cube-root transformation (Wright & Masters 1982, chapter 5).

    Parameters
    ----------
    scores : shape (N, n), ``MISSING`` where not seen.
    theta : shape (N, D), logits; persons without a finite estimate in the item's domain are left out.
    fewest : persons an item needs.
    """
    return from_point_sums(point_sums(tables, scores, theta), fewest=fewest)


def point_sums(tables: ItemTables, scores: Scores, theta: Floats) -> Floats:
    """What ``from_point_sums`` needs of these persons, shape (6, n); arguments of ``mean_squares``."""
    out = np.zeros((6, tables.size))
    for item, domain in enumerate(tables.domain):
        ability = theta[:, domain]
        who = np.flatnonzero((scores[:, item] != MISSING) & np.isfinite(ability))
        out[:, item] = _at_points(tables, item, scores[who, item], ability[who])
    return out


def from_point_sums(sums: Floats, *, fewest: int = FEWEST) -> MeanSquares:
    """Infit and outfit at point estimates from the sums of all persons."""
    size, standardised, kurtosis, squares, variance, spread = sums
    with np.errstate(invalid="ignore", divide="ignore"):
        outfit, infit = standardised / size, squares / variance
        outfit_sd = np.sqrt(kurtosis / size**2 - 1 / size)
        infit_sd = np.sqrt(spread) / variance
        found = outfit, _cube_root_z(outfit, outfit_sd), infit, _cube_root_z(infit, infit_sd)
    return _told(found, size, fewest)


def posterior_mean_squares(tables: ItemTables, scores: Scores, density: Floats, *, fewest: int = FEWEST) -> MeanSquares:
    """Infit and outfit averaged over posteriors; z from the spread between persons.

    Parameters
    ----------
    scores : shape (N, n), ``MISSING`` where not seen.
    density : shape (N, D, Q), posterior of each person's abilities given all answers, summing to one.
    fewest : persons an item needs.
    """
    return from_posterior_sums(posterior_sums(tables, scores, density), fewest=fewest)


def posterior_sums(tables: ItemTables, scores: Scores, density: Floats) -> Floats:
    """What ``from_posterior_sums`` needs of these persons, shape (8, n); arguments of ``posterior_mean_squares``."""
    out = np.zeros((8, tables.size))
    for item, domain in enumerate(tables.domain):
        who = np.flatnonzero(scores[:, item] != MISSING)
        out[:, item] = _over_posterior(tables, item, scores[who, item], density[who, domain])
    return out


def from_posterior_sums(sums: Floats, *, fewest: int = FEWEST) -> MeanSquares:
    """Infit and outfit over posteriors from the sums of all persons."""
    size, standardised, standardised2, raw, raw2, information, information2, crossed = sums
    with np.errstate(invalid="ignore", divide="ignore"):
        outfit, infit = standardised / size, raw / information
        outfit_se = np.sqrt((standardised2 / size - outfit**2) / (size - 1))
        infit_se = np.sqrt(raw2 - 2 * infit * crossed + infit**2 * information2) / information
        found = outfit, (outfit - 1) / outfit_se, infit, (infit - 1) / infit_se
    return _told(found, size, fewest)


def _told(found: tuple[Floats, ...], size: Floats, fewest: int) -> MeanSquares:
    """The figures where persons are enough; a spread needs two."""
    outfit, outfit_z, infit, infit_z = (np.where(size < max(fewest, 2), np.nan, each) for each in found)
    return MeanSquares(outfit, outfit_z, infit, infit_z, size.astype(np.intp))


def _at_points(tables: ItemTables, item: int, score: Scores, theta: Floats) -> list[float]:
    """Persons; sums of squares over variances, of E^4 / Var^2, of squares, Var, and E^4 - Var^2."""
    p = at_abilities(tables, item, theta).p
    points = np.arange(p.shape[1])
    mean = p @ points
    away = points - mean[:, None]
    variance, fourth = (p * away**2).sum(axis=1), (p * away**4).sum(axis=1)
    squares = (score - mean) ** 2
    sums = squares / variance, fourth / variance**2, squares, variance, fourth - variance**2
    return [float(score.size), *(float(each.sum()) for each in sums)]


def _cube_root_z(mean_square: Floats, sd: Floats) -> Floats:
    sd = np.minimum(sd, WIDEST)
    z: Floats = (mean_square ** (1 / 3) - 1) * 3 / sd + sd / 3
    return z


def _over_posterior(tables: ItemTables, item: int, score: Scores, density: Floats) -> list[float]:
    """Persons; sums of s, s^2, r, r^2, i, i^2 and r i.

    The expected square is s in units of its variance, and r as it is; i is the information.
    """
    p = np.exp(tables.log_p[tables.first_row[item] : tables.first_row[item + 1]])
    points = np.arange(len(p))[:, None]
    squares = (points - (p * points).sum(axis=0)) ** 2
    variance = (p * squares).sum(axis=0)
    who = np.arange(score.size)
    standardised = (density @ (squares / variance).T)[who, score]
    raw, information = (density @ squares.T)[who, score], density @ variance
    sums = standardised, standardised**2, raw, raw**2, information, information**2, raw * information
    return [float(score.size), *(float(each.sum()) for each in sums)]
