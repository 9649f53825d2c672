"""Many tests at once: p values adjusted so that a bank of hundreds of items does not flag by chance alone."""

from typing import Literal

import numpy as np
from scipy.stats import false_discovery_control

from app.engine.grid import Floats

Adjustment = Literal["holm", "bh", "none"]


def adjusted(p: Floats, *, method: Adjustment = "bh") -> Floats:
    """Adjusted p values; NaN (a test that could not be done) stays NaN and does not count.

    ``holm`` holds the chance of any false flag (Holm 1979, Scandinavian Journal of Statistics 6); ``bh`` the expected
    share of false ones among the flags (Benjamini & Hochberg 1995, JRSS B 57).

    Parameters
    ----------
    p : shape (n,).

    Raises
    ------
    ValueError
        If the method is unknown.
    """
    if method not in {"holm", "bh", "none"}:
        raise ValueError(f"method must be holm, bh or none, got {method!r}")
    out = np.asarray(p, dtype=np.float64).copy()
    known = np.isfinite(out)
    if method == "none" or not known.any():
        return out
    out[known] = _holm(out[known]) if method == "holm" else false_discovery_control(out[known])
    return out


def _holm(p: Floats) -> Floats:
    order = np.argsort(p)
    stepped = np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1))
    out = np.empty_like(p)
    out[order] = np.minimum(stepped, 1.0)
    return out
