"""PRIOR.json: the population that scores are estimated in, and what ties its domains together."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from app.engine.grid import Grid
from app.engine.prior import SecondOrderPrior, second_order_prior
from app.engine.structure import NARROWEST
from app.errors import msgid
from app.psychometrics.files import open_text, replacing
from app.psychometrics.model import BadFile

HIGHEST_LOADING: Final = 0.95
"""As in a campaign's rules: domains tied closer are one domain, and the grid would not tell them apart."""
DEFAULTS: Final = {"loading": 0.0, "mean": 0.0, "sd": 1.0}
FARTHEST: Final = 6.0
"""Where the nodes of calibration end, logits: no population that it estimates has its mean or spread beyond."""
BOUNDS: Final = {"loading": (0.0, HIGHEST_LOADING), "mean": (-FARTHEST, FARTHEST), "sd": (NARROWEST, FARTHEST)}
"""What is written and what is read: the nodes of scoring follow the population (``PriorFile.reach``)."""
TAIL: Final = 4.0
"""Standard deviations of a population that the nodes hold on both sides: all but 6 persons in 100,000."""


@dataclass(frozen=True, slots=True)
class PriorFile:
    """Loading, mean and standard deviation (logits) of each domain, in the bank's order."""

    loading: tuple[float, ...]
    mean: tuple[float, ...]
    sd: tuple[float, ...]

    def on(self, grid: Grid) -> SecondOrderPrior:
        """The prior on a grid."""
        return second_order_prior(grid, self.loading, mean=self.mean, sd=self.sd)

    @property
    def narrowest(self) -> float:
        """Least spread that a domain has left once the general ability is known, logits: nodes must be closer."""
        return min(sd * math.sqrt(1 - loading**2) for sd, loading in zip(self.sd, self.loading, strict=True))

    def reach(self, low: float, high: float) -> tuple[float, float]:
        """Ends of a grid that is to hold the population: these, or farther out where somebody is."""
        ends = [(mean - TAIL * sd, mean + TAIL * sd) for mean, sd in zip(self.mean, self.sd, strict=True)]
        return min(low, *(end for end, _ in ends)), max(high, *(end for _, end in ends))


def reference_prior(domains: int) -> PriorFile:
    """The reference population, domains apart."""
    return PriorFile((0.0,) * domains, (0.0,) * domains, (1.0,) * domains)


def read_prior(path: Path, domains: Sequence[str]) -> PriorFile:
    """Read ``{"loading": …, "mean": …, "sd": …}``: a number for all domains, or ``{"SN1": 0.8, …}``.

    Left out: 0, 0 and 1. Other keys are ignored.

    Raises
    ------
    BadFile
        If the file is not that, a domain is missing, or a number cannot be used.
    """
    with open_text(path) as stream:
        try:
            content = json.load(stream)
        except ValueError as error:
            raise BadFile(path.name, _expected(), said=str(error)) from error
    if not isinstance(content, dict) or not content.keys() & DEFAULTS.keys():
        raise BadFile(path.name, _expected(), said=", ".join(content) if isinstance(content, dict) else "")
    found = {name: _values(path, content, name, domains) for name in DEFAULTS}
    return PriorFile(**found)


def _expected() -> str:
    return msgid('attendu : {"loading": 0.8} ou {"loading": {"SN1": 0.8, …}}, avec "mean" et "sd" au besoin (%(said)s)')


def _values(path: Path, content: dict[str, Any], name: str, domains: Sequence[str]) -> tuple[float, ...]:
    given, (low, high) = content.get(name, DEFAULTS[name]), BOUNDS[name]
    by_domain = given if isinstance(given, dict) else dict.fromkeys(domains, given)
    for domain in domains:
        value = by_domain.get(domain)
        if not isinstance(value, int | float) or isinstance(value, bool) or not low <= value <= high:
            cause = msgid("attendu : un nombre de %(low)s à %(high)s ; reçu : %(got)s")
            raise BadFile(path.name, cause, column=f"{name}.{domain}", low=low, high=high, got=value)
    return tuple(float(by_domain[domain]) for domain in domains)


def write_prior(path: Path, domains: Sequence[str], prior: PriorFile) -> None:
    """Write what ``read_prior`` reads back, and nothing else.

    Raises
    ------
    BadFile
        If a number is one that ``read_prior`` would refuse, or the place cannot be written.
    """
    content = {
        name: dict(zip(domains, values, strict=True))
        for name, values in (("loading", prior.loading), ("mean", prior.mean), ("sd", prior.sd))
    }
    for name in content:
        _values(path, content, name, domains)
    with replacing(path) as stream:
        json.dump(content, stream, indent=2)
        stream.write("\n")
