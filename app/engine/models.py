"""Response models: the log-probability of each score category at each ability.

Metric: logistic, without the 1.7 constant. Every function broadcasts its parameters over leading axes and
returns ``log P(category c | theta_q)`` with shape (..., categories, Q).
"""

import numpy as np

from app.engine.grid import Floats


def log_expit(x: Floats) -> Floats:
    """``log(1 / (1 + exp(-x)))`` without overflow or cancellation."""
    return -np.logaddexp(0.0, -x)


def log_expit_both(x: Floats) -> tuple[Floats, Floats]:
    """``log_expit(x)`` and ``log_expit(-x)`` together, several times as fast, the last bit aside."""
    soft = np.log1p(np.exp(-np.abs(x)))
    return np.minimum(x, 0.0) - soft, -np.maximum(x, 0.0) - soft


def logistic(theta: Floats, *, a: Floats, b: Floats, c: Floats | float = 0.0, d: Floats | float = 1.0) -> Floats:
    """Rasch, 1PL, 2PL, 3PL and 4PL items, scored 0 or 1.

    ``P(1 | theta) = c + (d - c) / (1 + exp(-a (theta - b)))`` (Birnbaum 1968, in Lord & Novick; upper
    asymptote: Barton & Lord 1981).

    Parameters
    ----------
    theta : shape (Q,), logits.
    a, b, c, d : broadcastable to shape (...); slope per logit (> 0), difficulty in logits, lower asymptote in
        [0, 1), upper asymptote in (c, 1].

    Returns
    -------
    shape (..., 2, Q), log-probabilities of wrong and right.

    Raises
    ------
    ValueError
        If a parameter is not finite, a slope is not positive, c is outside [0, 1) or d outside (c, 1].
    """
    a, b, c, d = np.broadcast_arrays(*(np.asarray(x, dtype=np.float64) for x in (a, b, c, d)))
    _require_slope(a)
    _require(bool(np.all(np.isfinite(b))), "b must be finite", b)
    _require(bool(np.all((c >= 0) & (c < 1))), "c must be in [0, 1)", c)
    _require(bool(np.all((d > c) & (d <= 1))), "d must be in (c, 1]", d)
    a, b, c, miss = (x[..., None] for x in (a, b, c, 1 - d))
    x = a * (theta - b)
    soft = np.logaddexp(0.0, -np.abs(x))  # to the bit what stored sessions were run on: log(S(-|x|)) = -|x| - soft
    span = np.log1p(-(c + miss))
    wrong, right = span + (-np.maximum(x, 0.0) - soft), span + (np.minimum(x, 0.0) - soft)
    with np.errstate(divide="ignore"):  # log(0) = -inf, for c = 0 or d = 1 in some items, adds nothing
        wrong = np.logaddexp(np.log(miss), wrong) if miss.any() else wrong
        right = np.logaddexp(np.log(c), right) if c.any() else right
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
    _require_slope(a)
    _require(b.ndim >= 1 and bool(np.all(np.isfinite(b))), "b must be finite with one entry per step", b)
    steps = a[..., None, None] * (theta - b[..., :, None])
    return _normalised(np.cumsum(steps, axis=-2))


def graded_response(theta: Floats, *, a: Floats, b: Floats) -> Floats:
    """Items scored 0 … m by m ordered thresholds (Samejima 1969).

    ``P(at least c | theta) = 1 / (1 + exp(-a (theta - b_c)))``; a category is the difference of two neighbours.

    Parameters
    ----------
    theta : shape (Q,), logits.
    a : shape (...), slope per logit, positive.
    b : shape (..., m), thresholds in logits, strictly increasing.

    Returns
    -------
    shape (..., m + 1, Q).

    Raises
    ------
    ValueError
        If a parameter is not finite, a slope is not positive or thresholds do not increase.
    """
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    _require_slope(a)
    _require(b.ndim >= 1 and bool(np.all(np.isfinite(b))), "b must be finite with one entry per threshold", b)
    _require_increasing(b)
    above, below = log_expit_both(a[..., None, None] * (theta - b[..., :, None]))
    return graded_categories(above, below, a[..., None] * np.diff(b, axis=-1))


def graded_categories(above: Floats, below: Floats, gap: Floats) -> Floats:
    """Categories of ``graded_response`` from its thresholds.

    With S the logistic function, ``S(x) - S(y) = S(x) S(-y) (1 - exp(y - x))``: nothing cancels.

    Parameters
    ----------
    above, below : shape (..., m, Q), log S(x_c) and log S(-x_c), ``x_c = a (theta - b_c)``.
    gap : shape (..., m - 1), ``a (b_{c+1} - b_c)``, positive.
    """
    log_p = np.zeros((*above.shape[:-2], above.shape[-2] + 1, above.shape[-1]))
    log_p[..., 1:, :] = above
    log_p[..., :-1, :] += below
    log_p[..., 1:-1, :] += np.log(-np.expm1(-gap))[..., None]
    return log_p


def nominal_response(theta: Floats, *, a: Floats, c: Floats) -> Floats:
    """Items of m + 1 categories in no given order (Bock 1972).

    ``P(k | theta) ∝ exp(a_k theta + c_k)``, identified by ``a_0 = c_0 = 0``.

    Parameters
    ----------
    theta : shape (Q,), logits.
    a, c : broadcastable to shape (..., m): slopes and intercepts of the categories 1 … m against category 0.

    Returns
    -------
    shape (..., m + 1, Q).

    Raises
    ------
    ValueError
        If a parameter is not finite.
    """
    a, c = np.asarray(a, dtype=np.float64), np.asarray(c, dtype=np.float64)
    for name, values in (("a", a), ("c", c)):
        finite = values.ndim >= 1 and bool(np.all(np.isfinite(values)))
        _require(finite, f"{name} must be finite with one entry per category above 0", values)
    return _normalised(a[..., None] * theta + c[..., None])


def _normalised(weights: Floats) -> Floats:
    """Log-probabilities from the log-weights of the categories above 0, category 0 weighing 1."""
    ladder = np.concatenate([np.zeros_like(weights[..., :1, :]), weights], axis=-2)
    top = ladder.max(axis=-2, keepdims=True)
    log_p: Floats = ladder - top - np.log(np.exp(ladder - top).sum(axis=-2, keepdims=True))
    return log_p


def _require_slope(a: Floats) -> None:
    _require(bool(np.all(np.isfinite(a) & (a > 0))), "a must be finite and positive", a)


def _require_increasing(b: Floats) -> None:
    wrong = np.argwhere(np.diff(b, axis=-1) <= 0)
    if wrong.size:
        *item, k = wrong[0].tolist()
        low, high = b[(*item, k)], b[(*item, k + 1)]
        where = f" at index {tuple(item)}" if item else ""
        raise ValueError(f"b must be strictly increasing, got b_{k + 1} = {low} and b_{k + 2} = {high}{where}")


def _require(condition: bool, expected: str, got: Floats) -> None:  # noqa: FBT001
    if not condition:
        raise ValueError(f"{expected}, got {got!r}")
