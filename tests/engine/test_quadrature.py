"""Expected probabilities of the families with many parameters, against a quasi-Monte Carlo of another kind."""

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import qmc

from app.engine.families import FAMILIES
from app.engine.grid import make_grid
from app.engine.quadrature import MOST_NODES, normal_rule
from app.engine.tables import item_rows

GRID = make_grid()


def correlated(sd: list[float]) -> np.ndarray:
    """Covariances at a correlation of .3."""
    return np.asarray(np.outer(sd, sd) * (0.3 + 0.7 * np.eye(len(sd))))


@pytest.mark.parametrize(
    ("name", "mean", "sd", "tolerance"),
    [
        ("rasch", [0.3], [0.8], 1e-5),
        ("4pl", [0.2, 0.3, -1.3, 2.5], [0.35, 0.8, 0.5, 0.5], 2e-5),
        ("pcm", [-1.0, 0.0, 0.5], [0.8, 0.8, 0.8], 1e-5),
        ("grm", [0.1, -1.0, 0.2, 0.1], [0.35, 0.8, 0.4, 0.4], 1e-4),
        ("grm", [0.1, -1.0, 0.2, 0.1, 0.0, -0.3], [0.2, 0.25, 0.2, 0.2, 0.2, 0.2], 2e-4),
        ("grm", [0.1, -2.0, 0.2, 0.1, 0.0, -0.3, 0.1, 0.0], [0.2, 0.25, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2], 2e-4),
        ("grm", [0.1, -1.0, 0.2, 0.1, 0.0, -0.3], [0.35, 0.8, 0.4, 0.4, 0.4, 0.4], 5e-4),
        ("nrm", [0.5, 1.0, 1.8, 0.3, 0.2, -0.5], [0.2, 0.2, 0.25, 0.3, 0.3, 0.3], 2e-4),
        ("nrm", [0.5, 1.0, 1.8, 2.0, 0.3, 0.2, -0.5, 0.1], [0.2, 0.2, 0.25, 0.3, 0.3, 0.3, 0.3, 0.3], 2e-4),
    ],
)
def test_an_expected_row_equals_dense_integration(
    name: str, mean: list[float], sd: list[float], tolerance: float
) -> None:
    """Scrambled Sobol points on Cholesky's axes, 2^17 of them: their own error is below 2e-5."""
    root = np.linalg.cholesky(correlated(sd))
    theta = GRID.theta[::6]
    total = np.zeros((FAMILIES[name].categories(len(mean)), theta.size))
    for block in np.split(ndtri(qmc.Sobol(len(mean), rng=5).random_base2(17)), 32):
        total += np.exp(FAMILIES[name].log_p(theta, np.array(mean) + block @ root.T)).sum(axis=0)
    rows = np.exp(item_rows(GRID, name, np.array(mean), correlated(sd)))
    np.testing.assert_allclose(rows[:, ::6], total / 2**17, rtol=0, atol=tolerance)
    np.testing.assert_allclose(rows.sum(axis=0), 1, atol=1e-12)


@pytest.mark.parametrize("product_only", [False, True])
@pytest.mark.parametrize("axes", [2, 8])
def test_a_rule_has_the_mean_and_the_covariance_asked_for(axes: int, *, product_only: bool) -> None:
    covariance = correlated(np.linspace(0.2, 0.5, axes).tolist())
    nodes, weights = normal_rule(covariance, axes, product_only=product_only)
    assert weights.sum() == pytest.approx(1, abs=1e-12)
    np.testing.assert_allclose(weights @ nodes, 0, atol=1e-4)
    np.testing.assert_allclose((nodes.T * weights) @ nodes, covariance, atol=1e-3 * covariance.max())


def test_a_crowded_product_rule_is_thinned() -> None:
    nodes, _ = normal_rule(correlated([0.5] * 6), 6, product_only=True)
    assert len(nodes) <= MOST_NODES
