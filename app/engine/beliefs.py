"""Priors of item parameters, on their transformed scales, with means and spreads that calibration may estimate.

Parameters play roles: a slope is a slope whichever family it belongs to. Estimated priors are what makes estimates from
few persons honest: they shrink as much as the items' own spread says (Mislevy 1986, Psychometrika 51).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import numpy as np

from app.engine.grid import Floats


class Role(StrEnum):
    """What a transformed parameter does."""

    SLOPE = "slope"
    LOCATION = "location"
    GAP = "gap"
    GUESS = "guess"
    CEILING = "ceiling"
    NOMINAL_SLOPE = "nominal_slope"
    NOMINAL_INTERCEPT = "nominal_intercept"


@dataclass(frozen=True, slots=True)
class Belief:
    """A normal prior N(mean, sd); ``estimated``: mean and sd follow the items, from this start."""

    mean: float
    sd: float
    estimated: bool = False


Beliefs = Mapping[Role, Belief]
"""A role without a belief has a flat prior."""

HIERARCHICAL: Final[Beliefs] = MappingProxyType(
    {
        Role.SLOPE: Belief(0.0, 0.5, estimated=True),
        Role.LOCATION: Belief(0.0, 1.5, estimated=True),
        Role.GAP: Belief(0.0, 1.0, estimated=True),
        Role.GUESS: Belief(-1.4, 0.5, estimated=True),
        Role.CEILING: Belief(3.0, 0.75, estimated=True),
        Role.NOMINAL_SLOPE: Belief(1.0, 1.5),
        Role.NOMINAL_INTERCEPT: Belief(0.0, 2.5),
    }
)
FLAT: Final[Beliefs] = MappingProxyType({})
FEWEST: Final[Mapping[Role, int]] = MappingProxyType({Role.GUESS: 20, Role.CEILING: 20})
"""Parameters of a role from which its mean and spread are estimated: answers say little of asymptotes."""
FEWEST_ELSE: Final = 4
DOUBT: Final = 4.0
"""Weight, in items, of the start: so that a handful of items that happen to agree cannot make the spread zero, and
parameters of which the answers say nothing stay where they are."""


def role_of(name: str) -> Role:
    """Role of a transformed parameter by its name in ``families``."""
    if name.startswith("logit"):
        return Role.GUESS if name == "logit c" else Role.CEILING
    if name.startswith("log"):
        return Role.SLOPE if name == "log a" else Role.GAP
    return {"a": Role.NOMINAL_SLOPE, "b": Role.LOCATION, "c": Role.NOMINAL_INTERCEPT}[name[0]]


def prior_by_role(beliefs: Beliefs, roles: Sequence[Role]) -> tuple[Floats, Floats]:
    """Means and precisions of parameters with these roles, shapes (p,); precision 0 where flat."""
    chosen = [beliefs.get(role) for role in roles]
    mean = np.array([0.0 if belief is None else belief.mean for belief in chosen])
    return mean, np.array([0.0 if belief is None else belief.sd**-2.0 for belief in chosen])


def log_prior(beliefs: Beliefs, values: Mapping[Role, Floats]) -> float:
    """Log-density of all parameters under their priors."""
    return float(
        sum(
            (-0.5 * ((values[role] - b.mean) / b.sd) ** 2 - np.log(b.sd * np.sqrt(2 * np.pi))).sum()
            for role, b in beliefs.items()
            if role in values
        )
    )


def updated(beliefs: Beliefs, values: Mapping[Role, Floats], variances: Mapping[Role, Floats]) -> Beliefs:
    """Estimated priors after one step of empirical Bayes: the items' mean, and their spread with their uncertainty.

    ``mean = average of x``, ``sd^2 = average of (x - mean)^2 + Var(x)``; the start counts as ``DOUBT`` items.
    """
    found = dict(beliefs)
    for role, belief in beliefs.items():
        own = values.get(role)
        if belief.estimated and own is not None and own.size >= FEWEST.get(role, FEWEST_ELSE):
            start = HIERARCHICAL[role]
            doubt = DOUBT if role in FEWEST else 0.0
            mean = (float(own.sum()) + doubt * start.mean) / (own.size + doubt)
            spread = float(((own - mean) ** 2 + variances[role]).sum())
            sd = float(np.sqrt((spread + DOUBT * start.sd**2) / (own.size + DOUBT)))
            found[role] = replace(belief, mean=mean, sd=sd)
    return MappingProxyType(found)
