"""One step of catsim: estimate (maximum likelihood, its default), standard error, next item by maximum information."""

from collections.abc import Callable
from typing import Any

import numpy as np
from catsim import irt
from catsim.estimation import NumericalSearchEstimator
from catsim.item_bank import ItemBank
from catsim.selection import MaxInfoSelector

from benchmarks.loop import Case, answer, repeated


def prepare(data: list[dict[str, Any]]) -> dict[str, Case]:
    return {f"step {len(bank['a'])}": repeated(_step(bank)) for bank in data}


def _step(data: dict[str, Any]) -> Callable[[], object]:
    a, b = np.array(data["a"]), np.array(data["b"])
    bank = ItemBank(np.column_stack([a, b, np.zeros_like(a), np.ones_like(a)]))
    items, right = list(data["items"]), [bool(score) for score in data["scores"]]
    estimator, selector = NumericalSearchEstimator(), MaxInfoSelector()

    def step() -> object:
        theta = estimator.estimate(item_bank=bank, administered_items=items, response_vector=right, est_theta=0.0)
        error = irt.see(theta, bank.get_items(items))
        return selector.select(item_bank=bank, administered_items=items, est_theta=theta), error

    return step


if __name__ == "__main__":
    answer(prepare)
