"""The families of items scored 0 … m in steps: partial credit (PCM), its generalisation (GPCM), nominal (NRM).

Transformed parameters: (b_1 … b_m), (log a, b_1 … b_m) or (a_1 … a_m, c_1 … c_m). See ``families.Family`` for what
each function is.
"""

import numpy as np

from app.engine.grid import Floats
from app.engine.models import generalised_partial_credit, nominal_response
from app.engine.transforms import diagonal, exponential, logarithm


def pcm_log_p(theta: Floats, xi: Floats) -> Floats:
    return generalised_partial_credit(theta, a=np.ones(xi.shape[:-1]), b=xi)


def pcm_evaluate(theta: Floats, xi: Floats) -> tuple[Floats, Floats]:
    log_p, p, _ = _credit(theta, np.ones(xi.shape[:-1]), xi)
    return log_p, _fill_steps(np.empty((*xi.shape, *p.shape[-2:])), np.ones(xi.shape[:-1]), p)


def gpcm_log_p(theta: Floats, xi: Floats) -> Floats:
    return generalised_partial_credit(theta, a=exponential(xi[..., 0]), b=xi[..., 1:])


def gpcm_evaluate(theta: Floats, xi: Floats) -> tuple[Floats, Floats]:
    a = exponential(xi[..., 0])
    log_p, p, ladder = _credit(theta, a, xi[..., 1:])
    gradient = np.empty((*xi.shape, *p.shape[-2:]))
    mean = np.einsum("...cq,...cq->...q", p, ladder)
    np.subtract(ladder, mean[..., None, :], out=gradient[..., 0, :, :])
    _fill_steps(gradient[..., 1:, :, :], a, p)
    return log_p, gradient


def _credit(theta: Floats, a: Floats, b: Floats) -> tuple[Floats, Floats, Floats]:
    """Log-probabilities, probabilities and log-weights of the categories, shape (..., C, Q)."""
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise ValueError(f"a and b must be finite, got {a!r} and {b!r}")
    ladder = np.zeros((*b.shape[:-1], b.shape[-1] + 1, theta.size))
    np.subtract(theta, b[..., None], out=ladder[..., 1:, :])
    ladder[..., 1:, :] *= a[..., None, None]
    for c in range(2, ladder.shape[-2]):
        ladder[..., c, :] += ladder[..., c - 1, :]
    return *_shares(ladder), ladder


def _shares(ladder: Floats) -> tuple[Floats, Floats]:
    """Log-probabilities and probabilities from log-weights, shape (..., C, Q)."""
    log_p = ladder - ladder.max(axis=-2, keepdims=True)
    p = np.exp(log_p)
    total = p.sum(axis=-2, keepdims=True)
    p /= total
    log_p -= np.log(total)
    return log_p, p


def _fill_steps(gradient: Floats, a: Floats, p: Floats) -> Floats:
    """``d log P_c / d b_v = a (P(C >= v) - [c >= v])``, shape (..., m, C, Q)."""
    reached = np.zeros_like(p[..., 0, :])
    for v in range(p.shape[-2] - 1, 0, -1):
        reached += p[..., v, :]
        gradient[..., v - 1, :, :] = (a[..., None] * reached)[..., None, :]
        gradient[..., v - 1, v:, :] -= a[..., None, None]
    return gradient


def gpcm_natural(xi: Floats) -> Floats:
    return np.concatenate([exponential(xi[..., :1]), xi[..., 1:]], axis=-1)


def gpcm_transformed(natural: Floats) -> Floats:
    natural = np.asarray(natural, dtype=np.float64)
    return np.concatenate([logarithm(natural[..., :1], "a"), natural[..., 1:]], axis=-1)


def gpcm_jacobian(xi: Floats) -> Floats:
    return diagonal(np.concatenate([exponential(xi[..., :1]), np.ones_like(xi[..., 1:])], axis=-1))


def nrm_log_p(theta: Floats, xi: Floats) -> Floats:
    a, c = _halves(xi)
    return nominal_response(theta, a=a, c=c)


def nrm_evaluate(theta: Floats, xi: Floats) -> tuple[Floats, Floats]:
    """``d log P_c / d c_k = [c = k] - P_k``, and theta times that by a_k."""
    if not np.isfinite(xi).all():
        raise ValueError(f"a and c must be finite, got {xi!r}")
    a, c = _halves(xi)
    ladder = np.zeros((*a.shape[:-1], a.shape[-1] + 1, theta.size))
    ladder[..., 1:, :] = a[..., None] * theta + c[..., None]
    log_p, p = _shares(ladder)
    gradient = np.empty((*xi.shape, *p.shape[-2:]))
    by_slope, by_intercept = gradient[..., : a.shape[-1], :, :], gradient[..., a.shape[-1] :, :, :]
    for k in range(1, p.shape[-2]):
        np.negative(p[..., k, None, :], out=by_intercept[..., k - 1, :, :])
        by_intercept[..., k - 1, k, :] += 1
    np.multiply(theta, by_intercept, out=by_slope)
    return log_p, gradient


def _halves(xi: Floats) -> tuple[Floats, Floats]:
    above = xi.shape[-1] // 2
    return xi[..., :above], xi[..., above:]


def identity(values: Floats) -> Floats:
    """Transformed parameters that are the natural ones."""
    return np.array(values, dtype=np.float64)


def identity_jacobian(xi: Floats) -> Floats:
    return diagonal(np.ones(xi.shape))
