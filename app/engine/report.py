"""From a posterior on the grid to what is reported: intervals, level probabilities, share of own evidence.

Cut points and quantiles fall between nodes: a density known on the nodes is read as the cubic spline through them,
which is exact to 1e-4 in probability and in logits as long as the posterior is no sharper than the grid allows.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy.interpolate import CubicSpline

from app.engine.grid import Floats, Grid
from app.engine.posterior import Posterior, posterior
from app.engine.prior import SecondOrderPrior

POINTS_PER_CELL: Final = 20
"""Points between two nodes at which the distribution function is computed; straight lines join them."""


def cumulative(density: Floats, grid: Grid) -> tuple[Floats, Floats]:
    """Points from the first node to the last, and the distribution function at them, from 0 to 1.

    Parameters
    ----------
    density : shape (..., Q), on any positive scale.

    Returns
    -------
    points, shape (P,), and distribution, shape (..., P), which never falls.
    """
    points = np.linspace(grid.theta[0], grid.theta[-1], POINTS_PER_CELL * (grid.size - 1) + 1)
    area = CubicSpline(grid.theta, density, axis=-1).antiderivative()(points)
    rising = np.maximum.accumulate(area, axis=-1)
    return points, rising / rising[..., -1:]


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
    theta, total = cumulative(density, grid)
    return np.diff(np.interp(points, theta, total), prepend=0.0, append=1.0)


def interval(density: Floats, grid: Grid, *, mass: float = 0.95) -> tuple[float, float]:
    """Equal-tailed posterior interval of the given mass, logits.

    Raises
    ------
    ValueError
        If the mass is not strictly between 0 and 1.
    """
    if not 0 < mass < 1:
        raise ValueError(f"mass must be between 0 and 1, got {mass}")
    theta, total = cumulative(density, grid)
    low, high = np.interp([(1 - mass) / 2, (1 + mass) / 2], total, theta)
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
