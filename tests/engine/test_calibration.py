"""Calibration against published estimates, and against a direct maximisation that shares nothing with it."""

import numpy as np
import pytest
from scipy import optimize

from app.engine.beliefs import FLAT, Belief, Beliefs, Role
from app.engine.calibration import calibrate
from app.engine.grid import Floats, Ints
from app.engine.observed_information import uncertainty
from app.engine.responses import arrange
from tests.engine.calibration_cases import (
    FIGURES,
    MODELS,
    natural,
    published,
    published_parameters,
    second_order_abilities,
)
from tests.engine.dif_cases import verbal_aggression

GUESS = {Role.GUESS: Belief(-1.40, 0.5)}
PUBLISHED = [
    ("LSAT-6 2PL", "LSAT6", "2pl", FLAT),
    ("LSAT-7 2PL", "LSAT7", "2pl", FLAT),
    ("LSAT-6 Rasch", "LSAT6", "rasch", FLAT),
    ("LSAT-7 Rasch", "LSAT7", "rasch", FLAT),
    ("LSAT-7 3PL, prior on logit c", "LSAT7", "3pl", GUESS),
    ("Science graded", "Science", "grm", FLAT),
    ("Science gpcm", "Science", "gpcm", FLAT),
    ("Science PCM", "Science", "pcm", FLAT),
    ("Science nominal", "Science", "nrm", FLAT),
]


@pytest.mark.parametrize(("fit", "data", "model", "beliefs"), PUBLISHED)
def test_published_data_give_the_estimates_of_mirt(fit: str, data: str, model: str, beliefs: Beliefs) -> None:
    responses = published(data)

    found = calibrate(responses, [model] * len(responses.layout.categories), beliefs=beliefs)

    assert found.converged
    assert found.log_likelihood == pytest.approx(MODELS["fits"][fit]["log_likelihood"], abs=1e-3)
    assert natural(found) == pytest.approx(published_parameters(fit), abs=5e-3)


def test_lsat_7_with_a_prior_has_the_log_density_of_priors_that_mirt_reports() -> None:
    found = calibrate(published("LSAT7"), ["3pl"] * 5, beliefs=GUESS)

    assert found.log_prior == pytest.approx(-1.203023, abs=1e-4)


@pytest.mark.parametrize(("fit", "data", "model", "beliefs"), [PUBLISHED[k] for k in (0, 1, 4, 5, 6)])
def test_standard_errors_are_those_of_mirt(fit: str, data: str, model: str, beliefs: Beliefs) -> None:
    figures = FIGURES["fits"][fit.split(",", maxsplit=1)[0]]
    found = calibrate(published(data), [model] * len(figures), beliefs=beliefs)

    sure = uncertainty(found)

    for item, expected in enumerate(figures):
        covariance = slope_and_intercepts(model, found.estimate.items[0][item])
        se = np.sqrt(np.diagonal(covariance @ sure.items[0][item] @ covariance.T))
        assert se == pytest.approx([figure[1] for figure in expected.values()], rel=0.005)


def slope_and_intercepts(model: str, xi: Floats) -> Floats:
    """d (a, d_1 …, logit c) / d xi by complex steps, with mirt's intercepts."""

    def intercepts(x: Floats) -> Floats:
        a = np.exp(x[0])
        if model == "gpcm":
            return np.concatenate([[a], -a * np.cumsum(x[1:])])
        if model == "grm":
            return np.concatenate([[a], -a * np.cumsum(np.concatenate([x[1:2], np.exp(x[2:])]))])
        return np.concatenate([[a, -a * x[1]], x[2:]])

    steps = np.eye(xi.size) * 1e-20j
    return np.stack([intercepts(xi + step).imag / 1e-20 for step in steps], axis=1)


@pytest.mark.parametrize("model", ["rasch", "2pl"])
def test_verbal_aggression_has_the_log_likelihood_of_mirt(model: str) -> None:
    scores, _ = verbal_aggression()

    found = calibrate(arrange(scores), [model] * 24, beliefs=FLAT)

    # mirt's Rasch fit stops a thousandth short: TAM and this one reach -4036.9049 to -4036.9089.
    assert found.log_likelihood == pytest.approx(FIGURES["log_likelihood"][f"verbal {model}"], abs=2e-3)


def test_two_groups_have_the_mean_and_variance_of_mirt() -> None:
    scores, men = verbal_aggression()

    found = calibrate(arrange(scores, group=men.astype(int)), ["2pl"] * 24, beliefs=FLAT)

    population, figures = found.estimate.population, FIGURES["two_groups"]
    assert found.log_likelihood == pytest.approx(FIGURES["log_likelihood"]["verbal two groups"], abs=1e-3)
    assert population.mean[:, 0] == pytest.approx([0, figures["mean"]], abs=1e-3)
    assert population.sd[:, 0] ** 2 == pytest.approx([1, figures["variance"]], abs=1e-3)
    a, b = natural(found).T
    assert np.column_stack([a, -a * b]) == pytest.approx(np.array(figures["items"]), abs=5e-3)


# --- An independent maximisation -------------------------------------------------------------------------------


def direct_log_likelihood(parameters: Floats, scores: Ints, weight: Ints, domain: Ints) -> float:
    """Three freely correlated abilities, integrated over a product of Gauss-Hermite rules; two-parameter items."""
    node, mass = np.polynomial.hermite_e.hermegauss(21)
    cube = np.stack(np.meshgrid(node, node, node, indexing="ij"), axis=-1).reshape(-1, 3)
    volume = np.prod(np.stack(np.meshgrid(mass, mass, mass, indexing="ij"), axis=-1).reshape(-1, 3), axis=1)
    items = scores.shape[1]
    slope, intercept = np.exp(parameters[:items]), parameters[items : 2 * items]
    r12, r13, r23 = np.tanh(parameters[2 * items :])
    correlation = np.array([[1, r12, r13], [r12, 1, r23], [r13, r23, 1]])
    try:
        theta = cube @ np.linalg.cholesky(correlation).T
    except np.linalg.LinAlgError:
        return -1e9
    logit = slope * theta[:, domain] + intercept
    log_likelihood = logit @ scores.T - np.logaddexp(0, logit).sum(axis=1, keepdims=True)
    return float(np.log(volume @ np.exp(log_likelihood) / volume.sum()) @ weight)


def test_three_domains_reach_the_maximum_of_freely_correlated_abilities() -> None:
    rng, domain = np.random.default_rng(5), np.repeat([0, 1, 2], 2)
    theta = second_order_abilities(rng, 1500, [0.85, 0.75, 0.8])
    xi = np.column_stack([np.full(6, 0.5), rng.normal(0, 0.7, 6)])
    logit = np.exp(xi[:, 0]) * (theta[:, domain] - xi[:, 1])
    scores = (rng.random((1500, 6)) < 1 / (1 + np.exp(-logit))).astype(int)

    found = calibrate(arrange(scores, domain=domain), ["2pl"] * 6, beliefs=FLAT, tolerance=1e-7)

    pattern, count = np.unique(scores, axis=0, return_counts=True)
    start = np.concatenate([xi[:, 0], -np.exp(xi[:, 0]) * xi[:, 1], np.arctanh([0.6, 0.6, 0.6])])

    def objective(x: Floats) -> float:
        return -direct_log_likelihood(x, pattern, count, domain)

    direct = optimize.minimize(objective, start, method="BFGS")
    assert found.log_likelihood == pytest.approx(-direct.fun, abs=5e-3)
    a, b = natural(found).T
    assert np.concatenate([np.log(a), -a * b]) == pytest.approx(direct.x[:12], abs=0.02)
    loading = found.estimate.population.loading
    products = [loading[0] * loading[1], loading[0] * loading[2], loading[1] * loading[2]]
    assert np.tanh(direct.x[12:]) == pytest.approx(products, abs=0.01)
