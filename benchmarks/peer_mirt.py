"""One step of the Python package mirt: record the answer, estimate (EAP, its 21 nodes), choose by maximum information.

Its engine remembers the sitting, so each timed answer goes to a copy of an engine that has the answers before it.
"""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
from mirt.cat import CATEngine
from mirt.models.dichotomous import TwoParameterLogistic

from benchmarks.loop import Case, answer, consumed


def prepare(data: list[dict[str, Any]]) -> dict[str, Case]:
    return {f"step {len(bank['a'])}": consumed(_sitting(bank)) for bank in data}


def _sitting(data: dict[str, Any]) -> Callable[[], Callable[[], object]]:
    model = TwoParameterLogistic(n_items=len(data["a"]))
    model.set_parameters(discrimination=np.array(data["a"]), difficulty=np.array(data["b"]))
    model._is_fitted = True  # noqa: SLF001 - known parameters; its API has no other door
    engine = CATEngine(model, se_threshold=0.001, seed=1)
    *before, last = data["scores"]
    engine.get_current_state()
    for score in before:
        engine.administer_item(score)

    def make() -> Callable[[], object]:
        fresh = copy.deepcopy(engine)
        return lambda: fresh.administer_item(last)

    return make


if __name__ == "__main__":
    answer(prepare)
