"""Differential item functioning by logistic regression: uniform, non-uniform, or both.

Three nested models of the answers to an item, given the matching variable x and the group g (1 focal, 0 reference):

    0: x        1: x, g        2: x, g, x g

Items of several points take the proportional-odds model, ``logit P(score >= c) = alpha_c + beta · z`` (Swaminathan &
Rogers 1990, Journal of Educational Measurement 27; Zumbo 1999 for ordered scores).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import expit, logit
from scipy.stats import chi2

from app.engine.batch import Scores
from app.engine.dif import UNKNOWN, check_groups, counts_by_stratum
from app.engine.grid import Floats, Ints
from app.engine.matching import Bools

JODOIN_GIERL: Final = (0.035, 0.070)
ZUMBO_THOMAS: Final = (0.13, 0.26)
"""Nagelkerke R² differences from which an effect is moderate, and large (Jodoin & Gierl 2001; Zumbo & Thomas 1997)."""
DONE: Final = 1e-10
LEVEL: Final = 0.05
CONTRASTS: Final = ((0, 1), (1, 2), (0, 2))
"""Models compared: uniform, non-uniform, both."""


@dataclass(frozen=True, slots=True, eq=False)
class LogisticDif:
    """Per item, shapes (n,); NaN where nothing can be compared.

    Attributes
    ----------
    uniform, non_uniform, both : likelihood-ratio statistics of models 0 against 1, 1 against 2 (1 degree of freedom
        each), and 0 against 2 (2 degrees).
    p_uniform, p_non_uniform, p_both : their p values.
    r2_uniform, r2_non_uniform, r2_both : gains in Nagelkerke's R².
    log_odds, log_odds_se : effect of the focal group in model 1, logits; negative where the item is harder for it.
    persons : persons compared.
    jodoin_gierl, zumbo_thomas : classes "A", "B", "C" of ``r2_both`` where ``p_both < .05``, else "A"; "?" unknown.
    """

    uniform: Floats
    non_uniform: Floats
    both: Floats
    p_uniform: Floats
    p_non_uniform: Floats
    p_both: Floats
    r2_uniform: Floats
    r2_non_uniform: Floats
    r2_both: Floats
    log_odds: Floats
    log_odds_se: Floats
    persons: Ints
    jodoin_gierl: tuple[str, ...]
    zumbo_thomas: tuple[str, ...]


def logistic_dif(scores: Scores, focal: Bools, strata: Ints) -> LogisticDif:
    """Compare every item by logistic regression on the stratum's number.

    Parameters
    ----------
    scores : shape (N, n), ``MISSING`` where not seen.
    focal : shape (N,), False for the reference group.
    strata : shape (N, n), from ``app.engine.matching``.

    Raises
    ------
    ValueError
        If the shapes disagree.
    """
    check_groups(scores, focal, strata)
    found = np.array([_item(scores[:, i], focal, strata[:, i]) for i in range(scores.shape[1])]).reshape(-1, 7).T
    deviance, r2 = found[:3], _nagelkerke(found[:4], found[6])
    uniform, non_uniform, both = np.maximum([deviance[k] - deviance[m] for k, m in CONTRASTS], 0.0)
    p_both, r2_both = chi2.sf(both, 2), r2[2] - r2[0]
    return LogisticDif(
        uniform=uniform,
        non_uniform=non_uniform,
        both=both,
        p_uniform=chi2.sf(uniform, 1),
        p_non_uniform=chi2.sf(non_uniform, 1),
        p_both=p_both,
        r2_uniform=r2[1] - r2[0],
        r2_non_uniform=r2[2] - r2[1],
        r2_both=r2_both,
        log_odds=found[4],
        log_odds_se=found[5],
        persons=found[6].astype(np.intp),
        jodoin_gierl=effect_classes(r2_both, p_both, JODOIN_GIERL),
        zumbo_thomas=effect_classes(r2_both, p_both, ZUMBO_THOMAS),
    )


def effect_classes(gain: Floats, p: Floats, bounds: tuple[float, float]) -> tuple[str, ...]:
    """Class "A" where p >= .05 or the gain in R² is below the first bound, "C" from the second on, "B" between."""
    size = np.where(gain >= bounds[1], "C", np.where(gain >= bounds[0], "B", "A"))
    return tuple(np.where(np.isnan(gain), UNKNOWN, np.where(p < LEVEL, size, "A")).tolist())


def _nagelkerke(deviance: Floats, persons: Floats) -> Floats:
    """R² of models 0, 1, 2 from their deviances and the deviance without predictors (Nagelkerke 1991)."""
    null = deviance[3]
    with np.errstate(invalid="ignore", divide="ignore"):
        r2: Floats = (1 - np.exp((deviance[:3] - null) / persons)) / (1 - np.exp(-null / persons))
    return r2


def _item(score: Scores, focal: Bools, stratum: Ints) -> list[float]:
    """Deviances of models 0, 1, 2 and without predictors; the group's effect with its error; persons."""
    levels, counts = counts_by_stratum(score, focal, stratum)
    cells = counts.reshape(-1, counts.shape[-1])
    cells = cells[:, cells.any(axis=0)]
    persons = float(cells.sum())
    if cells.shape[1] < 2 or not counts.sum(axis=(0, 2)).all():  # noqa: PLR2004
        return [*[np.nan] * 6, persons]
    x = np.repeat(levels.astype(np.float64), 2)
    x = (x - x.mean()) / max(float(x.std()), 1.0)
    g = np.tile([0.0, 1.0], len(levels))
    used = cells.any(axis=1)
    fits = [proportional_odds(cells[used], z[used]) for z in (x[:, None], np.c_[x, g], np.c_[x, g, x * g])]
    empty = proportional_odds(cells[used], np.empty((int(used.sum()), 0)))
    return [*(fit.deviance for fit in fits), empty.deviance, fits[1].beta[1], fits[1].se[1], persons]


@dataclass(frozen=True, slots=True, eq=False)
class OddsFit:
    """Maximum-likelihood proportional-odds model: slopes with standard errors, and the deviance -2 log L."""

    beta: Floats
    se: Floats
    deviance: float


def proportional_odds(counts: Floats, z: Floats) -> OddsFit:
    """Fit ``logit P(score >= c | z) = alpha_c + beta · z`` by Fisher scoring (McCullagh 1980, JRSS B 42).

    With two categories this is logistic regression. Where a predictor separates the categories the deviance still
    converges, and the slope's standard error is large.

    Parameters
    ----------
    counts : shape (cells, C), persons by category; every category occurs.
    z : shape (cells, k), predictors.
    """
    steps = counts.shape[1] - 1
    above = np.cumsum(counts.sum(axis=0)[::-1])[::-1] / counts.sum()
    at = np.concatenate([logit(above[1:]), np.zeros(z.shape[1])])
    deviance, slope, information = _scoring(counts, z, at)
    gained = np.inf
    while gained > DONE * (1 + deviance):
        move = np.linalg.pinv(information, hermitian=True) @ slope
        trial = _scoring(counts, z, at + move)
        while not trial[0] <= deviance + DONE:
            move /= 2
            trial = _scoring(counts, z, at + move)
        at, gained = at + move, deviance - trial[0]
        deviance, slope, information = trial
    variance = np.diag(np.linalg.pinv(information, hermitian=True))
    return OddsFit(at[steps:], np.sqrt(variance[steps:]), deviance)


def _scoring(counts: Floats, z: Floats, at: Floats) -> tuple[float, Floats, Floats]:
    """Deviance, gradient of log L and Fisher information at the parameters (alpha, beta)."""
    steps = counts.shape[1] - 1
    reach = expit(at[:steps] + (z @ at[steps:])[:, None])
    p = -np.diff(np.pad(reach, ((0, 0), (1, 1)), constant_values=((0, 0), (1, 0))), axis=1)
    if not (p > 0).all():
        return np.inf, at, np.empty((at.size, at.size))
    density = np.pad(reach * (1 - reach), ((0, 0), (1, 1)))
    by_alpha = density[:, :-1, None] * np.eye(steps + 2, steps, k=-1)[:-1] - density[:, 1:, None] * np.eye(
        steps + 1, steps
    )
    by_beta = -np.diff(density, axis=1)[..., None] * z[:, None, :]
    design = np.concatenate([by_alpha, by_beta], axis=2)
    slope = np.einsum("kc,kcp->p", counts / p, design)
    information = np.einsum("kc,kcp,kcr->pr", counts.sum(axis=1, keepdims=True) / p, design, design)
    return float(-2 * (counts * np.log(p)).sum()), slope, information
