"""Made-up answers, the same files for every program: drawn once from known parameters, kept in ``var/bench/data``.

Abilities are standard normal; slopes log-normal around 1 (sd 0.3), difficulties standard normal, lower asymptotes
around 0.2. Metric: logistic without the 1.7 constant.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.program import CACHE

HOME = CACHE / "data"
SEED = 20261123
STEPS = (-1.2, 0.0, 1.2)
FIVE = (0.9,) * 5
"""Loadings of five domains on the general ability where there are five: correlations of .81."""

Numbers = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """What to draw: ``missing`` is the share of items that a person does not see."""

    model: str
    persons: int
    items: int
    missing: float = 0.0
    domains: int = 1

    @property
    def name(self) -> str:
        tail = f"-{self.missing:.0%} missing".replace(" ", "-").replace("%", "") if self.missing else ""
        return f"{self.model}-{self.persons}x{self.items}{tail}" + (f"-{self.domains}d" if self.domains > 1 else "")


def path_of(shape: Shape) -> Path:
    """The file of a shape, drawn if need be: ``x`` (persons, items) int8, -1 missing; ``a``, ``b``, ``c``."""
    path = HOME / f"{shape.name}.npz"
    if not path.exists():
        HOME.mkdir(parents=True, exist_ok=True)
        a, b, c, x = drawn(shape)
        np.savez(path.with_suffix(".part.npz"), a=a, b=b, c=c, x=x)
        path.with_suffix(".part.npz").rename(path)
    return path


def drawn(shape: Shape) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Slopes, difficulties, asymptotes and answers of a shape."""
    rng = np.random.default_rng([SEED, shape.persons, shape.items, shape.domains])
    theta = _abilities(rng, shape)
    a, b = rng.lognormal(0.0, 0.3, shape.items), rng.normal(size=shape.items)
    c = rng.beta(8, 32, shape.items) if shape.model == "3PL" else np.zeros(shape.items)
    of_item: Callable[[slice], Numbers] = lambda part: theta[part][:, np.arange(shape.items) % shape.domains]  # noqa: E731
    x = np.empty((shape.persons, shape.items), dtype=np.int8)
    for start in range(0, shape.persons, 5_000):
        part = slice(start, start + 5_000)
        distance = a * (of_item(part) - b)
        draw = rng.random(distance.shape)
        if shape.model == "GRM":
            x[part] = sum(draw < _expit(distance - a * step) for step in STEPS)
        else:
            x[part] = draw < c + (1 - c) * _expit(distance)
        x[part][rng.random(distance.shape) < shape.missing] = -1
    return a, b, c, x


def _abilities(rng: np.random.Generator, shape: Shape) -> Numbers:
    own = rng.normal(size=(shape.persons, shape.domains))
    if shape.domains == 1:
        return own
    loading = np.array(FIVE[: shape.domains])
    mixed: Numbers = loading * rng.normal(size=(shape.persons, 1)) + np.sqrt(1 - loading**2) * own
    return mixed


def _expit(x: Numbers) -> Numbers:
    probability: Numbers = 1 / (1 + np.exp(-x))
    return probability
