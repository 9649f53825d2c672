"""Answers under a known model, and those of the reference figures, for tests of fit."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.engine.estimators import (
    MISSING,
    Estimates,
    batch_log_likelihood,
    expected_a_posteriori,
    weighted_likelihood,
)
from app.engine.families import FAMILIES
from app.engine.grid import Floats, Ints, make_grid
from app.engine.posterior import Posterior, posterior
from app.engine.prior import second_order_prior
from app.engine.tables import ItemTables, make_tables

REFERENCE: dict[str, Any] = json.loads((Path(__file__).parent / "reference" / "item_fit.json").read_text("utf-8"))
Item = tuple[str, Floats]
"""Family and transformed parameters."""


@dataclass(frozen=True, slots=True, eq=False)
class Answered:
    """Persons' answers with their tables and posterior under N(0, 1) in each domain."""

    tables: ItemTables
    scores: Ints
    log_likelihood: Floats
    post: Posterior

    @property
    def eap(self) -> Estimates:
        return Estimates(self.post.mean, self.post.sd)


def answered(items: list[Item], scores: Ints, *, domain: list[int] | None = None) -> Answered:
    grid = make_grid()
    home = domain or [0] * len(items)
    rows = [FAMILIES[name].log_p(grid.theta, xi) for name, xi in items]
    tables = make_tables(grid, rows, home, domains=max(home) + 1)
    likelihood = batch_log_likelihood(tables, scores)
    return Answered(tables, scores, likelihood, posterior(second_order_prior(grid, [0.0] * tables.domains), likelihood))


def reference_case(name: str) -> tuple[dict[str, Any], Answered]:
    case = REFERENCE["cases"][name]
    family = FAMILIES[case["model"]]
    patterns = [line.split(":") for line in case["answers"].split()]
    scores = np.repeat([[int(c) for c in p] for p, _ in patterns], [int(n) for _, n in patterns], axis=0)
    return case, answered([(case["model"], family.transformed(np.array(item))) for item in case["items"]], scores)


def drawn_items(rng: np.random.Generator, count: int, *, model: str = "2pl") -> list[Item]:
    tail = {"2pl": [], "3pl": [-1.4], "gpcm": [1.0, 2.0], "grm": [0.0, 0.2]}[model]
    easy = -1.0 if model in {"gpcm", "grm"} else 0.0
    middle = rng.normal(size=count) + easy
    spread = np.array(tail) if model != "gpcm" else middle[:, None] + tail
    later = np.broadcast_to(spread, (count, len(tail)))
    return [(model, np.array([rng.normal(0, 0.25), middle[i], *later[i]])) for i in range(count)]


def drawn_scores(rng: np.random.Generator, items: list[Item], theta: Floats) -> Ints:
    """Answers at abilities theta, shape (N,)."""
    out = np.empty((theta.size, len(items)), dtype=np.intp)
    for number, (name, xi) in enumerate(items):
        reach = np.cumsum(np.exp(FAMILIES[name].log_p(theta, xi)), axis=0)[:-1]
        out[:, number] = (rng.random(theta.size) > reach).sum(axis=0)
    return out


def simulated(
    seed: int, count: int, *, persons: int = 2000, model: str = "2pl", unseen: float = 0.0
) -> tuple[list[Item], Answered]:
    """Persons N(0, 1); each answer missing with probability ``unseen``."""
    rng = np.random.default_rng(seed)
    items = drawn_items(rng, count, model=model)
    scores = drawn_scores(rng, items, rng.normal(size=persons))
    scores[rng.random(scores.shape) < unseen] = MISSING
    return items, answered(items, scores)


def estimated(case: Answered, *, method: str) -> Estimates:
    if method == "wle":
        return weighted_likelihood(case.tables, case.log_likelihood, (case.scores != MISSING).astype(np.float64))
    return expected_a_posteriori(second_order_prior(case.tables.grid, [0.0] * case.tables.domains), case.log_likelihood)
