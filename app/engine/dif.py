"""Differential item functioning by contingency tables: Mantel-Haenszel and standardisation.

Two groups, reference and focal, matched on ability: does an item favour one of them at equal ability? Signs follow
ETS: negative delta and negative P-DIF mean that the item is harder for the focal group.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2, norm

from app.engine.batch import MISSING, Scores
from app.engine.grid import Floats, Ints
from app.engine.matching import UNMATCHED, Bools

DELTA: Final = -2.35
"""Delta scale of ETS: delta = -2.35 log alpha."""
SMALL_DELTA, LARGE_DELTA = 1.0, 1.5
SMALL_P_DIF, LARGE_P_DIF = 0.05, 0.10
SMALL_EFFECT, LARGE_EFFECT = 0.17, 0.25
LEVEL: Final = 0.05
CLASSES: Final = np.array(["A", "B", "C"])
TWO: Final = 2
"""Categories of a dichotomous item."""
UNKNOWN: Final = "?"
"""Class of an item that could not be compared."""
Texts = NDArray[np.str_]
COLUMNS: Final = (
    *("strata", "reference", "focal", "categories", "chi_square", "corrected"),
    *("alpha", "variance", "difference", "effect"),
)


@dataclass(frozen=True, slots=True, eq=False)
class MantelHaenszel:
    """Per item, shapes (n,); NaN where nothing can be compared.

    Attributes
    ----------
    chi_square, p : one degree of freedom, without continuity correction; for items of several points Mantel's
        statistic of the ordered scores.
    chi_square_corrected, p_corrected : with Yates's correction (dichotomous items only, else NaN).
    alpha : common odds ratio of the reference group against the focal one (dichotomous items only); 0 or infinite,
        with no standard error, where within every stratum one group has all the successes or failures.
    delta, delta_se : ``-2.35 log alpha`` and its standard error (Phillips & Holland 1987).
    mean_difference : focal minus reference mean score, weighted by focal persons, in points.
    effect : ``mean_difference`` in standard deviations of the item in both groups together.
    strata, reference, focal : strata in which both groups occur, and their persons there.
    classes : class "A" (negligible), "B", "C" (large) or "?".
    """

    chi_square: Floats
    p: Floats
    chi_square_corrected: Floats
    p_corrected: Floats
    alpha: Floats
    delta: Floats
    delta_se: Floats
    mean_difference: Floats
    effect: Floats
    strata: Ints
    reference: Ints
    focal: Ints
    classes: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Standardised:
    """Standardised difference of proportions per item, shapes (n,); NaN where nothing can be compared.

    Attributes
    ----------
    p_dif : mean over strata, weighted by focal persons, of focal minus reference mean score over the highest score.
    se : its standard error, binomial (multinomial) within strata.
    classes : "A" for ``|p_dif| <= .05``, "C" above .10, "B" between, "?" unknown.
    """

    p_dif: Floats
    se: Floats
    classes: tuple[str, ...]


def mantel_haenszel(scores: Scores, focal: Bools, strata: Ints) -> MantelHaenszel:
    """Mantel-Haenszel comparison of every item (Mantel & Haenszel 1959; Holland & Thayer 1988; Mantel 1963).

    Classes of dichotomous items (Zieky 1993): A where the corrected chi-square has p >= .05 or ``|delta| < 1``;
    C where ``|delta| >= 1.5`` and it is significantly above 1 (one-sided 5 %); else B. Classes of other items
    (Zwick, Thayer & Mazzeo 1997): A where p >= .05 or ``|effect| <= .17``, C above .25, else B.

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
    rows = [_compared(counts_by_stratum(scores[:, i], focal, strata[:, i])[1]) for i in range(scores.shape[1])]
    of = {name: np.array([row.get(name, np.nan) for row in rows]) for name in COLUMNS}
    with np.errstate(divide="ignore"):  # alpha is 0 or infinite where only one group ever fails, or ever succeeds
        delta, delta_se = DELTA * np.log(of["alpha"]), -DELTA * np.sqrt(of["variance"])
    p, p_corrected = chi2.sf(of["chi_square"], 1), chi2.sf(of["corrected"], 1)
    classes = np.where(of["categories"] == TWO, _ets(delta, delta_se, p_corrected), _by_effect(of["effect"], p))
    return MantelHaenszel(
        chi_square=of["chi_square"],
        p=p,
        chi_square_corrected=of["corrected"],
        p_corrected=p_corrected,
        alpha=of["alpha"],
        delta=delta,
        delta_se=delta_se,
        mean_difference=of["difference"],
        effect=of["effect"],
        strata=of["strata"].astype(np.intp),
        reference=of["reference"].astype(np.intp),
        focal=of["focal"].astype(np.intp),
        classes=tuple(classes.tolist()),
    )


def standardised(scores: Scores, focal: Bools, strata: Ints) -> Standardised:
    """Standardised differences (Dorans & Kulick 1986, Journal of Educational Measurement 23).

    Parameters and errors as of ``mantel_haenszel``.
    """
    check_groups(scores, focal, strata)
    p_dif, se = np.full((2, scores.shape[1]), np.nan)
    for item in range(scores.shape[1]):
        counts = _both(counts_by_stratum(scores[:, item], focal, strata[:, item])[1])
        highest = counts.shape[-1] - 1
        if len(counts) and highest:
            difference, variance, weight = _differences(counts)
            p_dif[item] = weight @ difference / highest
            se[item] = np.sqrt(weight**2 @ variance) / highest
    size = np.abs(p_dif)
    classes = np.where(np.isnan(size), UNKNOWN, CLASSES[(size > SMALL_P_DIF) * 1 + (size > LARGE_P_DIF)])
    return Standardised(p_dif, se, tuple(classes.tolist()))


def check_groups(scores: Scores, focal: Bools, strata: Ints) -> None:
    """Refuse arrays whose shapes disagree (ValueError)."""
    if scores.ndim != 2 or strata.shape != scores.shape or focal.shape != scores.shape[:1]:  # noqa: PLR2004
        raise ValueError(
            f"scores (N, n), focal (N,) and strata (N, n) expected, got {scores.shape}, {focal.shape}, {strata.shape}"
        )


def counts_by_stratum(score: Scores, focal: Bools, stratum: Ints) -> tuple[Ints, Floats]:
    """Strata used, shape (K,), and persons by stratum, group and score seen from 0 up, shape (K, 2, C)."""
    used = (score != MISSING) & (stratum != UNMATCHED)
    levels, row = np.unique(stratum[used], return_inverse=True)
    categories = int(score[used].max(initial=0)) + 1
    place = (row * 2 + focal[used]) * categories + score[used]
    counts = np.bincount(place, minlength=levels.size * 2 * categories).reshape(-1, 2, categories)
    return levels, counts.astype(np.float64)


def _both(counts: Floats) -> Floats:
    """Strata in which both groups occur."""
    kept: Floats = counts[(counts.sum(axis=-1) > 0).all(axis=-1)]
    return kept


def _compared(counts: Floats) -> dict[str, float]:
    """What the strata of one item add up to; only sizes where nothing can be compared."""
    counts = _both(counts)
    points, categories = np.arange(counts.shape[-1]), counts.shape[-1]
    size, total = counts.sum(axis=-1), counts.sum(axis=(1, 2))
    reference, focal = size.sum(axis=0).tolist()
    sizes = {"strata": len(counts), "reference": reference, "focal": focal, "categories": categories}
    spread = _spread(counts, points)
    if not spread.any():
        return sizes
    excess = (counts[:, 0] @ points - size[:, 0] * (counts.sum(axis=1) @ points) / total).sum()
    variance = (size[:, 0] * size[:, 1] / total * spread).sum()
    odds = (
        _odds(counts, total) | {"corrected": max(abs(excess) - 0.5, 0.0) ** 2 / variance} if categories == TWO else {}
    )
    return sizes | odds | {"chi_square": excess**2 / variance} | _mean_difference(counts)


def _spread(counts: Floats, points: Floats | Ints) -> Floats:
    """Sample variance of the scores within each stratum, both groups together, shape (K,)."""
    pooled, total = counts.sum(axis=1), counts.sum(axis=(1, 2))
    squares = pooled @ points**2 - (pooled @ points) ** 2 / total
    spread: Floats = squares / np.maximum(total - 1, 1)
    return spread


def _odds(counts: Floats, total: Floats) -> dict[str, float]:
    """Common odds ratio and the variance of its logarithm (Robins, Breslow & Greenland 1986)."""
    (b, a), (d, c) = counts[:, 0].T, counts[:, 1].T
    concordant, discordant = a * d / total, b * c / total
    if not discordant.any():
        return {"alpha": np.inf} if concordant.any() else {}
    if not concordant.any():
        return {"alpha": 0.0}
    alpha = concordant.sum() / discordant.sum()
    terms = (a * d + alpha * b * c) * (a + d + alpha * (b + c)) / total**2
    return {"alpha": float(alpha), "variance": float(terms.sum() / (2 * concordant.sum() ** 2))}


def _mean_difference(counts: Floats) -> dict[str, float]:
    difference, _, weight = _differences(counts)
    pooled = counts.sum(axis=(0, 1))
    points = np.arange(pooled.size)
    mean = pooled @ points / pooled.sum()
    sd = np.sqrt(pooled @ (points - mean) ** 2 / pooled.sum())
    return {"difference": float(weight @ difference), "effect": float(weight @ difference / sd)}


def _differences(counts: Floats) -> tuple[Floats, Floats, Floats]:
    """Focal minus reference mean score in each stratum, its variance, and the stratum's share of focal persons."""
    points = np.arange(counts.shape[-1])
    size = counts.sum(axis=-1)
    share = counts / size[..., None]
    mean = share @ points
    variance = (share @ points**2 - mean**2) / size
    return mean[:, 1] - mean[:, 0], variance.sum(axis=1), size[:, 1] / size[:, 1].sum()


def _ets(delta: Floats, se: Floats, p: Floats) -> Texts:
    size = np.abs(delta)
    large = np.isinf(size) | ((size >= LARGE_DELTA) & (size - SMALL_DELTA > norm.ppf(1 - LEVEL) * se))
    slight = (p >= LEVEL) | (size < SMALL_DELTA)
    return np.where(np.isnan(delta), UNKNOWN, np.where(slight, "A", np.where(large, "C", "B")))


def _by_effect(effect: Floats, p: Floats) -> Texts:
    size = np.abs(effect)
    slight = (p >= LEVEL) | (size <= SMALL_EFFECT)
    return np.where(np.isnan(effect), UNKNOWN, np.where(slight, "A", np.where(size > LARGE_EFFECT, "C", "B")))
