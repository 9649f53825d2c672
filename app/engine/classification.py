"""Decisions instead of numbers: on which side of the cuts an ability lies, how surely, and what an item adds.

Cuts c_1 < … < c_m split the scale into bands 0 … m; P_eb is the posterior probability that theta_e lies in band b.
The loss of a decision is quadratic, the Brier score a decision maker must expect (Brier 1950, Mon. Weather Rev. 78):

    loss = sum_e w_e sum_b P_eb (1 - P_eb)

For one cut that is 2 P (1 - P) per domain: the probability of error if sides were drawn at the posterior's odds.
It is the sum of the variances of the bands' indicators, so that the expected drop after an item is exact in the
form of ``app.engine.selection``, with indicators in the place of theta. Unlike the share of wrong decisions
1 - max_b P_eb it tells apart items none of which could turn the decision at once.

A cut lies between nodes: a band's indicator is the row of weights that integrates the cubic spline through a
density over the band, as ``app.engine.report`` does; the rows of all bands sum to one at every node.
"""

from collections.abc import Sequence

import numpy as np
from scipy.interpolate import CubicSpline

from app.engine.grid import Floats, Grid
from app.engine.posterior import Posterior
from app.engine.prior import SecondOrderPrior
from app.engine.selection import Influence


def band_weights(grid: Grid, cuts: Sequence[float]) -> Floats:
    """Weight of every node in every band between the cuts.

    Parameters
    ----------
    cuts : m cut points inside the grid, logits, strictly increasing.

    Returns
    -------
    shape (m + 1, Q), from the lowest band; columns sum to one.

    Raises
    ------
    ValueError
        If the cuts are not strictly increasing inside the grid.
    """
    theta, points = grid.theta, np.asarray(cuts, dtype=np.float64)
    inside = points.ndim == 1 and np.all((points > theta[0]) & (points < theta[-1]))
    if not inside or np.any(np.diff(points) <= 0):
        raise ValueError(f"cuts must be strictly increasing between {theta[0]:g} and {theta[-1]:g}, got {cuts!r}")
    area = CubicSpline(theta, np.eye(theta.size)).antiderivative()(np.concatenate([theta[:1], points, theta[-1:]]))
    weights: Floats = np.diff(area, axis=0) / area[-1]
    return weights


def band_probability(post: Posterior, bands: Floats) -> Floats:
    """Posterior probability of every band in every domain, shape (..., D, B); ``bands`` of shape (B, Q)."""
    probability: Floats = post.domain @ bands.T
    return probability


def certainty(post: Posterior, bands: Floats) -> Floats:
    """Probability of the most probable band of each domain, shape (..., D)."""
    most: Floats = band_probability(post, bands).max(axis=-1)
    return most


def expected_loss(post: Posterior, bands: Floats, weights: Floats) -> float:
    """Quadratic loss of deciding now, ``sum_e w_e sum_b P_eb (1 - P_eb)``; ``weights`` of shape (D,)."""
    chance = band_probability(post, bands)
    return float(weights @ (chance * (1 - chance)).sum(axis=-1))


def band_influence(prior: SecondOrderPrior, post: Posterior, bands: Floats) -> Influence:
    """How the bands' probabilities of every domain move with each domain's ability.

    The bands of a domain sum to one, so m functions carry the m + 1 bands: with A = L' times the upper m
    indicators and L L' = 1 + (ones), the sum of squares over A is the sum over all bands.

    Returns
    -------
    functions of shape (D, D m, Q): targets of domain 0 first; to be weighted by ``np.repeat(weights, m)``.
    """
    carried = _carriers(len(bands)) @ bands[1:]
    size, count = prior.domains, len(carried)
    given_g = np.matmul(post.likelihood[:, None, :] * carried, prior.conditional.transpose(0, 2, 1))
    mean = post.domain @ carried.T
    centred = (given_g / post.evidence[:, None, :] - mean[:, :, None]).reshape(size * count, -1)
    functions = np.matmul(centred[None] * post.weight[:, None, :], prior.conditional) * post.likelihood[:, None, :]
    own = functions.reshape(size, size, count, -1)
    diagonal = np.arange(size)
    own[diagonal, diagonal] = post.domain[:, None, :] * (carried - mean[:, :, None])
    return Influence(functions)


def _carriers(bands: int) -> Floats:
    """L' of shape (m, m) for m + 1 bands."""
    count = bands - 1
    lower = np.linalg.cholesky(np.eye(count) + np.ones((count, count)))
    return np.asarray(lower.T, dtype=np.float64)
