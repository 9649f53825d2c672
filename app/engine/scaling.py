"""Where the scale of abilities is best put: parameter expansion under priors.

A model whose reference group has any mean m and spread s says the same as one with 0 and 1 and items moved along:
``b' = (b - m) / s``, ``log a' = log a + log s``. Estimating m and s too and then moving the items comes to the maximum
in far fewer steps (Liu, Rubin & Wu 1998, Biometrika 85). Without priors m and s are those of the expected abilities;
with priors that would end beside the maximum. Here both count: the m and s that maximise

    n (-log s - (v + (mean - m)^2) / (2 s^2)) + log prior of the moved items - lift sum log a'

so that a step that moves the scale raises the objective as any other does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from app.engine.beliefs import Belief, Role
from app.engine.grid import Floats

MOVED: Final = frozenset({Role.SLOPE, Role.LOCATION, Role.GAP})
"""Roles whose parameters move with the scale in closed form; those of the nominal model do not."""
ROUNDS: Final = 30
REST: Final = 1e-12
"""Logits by which neither m nor log s moves any more."""
FARTHEST: Final = 0.5
"""Newton's steps of log s are no longer than this."""


@dataclass(frozen=True, slots=True)
class Pull:
    """What one role's prior says of the scale: the parameters' number, sum and sum of squares, and the prior."""

    count: int
    total: float
    squares: float
    mean: float
    precision: float


def pull_of(values: Floats, belief: Belief) -> Pull:
    """The pull of parameters under their prior."""
    return Pull(values.size, float(values.sum()), float(values @ values), belief.mean, belief.sd**-2.0)


NONE: Final = Pull(0, 0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Abilities:
    """The reference group's expected abilities: how many persons, their mean and variance (logits)."""

    size: float
    mean: float
    variance: float


def best_scale(group: Abilities, pulls: Mapping[Role, Pull], *, lift: float = 0.0) -> tuple[float, float]:
    """Mean m and spread s of the reference group at which the items are moved.

    Parameters
    ----------
    pulls : per role of ``MOVED`` with a prior.
    lift : total force on the log-slopes (``Iteration``'s lift times their number).
    """
    m, t = group.mean, 0.5 * np.log(group.variance)
    for _ in range(ROUNDS):
        before = m, t
        m = _mean(group, pulls.get(Role.LOCATION, NONE), t)
        t += _step(group, pulls, lift, m, t)
        if abs(m - before[0]) + abs(t - before[1]) < REST:
            break
    return float(m), float(np.exp(t))


def _mean(group: Abilities, places: Pull, t: float) -> float:
    """The best m given log s."""
    drawn = places.precision * (places.total - places.mean * places.count * np.exp(t))
    return float((group.size * group.mean + drawn) / (group.size + places.precision * places.count))


def _step(group: Abilities, pulls: Mapping[Role, Pull], lift: float, m: float, t: float) -> float:
    """Newton's step of log s given m."""
    slopes, gaps, places = (pulls.get(role, NONE) for role in (Role.SLOPE, Role.GAP, Role.LOCATION))
    shrink = np.exp(-t)
    apart = group.size * (group.variance + (group.mean - m) ** 2) * shrink**2
    first = apart - group.size - lift
    second = -2 * apart
    for pull, sign in ((slopes, 1.0), (gaps, -1.0)):
        first -= pull.precision * (pull.count * t + sign * (pull.total - pull.count * pull.mean))
        second -= pull.precision * pull.count
    squares = (places.squares - 2 * m * places.total + places.count * m**2) * shrink**2
    cross = places.mean * (places.total - places.count * m) * shrink
    first += places.precision * (squares - cross)
    second -= places.precision * (2 * squares - cross)
    return float(np.clip(-first / min(second, -group.size * REST), -FARTHEST, FARTHEST))
