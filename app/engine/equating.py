"""Scores of one form as scores of another, items of both on one scale."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from app.engine.common_items import Calibrated, probabilities
from app.engine.grid import Floats
from app.engine.summed_scores import score_distribution

FARTHEST = 60.0
"""Abilities are sought in [-60, 60] logits."""


@dataclass(frozen=True, slots=True, eq=False)
class Equated:
    """Summed scores of the first form and what they are worth on the second, shapes (K,).

    Attributes
    ----------
    score : 0 … highest score of the first form.
    equivalent : scores of the second form.
    theta : the ability at which ``score`` is expected; NaN where there is none, and in observed-score equating.
    """

    score: Floats
    equivalent: Floats
    theta: Floats


def equate_true_scores(first: Calibrated, second: Calibrated) -> Equated:
    """Expected score of the second form at the ability whose expected score on the first is k (Lord 1980).

    The highest score answers to the highest. At or below the sum of the guessing levels no ability expects the score:
    there the straight line from nothing to those sums is taken (Kolen 1981); above the sum of the upper asymptotes, the
    line from those sums to the highest scores.
    """
    most, top = (float(sum(len(block) - 1 for block in probabilities(form, np.zeros(1)))) for form in (first, second))
    low, floor, high, ceiling = (_expected(form, at) for at in (-FARTHEST, FARTHEST) for form in (first, second))
    score = np.arange(most + 1)
    theta, equivalent = np.full(score.size, np.nan), np.full(score.size, top)
    for place, k in enumerate(score[:-1]):
        if k <= low:
            equivalent[place] = k * floor / low
        elif k >= high:
            equivalent[place] = ceiling + (k - high) * (top - ceiling) / (most - high)
        else:
            theta[place] = brentq(lambda at, k=k: _expected(first, at) - k, -FARTHEST, FARTHEST)
            equivalent[place] = _expected(second, theta[place])
    return Equated(score, equivalent, theta)


def equate_observed_scores(first: Calibrated, second: Calibrated, theta: Floats, weights: Floats) -> Equated:
    """Equipercentile equating of the score distributions that the model gives in a population.

    Percentile ranks take a score as spread evenly over half a point to either side (Kolen & Brennan 2014, chapter 2).

    Parameters
    ----------
    theta, weights : shape (Q,), the population: abilities and their shares, on the items' common scale.
    """
    share = weights / weights.sum()
    here, there = (score_distribution(probabilities(form, theta)) @ share for form in (first, second))
    rank = np.cumsum(here) - here / 2
    reached = np.cumsum(there)
    whole = np.minimum(np.searchsorted(reached, rank, side="left"), there.size - 1)
    equivalent = whole - 0.5 + (rank - (reached - there)[whole]) / there[whole]
    return Equated(np.arange(here.size, dtype=np.float64), equivalent, np.full(here.size, np.nan))


def _expected(form: Calibrated, theta: float) -> float:
    """Expected summed score at one ability."""
    return float(sum(np.arange(len(block)) @ block[:, 0] for block in probabilities(form, np.array([theta]))))
