"""The formulas of the engine written out naively, on the full product grid: slow, plain, independent of app.engine."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def curve(theta: Array, *, a: float, b: Sequence[float], c: float = 0.0) -> Array:
    """Category probabilities of a 2PL, 3PL (one b) or generalised partial credit item (several), shape (m + 1, Q)."""
    if len(b) == 1:
        right = c + (1 - c) / (1 + np.exp(-a * (theta - b[0])))
        return np.array([1 - right, right])
    odds = [np.ones_like(theta)]
    for step in b:
        odds.append(odds[-1] * np.exp(a * (theta - step)))
    return np.asarray(np.array(odds) / np.sum(odds, axis=0))


@dataclass(frozen=True)
class Joint:
    """P(g, theta_1, …, theta_D | answers) on the product grid: first axis g, then the domains."""

    theta: Array
    density: Array

    @property
    def domains(self) -> int:
        return self.density.ndim - 1

    def marginal(self, axis: int) -> Array:
        others = tuple(other for other in range(self.density.ndim) if other != axis)
        return np.asarray(self.density.sum(axis=others))

    def mean(self, axis: int) -> float:
        return float((self.marginal(axis) * self.theta).sum())

    def variance(self, axis: int) -> float:
        return float((self.marginal(axis) * self.theta**2).sum() - self.mean(axis) ** 2)

    def correlation(self, one: int, other: int) -> float:
        if one == other:
            return 1.0
        left = np.expand_dims(self.theta, tuple(a for a in range(self.density.ndim) if a != one))
        right = np.expand_dims(self.theta, tuple(a for a in range(self.density.ndim) if a != other))
        covariance = float((self.density * left * right).sum()) - self.mean(one) * self.mean(other)
        return covariance / float(np.sqrt(self.variance(one) * self.variance(other)))


def joint(theta: Array, loadings: Sequence[float], likelihoods: Array) -> Joint:
    """Multiply p(g) prod_d p(theta_d | g) L_d(theta_d) out over the product grid."""
    size, domains = theta.size, len(loadings)
    general = np.exp(-(theta**2) / 2)
    density = (general / general.sum()).reshape(size, *[1] * domains)
    for d, (loading, likelihood) in enumerate(zip(loadings, likelihoods, strict=True)):
        rows = np.exp(-((theta[None, :] - loading * theta[:, None]) ** 2) / (2 * (1 - loading**2)))
        rows = rows / rows.sum(axis=1, keepdims=True) * likelihood[None, :]
        shape = [size] + [1] * domains
        shape[d + 1] = size
        density = density * rows.reshape(shape)
    return Joint(theta, density / density.sum())
