"""catsim simulates: maximum likelihood and maximum information, its defaults, so many items for everybody."""

from collections.abc import Callable
from typing import Any

import numpy as np
from catsim.estimation import NumericalSearchEstimator
from catsim.initialization import FixedPointInitializer
from catsim.item_bank import ItemBank
from catsim.selection import MaxInfoSelector
from catsim.simulation import Simulator
from catsim.stopping import TestLengthStopper

from benchmarks.jobs import Job, cases, read
from benchmarks.loop import answer


def simulate(job: Job) -> Callable[[], Any]:
    stored = read(job["data"])
    b = np.clip(stored["b"], -4, 4)
    parameters = np.column_stack([stored["a"], b, stored["c"], np.ones_like(b)])
    truth = np.random.default_rng(job["students"]).normal(size=job["students"])

    def run() -> dict[str, Any]:
        parts = (
            FixedPointInitializer(0.0),
            MaxInfoSelector(),
            NumericalSearchEstimator(),
            TestLengthStopper(job["length"]),
        )
        simulator = Simulator(ItemBank(parameters), truth, *parts, seed=1)
        simulator.simulate()
        return {"rmse": simulator.rmse}

    return run


if __name__ == "__main__":
    answer(lambda jobs: cases(jobs, {"simulate": simulate}))
