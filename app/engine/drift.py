"""Drift: which items changed between two calibrations, once the scales are linked by those that did not."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.stats import chi2

from app.engine.common_items import Calibrated, Curves, curves
from app.engine.grid import Floats, Ints, make_grid, normal_weights
from app.engine.linking import Link, Method, find_link
from app.engine.matching import Bools, purified
from app.engine.multiplicity import adjusted
from app.engine.rescaling import carried

IQR_TO_SD: Final = 0.7413
"""Standard deviation of a normal distribution over its interquartile range."""
NOISE: Final = 1e-6
"""Displacements that differ by less than this, in logits, differ by rounding."""


@dataclass(frozen=True, slots=True, eq=False)
class Drift:
    """Per common item, shapes (n,); NaN where there is nothing to say.

    Attributes
    ----------
    link : from the anchors that remained.
    anchors : items that made the link in the end.
    displacement, displacement_se : how much harder the item became, logits on the target's scale: the shift of
        the old curve that gives the new expected score, averaged over N(0, 1); its standard error (0: parameters known
        exactly), the link taken as known.
    robust_z : displacement less its median over the anchors, over 0.74 of their interquartile range.
    rmsd : root mean square difference of the expected scores, in shares of the highest, over N(0, 1).
    chi_square, df, p : Wald test of all parameters being equal (Lord 1980), the link's error included; NaN and 0 where
        the item's model changed or its parameters are known exactly.
    drifted : what the rule flags.
    rounds, settled : links made; whether the last round flagged what the one before did.
    """

    link: Link
    anchors: Bools
    displacement: Floats
    displacement_se: Floats
    robust_z: Floats
    rmsd: Floats
    chi_square: Floats
    df: Ints
    p: Floats
    drifted: Bools
    rounds: int
    settled: bool


def find_drift(
    origin: Calibrated,
    target: Calibrated,
    *,
    method: Method = "stocking-lord",
    least_rmsd: float = 0.05,
    most_z: float = 2.7,
    level: float = 0.01,
    fewest_anchors: int = 3,
) -> Drift:
    """Link by all common items, flag, link by the others, and so on until the flags stay the same.

    An item has drifted where its curve moved by ``least_rmsd`` or more, and by more than chance: a Wald p value,
    adjusted by Holm over the items, below ``level``; without that test, ``|robust_z|`` above ``most_z`` (Huynh & Meyer
    2010; needs four anchors). Both are asked for: large calibrations make trifles significant, small ones make noise
    large.

    Parameters
    ----------
    origin, target : the same items in the same order, on two scales.
    fewest_anchors : flags that would leave fewer anchors are not acted upon.

    Raises
    ------
    ValueError
        As ``find_link``.
    """

    def judged(anchors: Bools) -> tuple[Link, dict[str, Floats], Bools]:
        kept = np.flatnonzero(anchors).tolist()
        link = find_link(origin.taken(kept), target.taken(kept), method=method)
        found = _compared(origin, target, link, anchors)
        p = adjusted(found["p"], method="holm")
        surprising = np.where(np.isnan(p), np.abs(found["robust_z"]) > most_z, p < level)
        return link, found, (found["rmsd"] >= least_rmsd) & surprising

    def flag(anchors: Bools) -> Bools:
        flags = judged(anchors)[2]
        return flags if (~flags).sum() >= fewest_anchors else ~anchors

    done = purified(flag, origin.size)
    link, found, drifted = judged(done.anchors)
    return Drift(
        link=link,
        anchors=done.anchors,
        displacement=found["displacement"],
        displacement_se=found["displacement_se"],
        robust_z=found["robust_z"],
        rmsd=found["rmsd"],
        chi_square=found["chi_square"],
        df=found["df"].astype(np.intp),
        p=found["p"],
        drifted=drifted,
        rounds=done.rounds,
        settled=done.settled and bool((drifted == ~done.anchors).all()),
    )


def _compared(origin: Calibrated, target: Calibrated, link: Link, anchors: Bools) -> dict[str, Floats]:
    theta = make_grid().theta
    weights = normal_weights(theta)
    moved, fixed = carried(origin, link, with_link_error=False), carried(origin, link)
    pairs = list(zip(curves(moved, theta), curves(target, theta), strict=True))
    shift = np.array([_displacement(old, new, weights) for old, new in pairs])
    rmsd = np.array([np.sqrt(weights @ (new.score - old.score) ** 2) for old, new in pairs])
    sizes = [
        _displacement_se(*pair, *spans, weights) for pair, spans in zip(pairs, _covariances(moved, target), strict=True)
    ]
    wald = np.array(
        [_wald(fixed, target, *place) for place in enumerate(zip(fixed.spans, target.spans, strict=True))]
    ).T
    return {
        "displacement": shift,
        "displacement_se": np.array(sizes),
        "robust_z": _robust_z(shift, anchors),
        "rmsd": rmsd,
        "chi_square": wald[0],
        "df": wald[1],
        "p": np.where(wald[1] > 0, chi2.sf(wald[0], np.maximum(wald[1], 1)), np.nan),
    }


def _displacement(old: Curves, new: Curves, weights: Floats) -> float:
    return float(weights @ (old.score - new.score) / (weights @ Curves.shares(old.slope)))


def _displacement_se(old: Curves, new: Curves, before: Floats, after: Floats, weights: Floats) -> float:
    """Delta method; the slope in the denominator is taken as known."""
    scale = weights @ Curves.shares(old.slope)
    by_old, by_new = (Curves.shares(side.gradient) @ weights / scale for side in (old, new))
    return float(np.sqrt(by_old @ before @ by_old + by_new @ after @ by_new))


def _covariances(one: Calibrated, other: Calibrated) -> list[tuple[Floats, Floats]]:
    """Each item's own covariance in both calibrations."""
    spans = zip(one.spans, other.spans, strict=True)
    return [(one.covariance[a, a], other.covariance[b, b]) for a, b in spans]


def _wald(moved: Calibrated, target: Calibrated, item: int, spans: tuple[slice, slice]) -> tuple[float, float]:
    before, after = spans
    covariance = target.covariance[after, after]
    if moved.models[item] != target.models[item] or not covariance.any():
        return np.nan, 0.0
    covariance = covariance + moved.covariance[before, before]
    away = target.means[item] - moved.means[item]
    return float(away @ np.linalg.pinv(covariance, hermitian=True) @ away), float(np.linalg.matrix_rank(covariance))


def _robust_z(shift: Floats, anchors: Bools) -> Floats:
    """Robust z against the anchors; NaN with fewer than four."""
    known = shift[anchors]
    if known.size < 4:  # noqa: PLR2004
        return np.full(shift.size, np.nan)
    low, middle, high = np.quantile(known, [0.25, 0.5, 0.75])
    robust: Floats = (shift - middle) / max(IQR_TO_SD * float(high - low), NOISE)
    return robust
