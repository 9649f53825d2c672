"""EAP and posterior SD per response pattern, as other programs report them: reference/scores.json."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.engine.grid import make_grid
from app.engine.posterior import posterior
from app.engine.prior import second_order_prior
from tests.engine.bank import answered, tables_of
from tests.strategies import LoggedItem

CASES: dict[str, Any] = json.loads((Path(__file__).parent / "reference" / "scores.json").read_text("utf-8"))


@pytest.mark.parametrize("name", CASES)
def test_scores_equal_those_of_other_programs(name: str) -> None:
    case = CASES[name]
    prior = second_order_prior(make_grid(), (0.0,))
    for pattern, expected in case["scores"].items():
        items = [
            LoggedItem(0, item["a"], tuple(item["b"]), item["c"], int(score))
            for item, score in zip(case["items"], pattern, strict=True)
        ]
        found = posterior(prior, answered(tables_of(items, domains=1), items))
        np.testing.assert_allclose([found.mean[0], found.sd[0]], expected, rtol=0, atol=case["tolerance"])
