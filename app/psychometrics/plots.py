"""``--plot FILE.svg|png``: a bank, its persons and its simulation drawn to files.

Call ``ready`` before the work whose figures are to be drawn: a wrong ending or a missing matplotlib is then refused at
once.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np

from app.engine.empirical_curves import EmpiricalCurve
from app.engine.grid import Floats, make_grid
from app.engine.information import curves_of
from app.errors import msgid
from app.psychometrics.bank import BankFile, BankItem
from app.psychometrics.model import BadFile
from app.psychometrics.plot_information import information_curves
from app.psychometrics.plot_items import A_PAGE, ItemCurve, item_curves
from app.psychometrics.plot_simulation import SimulationFigures, simulation_report
from app.psychometrics.plot_style import ready, save
from app.psychometrics.plot_wright import Location, wright_map

__all__ = ["SimulationFigures", "plot_information", "plot_items", "plot_simulation", "plot_wright", "ready"]

SHOWN: Final = 4.0
"""Curves are drawn between minus and plus this, in logits."""
MOST_PAGES: Final = 50


def plot_items(path: Path, bank: BankFile, *, observed: Mapping[str, EmpiricalCurve] | None = None) -> list[Path]:
    """Draw the curves of a bank's items, twelve a page, with what was observed where it is given; the files written.

    Raises
    ------
    BadFile
        If there are more items than ``MOST_PAGES`` pages hold, or what ``ready`` and ``save`` refuse.
    """
    ready(path)
    if len(bank.items) > MOST_PAGES * A_PAGE:
        cause = msgid(
            "%(items)s questions demandent trop de pages ; au plus %(most)s : dessinez une partie de la banque"
        )
        raise BadFile(path.name, cause, items=len(bank.items), most=MOST_PAGES * A_PAGE)
    grid = make_grid(low=-SHOWN, high=SHOWN, size=161)
    tables = bank.tables(grid)
    curves = []
    for index, item in enumerate(bank.items):
        p = np.exp(tables.log_p[tables.first_row[index] : tables.first_row[index + 1]])
        seen = (observed or {}).get(item.id)
        curves.append(
            ItemCurve(item.id, p) if seen is None else ItemCurve(item.id, p, seen.theta, seen.observed, seen.persons)
        )
    return save(list(item_curves(grid.theta, curves)), path)


def plot_information(path: Path, bank: BankFile) -> list[Path]:
    """Draw the information of a bank's domains, and the standard error of a test of all their items."""
    ready(path)
    grid = make_grid(low=-SHOWN, high=SHOWN, size=161)
    information = np.array([own.sum(axis=0) for own in curves_of(bank.tables(grid)).information])
    return save([information_curves(grid.theta, information, bank.domains)], path)


def plot_wright(path: Path, bank: BankFile, theta: Floats) -> list[Path]:
    """Draw a Wright map for each domain.

    Parameters
    ----------
    theta : shape (N, D), abilities in the order of the bank's domains, logits.
    """
    ready(path)
    maps = [
        wright_map(
            theta[:, index],
            [Location(item.id, locations(item)) for item in bank.items if item.domain == domain],
            title=domain if len(bank.domains) > 1 else "",
        )
        for index, domain in enumerate(bank.domains)
    ]
    return save(maps, path)


def plot_simulation(path: Path, found: SimulationFigures) -> list[Path]:
    """Draw a simulation's report."""
    ready(path)
    return save([simulation_report(found)], path)


def locations(item: BankItem) -> Floats:
    """Where an item separates persons: difficulty, steps or thresholds, logits.

    A nominal item's are the abilities at which a category overtakes the one before it, for the categories whose
    slope is larger than that one's.
    """
    names = item.family.natural_parameters(item.categories)
    natural = item.family.natural(item.mean)
    if item.model != "nrm":
        return natural[[index for index, name in enumerate(names) if name.startswith("b")]]
    slopes, intercepts = (np.diff(half, prepend=0.0) for half in np.split(natural, 2))
    rising = slopes > 0
    found: Floats = -intercepts[rising] / slopes[rising]
    return found
