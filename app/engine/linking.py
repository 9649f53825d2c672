"""Two calibrations on one scale: ``theta_target = A theta_origin + B`` from the items they share.

A calibration fixes its scale by its own persons (mean 0, standard deviation 1), so that the same items get other
parameters from other persons. Moments of the parameters, or the items' curves, tell how the scales differ.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
from scipy.optimize import least_squares

from app.engine.common_items import Calibrated, Curves, Moments, curve_slopes, curves, moments, probabilities
from app.engine.families import FAMILIES
from app.engine.grid import Floats, make_grid, normal_weights

Method = Literal["mean-mean", "mean-geometric", "mean-sigma", "haebara", "stocking-lord"]
METHODS: Final[tuple[str, ...]] = get_args(Method)
SLOPELESS: Final = {"rasch", "1pl", "pcm"}
"""Families whose slope is fixed: between them only B can differ."""


@dataclass(frozen=True, slots=True, eq=False)
class Link:
    """``theta_target = slope * theta_origin + intercept``.

    Attributes
    ----------
    slope, intercept : A (> 0) and B (logits).
    covariance : shape (2, 2), of (A, B), from the errors of both calibrations' parameters (delta method).
    method : how they were found.
    """

    slope: float
    intercept: float
    covariance: Floats
    method: Method

    @property
    def se(self) -> tuple[float, float]:
        """Standard errors of A and B."""
        a, b = np.sqrt(np.diag(self.covariance))
        return float(a), float(b)


def find_link(
    origin: Calibrated,
    target: Calibrated,
    *,
    method: Method = "stocking-lord",
    theta: Floats | None = None,
    weights: Floats | None = None,
) -> Link:
    """Constants that carry the origin's scale onto the target's, from items known to both, in one order.

    ``mean-mean`` (Loyd & Hoover 1980), ``mean-geometric`` (Mislevy & Bock 1990) and ``mean-sigma`` (Marco 1977) match
    slopes and locations; ``haebara`` (1980) the sum over items of squared differences of category curves;
    ``stocking-lord`` (1983) the squared difference of test curves (items of several points: Kim & Lee 2006). Standard
    errors by the delta method, at the solution and for curves that nearly agree there (Ogasawara 2001). Where every
    item's slope is fixed (Rasch, 1PL, PCM), A is 1.

    Parameters
    ----------
    theta, weights : shape (Q,), abilities on the target's scale at which curves are compared, and their weights;
        N(0, 1) on 61 nodes in [-6, 6] unless given.

    Raises
    ------
    ValueError
        If the method is unknown, items differ in number or in categories, there are none (fewer than two for
        ``mean-sigma``, or locations all alike), or moments are asked of nominal items.
    """
    _check(origin, target, method)
    free = not {*origin.models, *target.models} <= SLOPELESS
    nodes = make_grid().theta if theta is None else theta
    mass = normal_weights(nodes) if weights is None else weights / weights.sum()
    if method in {"haebara", "stocking-lord"}:
        at, by_origin, by_target = _by_curves(origin, target, method, nodes, mass, free=free)
    else:
        at, by_origin, by_target = _by_moments(moments(origin), moments(target), method, free=free)
    covariance = by_origin @ origin.covariance @ by_origin.T + by_target @ target.covariance @ by_target.T
    return Link(float(at[0]), float(at[1]), covariance, method)


def jackknife_errors(
    origin: Calibrated, target: Calibrated, *, method: Method = "stocking-lord", groups: int = 20
) -> tuple[float, float]:
    """Standard errors of A and B as if the common items were a sample: how much other anchors would have moved them.

    Leaves out one item, or one of ``groups`` interleaved groups, at a time. NaN with fewer than two items.
    """
    groups = min(groups, origin.size)
    least = 3 if method == "mean-sigma" else 2
    if groups < least:
        return np.nan, np.nan
    left = [[i for i in range(origin.size) if i % groups != out] for out in range(groups)]
    links = [find_link(origin.taken(kept), target.taken(kept), method=method) for kept in left]
    found = np.array([(link.slope, link.intercept) for link in links])
    a, b = np.sqrt((groups - 1) * found.var(axis=0))
    return float(a), float(b)


def _check(origin: Calibrated, target: Calibrated, method: str) -> None:
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}, got {method!r}")
    least = 2 if method == "mean-sigma" else 1
    if origin.size != target.size or origin.size < least:
        raise ValueError(
            f"origin and target must hold the same {least} or more items, got {origin.size}, {target.size}"
        )
    categories = [
        [FAMILIES[name].categories(xi.size) for name, xi in zip(side.models, side.means, strict=True)]
        for side in (origin, target)
    ]
    for item, (one, other) in enumerate(zip(*categories, strict=True)):
        if one != other:
            raise ValueError(f"item {item}: categories must agree, got {one} and {other}")


Solution = tuple[Floats, Floats, Floats]
"""(A, B), and its derivatives by the parameters of the origin and of the target, shapes (2,), (2, P), (2, P')."""


def _by_moments(origin: Moments, target: Moments, method: str, *, free: bool) -> Solution:
    """Constants from means: A from slopes or spreads, then B from mean locations."""
    ratio: Callable[[Moments, Moments], tuple[float, Floats, Floats]] = {
        "mean-mean": _mean_slopes,
        "mean-geometric": _geometric_slopes,
        "mean-sigma": _spreads,
    }[method]
    none = np.zeros(origin.by_slope.shape[1]), np.zeros(target.by_slope.shape[1])
    a, by_origin, by_target = ratio(origin, target) if free else (1.0, *none)
    here, there = origin.locations.mean(), target.locations.mean()
    b_origin = -a * origin.by_location.mean(axis=0) - here * by_origin
    b_target = target.by_location.mean(axis=0) - here * by_target
    return np.array([a, there - a * here]), np.stack([by_origin, b_origin]), np.stack([by_target, b_target])


def _mean_slopes(origin: Moments, target: Moments) -> tuple[float, Floats, Floats]:
    here, there = origin.slopes.mean(), target.slopes.mean()
    a = here / there
    return a, origin.by_slope.mean(axis=0) / there, -a * target.by_slope.mean(axis=0) / there


def _geometric_slopes(origin: Moments, target: Moments) -> tuple[float, Floats, Floats]:
    a = float(np.exp(np.log(origin.slopes).mean() - np.log(target.slopes).mean()))
    here, there = ((side.by_slope / side.slopes[:, None]).mean(axis=0) for side in (origin, target))
    return a, a * here, -a * there


def _spreads(origin: Moments, target: Moments) -> tuple[float, Floats, Floats]:
    here, there = origin.locations.std(), target.locations.std()
    if min(np.ptp(origin.locations), np.ptp(target.locations)) == 0:
        raise ValueError(f"locations must differ between items for mean-sigma, got {origin.locations[0]} only")
    a = there / here
    by_here, by_there = (
        (side.locations - side.locations.mean()) @ side.by_location / side.locations.size / spread
        for side, spread in ((origin, here), (target, there))
    )
    return a, -a * by_here / here, by_there / here


def _by_curves(
    origin: Calibrated, target: Calibrated, method: str, theta: Floats, weights: Floats, *, free: bool
) -> Solution:
    """Least squares between curves; derivatives by the implicit-function theorem at a small residual."""
    root = np.sqrt(weights)
    whole = method == "stocking-lord"
    there = _stacked(probabilities(target, theta), root, whole=whole)

    def residual(at: Floats) -> Floats:
        a, b = _constants(at, free=free)
        return (there - _stacked(probabilities(origin, (theta - b) / a), root, whole=whole)).ravel()

    def turning(at: Floats) -> Floats:
        a, b = _constants(at, free=free)
        slopes = curve_slopes(origin, (theta - b) / a)
        return _turned(slopes, ((theta - b) / a, 1 / a), root, whole=whole, free=free)

    start = _start(origin, target, free=free)
    found = least_squares(residual, start, jac=turning, xtol=1e-12, ftol=1e-12, gtol=1e-12).x
    a, b = _constants(found, free=free)
    moved, fixed = curves(origin, (theta - b) / a), curves(target, theta)
    jacobian = _turned([c.slope for c in moved], ((theta - b) / a**2, 1 / a), root, whole=whole, free=free)
    inverse = np.linalg.pinv(jacobian).reshape(jacobian.shape[1], -1, theta.size)
    weighted = np.asarray(inverse * root, dtype=np.float64)
    by_origin = _by_parameters(moved, weighted, whole=whole)
    by_target = -_by_parameters(fixed, weighted, whole=whole)
    pad = ((0, 0), (0, 0)) if free else ((1, 0), (0, 0))
    return np.array([a, b]), np.pad(by_origin, pad), np.pad(by_target, pad)


def _turned(slopes: list[Floats], by: tuple[Floats, float], root: Floats, *, whole: bool, free: bool) -> Floats:
    """Derivatives of the residuals by the constants that are free, shape (R Q, 1 or 2)."""
    columns = [_stacked([slope * each for slope in slopes], root, whole=whole).ravel() for each in by]
    return np.stack(columns if free else columns[1:], axis=1)


def _start(origin: Calibrated, target: Calibrated, *, free: bool) -> Floats:
    """Where the search for log A and B begins: at the moments' constants, where items have moments."""
    if "nrm" in {*origin.models, *target.models}:
        return np.zeros(2 if free else 1)
    (a, b), _, _ = _by_moments(moments(origin), moments(target), "mean-geometric", free=free)
    return np.array([np.log(a), b] if free else [b])


def _constants(at: Floats, *, free: bool) -> tuple[float, float]:
    return (float(np.exp(at[0])), float(at[1])) if free else (1.0, float(at[0]))


def _stacked(blocks: list[Floats], root: Floats, *, whole: bool) -> Floats:
    """Weighted curves: the test's expected score, shape (1, Q), or every category of every item, shape (R, Q)."""
    if whole:
        points = sum(np.arange(len(block)) @ block for block in blocks)
        return np.atleast_2d(root * points)
    return root * np.concatenate(blocks)


def _by_parameters(found: list[Curves], inverse: Floats, *, whole: bool) -> Floats:
    """Product of ``inverse`` (k, R, Q) with the curves' derivatives by all parameters, shape (k, P)."""
    blocks, row = [], 0
    for curve in found:
        size = len(curve.p)
        if whole:
            blocks.append(np.einsum("kq,c,pcq->kp", inverse[:, 0], np.arange(size), curve.gradient))
        else:
            blocks.append(np.einsum("kcq,pcq->kp", inverse[:, row : row + size], curve.gradient))
        row += size
    return np.concatenate(blocks, axis=1)
