"""Two calibrations of the same items, for tests of linking and drift."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from app.engine.common_items import Calibrated, calibrated
from app.engine.grid import Floats, make_grid, normal_weights
from app.engine.rescaling import rescale
from tests.engine.fit_cases import Item

REFERENCE: dict[str, Any] = json.loads((Path(__file__).parent / "reference" / "linking.json").read_text("utf-8"))
MIXED: list[Item] = [
    ("2pl", np.array([0.1, -0.8])),
    ("3pl", np.array([0.3, 0.4, -1.4])),
    ("4pl", np.array([0.2, 0.1, -1.6, 2.5])),
    ("gpcm", np.array([-0.2, -0.9, 0.3, 1.1])),
    ("grm", np.array([0.1, -1.0, 0.2, -0.1])),
    ("2pl", np.array([-0.3, 1.0])),
]
NOMINAL: Item = ("nrm", np.array([0.5, 1.1, 0.3, -0.4]))


def form(number: int) -> Calibrated:
    """One form of the reference, with the covariance that 5,000 persons' answers give on expectation."""
    intercept, slope = np.array(list(REFERENCE["forms"][number].values())).T
    n = slope.size
    by_natural = np.zeros((2 * n, 2 * n))
    places = np.arange(n)
    by_natural[2 * places, n + places] = 1 / slope
    by_natural[2 * places + 1, places] = -1 / slope
    by_natural[2 * places + 1, n + places] = intercept / slope**2
    covariance = by_natural @ _inverse_information(intercept, slope, persons=5000) @ by_natural.T
    means = [np.array([np.log(a), -d / a]) for d, a in zip(intercept, slope, strict=True)]
    return calibrated(["2pl"] * n, means, covariance=covariance)


def _inverse_information(intercept: Floats, slope: Floats, *, persons: int) -> Floats:
    """Expected information of the marginal likelihood, by 40,000 simulated answer patterns."""
    rng, theta = np.random.default_rng(1), make_grid().theta
    p = 1 / (1 + np.exp(-(intercept[:, None] + slope[:, None] * theta)))
    logit = intercept + slope * rng.normal(size=(40_000, 1))
    right = (rng.random(logit.shape) < 1 / (1 + np.exp(-logit))).astype(np.float64)
    density = normal_weights(theta) * np.exp(right @ np.log(p) + (1 - right) @ np.log(1 - p))
    density /= density.sum(axis=1, keepdims=True)
    by_slope = (density @ theta)[:, None] * right - density @ (p * theta).T
    gradient = np.hstack([right - density @ p.T, by_slope])
    inverse: Floats = np.linalg.inv(gradient.T @ gradient / len(right)) / persons
    return inverse


def common() -> tuple[Calibrated, Calibrated]:
    """The ten items that both forms of the reference have."""
    names = [list(each) for each in REFERENCE["forms"]]
    shared = [name for name in names[0] if name in names[1]]
    one, other = (form(k).taken([names[k].index(name) for name in shared]) for k in (0, 1))
    return one, other


def exact(items: list[Item]) -> Calibrated:
    return calibrated([name for name, _ in items], [xi for _, xi in items])


def moved(items: list[Item], slope: float, intercept: float) -> Calibrated:
    """The same curves on another scale."""
    found = [rescale(name, xi, slope, intercept) for name, xi in items]
    return calibrated([one.model for one in found], [one.mean for one in found])
