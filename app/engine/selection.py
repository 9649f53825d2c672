"""The next item: the exact expected drop of posterior variance.

For an item i of domain d and a target e with f_e (theta_e, g, or an indicator), let

    F_e[q] = sum_k P(g_k, theta_d = q | all) (E[f_e | g_k, all] - E[f_e | all])          e another domain, or g
    F_d[q] = P(theta_d = q | all) (f_d[q] - E[f_d | all])                                the item's own domain

Then answering i lowers Var(f_e) in expectation by exactly

    gain_e(i) = sum_c ( sum_q F_e[q] P_ic[q] )^2 / sum_q P(theta_d = q | all) P_ic[q]

because the expected posterior variance is the variance minus the variance of the posterior mean. Every F_e
sums to zero over q, so category 0 follows from the others and one product per domain scores the whole bank.
"""

from dataclasses import dataclass

import numpy as np

from app.engine.grid import Floats, Ints
from app.engine.posterior import Posterior, conditional_means
from app.engine.prior import SecondOrderPrior
from app.engine.tables import ItemTables

ROUNDING = float(np.finfo(np.float64).eps)
"""Category 0's probability, one minus the others', is known no better than this; an item so certain teaches nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Influence:
    """How each target's posterior mean moves with each domain's ability.

    Attributes
    ----------
    functions : shape (D, D + 1, Q): for items of domain d (first axis), F of the D domains and of g (last).
    """

    functions: Floats


def influence(prior: SecondOrderPrior, post: Posterior) -> Influence:
    """Compute the F functions of one sitting for the targets theta_1 … theta_D and g."""
    theta = prior.grid.theta
    if prior.domains == 1:
        return _alone(prior, post)
    centred = np.empty((prior.domains + 1, theta.size))
    centred[:-1] = conditional_means(prior, post) - post.mean[:, None]
    centred[-1] = theta - post.general_mean
    spread = np.matmul(centred[None] * post.weight[:, None, :], prior.conditional)
    functions = spread * post.likelihood[:, None, :]
    own = np.arange(prior.domains)
    functions[own, own] = post.domain * (theta - post.mean[:, None])
    return Influence(functions)


def _alone(prior: SecondOrderPrior, post: Posterior) -> Influence:
    """The same of one domain: nothing goes through other domains."""
    theta = prior.grid.theta
    functions = np.empty((1, 2, theta.size))
    np.multiply(post.domain[0], theta - post.mean, out=functions[0, 0])
    spread = (post.weight[0] * (theta - post.general_mean)).dot(prior.conditional[0])
    np.multiply(post.likelihood[0], spread, out=functions[0, 1])
    return Influence(functions)


def expected_gain(tables: ItemTables, post: Posterior, effect: Influence, weights: Floats) -> Floats:
    """Weighted expected drop of variance for every item: ``sum_e w_e gain_e(i)``; equal tables, equal numbers.

    Parameters
    ----------
    weights : shape (D + 1,), non-negative: what each domain's precision, and the general ability's, is worth.

    Returns
    -------
    shape (n,), squared logits (times the weights).
    """
    if tables.domains == 1 and tables.above[0].shape[1] == tables.kinds and not weights[1:].any():
        return _gain_alone(tables, post, effect, float(weights[0]))
    counted = np.flatnonzero(weights)
    moved = effect.functions[:, counted] * np.sqrt(weights[counted])[:, None]
    functions = np.concatenate([moved, post.domain[:, None]], axis=1)
    products = np.empty((functions.shape[1], tables.span[-1].stop))
    for of_domain, above, span in zip(functions, tables.above, tables.span, strict=True):
        np.matmul(of_domain, above, out=products[:, span])
    return tables.per_item(_gain(products, tables.first_column))


def _gain_alone(tables: ItemTables, post: Posterior, effect: Influence, weight: float) -> Floats:
    """The same where one domain is all that counts and its items have two categories each."""
    functions = np.empty((2, tables.grid.size))
    functions[0], functions[1] = effect.functions[0, 0], post.domain[0]
    moved, likely = functions.dot(tables.above[0])
    spread = np.subtract(1.0, likely)
    np.maximum(spread, ROUNDING, out=spread)
    spread *= likely
    moved *= moved
    moved /= spread
    return tables.per_item(moved if weight == 1.0 else weight * moved)


def item_gains(tables: ItemTables, post: Posterior, effect: Influence, item: int) -> Floats:
    """Expected drop of variance of every target after one item, shape (D + 1,), squared logits."""
    domain = int(tables.domain[item])
    p = np.exp(tables.log_p[tables.first_row[item] : tables.first_row[item + 1]])
    gains: Floats = ((effect.functions[domain] @ p.T) ** 2 / (p @ post.domain[domain])).sum(axis=1)
    return gains


def _gain(products: Floats, first: Ints) -> Floats:
    """Gain per table from the products of (targets…, density) with the categories above 0."""
    moved, likely = products[:-1], products[-1]
    if likely.size == first.size:  # every one has two categories: the rest of the formula collapses
        dichotomous: Floats = np.einsum("tr,tr->r", moved, moved) / (likely * np.maximum(1 - likely, ROUNDING))
        return dichotomous
    inside = np.add.reduceat(np.einsum("tr,tr->r", moved, moved) / likely, first)
    below = np.add.reduceat(moved, first, axis=1)
    lowest = np.maximum(1 - np.add.reduceat(likely, first), ROUNDING)
    gain: Floats = inside + np.einsum("tr,tr->r", below, below) / lowest
    return gain


def target_weights(post: Posterior, *, se_target: float) -> Floats:
    """Worth of each domain's precision: one for those still above the target, all where none is.

    Returns
    -------
    shape (D + 1,); the general ability (last) has weight zero: it is served by the domains.
    """
    open_domains = post.sd > se_target
    if not open_domains.any():
        open_domains = np.ones_like(open_domains)
    return np.append(open_domains.astype(np.float64), 0.0)
