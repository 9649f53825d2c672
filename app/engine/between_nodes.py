"""Items at abilities between the grid's nodes: category probabilities and their slopes, whatever the model."""

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from app.engine.grid import Floats
from app.engine.tables import ItemTables


@dataclass(frozen=True, slots=True, eq=False)
class AtAbility:
    """One item at many abilities, shapes (N, C).

    Attributes
    ----------
    log_p, p : category probabilities and their logarithms.
    slope, bend : first and second derivative of ``log p`` by theta, per logit.
    """

    log_p: Floats
    p: Floats
    slope: Floats
    bend: Floats


def at_abilities(tables: ItemTables, item: int, theta: Floats) -> AtAbility:
    """Read one item at abilities, by the cubic spline through its log-probabilities on the nodes.

    Within 1e-5 of the model on the usual grid (spacing 0.2) for slopes up to 2.5. Abilities beyond the grid are read
    at its ends.

    Parameters
    ----------
    theta : shape (N,), logits, finite.
    """
    block = tables.log_p[tables.first_row[item] : tables.first_row[item + 1]]
    curve = CubicSpline(tables.grid.theta, block, axis=1)
    at = np.clip(theta, tables.grid.theta[0], tables.grid.theta[-1])
    raw, slope, bend = (curve(at, order).T for order in range(3))
    log_p = raw - np.log(np.exp(raw).sum(axis=1, keepdims=True))
    p = np.exp(log_p)
    slope -= (p * slope).sum(axis=1, keepdims=True)
    bend -= (p * (bend + slope**2)).sum(axis=1, keepdims=True)
    return AtAbility(log_p, p, slope, bend)
