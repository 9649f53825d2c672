"""One judge for every program: the marginal log-likelihood of its parameters, on a grid finer than anybody's own.

Written out plainly and apart from the engine, so that no program, ours included, is judged by its own arithmetic.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logsumexp

Numbers = NDArray[Any]
NODES: Final = np.linspace(-7, 7, 561)
PERSONS: Final = 2_000


def log_likelihood(x: Numbers, found: Mapping[str, Any]) -> float:
    """Natural log of the probability of all answers, abilities standard normal, in one domain.

    Parameters
    ----------
    x : shape (N, n), categories; negative where not seen.
    found : ``a`` (n,), and either ``b`` (n,) with or without ``c`` (n,), or ``thresholds`` (n, m) of graded items.
    """
    curves = category_curves(found)
    weight = -0.5 * NODES**2 - logsumexp(-0.5 * NODES**2)
    total = 0.0
    for start in range(0, len(x), PERSONS):
        part = x[start : start + PERSONS]
        likelihood = sum((part == category).astype(np.float64) @ log_p for category, log_p in enumerate(curves))
        total += float(logsumexp(likelihood + weight, axis=1).sum())
    return total


def category_curves(found: Mapping[str, Any]) -> list[Numbers]:
    """Log-probabilities of each category at the nodes, shape (n, nodes) each."""
    a = found["a"][:, None]
    with np.errstate(divide="ignore"):
        if "thresholds" in found:
            at_least = [expit(a * (NODES - step[:, None])) for step in found["thresholds"].T]
            bounds = [np.ones_like(at_least[0]), *at_least, np.zeros_like(at_least[0])]
            return [np.log(high - low) for high, low in pairwise(bounds)]
        c = found.get("c", np.zeros(len(a)))[:, None]
        right = c + (1 - c) * expit(a * (NODES - found["b"][:, None]))
        return [np.log1p(-right), np.log(right)]


def log_prior(found: Mapping[str, Any], prior: str) -> float:
    """Of the lower asymptotes, up to a constant: ``beta`` as the peers have it, ``normal`` as we have it, or none."""
    c: Numbers = found["c"] if prior != "none" else np.empty(0)
    if prior == "beta":
        return float((np.log(c) + 7 * np.log1p(-c)).sum())
    if prior == "normal":
        return float((-0.5 * ((np.log(c / (1 - c)) + 1.593) / 0.882) ** 2).sum())
    return 0.0
