"""The items of a calibration as another is linked to it: curves and moments, with what their errors do to them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.linalg import block_diag

from app.engine.families import FAMILIES
from app.engine.grid import Floats

STEP = 1e-4
"""Logits between the abilities at which slopes of curves are taken."""


@dataclass(frozen=True, slots=True, eq=False)
class Calibrated:
    """Items as one calibration knows them.

    Attributes
    ----------
    models : family of each item, a name of ``FAMILIES``.
    means : per item, transformed parameters, shape (p_i,).
    covariance : shape (P, P), of all items' transformed parameters laid one after another.
    """

    models: tuple[str, ...]
    means: tuple[Floats, ...]
    covariance: Floats

    @property
    def size(self) -> int:
        """Number of items."""
        return len(self.models)

    @property
    def spans(self) -> list[slice]:
        """Where each item's parameters lie in ``covariance``."""
        ends = np.cumsum([0, *(mean.size for mean in self.means)]).tolist()
        return [slice(start, end) for start, end in pairwise(ends)]

    def taken(self, items: Sequence[int]) -> "Calibrated":
        """Some of the items, in this order."""
        spans = self.spans
        kept = np.concatenate([np.arange(spans[i].start, spans[i].stop) for i in items])
        covariance = self.covariance[np.ix_(kept, kept)]
        return Calibrated(tuple(self.models[i] for i in items), tuple(self.means[i] for i in items), covariance)


def calibrated(
    models: Sequence[str],
    means: Sequence[Floats],
    covariances: Sequence[Floats | None] | None = None,
    *,
    covariance: Floats | None = None,
) -> Calibrated:
    """Items whose errors are independent of each other (``covariances``), or known jointly (``covariance``).

    Raises
    ------
    ValueError
        If the lengths disagree, a model is unknown or the covariance has another shape.
    """
    if len(models) != len(means) or (covariances is not None and len(covariances) != len(means)):
        raise ValueError(f"models, means and covariances must be equally many, got {len(models)} and {len(means)}")
    if unknown := set(models) - set(FAMILIES):
        raise ValueError(f"models must be among {', '.join(FAMILIES)}, got {sorted(unknown)}")
    means = tuple(np.asarray(mean, dtype=np.float64) for mean in means)
    size = sum(mean.size for mean in means)
    if covariance is None:
        blocks = covariances or [None] * len(means)
        covariance = block_diag(
            *(np.zeros((m.size, m.size)) if c is None else c for m, c in zip(means, blocks, strict=True))
        )
    if covariance.shape != (size, size):
        raise ValueError(f"covariance must have shape ({size}, {size}), got {covariance.shape}")
    return Calibrated(tuple(models), means, covariance)


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """One item at Q abilities.

    Attributes
    ----------
    p : shape (C, Q), category probabilities.
    slope : shape (C, Q), ``d p / d theta``.
    gradient : shape (p, C, Q), ``d p / d xi``.
    """

    p: Floats
    slope: Floats
    gradient: Floats

    @property
    def score(self) -> Floats:
        """Expected share of the highest score, shape (Q,)."""
        return self.shares(self.p)

    @staticmethod
    def shares(values: Floats) -> Floats:
        """Sum over categories, weighted by the share of the highest score each is worth; shape (..., Q)."""
        weights = np.linspace(0, 1, values.shape[-2])
        shares: Floats = np.einsum("c,...cq->...q", weights, values)
        return shares


def probabilities(items: Calibrated, theta: Floats) -> list[Floats]:
    """Category probabilities of every item at these abilities, shapes (C, Q)."""
    found: list[Floats] = [theta] * items.size
    for name, members, xi in _families(items):
        for place, block in zip(members, np.exp(FAMILIES[name].log_p(theta, xi)), strict=True):
            found[place] = block
    return found


def curve_slopes(items: Calibrated, theta: Floats) -> list[Floats]:
    """``d p / d theta`` of every item at these abilities, shapes (C, Q)."""
    sides = (probabilities(items, theta + step) for step in (STEP, -STEP))
    return [(up - down) / (2 * STEP) for up, down in zip(*sides, strict=True)]


def curves(items: Calibrated, theta: Floats) -> list[Curves]:
    """Every item at these abilities, shape (Q,), logits."""
    gradients: list[Floats] = [theta] * items.size
    for name, members, xi in _families(items):
        log_p, gradient = FAMILIES[name].evaluate(theta, xi)
        for place, block in zip(members, np.exp(log_p)[:, None] * gradient, strict=True):
            gradients[place] = block
    parts = zip(probabilities(items, theta), curve_slopes(items, theta), gradients, strict=True)
    return [Curves(*part) for part in parts]


def _families(items: Calibrated) -> Iterator[tuple[str, list[int], Floats]]:
    """Items of one family and size together: their places and parameters, shape (n, p)."""
    groups: dict[tuple[str, int], list[int]] = {}
    for place, (name, xi) in enumerate(zip(items.models, items.means, strict=True)):
        groups.setdefault((name, xi.size), []).append(place)
    for (name, _), members in groups.items():
        yield name, members, np.stack([items.means[place] for place in members])


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Slopes and locations of items, with their derivatives by all transformed parameters.

    Attributes
    ----------
    slopes : shape (n,), per logit.
    locations : shape (m,), difficulties, steps and thresholds of all items, logits.
    by_slope : shape (n, P); by_location : shape (m, P).
    """

    slopes: Floats
    locations: Floats
    by_slope: Floats
    by_location: Floats


def moments(items: Calibrated) -> Moments:
    """Slopes and locations of the natural parameters; a family without a slope has slope 1.

    Raises
    ------
    ValueError
        For nominal items, which have neither.
    """
    total = items.covariance.shape[0]
    slopes, locations, by_slope, by_location = [], [], [], []
    for name, xi, span in zip(items.models, items.means, items.spans, strict=True):
        family = FAMILIES[name]
        names = family.natural_parameters(family.categories(xi.size))
        if name == "nrm":
            raise ValueError("models must have slopes and locations, got nrm: use haebara or stocking-lord")
        natural, jacobian = family.natural(xi), np.zeros((xi.size, total))
        jacobian[:, span] = family.jacobian(xi)
        has_slope = names[0] == "a"
        slopes.append(natural[0] if has_slope else 1.0)
        by_slope.append(jacobian[0] if has_slope else np.zeros(total))
        rows = [k for k, parameter in enumerate(names) if parameter.startswith("b")]
        locations.append(natural[rows])
        by_location.append(jacobian[rows])
    return Moments(np.array(slopes), np.concatenate(locations), np.array(by_slope), np.concatenate(by_location))
