"""Answers and figures for tests of calibration."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from app.engine.calibration import Calibration
from app.engine.families import FAMILIES
from app.engine.grid import Floats, Ints
from app.engine.responses import Responses, arrange

FOLDER = Path(__file__).parent / "reference"
MODELS: dict[str, Any] = json.loads((FOLDER / "models.json").read_text("utf-8"))
FIGURES: dict[str, Any] = json.loads((FOLDER / "calibration.json").read_text("utf-8"))


def published(data: str) -> Responses:
    """Answers of ``models.json`` by the name of the data."""
    patterns = MODELS["data"][data]
    scores = np.array([[int(score) for score in pattern] for pattern in patterns])
    return arrange(scores, weight=np.array(list(patterns.values()), dtype=np.float64))


def published_parameters(fit: str) -> Floats:
    """Natural parameters of every item, shape (n, p)."""
    items = MODELS["fits"][fit]["items"]
    family = FAMILIES[items[0]["model"]]
    order = family.natural_parameters(_categories(items[0]))
    return np.array([[item[name] for name in order] for item in items])


def _categories(item: dict[str, Any]) -> int:
    return 2 if "b" in item else 1 + sum(name.startswith(("b", "c")) for name in item)


def answers(rng: np.random.Generator, theta: Floats, model: str, xi: Floats) -> Ints:
    """Scores (N, n) of persons with these abilities on items with these transformed parameters, shape (n, p)."""
    p = np.exp(FAMILIES[model].log_p(theta, xi))
    edges = np.cumsum(p, axis=1)[:, :-1]
    scores: Ints = (rng.random((theta.size, len(xi), 1)) > edges.transpose(2, 0, 1)).sum(axis=-1).astype(np.intp)
    return scores


def two_parameter_items(rng: np.random.Generator, count: int) -> Floats:
    """Slopes about one, difficulties about zero; shape (count, 2)."""
    return np.column_stack([rng.normal(0, 0.3, count), rng.normal(0, 1, count)])


def second_order_abilities(rng: np.random.Generator, persons: int, loadings: Sequence[float]) -> Floats:
    """Shape (persons, D)."""
    lam = np.asarray(loadings)
    general = rng.normal(size=(persons, 1))
    theta: Floats = lam * general + np.sqrt(1 - lam**2) * rng.normal(size=(persons, lam.size))
    return theta


def natural(found: Calibration) -> Floats:
    """Natural parameters of every item, batch after batch, shape (n, p)."""
    return np.concatenate(
        [batch.family.natural(xi) for batch, xi in zip(found.batches, found.estimate.items, strict=True)]
    )
