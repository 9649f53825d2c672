"""A learner's test, pure: the engine's sitting with grading, the order of options and what is left.

Nothing is remembered between two answers: everything is computed from the log, the bank version, the policy and
the seed, so the same log gives the same test, bit for bit. The simulator runs the same ``app.engine.sitting``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from app.bank.pool import Pool, standard_grid
from app.engine import sitting
from app.engine.content import Mask
from app.engine.plan import Plan, make_plan
from app.engine.prior import SecondOrderPrior, second_order_prior
from app.engine.sitting import Decision, Pick, State
from app.sessions.policy import Policy
from framework.model import LOCALES
from itembank.grade import grade
from itembank.model import Item

__all__ = [
    "Course",
    "Decision",
    "Pick",
    "State",
    "Step",
    "advance",
    "assess",
    "decide",
    "make_course",
    "plan_for",
    "prior_for",
    "remaining",
    "score_of",
    "shown_order",
]


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """What is fixed when a sitting starts.

    Attributes
    ----------
    plan : the pool and the policy as the engine runs them.
    allowed : shape (n,), False for items set aside for this sitting (exposure, validity dates).
    """

    pool: Pool
    policy: Policy
    plan: Plan
    seed: int
    allowed: Mask

    @property
    def prior(self) -> SecondOrderPrior:
        return self.plan.prior


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One answer graded, and what follows from it."""

    score: int
    decision: Decision


@lru_cache(maxsize=64)
def prior_for(loadings: tuple[float, ...]) -> SecondOrderPrior:
    """The prior for these loadings, built once per process."""
    return second_order_prior(standard_grid(), loadings)


@lru_cache(maxsize=64)
def plan_for(pool: Pool, policy: Policy) -> Plan:
    """The plan of this pool and these rules, built once per process."""
    return make_plan(
        pool.tables,
        prior_for(policy.loadings(pool.framework)),
        policy.blueprint(pool.framework),
        competence=pool.competence,
        enemies=pool.enemies,
        stimulus=pool.stimulus,
        set_size=(policy.per_set.at_least, policy.per_set.at_most),
        se_target=policy.se_target,
        cuts=policy.cuts(pool.framework),
        certainty=policy.certainty,
        criterion=policy.criterion,
        choose_among=policy.choose_among,
        progressive=policy.progressive,
        shadow=policy.selection == "shadow",
        counted=policy.bookkeeping == "counted",
    )


def make_course(pool: Pool, policy: Policy, *, seed: int, ineligible: frozenset[str]) -> Course:
    """Bind a sitting to its bank version, rules and seed."""
    allowed = np.ones(len(pool.items), dtype=np.bool_)
    allowed[[pool.position[item_id] for item_id in ineligible if item_id in pool.position]] = False
    return Course(pool, policy, plan_for(pool, policy), seed, allowed)


def assess(course: Course, items: Sequence[int], scores: Sequence[int]) -> State:
    """Compute where a sitting stands after these answers (indices in the pool, categories reached)."""
    return sitting.assess(course.plan, course.allowed, items, scores)


def decide(course: Course, items: Sequence[int], scores: Sequence[int]) -> Decision:
    """Stop, or pick the next item."""
    return sitting.decide(course.plan, course.allowed, course.seed, items, scores)


def advance(
    course: Course,
    items: Sequence[int],
    scores: Sequence[int],
    *,
    pending: int,
    response: Mapping[str, Any] | None,
) -> Step:
    """Grade the answer to the pending item and decide what follows.

    Raises
    ------
    itembank.grade.UnreadableResponse
        If the answer does not have the shape the item asks for.
    """
    score = score_of(course.pool.items[pending], response)
    return Step(score, decide(course, (*items, pending), (*scores, score)))


def score_of(item: Item, response: Mapping[str, Any] | None) -> int:
    """Grade in either language: a learner may switch languages during the test, and a right answer stays right."""
    return max(grade(item, response, locale=locale) for locale in LOCALES)


def shown_order(course: Course, item: int, step: int) -> tuple[int, ...]:
    """Order in which the item's options are shown at this step."""
    options = len(course.pool.items[item].options)
    if not course.pool.items[item].shuffle:
        return tuple(range(options))
    return tuple(np.random.default_rng([course.seed, step, 1]).permutation(options).tolist())


def remaining(course: Course, state: State, pick: Pick) -> tuple[int, int]:
    """About how many questions are left, the one on screen included: from and to, for orientation only.

    What is missing to the targets, ``sum_e (1 / target^2 - 1 / sd_e^2)``, divided by what the next question is
    expected to bring; later ones bring less, hence the wider upper end. A decision may be sure at any moment.
    """
    least = max(state.ahead.needed, 1)
    most = max(state.ahead.possible, least)
    variance = state.posterior.sd**2
    missing = np.maximum(course.policy.se_target**-2.0 - 1 / variance, 0.0)
    brought = (1 / (variance - pick.gains[:-1]) - 1 / variance)[missing > 0].sum()
    guess = missing.sum() / max(float(brought), 1e-9)
    soonest = 0.0 if course.policy.certainty is not None else np.floor(0.8 * guess)
    low, high = np.clip([soonest, np.ceil(2.0 * guess)], least, most)
    return int(low), int(high)
