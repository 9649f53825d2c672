"""Where calibration starts: from each item's shares of categories alone."""

from itertools import pairwise
from typing import Final

import numpy as np

from app.engine.beliefs import Role
from app.engine.grid import Floats
from app.engine.maximisation import Batch

GUESS: Final = -1.7
CEILING: Final = 3.0
NARROWEST: Final = 0.2


def starting_parameters(batch: Batch, counts: Floats) -> Floats:
    """First parameters, shape (b, p), from people per item and category, shape (n, most categories)."""
    mine = counts[batch.items][:, : batch.categories] + 0.5
    share = mine / mine.sum(axis=1, keepdims=True)
    return np.array([_start(batch, row) for row in share])


def _start(batch: Batch, share: Floats) -> list[float]:
    if batch.roles[0] is Role.NOMINAL_SLOPE:
        above = range(1, share.size)
        return [*(0.6 * category for category in above), *(float(np.log(share[c] / share[0])) for c in above)]
    locations = iter(_thresholds(share) if Role.GAP in batch.roles else _steps(share))
    gaps = iter([np.log(max(high - low, NARROWEST)) for low, high in pairwise(_thresholds(share))])
    fixed = {Role.SLOPE: 0.0, Role.GUESS: GUESS, Role.CEILING: CEILING}
    places = {Role.LOCATION: locations, Role.GAP: gaps}
    return [float(next(places[role])) if role in places else fixed[role] for role in batch.roles]


def _thresholds(share: Floats) -> list[float]:
    """Where half would reach each category or a higher one."""
    above = np.cumsum(share[::-1])[::-1][1:]
    return [float(value) for value in -1.2 * np.log(above / (1 - above))]


def _steps(share: Floats) -> list[float]:
    """Where neighbouring categories are equally likely; drawn to the thresholds, which a slope of one blurs."""
    return [float(value) for value in -1.2 * np.log(share[1:] / share[:-1])]
