"""The families of items scored 0 or 1: Rasch, 1PL, 2PL, 3PL and 4PL.

Transformed parameters: (b), (log a, b), (log a, b, logit c) or (log a, b, logit c, logit((d - c) / (1 - c))), by
their number, ``size``. See ``families.Family`` for what each function is.
"""

from typing import Final

import numpy as np
from scipy.special import expit, logit

from app.engine.grid import Floats
from app.engine.models import log_expit, log_expit_both, logistic
from app.engine.transforms import diagonal, exponential, logarithm

TRANSFORMED: Final = ("log a", "b", "logit c", "logit (d-c)/(1-c)")
NATURAL: Final = ("a", "b", "c", "d")
DIFFICULTY, GUESSING, CEILING = 1, 3, 4
"""Sizes of the families that have a difficulty alone, a lower asymptote, an upper one."""


NEARLY_ONE: Final = float(np.nextafter(1.0, 0.0))
"""A lower asymptote that rounds to one is this: the family's are below one, however large their logit."""


def log_p(theta: Floats, xi: Floats, *, size: int) -> Floats:
    _require_size(xi, size)
    if size == DIFFICULTY:
        return logistic(theta, a=np.ones_like(xi[..., 0]), b=xi[..., 0])
    if size == CEILING:
        return evaluate(theta, xi, size=size)[0]
    a, b = exponential(xi[..., 0]), xi[..., 1]
    if size < GUESSING:
        return logistic(theta, a=a, b=b)
    with np.errstate(over="ignore"):  # to the bit what stored sessions were run on, so not expit
        c = 1 / (1 + np.exp(-xi[..., 2]))
    return logistic(theta, a=a, b=b, c=np.minimum(c, NEARLY_ONE))


def evaluate(theta: Floats, xi: Floats, *, size: int) -> tuple[Floats, Floats]:
    _require_size(xi, size)
    a = np.ones_like(xi[..., 0]) if size == DIFFICULTY else exponential(xi[..., 0])
    if not (np.isfinite(xi).all() and np.isfinite(a).all()):
        raise ValueError(f"parameters must be finite, got {xi!r}")
    x = a[..., None] * (theta - xi[..., min(1, size - 1), None])
    values = np.empty((*x.shape[:-1], 2, x.shape[-1]))
    gradient = np.empty((*x.shape[:-1], size, 2, x.shape[-1]))
    by_x = _plain(x, values) if size < GUESSING else _bounded(x, xi, values, gradient[..., 2:, :, :])
    if size > DIFFICULTY:
        np.multiply(x[..., None, :], by_x, out=gradient[..., 0, :, :])
    np.multiply(-a[..., None, None], by_x, out=gradient[..., min(1, size - 1), :, :])
    return values, gradient


def _plain(x: Floats, values: Floats) -> Floats:
    """Fill ``values`` and return their derivatives by x, shape (..., 2, Q)."""
    values[..., 1, :], values[..., 0, :] = log_expit_both(x)
    by_x = np.exp(values[..., ::-1, :])
    np.negative(by_x[..., 0, :], out=by_x[..., 0, :])
    return by_x


def _bounded(x: Floats, xi: Floats, values: Floats, by_asymptote: Floats) -> Floats:
    """Do the same with asymptotes, filling their derivatives, shape (..., 1 or 2, 2, Q), too.

    With s = S(x), c = S(xi_2) and u = S(xi_3) (1 without an upper asymptote): ``P_1 = c + (1 - c) u s`` and
    ``P_0 = (1 - c) (1 - u + u (1 - s))``, sums and products of positive numbers throughout.
    """
    log_s, log_r = log_expit_both(x)
    known, unknown, r = np.exp(log_s), np.exp(log_r), np.exp(log_r)
    by_x = np.empty_like(values)
    np.negative(known, out=by_x[..., 0, :])
    miss = expit(-xi[..., 3:])  # nothing, shape (..., 0), without an upper asymptote
    if miss.size:
        u = expit(xi[..., 3:])
        known, unknown = u * known, miss + u * r
        odds = known / unknown
        np.multiply(-odds, r, out=by_x[..., 0, :])
        np.multiply(-odds, miss, out=by_asymptote[..., 1, 0, :])
        log_r = np.log(unknown)
    c, rest = expit(xi[..., 2, None]), expit(-xi[..., 2, None])
    right = c + rest * known
    np.log(right, out=values[..., 1, :])
    np.add(log_expit(-xi[..., 2, None]), log_r, out=values[..., 0, :])
    share = rest * known / right
    np.multiply(share, r, out=by_x[..., 1, :])
    if miss.size:
        np.multiply(share, miss, out=by_asymptote[..., 1, 1, :])
    by_asymptote[..., 0, 0, :] = -c
    by_asymptote[..., 0, 1, :] = c * rest * unknown / right
    return by_x


def natural(xi: Floats, *, size: int) -> Floats:
    _require_size(xi, size)
    found = np.array(xi, dtype=np.float64)
    if size > DIFFICULTY:
        found[..., 0] = exponential(xi[..., 0])
    found[..., 2:] = expit(xi[..., 2:])
    if size == CEILING:
        found[..., 3] = found[..., 2] + expit(-xi[..., 2]) * found[..., 3]
    return found


def transformed(natural: Floats, *, size: int) -> Floats:
    natural = np.asarray(natural, dtype=np.float64)
    _require_size(natural, size)
    found = natural.copy()
    if size > DIFFICULTY:
        found[..., 0] = logarithm(natural[..., 0], "a")
    if size >= GUESSING:
        found[..., 2] = _logit(natural[..., 2], "c must be in (0, 1)")
    if size == CEILING:
        c, d = natural[..., 2], natural[..., 3]
        found[..., 3] = _logit((d - c) / (1 - c), "d must be in (c, 1): (d - c) / (1 - c)")
    return found


def jacobian(xi: Floats, *, size: int) -> Floats:
    _require_size(xi, size)
    slopes = np.ones(xi.shape)
    if size > DIFFICULTY:
        slopes[..., 0] = exponential(xi[..., 0])
    c, rest = expit(xi[..., 2:3]), expit(-xi[..., 2:3])
    slopes[..., 2:3] = c * rest
    u, miss = expit(xi[..., 3:]), expit(-xi[..., 3:])
    slopes[..., 3:] = rest[..., : u.shape[-1]] * u * miss
    found = diagonal(slopes)
    found[..., 3:, 2:3] = (c * rest)[..., : u.shape[-1], None] * miss[..., None]
    return found


def _logit(share: Floats, expected: str) -> Floats:
    if not np.all((share > 0) & (share < 1)):
        raise ValueError(f"{expected}, got {share!r}")
    found: Floats = logit(share)
    return found


def _require_size(values: Floats, size: int) -> None:
    if values.ndim < 1 or values.shape[-1] != size:
        raise ValueError(f"parameters must be {TRANSFORMED[:size]}, shape (..., {size}), got {values.shape}")
