"""The maximisation step: Newton's method for every item at once.

Items of one family and one number of categories go through together. The curvature is the expected one (Fisher
scoring), which is never indefinite: ``H = sum_q n_q sum_c P_c s_c s_c' + prior precision`` with the scores
``s_c = d log P_c / d xi`` of the family.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.engine.beliefs import Beliefs, Role, prior_by_role, role_of
from app.engine.design import Layout
from app.engine.expectation import Expected
from app.engine.families import FAMILIES, Family
from app.engine.grid import Floats, Ints

BOUNDS: Final = {
    Role.SLOPE: (-4.0, 3.0),
    Role.LOCATION: (-40.0, 40.0),
    Role.GAP: (-7.0, 4.0),
    Role.GUESS: (-10.0, 5.0),
    Role.CEILING: (-5.0, 10.0),
    Role.NOMINAL_SLOPE: (-20.0, 20.0),
    Role.NOMINAL_INTERCEPT: (-60.0, 60.0),
}
"""Parameters that answers would drive to infinity stop here: a slope of .02 tells nobody apart, one of 20 is a step."""
LONGEST: Final = 1.0
"""No parameter moves further in one step of Newton's method."""
RIDGE: Final = 1e-9
"""Share of the largest curvature added everywhere: directions that nothing informs stay where they are."""


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Items of one family and number of categories.

    Attributes
    ----------
    items : shape (b,), their numbers.
    domain : shape (b,), their domains.
    rows : shape (b, categories with a column), where their counts lie when the domains' are stacked.
    roles : of the p parameters.
    """

    family: Family
    categories: int
    items: Ints
    domain: Ints
    rows: Ints
    roles: tuple[Role, ...]


def make_batches(layout: Layout, families: Sequence[str], *, left_out: Container[int] = ()) -> tuple[Batch, ...]:
    """Sort the items that are not left out into batches, in order of first appearance."""
    found: dict[tuple[str, int], list[int]] = {}
    for item, (name, categories) in enumerate(zip(families, layout.categories.tolist(), strict=True)):
        if item not in left_out:
            found.setdefault((name, categories), []).append(item)
    return tuple(_batch(layout, FAMILIES[name], size, np.array(items)) for (name, size), items in found.items())


def _batch(layout: Layout, family: Family, categories: int, items: Ints) -> Batch:
    roles = tuple(role_of(name) for name in family.parameters(categories))
    rows = rows_of(layout, items, categories - layout.lowest)
    return Batch(family, categories, items, layout.domain[items], rows, roles)


def rows_of(layout: Layout, items: Ints, columns: int) -> Ints:
    """Rows of items with so many columns when the domains' are stacked, shape (b, columns)."""
    offsets = np.cumsum([0, *(int(first[-1]) for first in layout.columns)])
    start = np.zeros(layout.domain.size, dtype=np.intp)
    for domain, first in enumerate(layout.columns):
        start[layout.members[domain]] = offsets[domain] + first[:-1]
    return start[items][:, None] + np.arange(columns)


def batch_counts(batch: Batch, layout: Layout, expected: Expected) -> Floats:
    """Expected people per item, category and node, shape (b, C, Q)."""
    stacked = expected.counts[0] if layout.domains == 1 else np.concatenate(expected.counts)
    above: Floats = stacked[batch.rows]
    if not layout.complete:
        return above
    everybody = expected.mass.sum(axis=0)[batch.domain]
    return np.concatenate([np.maximum(everybody - above.sum(axis=1), 0.0)[:, None], above], axis=1)


def maximise(
    batch: Batch, xi: Floats, counts: Floats, theta: Floats, prior: tuple[Floats, Floats], *, steps: int
) -> tuple[Floats, Floats]:
    """A few steps of Newton's method from xi, shape (b, p); ``prior``: means (b, p) and precisions (p,).

    Returns
    -------
    the new parameters, shape (b, p), and the curvature where the last step began, shape (b, p, p).
    """
    mean, precision = prior
    people = counts.sum(axis=1, keepdims=True)
    curvature = np.empty((0, 0, 0))
    for _ in range(steps):
        slope, curvature = score_and_information(batch.family, xi, counts, people, theta)
        slope -= precision * (xi - mean)
        curvature = curvature + np.diag(precision)
        xi = within_bounds(batch, xi + _bounded(solved(*_held_at_bounds(batch, xi, curvature, slope))))
    return xi, curvature


def prior_of(beliefs: Beliefs, batch: Batch, lift: Floats) -> tuple[Floats, Floats]:
    """Prior means, shape (b, p), and precisions, shape (p,), of a batch; slopes are drawn down by ``lift`` (D,)."""
    mean, precision = prior_by_role(beliefs, batch.roles)
    means = np.tile(mean, (batch.items.size, 1))
    for place, role in enumerate(batch.roles):
        if role is Role.SLOPE and precision[place]:
            means[:, place] -= lift[batch.domain] / precision[place]
    return means, precision


def _held_at_bounds(batch: Batch, xi: Floats, curvature: Floats, slope: Floats) -> tuple[Floats, Floats]:
    """Parameters at a bound that would go beyond it stay, and the others move as if they were known."""
    low, high = np.array([BOUNDS[role] for role in batch.roles]).T
    stuck = ((xi <= low) & (slope < 0)) | ((xi >= high) & (slope > 0))
    if not stuck.any():
        return curvature, slope
    free = ~stuck
    kept = curvature * (free[:, :, None] & free[:, None, :]) + np.eye(xi.shape[1]) * stuck[:, :, None]
    return kept, slope * free


def score_and_information(
    family: Family, xi: Floats, counts: Floats, people: Floats, theta: Floats
) -> tuple[Floats, Floats]:
    """Slope of the expected log-likelihood, shape (b, p), and its expected curvature, shape (b, p, p)."""
    log_p, gradient = family.evaluate(theta, xi)
    flat = gradient.reshape(*gradient.shape[:2], -1)
    slope = (flat @ counts.reshape(len(xi), -1, 1))[..., 0]
    weight = (people * np.exp(log_p)).reshape(len(xi), 1, -1)
    return slope, (flat * weight) @ flat.transpose(0, 2, 1)


def solved(curvature: Floats, slope: Floats) -> Floats:
    """``curvature^-1 slope`` for each item, shape (b, p)."""
    diagonal = np.einsum("ipp->ip", curvature)
    lifted = curvature + np.eye(slope.shape[1]) * (RIDGE * diagonal.max(axis=1) + np.finfo(float).tiny)[:, None, None]
    found: Floats = np.linalg.solve(lifted, slope[..., None])[..., 0]
    return found


def _bounded(step: Floats) -> Floats:
    longest = np.abs(step).max(axis=1, keepdims=True)
    shortened: Floats = step * (LONGEST / np.maximum(longest, LONGEST))
    return shortened


def within_bounds(batch: Batch, xi: Floats) -> Floats:
    """Parameters no further out than ``BOUNDS``."""
    low, high = np.array([BOUNDS[role] for role in batch.roles]).T
    return np.clip(xi, low, high)


def at_bounds(batch: Batch, xi: Floats) -> NDArray[np.bool_]:
    """Parameters that can go no further, shape (b, p)."""
    low, high = np.array([BOUNDS[role] for role in batch.roles]).T
    stopped: NDArray[np.bool_] = (xi <= low) | (xi >= high)
    return stopped


def rescaled(batch: Batch, xi: Floats, mean: Floats, sd: Floats) -> Floats:
    """The same items where abilities are measured from ``mean`` in units of ``sd`` (shapes (b,), by item)."""
    found = xi.copy()
    slopes = [place for place, role in enumerate(batch.roles) if role is Role.NOMINAL_SLOPE]
    for place, role in enumerate(batch.roles):
        if role is Role.SLOPE:
            found[:, place] += np.log(sd)
        elif role is Role.GAP:
            found[:, place] -= np.log(sd)
        elif role is Role.LOCATION:
            found[:, place] = (xi[:, place] - mean) / sd
        elif role is Role.NOMINAL_SLOPE:
            found[:, place] *= sd
        elif role is Role.NOMINAL_INTERCEPT:
            found[:, place] += xi[:, place - len(slopes)] * mean
    return found
