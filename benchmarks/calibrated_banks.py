"""Adaptive tests on banks that were really calibrated: answers simulated, items estimated, students tested.

``honesty`` does the same with errors from theory; here nothing is assumed of the calibration.
"""

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from app.engine.beliefs import FLAT, HIERARCHICAL, Beliefs
from app.engine.calibration import Calibration, calibrate
from app.engine.grid import Floats
from app.engine.observed_information import Method, uncertainty
from app.engine.responses import Responses, arrange
from app.engine.simulation import Study, simulate
from app.engine.simulation_truth import bank_belief
from app.engine.spread import Shared
from benchmarks.honest_studies import CUTS, ITEMS, Items, true_items
from benchmarks.recovery import draw_answers
from benchmarks.table import Table

SEED: Final = 20261123
VARIANTS: Final[Mapping[str, Beliefs]] = MappingProxyType(
    {"plain estimates": FLAT, "shrunk": HIERARCHICAL, "shrunk and marginalised": HIERARCHICAL}
)


@dataclass(frozen=True, slots=True)
class Sat:
    """Figures of one bank's sittings, by variant."""

    coverage: float
    rmse: float
    mean_se: float
    sittings: int


def sit_calibrated(bank: int, *, persons: int, sittings: int, executor: Executor) -> dict[str, Sat]:
    """One bank: drawn, answered by so many persons, calibrated in each variant, and sat by students."""
    rng = np.random.default_rng([SEED, bank])
    truth = true_items(rng)
    responses = arrange(draw_answers("2pl", truth.mean, rng.normal(size=persons), rng))
    plain, shrunk = (_calibrated(responses, beliefs, executor) for beliefs in (FLAT, HIERARCHICAL))
    covariance = uncertainty(shrunk, method=Method.DIFFERENCES).items[0]
    known: dict[str, tuple[Floats, Floats | None]] = {
        "plain estimates": (plain.estimate.items[0], None),
        "shrunk": (shrunk.estimate.items[0], None),
        "shrunk and marginalised": (shrunk.estimate.items[0], covariance),
    }
    return {name: _sat(Items(*each), truth, sittings, bank, executor) for name, each in known.items()}


def _calibrated(responses: Responses, beliefs: Beliefs, executor: Executor) -> Calibration:
    return calibrate(responses, ["2pl"] * ITEMS, beliefs=beliefs, spread=Shared(responses.chunks, executor))


def _sat(items: Items, truth: Items, sittings: int, seed: int, executor: Executor) -> Sat:
    study = Study(items.plan(), bank_belief(truth.beliefs()), CUTS)
    found = simulate(study, size=sittings, seed=seed, executor=executor).overall
    return Sat(found.coverage, found.rmse, found.mean_se, found.n)


def coverage_table(*, persons: int, banks: int, sittings: int, executor: Executor) -> Table:
    """Coverage of 95 % intervals over several banks, with its error over banks."""
    found = [sit_calibrated(bank, persons=persons, sittings=sittings, executor=executor) for bank in range(banks)]
    rows = []
    for name in VARIANTS:
        mine = [each[name] for each in found]
        coverage = np.array([each.coverage for each in mine])
        error = coverage.std(ddof=1) / np.sqrt(banks)
        rmse = np.sqrt(np.mean([each.rmse**2 for each in mine]))
        mean_se = np.mean([each.mean_se for each in mine])
        total = sum(each.sittings for each in mine)
        rows.append((name, f"{total:,}", f"{coverage.mean():.2%} ± {error:.2%}", f"{rmse:.4f}", f"{mean_se:.4f}"))
    title = f"Coverage of 95 % intervals, {ITEMS} items calibrated with {persons} simulated persons, {banks} banks"
    return Table(title, ("items", "sittings", "coverage", "RMSE", "mean SE"), rows)
