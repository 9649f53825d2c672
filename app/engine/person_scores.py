"""Each person's gradient: how the log-likelihood of one person's answers moves with every parameter."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from app.engine.design import Chunk, Design, Layout
from app.engine.expectation import Terms, densities
from app.engine.grid import Floats, Ints
from app.engine.maximisation import Batch


@dataclass(frozen=True, slots=True, eq=False)
class Derivatives:
    """What persons' gradients are made of.

    Attributes
    ----------
    slopes : per batch, shape (b, p, C, Q), the families' gradients.
    terms : of the expectation step at the estimate.
    around : for every parameter of the population, the terms a ``step`` above and below it.
    """

    batches: tuple[Batch, ...]
    layout: Layout
    slopes: tuple[Floats, ...]
    terms: Terms
    around: tuple[tuple[Terms, Terms], ...]
    step: float


def outer_products(chunk: Chunk, by: Derivatives) -> Floats:
    """Sum over a chunk's persons of gradient times gradient', shape (P, P)."""
    density, _ = densities(chunk, by.terms)
    population = [_difference(chunk, high, low) / (2 * by.step) for high, low in by.around]
    score = np.concatenate([_item_scores(chunk, by, density), *population], axis=1)
    heavy = score if chunk.weight is None else score * chunk.weight[:, None]
    product: Floats = heavy.T @ score
    return product


def _difference(chunk: Chunk, high: Terms, low: Terms) -> Floats:
    change: Floats = (densities(chunk, high)[1] - densities(chunk, low)[1])[:, None]
    return change


def _item_scores(chunk: Chunk, by: Derivatives, density: Sequence[Floats]) -> Floats:
    """Expected gradient of each person's answer to each item, shape (persons, item parameters)."""
    width = sum(slope.shape[0] * slope.shape[1] for slope in by.slopes)
    found = np.zeros((chunk.persons, width))
    offset = 0
    for batch, slope in zip(by.batches, by.slopes, strict=True):
        parameters = slope.shape[1]
        for domain in np.unique(batch.domain).tolist():
            mine = np.flatnonzero(batch.domain == domain)
            columns = _columns_of(batch, by.layout, mine, domain)
            answered = chunk.designs[domain][:, columns.ravel()]
            for place in range(parameters):
                scores = _scores(answered, columns.shape, slope[mine, place], density[domain], by.layout)
                found[:, offset + mine * parameters + place] = scores
        offset += slope.shape[0] * parameters
    return found


def _columns_of(batch: Batch, layout: Layout, mine: Ints, domain: int) -> Ints:
    """Columns of these items' categories in their domain's design, shape (b, categories with a column)."""
    before = sum(int(first[-1]) for first in layout.columns[:domain])
    return batch.rows[mine] - before


def _scores(answered: Design, shape: tuple[int, int], slope: Floats, density: Floats, layout: Layout) -> Floats:
    """Expected gradient by one parameter of each item, shape (persons, b); ``slope``: shape (b, C, Q)."""
    if sparse.issparse(answered):
        return _sparse_scores(answered.tocoo(), shape, slope, density)
    everywhere = density @ slope.reshape(-1, slope.shape[-1]).T
    by_category = everywhere.reshape(density.shape[0], *slope.shape[:2])
    chosen = answered.reshape(density.shape[0], *shape)
    if not layout.complete:
        scores: Floats = (chosen * by_category).sum(axis=-1)
        return scores
    lowest = by_category[..., :1]
    above: Floats = (chosen * (by_category[..., 1:] - lowest)).sum(axis=-1) + lowest[..., 0]
    return above


def _sparse_scores(answered: sparse.coo_matrix, shape: tuple[int, int], slope: Floats, density: Floats) -> Floats:
    """The same where most answers are missing: only those that exist."""
    person, column = answered.coords
    value = np.einsum("aq,aq->a", density[person], slope.reshape(-1, slope.shape[-1])[column])
    cell = person * shape[0] + column // shape[1]
    total = np.bincount(cell, weights=value, minlength=density.shape[0] * shape[0]).astype(np.float64)
    return total.reshape(density.shape[0], shape[0])
