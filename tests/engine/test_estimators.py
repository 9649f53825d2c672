"""MAP, ML and weighted likelihood against R mirt, and what they do at the edges."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.estimators import (
    MISSING,
    Estimates,
    batch_log_likelihood,
    expected_a_posteriori,
    maximum_a_posteriori,
    maximum_likelihood,
    weighted_likelihood,
)
from app.engine.grid import Floats, Grid, Ints, make_grid
from app.engine.prior import second_order_prior
from app.engine.tables import ItemTables, item_rows, make_tables

REFERENCE: dict[str, Any] = json.loads((Path(__file__).parent / "reference" / "estimators.json").read_text())
FINE = make_grid(low=-10, high=10, size=401)


def transformed(item: dict[str, Any]) -> Floats:
    steps = [item[name] for name in ("b", "b1", "b2", "b3") if name in item]
    guess = [np.log(item["c"] / (1 - item["c"]))] if "c" in item else []
    return np.array([np.log(item["a"]), *steps, *guess])


def tables_of(items: list[dict[str, Any]], grid: Grid = FINE) -> ItemTables:
    rows = [item_rows(grid, item["model"], transformed(item)) for item in items]
    return make_tables(grid, rows, [0] * len(items), domains=1)


def estimate(method: str, tables: ItemTables, scores: Ints) -> Estimates:
    likelihood = batch_log_likelihood(tables, scores)
    if method == "eap":
        return expected_a_posteriori(second_order_prior(tables.grid, [0.0]), likelihood)
    if method == "map":
        return maximum_a_posteriori(second_order_prior(tables.grid, [0.0]), likelihood)
    if method == "ml":
        return maximum_likelihood(tables.grid, likelihood, answered=(scores != MISSING).sum(axis=1, keepdims=True))
    return weighted_likelihood(tables, likelihood, (scores != MISSING).astype(np.float64))


@pytest.mark.parametrize("method", ["eap", "map", "ml", "wle"])
@pytest.mark.parametrize("name", REFERENCE)
def test_abilities_and_errors_equal_those_of_r_mirt(name: str, method: str) -> None:
    reference = REFERENCE[name]
    patterns = list(reference["scores"])
    scores = np.array([[int(score) for score in pattern] for pattern in patterns])
    found = estimate(method, tables_of(reference["items"]), scores)
    expected = np.array([[float(x or "nan") for x in reference["scores"][p][method]] for p in patterns])
    tolerance = reference["tolerance"]
    np.testing.assert_allclose(found.theta[:, 0], expected[:, 0], rtol=0, atol=tolerance)
    np.testing.assert_allclose(found.se[:, 0], expected[:, 1], rtol=0, atol=tolerance)


LSAT = tables_of(REFERENCE["LSAT-6 2PL"]["items"])


def test_all_right_has_no_finite_maximum_and_no_error() -> None:
    found = estimate("ml", LSAT, np.array([[1, 1, 1, 1, 1], [0, 0, 0, 0, 0]]))
    assert found.theta[:, 0].tolist() == [np.inf, -np.inf]
    assert np.isnan(found.se).all()


@pytest.mark.parametrize("method", ["ml", "wle"])
def test_a_person_without_answers_gets_no_estimate(method: str) -> None:
    found = estimate(method, LSAT, np.full((1, 5), MISSING))
    assert np.isnan(found.theta).all()
    assert np.isnan(found.se).all()


def test_a_person_without_answers_gets_the_prior_by_eap() -> None:
    found = estimate("eap", LSAT, np.full((1, 5), MISSING))
    assert found.theta[0, 0] == pytest.approx(0, abs=1e-12)
    assert found.se[0, 0] == pytest.approx(1, abs=1e-6)


@given(st.lists(st.integers(0, 1), min_size=5, max_size=5))
def test_the_weighted_estimate_is_finite_and_closer_to_the_middle_than_the_maximum(row: list[int]) -> None:
    scores = np.array([row])
    weighted, maximum = estimate("wle", LSAT, scores).theta[0, 0], estimate("ml", LSAT, scores).theta[0, 0]
    assert np.isfinite(weighted)
    middle = -1.98  # where the five items are most informative together
    assert abs(weighted - middle) <= abs(maximum - middle) + 1e-6


def test_a_score_that_is_no_category_is_refused_by_person_and_item() -> None:
    with pytest.raises(ValueError, match="person 1, item 2: score must be in 0 … 1, got 2"):
        batch_log_likelihood(LSAT, np.array([[0, 0, 0, 0, 0], [0, 0, 2, 0, 0]]))
