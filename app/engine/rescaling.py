"""Items carried onto another scale, ``theta' = A theta + B``, with what is known of them."""

from dataclasses import dataclass

import numpy as np

from app.engine.common_items import Calibrated, calibrated
from app.engine.families import FAMILIES
from app.engine.grid import Floats
from app.engine.linking import Link

SLOPED = {"rasch": "2pl", "1pl": "2pl", "pcm": "gpcm"}
"""What a family whose slope is fixed becomes on a scale of another unit."""


@dataclass(frozen=True, slots=True, eq=False)
class Rescaled:
    """One item on the other scale.

    Attributes
    ----------
    model, mean : its family there and its transformed parameters, shape (p',).
    by_mean : shape (p', p), derivatives by the parameters on the old scale.
    by_link : shape (p', 2), derivatives by A and B.
    """

    model: str
    mean: Floats
    by_mean: Floats
    by_link: Floats


def rescale(model: str, xi: Floats, slope: float, intercept: float) -> Rescaled:
    """Parameters of an item on the scale ``theta' = slope * theta + intercept``; its curve stays the same.

    Slopes are divided by A; locations b become A b + B; intercepts of nominal items c become c - a B / A; asymptotes
    stay. Rasch and partial-credit items get a slope of their own unless A is 1.

    Parameters
    ----------
    xi : shape (p,), transformed parameters.

    Raises
    ------
    ValueError
        If the slope is not positive or a number is not finite.
    """
    if not (np.isfinite(slope) and slope > 0 and np.isfinite(intercept)):
        raise ValueError(f"slope must be finite and positive, intercept finite, got {slope} and {intercept}")
    if model == "nrm":
        return _nominal(xi, slope, intercept)
    if model in SLOPED and slope != 1:
        wider = rescale(SLOPED[model], np.concatenate([[0.0], xi]), slope, intercept)
        return Rescaled(wider.model, wider.mean, wider.by_mean[:, 1:], wider.by_link)
    family = FAMILIES[model]
    mean, by_mean, by_link = xi.copy(), np.eye(xi.size), np.zeros((xi.size, 2))
    for k, name in enumerate(family.parameters(family.categories(xi.size))):
        if name == "log a":
            mean[k], by_link[k, 0] = xi[k] - np.log(slope), -1 / slope
        elif name.startswith("log (b"):
            mean[k], by_link[k, 0] = xi[k] + np.log(slope), 1 / slope
        elif name.startswith("b"):
            mean[k], by_mean[k, k], by_link[k] = slope * xi[k] + intercept, slope, (xi[k], 1.0)
    return Rescaled(model, mean, by_mean, by_link)


def _nominal(xi: Floats, slope: float, intercept: float) -> Rescaled:
    size = xi.size // 2
    one, a = np.eye(size), xi[:size]
    by_mean = np.block([[one / slope, np.zeros((size, size))], [-intercept / slope * one, one]])
    by_link = np.block(
        [[-a[:, None] / slope**2, np.zeros((size, 1))], [np.stack([a * intercept / slope**2, -a / slope], 1)]]
    )
    return Rescaled("nrm", by_mean @ xi, by_mean, by_link)


def carried(items: Calibrated, link: Link, *, with_link_error: bool = True) -> Calibrated:
    """All items on the target's scale, with covariances to first order.

    Parameters
    ----------
    with_link_error : add the error of A and B, which all items share. It is taken as independent of the items' own
        errors; for the items that made the link it is not, and their error is overstated a little.
    """
    pairs = zip(items.models, items.means, strict=True)
    moved = [rescale(model, xi, link.slope, link.intercept) for model, xi in pairs]
    size = sum(one.mean.size for one in moved)
    by_mean, row = np.zeros((size, items.covariance.shape[0])), 0
    for one, span in zip(moved, items.spans, strict=True):
        by_mean[row : row + one.mean.size, span] = one.by_mean
        row += one.mean.size
    covariance = by_mean @ items.covariance @ by_mean.T
    if with_link_error:
        by_link = np.concatenate([one.by_link for one in moved])
        covariance = covariance + by_link @ link.covariance @ by_link.T
    return calibrated([one.model for one in moved], [one.mean for one in moved], covariance=covariance)
