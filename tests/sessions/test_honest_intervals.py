"""An interval said to be 95 % holds the true ability 95 times in 100."""

from typing import Any

import numpy as np
import pytest

from app.bank.provisional import judged
from app.engine.grid import Floats
from app.engine.report import interval
from app.sessions.flow import make_course
from itembank.model import Item
from tests.builders import make_policy
from tests.engine.brute import curve
from tests.sessions.courses import POOL, SHORT, rng
from tests.sessions.simulated import Answering, sit


def belief(item: Item) -> tuple[str, Floats, Floats]:
    """Model, mean, and a root of the covariance of an untried item's transformed parameters."""
    model, mean, covariance = judged(item, POOL.framework)
    return model, mean, np.asarray(np.linalg.cholesky(covariance), dtype=np.float64)


def examinee(theta: Floats, draw: np.random.Generator) -> Answering:
    """Someone of these abilities, for whom each item's true parameters are drawn from what is believed of it."""

    def answer(index: int) -> int:
        model, mean, root = BELIEFS[index]
        x = mean + root @ draw.normal(size=mean.size)
        guess, steps = (1 / (1 + np.exp(-x[2])), x[1:2]) if model == "3pl" else (0.0, x[1:])
        ability = theta[POOL.tables.domain[index] : POOL.tables.domain[index] + 1]
        chances = curve(ability, a=float(np.exp(x[0])), b=steps.tolist(), c=float(guess))[:, 0]
        return int(np.searchsorted(np.cumsum(chances), draw.random()))

    return answer


BELIEFS = [belief(item) for item in POOL.items]


def coverage(sittings: int, *, seed: int, **rules: Any) -> tuple[float, float]:
    """Share of 95 % intervals over five domains that hold the true ability, and its Monte-Carlo error."""
    draw, policy = rng(seed), make_policy(**rules)
    inside = np.zeros((sittings, 5))
    for number in range(sittings):
        course = make_course(POOL, policy, seed=number, ineligible=frozenset())
        loading = course.prior.loadings
        theta = loading * draw.normal() + np.sqrt(1 - loading**2) * draw.normal(size=5)
        found = sit(course, examinee(theta, draw)).decisions[-1].state.posterior
        for d in range(5):
            low, high = interval(found.domain[d], course.prior.grid)
            inside[number, d] = low <= theta[d] <= high
    return float(inside.mean()), float(inside.mean(axis=1).std() / np.sqrt(sittings))


@pytest.mark.parametrize("sittings", [1500, pytest.param(4000, marks=pytest.mark.nightly)])
def test_intervals_of_short_adaptive_tests_are_honest(sittings: int) -> None:
    found, error = coverage(sittings, seed=95, **{**SHORT, "length": {"at_most": 6}})
    assert 3 * error < 0.01
    assert 0.94 <= found <= 0.96


@pytest.mark.nightly
def test_intervals_of_full_adaptive_tests_are_honest() -> None:
    found, error = coverage(6000, seed=96)
    assert 3 * error < 0.01
    assert 0.94 <= found <= 0.96
