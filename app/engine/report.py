"""From a posterior on the grid to what is reported: intervals, level probabilities, share of own evidence.

A density on nodes is read as spread evenly over each node's cell, so that cut points and quantiles may fall
between nodes.
"""

from collections.abc import Sequence

import numpy as np

from app.engine.grid import Floats, Grid
from app.engine.posterior import Posterior, posterior
from app.engine.prior import SecondOrderPrior


def cumulative(density: Floats, grid: Grid) -> tuple[Floats, Floats]:
    """Cell edges, shape (Q + 1,), and the distribution function at them, shape (..., Q + 1)."""
    edges = np.append(grid.theta - grid.spacing / 2, grid.theta[-1] + grid.spacing / 2)
    total = np.cumsum(density, axis=-1)
    zero = np.zeros((*density.shape[:-1], 1))
    return edges, np.concatenate([zero, total / total[..., -1:]], axis=-1)


def band_probabilities(density: Floats, grid: Grid, cuts: Sequence[float]) -> Floats:
    """Probability of each band between increasing cut points.

    Parameters
    ----------
    density : shape (Q,), sums to one.
    cuts : C cut points, logits, strictly increasing.

    Returns
    -------
    shape (C + 1,), from the lowest band to the highest.

    Raises
    ------
    ValueError
        If the cut points are not finite and strictly increasing.
    """
    points = np.asarray(cuts, dtype=np.float64)
    if points.ndim != 1 or not np.all(np.isfinite(points)) or np.any(np.diff(points) <= 0):
        raise ValueError(f"cuts must be finite and strictly increasing, got {cuts!r}")
    edges, total = cumulative(density, grid)
    return np.diff(np.interp(points, edges, total), prepend=0.0, append=1.0)


def interval(density: Floats, grid: Grid, *, mass: float = 0.95) -> tuple[float, float]:
    """Equal-tailed posterior interval of the given mass, logits.

    Raises
    ------
    ValueError
        If the mass is not strictly between 0 and 1.
    """
    if not 0 < mass < 1:
        raise ValueError(f"mass must be between 0 and 1, got {mass}")
    edges, total = cumulative(density, grid)
    low, high = np.interp([(1 - mass) / 2, (1 + mass) / 2], total, edges)
    return float(low), float(high)


def own_shares(prior: SecondOrderPrior, log_likelihood: Floats, post: Posterior) -> Floats:
    """Share of what was learnt about each domain that comes from its own answers.

    ``share_d = (1 / v_d - 1 / v_-d) / (1 / v_d - 1 / v_0)``, with v_d the posterior variance given all answers,
    v_-d the variance given the other domains' answers only, and v_0 the prior variance. Limited to [0, 1]; 0
    where nothing was learnt.

    Parameters
    ----------
    log_likelihood : shape (D, Q), as given to ``posterior``.

    Returns
    -------
    shape (D,).
    """
    size = prior.domains
    without = np.broadcast_to(log_likelihood, (size, *log_likelihood.shape)).copy()
    without[np.arange(size), np.arange(size)] = 0.0
    others = posterior(prior, without).sd[np.arange(size), np.arange(size)] ** -2.0
    start = posterior(prior, np.zeros_like(log_likelihood)).sd ** -2.0
    now = post.sd**-2.0
    learnt = now - start
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(learnt > 1e-12, (now - others) / learnt, 0.0)  # noqa: PLR2004
    return np.clip(share, 0.0, 1.0)
