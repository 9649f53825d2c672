"""Response models: the log-probability of each score category at each ability.

Metric: logistic, without the 1.7 constant. Every function broadcasts its parameters over leading axes and
returns ``log P(category c | theta_q)`` with shape (..., categories, Q).
"""

import numpy as np

from app.engine.grid import Floats


def log_expit(x: Floats) -> Floats:
    """``log(1 / (1 + exp(-x)))`` without overflow or cancellation."""
    return -np.logaddexp(0.0, -x)


def logistic(theta: Floats, *, a: Floats, b: Floats, c: Floats | float = 0.0) -> Floats:
    """Rasch, 1PL, 2PL and 3PL items, scored 0 or 1.

    ``P(1 | theta) = c + (1 - c) / (1 + exp(-a (theta - b)))`` (Birnbaum 1968, in Lord & Novick).

    Parameters
    ----------
    theta : shape (Q,), logits.
    a, b, c : broadcastable to shape (...); slope per logit (> 0), difficulty in logits, lower asymptote in [0, 1).

    Returns
    -------
    shape (..., 2, Q), log-probabilities of wrong and right.

    Raises
    ------
    ValueError
        If a parameter is not finite, a slope is not positive, or c is outside [0, 1).
    """
    a, b, c = (np.asarray(x, dtype=np.float64) for x in (a, b, c))
    _require(bool(np.all(np.isfinite(a) & (a > 0))), "a must be finite and positive", a)
    _require(bool(np.all(np.isfinite(b))), "b must be finite", b)
    _require(bool(np.all((c >= 0) & (c < 1))), "c must be in [0, 1)", c)
    a, b, c = (x[..., None] for x in np.broadcast_arrays(a, b, c))
    x = a * (theta - b)
    wrong = np.log1p(-c) + log_expit(-x)
    with np.errstate(divide="ignore"):  # c = 0: log(0) = -inf is the right summand
        right = np.logaddexp(np.log(c), np.log1p(-c) + log_expit(x))
    return np.stack([wrong, right], axis=-2)


def generalised_partial_credit(theta: Floats, *, a: Floats, b: Floats) -> Floats:
    """Items scored 0 … m in ordered steps (Masters 1982; slope: Muraki 1992).

    ``P(c | theta) ∝ exp(sum_{v=1..c} a (theta - b_v))``.

    Parameters
    ----------
    theta : shape (Q,), logits.
    a : shape (...), slope per logit, positive.
    b : shape (..., m), step difficulties in logits, in any order.

    Returns
    -------
    shape (..., m + 1, Q).

    Raises
    ------
    ValueError
        If a parameter is not finite or a slope is not positive.
    """
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    _require(bool(np.all(np.isfinite(a) & (a > 0))), "a must be finite and positive", a)
    _require(b.ndim >= 1 and bool(np.all(np.isfinite(b))), "b must be finite with one entry per step", b)
    steps = a[..., None, None] * (theta - b[..., :, None])
    ladder = np.concatenate([np.zeros_like(steps[..., :1, :]), np.cumsum(steps, axis=-2)], axis=-2)
    top = ladder.max(axis=-2, keepdims=True)
    log_p: Floats = ladder - top - np.log(np.exp(ladder - top).sum(axis=-2, keepdims=True))
    return log_p


def _require(condition: bool, expected: str, got: Floats) -> None:  # noqa: FBT001
    if not condition:
        raise ValueError(f"{expected}, got {got!r}")
