"""The family of items scored 0 … m by ordered thresholds: graded response (GRM).

Transformed parameters: (log a, b_1, log(b_2 - b_1), …, log(b_m - b_{m-1})). See ``families.Family`` for what each
function is.
"""

import numpy as np

from app.engine.grid import Floats
from app.engine.models import graded_categories, log_expit_both
from app.engine.transforms import exponential, logarithm


def log_p(theta: Floats, xi: Floats) -> Floats:
    x, gap = _thresholds(theta, xi)
    return graded_categories(*log_expit_both(x), gap)


def evaluate(theta: Floats, xi: Floats) -> tuple[Floats, Floats]:
    """Log-probabilities and their gradient.

    With A_c = [c >= 1] S(-x_c) and B_c = [c < m] S(x_{c+1}), the slope of log P_c by log a is
    ``A_c x_c - B_c x_{c+1} + gap_c / (exp(gap_c) - 1)``; by b_1, ``a (B_c - A_c)``; by log(b_{k+1} - b_k),
    ``gap_k (B_c - A_c)`` for c > k, ``gap_k B_k + gap_k / (exp(gap_k) - 1)`` for c = k, nothing below.
    """
    x, gap = _thresholds(theta, xi)
    above, below = log_expit_both(x)
    values = graded_categories(above, below, gap)
    gradient = np.zeros((*xi.shape, *values.shape[-2:]))
    missed, reached = np.exp(below), np.exp(above)
    apart = np.zeros_like(values)
    apart[..., :-1, :] = reached
    apart[..., 1:, :] -= missed
    slope = gradient[..., 0, :, :]
    slope[..., 1:, :] = x * missed
    slope[..., :-1, :] -= x * reached
    with np.errstate(over="ignore"):  # exp(gap) beyond floats: the share left is zero
        left = gap / np.expm1(gap)
    slope[..., 1:-1, :] += left[..., None]
    gradient[..., 1, :, :] = exponential(xi[..., 0, None, None]) * apart
    for k in range(1, xi.shape[-1] - 1):
        wide = gap[..., k - 1, None]
        gradient[..., k + 1, k + 1 :, :] = wide[..., None] * apart[..., k + 1 :, :]
        gradient[..., k + 1, k, :] = wide * reached[..., k, :] + left[..., k - 1, None]
    return values, gradient


def _thresholds(theta: Floats, xi: Floats) -> tuple[Floats, Floats]:
    """``x_c = a (theta - b_c)`` and ``gap_c = a (b_{c+1} - b_c)``, shapes (..., m, Q) and (..., m - 1)."""
    own = natural(xi)
    gap = own[..., :1] * exponential(xi[..., 2:])
    usable = np.isfinite(own).all() and (own[..., 0] > 0).all() and (np.isfinite(gap) & (gap > 0)).all()
    if not usable:
        raise ValueError(f"a and the distances of thresholds must be finite and positive, b finite, got {own!r}")
    return own[..., :1, None] * (theta - own[..., 1:, None]), gap


def natural(xi: Floats) -> Floats:
    xi = np.asarray(xi, dtype=np.float64)
    steps = np.concatenate([xi[..., 1:2], exponential(xi[..., 2:])], axis=-1)
    return np.concatenate([exponential(xi[..., :1]), np.cumsum(steps, axis=-1)], axis=-1)


def transformed(natural: Floats) -> Floats:
    natural = np.asarray(natural, dtype=np.float64)
    distances = logarithm(np.diff(natural[..., 1:], axis=-1), "distances of neighbouring thresholds b")
    return np.concatenate([logarithm(natural[..., :1], "a"), natural[..., 1:2], distances], axis=-1)


def jacobian(xi: Floats) -> Floats:
    """``d b_j / d log(b_{k+1} - b_k)`` is that distance for every threshold above the k-th."""
    found = np.zeros((*xi.shape, xi.shape[-1]))
    found[..., 0, 0] = exponential(xi[..., 0])
    steps = np.concatenate([np.ones_like(xi[..., 1:2]), exponential(xi[..., 2:])], axis=-1)
    found[..., 1:, 1:] = np.tri(steps.shape[-1]) * steps[..., None, :]
    return found
