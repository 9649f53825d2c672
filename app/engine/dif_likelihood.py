"""Differential item functioning by likelihood ratio under a response model.

One item's parameters are estimated once for both groups and once for each, while the other items, known from a bank,
hold the scale; the groups' means and spreads are free in both cases (Thissen, Steinberg & Wainer 1993).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import chi2

from app.engine.batch import MISSING, Scores, contrasts, dense_likelihood
from app.engine.dif import LARGE_P_DIF, LEVEL, SMALL_P_DIF, UNKNOWN
from app.engine.families import FAMILIES, Family
from app.engine.grid import Floats
from app.engine.matching import Bools
from app.engine.tables import ItemTables

BLOCK: Final = 10_000
"""Persons whose likelihoods are looked at together."""
DOUBLE_TO: Final = 100_000
"""Persons up to whom likelihoods are kept in double precision."""
Block = NDArray[np.floating[Any]]
FEWEST: Final = 20
"""Answers that each group needs."""
STEP: Final = 1e-4
"""Step of the differences that give the curvature."""


@dataclass(frozen=True, slots=True, eq=False)
class LikelihoodRatio:
    """Statistic, degrees of freedom and p value of two nested models."""

    statistic: float
    df: int
    p: float


def likelihood_ratio(constrained: float, free: float, df: int) -> LikelihoodRatio:
    """Compare two maximised log-likelihoods; also for models calibrated elsewhere.

    Raises
    ------
    ValueError
        If there is no degree of freedom.
    """
    if df < 1:
        raise ValueError(f"df must be at least 1, got {df}")
    statistic = max(2 * (free - constrained), 0.0)
    return LikelihoodRatio(statistic, df, float(chi2.sf(statistic, df)))


@dataclass(frozen=True, slots=True, eq=False)
class GroupParameters:
    """One item under each group.

    Attributes
    ----------
    test : equal parameters against group-wise ones; None where an answer category or a group is too rare to tell.
    reference, focal : transformed parameters, shape (p,).
    difference, difference_se : focal less reference, and standard errors, shape (p,); asymptotes stay at the bank's, 0.
    signed, unsigned : mean difference of expected scores over the focal group, and of its size, in shares of the
        highest score; negative where the item is harder for the focal group.
    """

    test: LikelihoodRatio | None
    reference: Floats
    focal: Floats
    difference: Floats
    difference_se: Floats
    signed: float
    unsigned: float

    @property
    def letter(self) -> str:
        """Class "A" where p >= .05 or ``unsigned`` is at most .05, "C" above .10, "B" between, "?" unknown."""
        if self.test is None:
            return UNKNOWN
        if self.test.p >= LEVEL or self.unsigned <= SMALL_P_DIF:
            return "A"
        return "C" if self.unsigned > LARGE_P_DIF else "B"


def likelihood_ratio_dif(
    tables: ItemTables,
    scores: Scores,
    focal: Bools,
    models: Sequence[str],
    means: Sequence[Floats],
    *,
    anchors: Bools | None = None,
) -> list[GroupParameters]:
    """Compare every item under both groups, with the others of its domain as anchors.

    Parameters
    ----------
    scores : shape (N, n), ``MISSING`` where not seen.
    focal : shape (N,), False for the reference group.
    models, means : the bank's family and transformed parameters of each item, from which estimation starts.
    anchors : shape (n,), items that hold the scale; all unless given. The studied item never does.
    """
    kept = np.ones(tables.size, dtype=np.bool_) if anchors is None else anchors
    of_domain = contrasts(tables)
    found = []
    for item, (model, mean) in enumerate(zip(models, means, strict=True)):
        who = np.flatnonzero(scores[:, item] != MISSING)
        others = kept & (np.arange(tables.size) != item)
        contrast = of_domain[tables.domain[item]]
        anchored = (
            dense_likelihood(contrast, np.where(others, scores[part], MISSING))
            for part in np.split(who, list(range(BLOCK, who.size, BLOCK)))
        )
        found.append(compare_groups(tables.grid.theta, anchored, scores[who, item], focal[who], model=model, mean=mean))
    return found


def compare_groups(
    theta: Floats, anchored: Iterable[Floats], score: Scores, focal: Bools, *, model: str, mean: Floats
) -> GroupParameters:
    """Compare one item under both groups.

    Parameters
    ----------
    theta : shape (Q,), nodes.
    anchored : log-likelihoods of the answers to the anchors, shapes (n, Q), some persons at a time and in their order.
    score, focal : shape (N,).
    """
    family = FAMILIES[model]
    categories = family.categories(mean.size)
    counts = [np.bincount(score[side], minlength=categories) for side in (~focal, focal)]
    if min(count.sum() for count in counts) < FEWEST or min(count.min() for count in counts) == 0:
        nothing = np.full(mean.size, np.nan)
        return GroupParameters(None, mean, mean, nothing, nothing, np.nan, np.nan)
    free = np.array(["logit" not in name for name in family.parameters(categories)])
    case = _Case(family, theta, _cells(anchored, score, focal, categories=categories, nodes=theta.size), mean, free)
    constrained, separate = case.maximised(groups=1), case.maximised(groups=2)
    size = int(free.sum())
    test = likelihood_ratio(case.value(constrained, 1), case.value(separate, 2), size)
    return _told(case, separate, test, size)


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    """One item's data: anchors' likelihoods by group and category, in blocks of persons (n, Q)."""

    family: Family
    theta: Floats
    cells: list[list[list[Block]]]
    mean: Floats
    free: Bools

    def maximised(self, *, groups: int) -> Floats:
        """Best parameters: the item's free ones for each of so many groups, then means and log SDs of both groups."""
        start = np.concatenate([np.tile(self.mean[self.free], groups), np.zeros(4)])
        persons = sum(len(block) for group in self.cells for cell in group for block in cell)

        def objective(at: Floats) -> tuple[float, Floats]:
            value, slope = self.both(at, groups)
            return -value / persons, -slope / persons

        found: Floats = minimize(objective, start, jac=True, method="BFGS", options={"gtol": 1e-7}).x
        return found

    def value(self, at: Floats, groups: int) -> float:
        return self.both(at, groups)[0]

    def both(self, at: Floats, groups: int) -> tuple[float, Floats]:
        """Log-likelihood and its gradient."""
        size = int(self.free.sum())
        total, slope = 0.0, np.zeros(at.size)
        for group, cells in enumerate(self.cells):
            own = slice(size * min(group, groups - 1), size * (min(group, groups - 1) + 1))
            place = size * groups + 2 * group
            weights, by_weights = _population(self.theta, at[place], at[place + 1])
            log_p, gradient = self.family.evaluate(self.theta, self.item(at[own]))
            for category, blocks in enumerate(cells):
                joint = weights * np.exp(log_p[category])
                expected = np.zeros_like(joint)
                for block in blocks:
                    likelihood = block.astype(np.float64, copy=False)
                    marginal = likelihood @ joint
                    expected += joint * (likelihood.T @ (1 / marginal))
                    total += float(np.log(marginal).sum())
                slope[own] += gradient[self.free, category] @ expected
                slope[place : place + 2] += by_weights @ expected
        return total, slope

    def item(self, free: Floats) -> Floats:
        """All parameters of the item, asymptotes as in the bank."""
        xi = self.mean.copy()
        xi[self.free] = free
        return xi

    def covariance(self, at: Floats, groups: int) -> Floats:
        """Inverse of minus the log-likelihood's curvature, by differences of the gradient."""
        columns = [
            (self.both(at - step, groups)[1] - self.both(at + step, groups)[1]) / (2 * STEP)
            for step in STEP * np.eye(at.size)
        ]
        curvature = np.array(columns, dtype=np.float64)
        return np.asarray(np.linalg.pinv((curvature + curvature.T) / 2, hermitian=True), dtype=np.float64)


def _cells(
    anchored: Iterable[Floats], score: Scores, focal: Bools, *, categories: int, nodes: int
) -> list[list[list[Block]]]:
    """Likelihoods with a maximum of one, by group and category.

    Of many persons in single precision: what rounding does to a person's likelihood, a share of 6e-8, is the same in
    all models that are compared. Sums over persons are in double precision.
    """
    kind = np.float32 if score.size > DOUBLE_TO else np.float64
    place = (focal * np.int32(categories) + score).astype(np.int32, copy=False)
    cells = [np.empty((size, nodes), kind) for size in np.bincount(place, minlength=2 * categories).tolist()]
    filled, first = [0] * len(cells), 0
    for some in anchored:
        likelihood = np.exp(some - some.max(axis=1, keepdims=True))
        own = place[first : first + len(some)]
        for number, cell in enumerate(cells):
            mine = likelihood[own == number]
            cell[filled[number] : filled[number] + len(mine)] = mine
            filled[number] += len(mine)
        first += len(some)
    blocks = [np.split(cell, list(range(BLOCK, len(cell), BLOCK))) for cell in cells]
    return [blocks[:categories], blocks[categories:]]


def _population(theta: Floats, mean: float, log_sd: float) -> tuple[Floats, Floats]:
    """Normal weights on the nodes, shape (Q,), and derivatives of their logarithms by mean and log SD, shape (2, Q)."""
    z = (theta - mean) / np.exp(log_sd)
    density = np.exp(-0.5 * (z**2 - np.min(z**2)))
    weights: Floats = density / density.sum()
    slopes = np.asarray([z / np.exp(log_sd), z**2], dtype=np.float64)
    return weights, slopes - (slopes @ weights)[:, None]


def _told(case: _Case, at: Floats, test: LikelihoodRatio, size: int) -> GroupParameters:
    reference, focal = case.item(at[:size]), case.item(at[size : 2 * size])
    covariance = case.covariance(at, 2)
    contrast = np.hstack([-np.eye(size), np.eye(size), np.zeros((size, 4))])
    se = np.zeros(case.mean.size)
    se[case.free] = np.sqrt(np.maximum(np.diag(contrast @ covariance @ contrast.T), 0))
    weights = _population(case.theta, at[-2], at[-1])[0]
    gap = _share(case.family, case.theta, focal) - _share(case.family, case.theta, reference)
    return GroupParameters(
        test, reference, focal, focal - reference, se, float(weights @ gap), float(weights @ np.abs(gap))
    )


def _share(family: Family, theta: Floats, xi: Floats) -> Floats:
    """Expected share of the highest score."""
    p = np.exp(family.log_p(theta, xi))
    share: Floats = np.linspace(0, 1, len(p)) @ p
    return share
