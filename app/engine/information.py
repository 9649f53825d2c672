"""Fisher and Kullback-Leibler information of items, read from their tables, whatever model made them.

With P_c the category probabilities of an item at theta, and likewise for any number of categories:

    Fisher             I(theta) = sum_c P_c (d log P_c / d theta)^2
    Kullback-Leibler   K(theta_0 || theta) = sum_c P_c(theta_0) log(P_c(theta_0) / P_c(theta))

Items of one domain with equal tables are given the very same number, that of the first of them: sums by matrix
products differ in their last bits from one column to the next.

Between nodes a row of log-probabilities is the spline of degree seven through it. For slopes up to 2.5 per logit on
the standard grid information is right to 2e-5 and the divergence's integral to 1e-4; both fall with the seventh
power of the spacing.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from scipy.interpolate import BSpline, make_interp_spline

from app.engine.grid import Floats
from app.engine.tables import ItemTables

DEGREE: Final = 7
KEPT: Final = 8
"""Banks whose curves are remembered."""


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """The rows of a bank as functions of ability.

    Attributes
    ----------
    tables : the bank.
    log_p, slope, area : the rows (R of them), their derivatives and their integrals.
    information : per domain, shape (n_d, Q): Fisher information of its members at the nodes.
    """

    tables: ItemTables
    log_p: BSpline
    slope: BSpline
    area: BSpline
    information: tuple[Floats, ...]


@lru_cache(maxsize=KEPT)
def curves_of(tables: ItemTables) -> Curves:
    """The curves of a bank, made once.

    Raises
    ------
    ValueError
        If the grid has no more nodes than the splines' degree.
    """
    theta = tables.grid.theta
    if theta.size <= DEGREE:
        raise ValueError(f"the grid must have more than {DEGREE} nodes, got {theta.size}")
    log_p = make_interp_spline(theta, tables.log_p.T, k=DEGREE)
    slope = log_p.derivative()
    at_nodes = _per_item(tables, np.exp(tables.log_p) * slope(theta).T ** 2)
    information = tuple(at_nodes[members] for members in tables.members)
    return Curves(tables, log_p, slope, log_p.antiderivative(), information)


def fisher_information(curves: Curves, ability: Floats) -> Floats:
    """Information of each item at its domain's ability.

    Parameters
    ----------
    ability : shape (D,), logits, inside the grid.

    Returns
    -------
    shape (n,), per squared logit.
    """
    tables = curves.tables
    p = np.exp(_own(tables, curves.log_p(ability)))
    return _per_item(tables, p * _own(tables, curves.slope(ability)) ** 2)[tables.alike]


def weighted_information(curves: Curves, density: Floats) -> Floats:
    """Expected information under each domain's density (van der Linden 1998, Psychometrika 63), shape (n,).

    Parameters
    ----------
    density : shape (D, Q), each domain's sums to one.
    """
    found = np.empty(curves.tables.size)
    for members, information, weights in zip(curves.tables.members, curves.information, density, strict=True):
        found[members] = information @ weights
    return found[curves.tables.alike]


def divergence(curves: Curves, ability: Floats, width: Floats) -> Floats:
    """Integral of K(theta_0 || theta) around each item's domain's ability (Chang & Ying 1996, Appl. Psychol. Meas. 20).

    ``integral over |theta - theta_0| <= width of K(theta_0 || theta) d theta``, cut off at the grid's ends.

    Parameters
    ----------
    ability : shape (D,), theta_0, logits, inside the grid.
    width : shape (D,), logits, positive.

    Returns
    -------
    shape (n,), logits.
    """
    tables, theta = curves.tables, curves.tables.grid.theta
    low, high = np.maximum(ability - width, theta[0]), np.minimum(ability + width, theta[-1])
    here = _own(tables, curves.log_p(ability))
    around = _own(tables, curves.area(high) - curves.area(low))
    length = np.repeat((high - low)[tables.domain], np.diff(tables.first_row))
    return _per_item(tables, np.exp(here) * (length * here - around))[tables.alike]


def _own(tables: ItemTables, rows: Floats) -> Floats:
    """Of rows at D abilities, shape (D, R), each at the ability of its item's domain, shape (R,)."""
    own: Floats = rows[np.repeat(tables.domain, np.diff(tables.first_row)), np.arange(rows.shape[1])]
    return own


def _per_item(tables: ItemTables, rows: Floats) -> Floats:
    """Sums over each item's rows."""
    sums: Floats = np.add.reduceat(rows, tables.first_row[:-1], axis=0)
    return sums
