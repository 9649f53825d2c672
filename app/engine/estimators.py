"""Abilities with standard errors: posterior mean, posterior mode, maximum likelihood, Warm's weighted likelihood.

``estimate`` scores any number of persons in chunks: memory is that of the chunks at work, whatever their number. The
estimators themselves take log-likelihoods on the grid. Modes and maxima are roots found by ``app.engine.roots``.
"""

from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import sparse

from app.engine.batch import (
    CHUNK,
    MISSING,
    Answers,
    Contrasts,
    answers_by_domain,
    batch_log_likelihood,
    check_categories,
    check_form,
    contrasts,
    likelihoods,
    over_chunks,
    seen_items,
)
from app.engine.batch_moments import posterior_moments
from app.engine.grid import Floats, Grid, Ints
from app.engine.posterior import posterior
from app.engine.prior import SecondOrderPrior, second_order_prior
from app.engine.roots import derivative, highest
from app.engine.tables import ItemTables

__all__ = [
    "MISSING",
    "Estimates",
    "Method",
    "batch_log_likelihood",
    "estimate",
    "expected_a_posteriori",
    "maximum_a_posteriori",
    "maximum_likelihood",
    "weighted_likelihood",
]

Method = Literal["eap", "map", "ml", "wle"]


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """Abilities with their standard errors, shapes (N, D), logits.

    An answer pattern without a finite maximum gives an infinite ability and a standard error of NaN; a domain
    without answers gives NaN for both (maximum and weighted likelihood only).
    """

    theta: Floats
    se: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Scoring:
    """What every chunk needs."""

    tables: ItemTables
    of_domain: tuple[Contrasts, ...]
    prior: SecondOrderPrior
    method: Method
    information: Floats | None


def estimate(
    tables: ItemTables,
    answers: Answers,
    *,
    method: Method = "eap",
    prior: SecondOrderPrior | None = None,
    chunk: int = CHUNK,
    executor: Executor | None = None,
) -> Estimates:
    """Score many persons.

    Parameters
    ----------
    answers : scores (N, n), dense or sparse, see ``app.engine.batch``.
    method : ``eap`` and ``map`` use the prior and score all domains jointly; ``ml`` and ``wle`` use none.
    prior : on the tables' grid; None is a standard normal for each domain apart.
    chunk, executor : persons at a time, and who does the chunks side by side (``over_chunks``).

    Raises
    ------
    ValueError
        If an answer is not an answer to these items (person and item are named) or the prior is on another grid.
    """
    check_form(tables, answers)
    prior = second_order_prior(tables.grid, [0.0] * tables.domains) if prior is None else prior
    if not np.array_equal(prior.grid.theta, tables.grid.theta):
        raise ValueError("prior must be on the grid of the tables")
    information = item_information(tables) if method == "wle" else None
    context = _Scoring(tables, contrasts(tables), prior, method, information)
    parts = over_chunks(_score, context, answers, chunk=chunk, executor=executor)
    return Estimates(np.concatenate([part.theta for part in parts]), np.concatenate([part.se for part in parts]))


def _score(scoring: _Scoring, answers: Answers, first: int) -> Estimates:
    tables, prior = scoring.tables, scoring.prior
    check_categories(tables, answers, first=first)
    if scoring.method == "eap":
        return Estimates(*posterior_moments(tables, scoring.of_domain, prior, answers))
    found = likelihoods(tables, scoring.of_domain, answers)
    if scoring.method == "map":
        return maximum_a_posteriori(prior, found)
    if scoring.method == "ml":
        return maximum_likelihood(tables.grid, found, answered=answers_by_domain(tables, answers))
    return weighted_likelihood(tables, found, seen_items(answers), information=scoring.information)


def expected_a_posteriori(prior: SecondOrderPrior, log_likelihood: Floats) -> Estimates:
    """Posterior means and standard deviations (Bock & Mislevy 1982); all domains jointly."""
    post = posterior(prior, log_likelihood)
    return Estimates(post.mean, post.sd)


def maximum_a_posteriori(prior: SecondOrderPrior, log_likelihood: Floats) -> Estimates:
    """Modes of the domains' marginal posteriors; standard error from the curvature there."""
    density = np.maximum(posterior(prior, log_likelihood).domain, np.finfo(np.float64).tiny)
    return Estimates(*highest(prior.grid, np.log(density)))


def maximum_likelihood(grid: Grid, log_likelihood: Floats, *, answered: Ints) -> Estimates:
    """Maxima of the domains' likelihoods; standard error from the curvature there (observed information).

    Parameters
    ----------
    answered : shape (N, D), number of answers per domain.
    """
    return _blank(*highest(grid, log_likelihood), answered)


def weighted_likelihood(
    tables: ItemTables,
    log_likelihood: Floats,
    seen: Floats | sparse.csr_array,
    *,
    information: Floats | None = None,
) -> Estimates:
    """Weighted likelihood estimates: first-order bias removed, finite for every pattern.

    Maximises ``l(theta) + log I(theta) / 2`` with ``I = sum_i sum_c P'^2 / P`` over the items seen; standard error
    from the curvature there. For the Rasch, 2PL and partial-credit families this is Warm's estimate (Warm 1989,
    Psychometrika 54); for the 3PL it is the likelihood under Jeffreys' prior (Magis & Raiche 2012,
    Psychometrika 77, compare the two), which is what R's mirt reports as WLE.

    Parameters
    ----------
    seen : shape (N, n), 1 where the person answered the item, else 0; dense or sparse.
    information : shape (n, Q), ``item_information(tables)`` where it is at hand.
    """
    by_item = item_information(tables) if information is None else information
    total = np.stack([seen[:, m] @ by_item[m] for m in tables.members], axis=1)
    objective = log_likelihood + 0.5 * np.log(np.maximum(total, np.finfo(np.float64).tiny))
    answered = np.stack([np.asarray(seen[:, m].sum(axis=1)) for m in tables.members], axis=1)
    return _blank(*highest(tables.grid, objective), answered)


def item_information(tables: ItemTables) -> Floats:
    """Fisher information of each item, shape (n, Q), from the tables themselves."""
    p = np.exp(tables.log_p)
    by_item: Floats = np.add.reduceat(derivative(p, tables.grid) ** 2 / p, tables.first_row[:-1], axis=0)
    return by_item


def _blank(theta: Floats, se: Floats, answered: Ints | Floats) -> Estimates:
    nothing = np.asarray(answered) == 0
    return Estimates(np.where(nothing, np.nan, theta), np.where(nothing, np.nan, se))
