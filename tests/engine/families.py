"""Items of every family for property tests, and their models written down a second time, plainly."""

from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from app.engine.grid import Floats

Complex = NDArray[np.complex128]
BINARY = {"rasch": 1, "1pl": 1, "2pl": 2, "3pl": 3, "4pl": 4}
NAMES = (*BINARY, "pcm", "gpcm", "grm", "nrm")


def parameters(name: str, *, above: int, slope: float = 3.0, place: float = 4.0) -> st.SearchStrategy[Floats]:
    """Transformed parameters of one item with ``above`` categories above 0 where the family has a choice."""
    log_a, b = st.floats(np.log(0.1), np.log(slope)), st.floats(-place, place)
    asymptotes = [st.floats(-6, 1), st.floats(-1, 6)]
    if name in BINARY:
        parts = [b] if BINARY[name] == 1 else [log_a, b, *asymptotes][: BINARY[name]]
    elif name == "grm":
        parts = [log_a, b, *[st.floats(-4, 1.2)] * (above - 1)]
    elif name == "nrm":
        parts = [*[st.floats(-slope, slope)] * above, *[b] * above]
    else:
        parts = [*([log_a] if name == "gpcm" else []), *[b] * above]
    return st.tuples(*parts).map(np.array)


def plain(name: str, theta: float, xi: Any) -> list[Any]:
    """Probabilities of the categories by the textbook's formula, for real or complex parameters."""
    if name in BINARY:
        a, b = (1.0, xi[0]) if len(xi) == 1 else (np.exp(xi[0]), xi[1])
        c = 1 / (1 + np.exp(-xi[2])) if len(xi) > 2 else 0.0
        d = c + (1 - c) / (1 + np.exp(-xi[3])) if len(xi) > 3 else 1.0
        right = c + (d - c) / (1 + np.exp(-a * (theta - b)))
        return [1 - right, right]
    if name == "grm":
        b = np.cumsum([xi[1], *np.exp(xi[2:])])
        at_least = [1.0, *(1 / (1 + np.exp(-np.exp(xi[0]) * (theta - step))) for step in b), 0.0]
        return [high - low for high, low in pairwise(at_least)]
    if name == "nrm":
        half = len(xi) // 2
        weights = [1.0, *(np.exp(xi[k] * theta + xi[half + k]) for k in range(half))]
    else:
        a, steps = (1.0, xi) if name == "pcm" else (np.exp(xi[0]), xi[1:])
        weights = [np.exp(sum(a * (theta - step) for step in steps[:c])) for c in range(len(steps) + 1)]
    return [weight / sum(weights) for weight in weights]


def by_complex_step(name: str, theta: Floats, xi: Floats) -> tuple[Floats, Floats]:
    """Log-probabilities (C, Q) and their gradient (p, C, Q), the latter exact to rounding (Squire & Trapp 1998)."""
    values = np.array([[np.log(p) for p in plain(name, t, xi)] for t in theta]).T
    gradient = []
    for k in range(xi.size):
        moved = xi.astype(np.complex128)
        moved[k] += 1e-30j
        gradient.append([[np.log(p + 0j).imag / 1e-30 for p in plain(name, t, moved)] for t in theta])
    return values, np.array(gradient).transpose(0, 2, 1)
