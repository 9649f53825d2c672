"""What a candidate is worth: one interface for every criterion.

A criterion looks at a moment of a sitting and gives every item of the bank a number, the more the better. The
exact ones (``variance``, ``classification``) see through the prior what an item of one domain says about all
others; the ones on information look at the item's own domain alone, and count it by what that domain is worth.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from app.engine.classification import band_influence, certainty
from app.engine.grid import Floats, Ints
from app.engine.information import curves_of, divergence, fisher_information, weighted_information
from app.engine.plan import Plan
from app.engine.posterior import Posterior
from app.engine.selection import Influence, expected_gain

WIDTH: Final = 3.0
"""Half the width of the divergence's interval after one answer in the domain, logits; it falls as 1 / sqrt(answers)."""


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """What a criterion may look at.

    Attributes
    ----------
    influence : of the answers, as ``app.engine.selection`` defines it.
    worth : shape (D,), what more knowledge of each domain is worth.
    answers : shape (D,), answers so far in each domain.
    """

    posterior: Posterior
    influence: Influence
    worth: Floats
    answers: Ints


Criterion = Callable[[Plan, Moment, np.random.Generator], Floats]


def variance(plan: Plan, moment: Moment, _: np.random.Generator) -> Floats:
    """Exact expected drop of the domains' posterior variances, squared logits."""
    weights = np.zeros(moment.worth.size + 1)
    weights[:-1] = moment.worth
    return expected_gain(plan.tables, moment.posterior, moment.influence, weights)


def classification(plan: Plan, moment: Moment, _: np.random.Generator) -> Floats:
    """Exact expected drop of the quadratic loss of deciding between the plan's bands."""
    effect = band_influence(plan.prior, moment.posterior, plan.bands)
    return expected_gain(plan.tables, moment.posterior, effect, np.repeat(moment.worth, len(plan.bands) - 1))


def information(plan: Plan, moment: Moment, _: np.random.Generator) -> Floats:
    """Fisher information at the expected a posteriori ability (Lord 1980), per squared logit."""
    found = fisher_information(curves_of(plan.tables), moment.posterior.mean)
    return found * moment.worth[plan.tables.domain]


def posterior_information(plan: Plan, moment: Moment, _: np.random.Generator) -> Floats:
    """Fisher information expected under the posterior (van der Linden 1998), per squared logit."""
    found = weighted_information(curves_of(plan.tables), moment.posterior.domain)
    return found * moment.worth[plan.tables.domain]


def kullback_leibler(plan: Plan, moment: Moment, _: np.random.Generator) -> Floats:
    """Kullback-Leibler information around the ability, over 3 / sqrt(answers) logits (Chang & Ying 1996)."""
    width = WIDTH / np.sqrt(np.maximum(moment.answers, 1))
    found = divergence(curves_of(plan.tables), moment.posterior.mean, width)
    return found * moment.worth[plan.tables.domain]


def at_random(plan: Plan, _: Moment, rng: np.random.Generator) -> Floats:
    """Uniform numbers: the yardstick for every other criterion."""
    return rng.random(plan.size)


CRITERIA: Final[dict[str, Criterion]] = {
    "variance": variance,
    "classification": classification,
    "information": information,
    "posterior_information": posterior_information,
    "kullback_leibler": kullback_leibler,
    "random": at_random,
}


def domain_worth(plan: Plan, post: Posterior) -> Floats:
    """One for each domain that is not yet known well enough, all one where every domain is; shape (D,).

    Well enough: for ``classification`` as surely as the plan's certainty asks, else as precisely as its SE target.
    """
    if plan.criterion == "classification":
        unknown = certainty(post, plan.bands) < (1.0 if plan.certainty is None else plan.certainty)
    else:
        unknown = post.sd > plan.se_target
    return unknown.astype(np.float64) if unknown.any() else np.ones(unknown.size)
