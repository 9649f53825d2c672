"""catsim's ways to spread its items: one bank and the same students under several selectors, from stdin to stdout.

Estimates are maximum likelihood, catsim's default; whoever has only right or only wrong answers gets its bounds.
"""

import json
import sys
from typing import Any

import numpy as np
from catsim.estimation import NumericalSearchEstimator
from catsim.initialization import FixedPointInitializer
from catsim.item_bank import ItemBank
from catsim.selection import AStratSelector, MaxInfoSelector, RandomesqueSelector, The54321Selector
from catsim.simulation import Simulator
from catsim.stopping import TestLengthStopper


def main() -> None:
    data = json.load(sys.stdin)
    out, sys.stdout = sys.stdout, sys.stderr
    length = data["length"]
    selectors = {
        "maximum information": MaxInfoSelector(),
        "randomesque, 5": RandomesqueSelector(5),
        "5-4-3-2-1": The54321Selector(length),
        "a-stratified": AStratSelector(length),
    }
    json.dump({name: simulated(data, selector) for name, selector in selectors.items()}, out)


def simulated(data: dict[str, Any], selector: Any) -> dict[str, Any]:  # noqa: ANN401 - one of catsim's
    b = np.clip(data["b"], -4, 4)
    bank = ItemBank(np.column_stack([data["a"], b, np.zeros_like(b), np.ones_like(b)]))
    parts = (
        FixedPointInitializer(0.0),
        selector,
        NumericalSearchEstimator(),
        TestLengthStopper(max_items=data["length"]),
    )
    simulator = Simulator(bank, np.array(data["theta"]), *parts, seed=1)
    simulator.simulate()
    items = [[int(item) for item in given] for given in simulator.administered_items]
    return {"items": items, "theta": [float(value) for value in simulator.latest_estimations]}


if __name__ == "__main__":
    main()
