"""Distributions of summed scores given ability."""

from collections.abc import Sequence

import numpy as np

from app.engine.grid import Floats


def score_distribution(probabilities: Sequence[Floats]) -> Floats:
    """P(summed score = k | theta_q), by recursion over items (Lord & Wingersky 1984; Thissen et al. 1995).

    Parameters
    ----------
    probabilities : one (C, Q) block of category probabilities per item; no item at all gives the score 0.

    Returns
    -------
    shape (K, Q), scores 0 … K - 1 = sum of the highest scores.
    """
    nodes = probabilities[0].shape[1] if probabilities else 1
    known = np.ones((1, nodes))
    for block in probabilities:
        longer = np.zeros((len(known) + len(block) - 1, nodes))
        for category, p in enumerate(block):
            longer[category : category + len(known)] += known * p
        known = longer
    return known
