"""Infit and outfit: the scatter of answers around the model, beside what the model says it is.

Mean squares of residuals: 1 expected, more where answers are erratic, less where they are too regular. Two ways:

* at point estimates, as other programs report (Wright & Masters 1982). Estimates have seen the answers they are
  compared with, so that with short tests the mean squares fall well below 1 under the true model, and z with them;
* averaged over each person's posterior. Under the true model a posterior draw and the answers have the joint
  distribution of the true ability and the answers, so that the mean square is 1 whatever the length of the test.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from app.engine.between_nodes import at_abilities
from app.engine.estimators import MISSING
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


def mean_squares(tables: ItemTables, scores: Ints, theta: Floats, *, fewest: int = FEWEST) -> MeanSquares:
    """Infit and outfit at point estimates, z by the cube-root transformation (Wright & Masters 1982, chapter 5).

    Parameters
    ----------
    scores : shape (N, n), ``MISSING`` where not seen.
    theta : shape (N, D), logits; persons without a finite estimate in the item's domain are left out.
    fewest : persons an item needs.
    """

    def item(number: int, who: Ints) -> tuple[float, ...]:
        ability = theta[who, tables.domain[number]]
        finite = np.isfinite(ability)
        return _at_points(tables, number, scores[who[finite], number], ability[finite])

    return _each(tables, scores, item, fewest)


def posterior_mean_squares(tables: ItemTables, scores: Ints, density: Floats, *, fewest: int = FEWEST) -> MeanSquares:
    """Infit and outfit averaged over posteriors; z from the spread between persons.

    Parameters
    ----------
    scores : shape (N, n), ``MISSING`` where not seen.
    density : shape (N, D, Q), posterior of each person's abilities given all answers, summing to one.
    fewest : persons an item needs.
    """

    def item(number: int, who: Ints) -> tuple[float, ...]:
        return _over_posterior(tables, number, scores[who, number], density[who, tables.domain[number]])

    return _each(tables, scores, item, fewest)


def _each(tables: ItemTables, scores: Ints, item: Callable[[int, Ints], tuple[float, ...]], fewest: int) -> MeanSquares:
    seen = [np.flatnonzero(column != MISSING) for column in scores.T]
    found = np.array([item(number, who) for number, who in enumerate(seen)]).reshape(tables.size, 5).T
    found[:4, found[4] < fewest] = np.nan
    return MeanSquares(found[0], found[1], found[2], found[3], found[4].astype(np.intp))


def _at_points(tables: ItemTables, item: int, score: Ints, theta: Floats) -> tuple[float, ...]:
    size = score.size
    if size < 2:  # noqa: PLR2004
        return (*[np.nan] * 4, size)
    p = at_abilities(tables, item, theta).p
    points = np.arange(p.shape[1])
    mean = p @ points
    away = points - mean[:, None]
    variance, fourth = (p * away**2).sum(axis=1), (p * away**4).sum(axis=1)
    squares = (score - mean) ** 2
    outfit, infit = (squares / variance).mean(), squares.sum() / variance.sum()
    outfit_sd = np.sqrt((fourth / variance**2).sum() / size**2 - 1 / size)
    infit_sd = np.sqrt((fourth - variance**2).sum()) / variance.sum()
    return outfit, _cube_root_z(outfit, outfit_sd), infit, _cube_root_z(infit, infit_sd), size


def _cube_root_z(mean_square: float, sd: float) -> float:
    sd = min(sd, WIDEST)
    return float((mean_square ** (1 / 3) - 1) * 3 / sd + sd / 3)


def _over_posterior(tables: ItemTables, item: int, score: Ints, density: Floats) -> tuple[float, ...]:
    size = score.size
    if size < 2:  # noqa: PLR2004
        return (*[np.nan] * 4, size)
    p = np.exp(tables.log_p[tables.first_row[item] : tables.first_row[item + 1]])
    points = np.arange(len(p))[:, None]
    squares = (points - (p * points).sum(axis=0)) ** 2
    variance = (p * squares).sum(axis=0)
    who = np.arange(size)
    standardised = (density @ (squares / variance).T)[who, score]
    raw, information = (density @ squares.T)[who, score], density @ variance
    outfit, infit = standardised.mean(), raw.sum() / information.sum()
    outfit_se = standardised.std(ddof=1) / np.sqrt(size)
    infit_se = np.sqrt(((raw - infit * information) ** 2).sum()) / information.sum()
    return outfit, (outfit - 1) / outfit_se, infit, (infit - 1) / infit_se, size
