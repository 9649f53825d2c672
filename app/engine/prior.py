"""The second-order prior: one general ability behind the domains.

    g ~ N(0, 1)      theta_d = mean_d + sd_d (lambda_d g + sqrt(1 - lambda_d^2) e_d)

with mean 0 and standard deviation 1 in the reference population, so that corr(theta_d, theta_e) = lambda_d lambda_e.

Given g the domains are independent, which is what makes the exact joint posterior cheap (dimension reduction:
Gibbons & Hedeker 1992, Psychometrika 57).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.engine.grid import Floats, Grid, normal_weights

CONDITIONAL_FLOOR = -500.0
"""Log of the smallest conditional density kept, so that domains that contradict each other stay finite."""


@dataclass(frozen=True, slots=True, eq=False)
class SecondOrderPrior:
    """Discretised prior of D domains on one grid.

    Attributes
    ----------
    loadings : shape (D,), lambda_d in [0, 1).
    general, log_general : shape (K,), P(g = g_k), summing to one; the general factor uses the grid's nodes (K = Q).
    conditional : shape (D, K, Q), P(theta_d = theta_q | g_k), rows summing to one.
    marginal : shape (D, Q), P(theta_d = theta_q).
    """

    grid: Grid
    loadings: Floats
    general: Floats
    log_general: Floats
    conditional: Floats
    marginal: Floats

    @property
    def domains(self) -> int:
        """Number of domains, D."""
        return int(self.loadings.size)


def second_order_prior(
    grid: Grid, loadings: Sequence[float], *, mean: Sequence[float] | None = None, sd: Sequence[float] | None = None
) -> SecondOrderPrior:
    """Build the prior; ``loadings = [0, …]`` gives D separate tests, one domain the classical adaptive test.

    ``mean`` and ``sd``: shape (D,), logits, of a population that is not the reference one.

    Raises
    ------
    ValueError
        If a loading is outside [0, 1) or so high that sd sqrt(1 - lambda^2) falls below the grid's spacing, or
        there is not one finite mean and positive sd per domain.
    """
    lam = np.asarray(loadings, dtype=np.float64)
    if lam.ndim != 1 or lam.size == 0 or not np.all((lam >= 0) & (lam < 1)):
        raise ValueError(f"loadings must be one or more numbers in [0, 1), got {loadings!r}")
    centre = np.zeros(lam.size) if mean is None else np.asarray(mean, dtype=np.float64)
    width = np.ones(lam.size) if sd is None else np.asarray(sd, dtype=np.float64)
    if centre.shape != lam.shape or width.shape != lam.shape or not np.all(np.isfinite(centre + width) & (width > 0)):
        raise ValueError(f"mean and sd must be finite, sd positive, one per domain, got {mean!r} and {sd!r}")
    spread = width * np.sqrt(1 - lam**2)
    if spread.min() < grid.spacing:
        narrow = int(np.argmin(spread))
        limit = np.sqrt(max(0.0, 1 - (grid.spacing / width[narrow]) ** 2))
        raise ValueError(
            f"loadings must be at most {limit:.4f} on a grid of spacing {grid.spacing:.3g}, got {loadings!r}"
        )
    theta = grid.theta
    expected = centre[:, None] + (width * lam)[:, None] * theta
    z = (theta[None, None, :] - expected[:, :, None]) / spread[:, None, None]
    log_density = -0.5 * z**2
    log_density -= log_density.max(axis=-1, keepdims=True)
    conditional = np.exp(np.maximum(log_density, CONDITIONAL_FLOOR))
    conditional /= conditional.sum(axis=-1, keepdims=True)
    general = normal_weights(theta)
    prior = SecondOrderPrior(grid, lam, general, np.log(general), conditional, general @ conditional)
    for array in (prior.loadings, prior.general, prior.log_general, prior.conditional, prior.marginal):
        array.setflags(write=False)
    return prior
