"""Published fits in every family against R mirt: log-likelihoods and scores (reference/models.json)."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from app.engine.estimators import Method, estimate
from app.engine.families import FAMILIES
from app.engine.grid import make_grid
from app.engine.prior import second_order_prior
from app.engine.tables import ItemTables, item_rows, log_likelihood, make_tables

REFERENCE: dict[str, Any] = json.loads((Path(__file__).parent / "reference" / "models.json").read_text("utf-8"))
FITS, TOLERANCE = REFERENCE["fits"], REFERENCE["tolerance"]
SCORED = [name for name, fit in FITS.items() if "scores" in fit]
GRID = make_grid(low=-10, high=10, size=401)


def tables_of(fit: dict[str, Any]) -> ItemTables:
    rows = []
    for item in fit["items"]:
        natural = np.array([value for name, value in item.items() if name not in {"item", "model"}])
        rows.append(item_rows(GRID, item["model"], FAMILIES[item["model"]].transformed(natural)))
    return make_tables(GRID, rows, [0] * len(rows), domains=1)


def marginal(fit: dict[str, Any], *, sd: float) -> float:
    """Log-likelihood of the frequency table in a population N(0, sd²), as a plain sum over the nodes."""
    tables = tables_of(fit)
    weights = np.exp(-0.5 * (GRID.theta / sd) ** 2)
    weights /= weights.sum()
    items, total = np.arange(tables.size), 0.0
    for pattern, count in REFERENCE["data"][fit["data"]].items():
        likelihood = np.exp(log_likelihood(tables, items, np.array([int(score) for score in pattern]))[0])
        total += count * float(np.log(likelihood @ weights))
    return total


@pytest.mark.parametrize("name", [name for name, fit in FITS.items() if "sd" not in fit])
def test_a_published_fit_has_its_published_log_likelihood(name: str) -> None:
    assert marginal(FITS[name], sd=1.0) == pytest.approx(FITS[name]["log_likelihood"], abs=TOLERANCE)


@pytest.mark.parametrize("name", [name for name, fit in FITS.items() if "sd" in fit])
def test_a_published_fit_of_unit_slopes_has_it_at_the_likeliest_spread(name: str) -> None:
    """These fits leave the population's standard deviation free, and the files do not give it: it is the best one."""
    best = minimize_scalar(lambda sd: -marginal(FITS[name], sd=sd), bounds=(0.3, 3), method="bounded")
    assert -best.fun == pytest.approx(FITS[name]["log_likelihood"], abs=TOLERANCE)


@pytest.mark.parametrize("method", ["eap", "map", "ml", "wle"])
@pytest.mark.parametrize("name", SCORED)
def test_polytomous_abilities_and_errors_equal_those_of_r_mirt(name: str, method: Method) -> None:
    tables = tables_of(FITS[name])
    patterns = list(FITS[name]["scores"])
    scores = np.array([[int(score) for score in pattern] for pattern in patterns])
    found = estimate(tables, scores, method=method, prior=second_order_prior(GRID, [0.0]))
    expected = np.array([[float("nan" if x is None else x) for x in FITS[name]["scores"][p][method]] for p in patterns])
    np.testing.assert_allclose(found.theta[:, 0], expected[:, 0], rtol=0, atol=TOLERANCE)
    np.testing.assert_allclose(found.se[:, 0], expected[:, 1], rtol=0, atol=TOLERANCE)
