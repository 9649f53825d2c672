"""The test itself, pure: from the log to the ability, the decision to stop, and the next question.

Nothing is remembered between two answers: everything is computed from the log, the bank version, the policy and
the seed, so the same log gives the same test, bit for bit. The simulator runs these same functions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

import numpy as np

from app.bank.pool import Pool, standard_grid
from app.engine.content import Blueprint, Outlook, independent_counts, outlook
from app.engine.exposure import choose_among_best
from app.engine.grid import Floats, Ints
from app.engine.posterior import Posterior, posterior
from app.engine.prior import SecondOrderPrior, second_order_prior
from app.engine.selection import expected_gain, influence, item_gains, target_weights
from app.engine.stopping import StopReason, stop
from app.engine.tables import log_likelihood
from app.sessions.policy import Policy
from framework.model import LOCALES
from itembank.grade import grade
from itembank.model import Item

Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """What is fixed when a sitting starts.

    Attributes
    ----------
    allowed : shape (n,), False for items set aside for this sitting (exposure, validity dates).
    """

    pool: Pool
    policy: Policy
    prior: SecondOrderPrior
    blueprint: Blueprint
    seed: int
    allowed: Mask


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """What the log says: the posterior, and what the rules still ask and allow."""

    given: Ints
    log_likelihood: Floats
    posterior: Posterior
    eligible: Mask
    ahead: Outlook


@dataclass(frozen=True, slots=True, eq=False)
class Pick:
    """The next item and why.

    Attributes
    ----------
    item : index in the pool.
    rank : its place among the candidates, 1 the best.
    gain, best_gain : its criterion (expected drop of variance, squared logits) and the best candidate's.
    gains : shape (D + 1,), its expected drop of every domain's and the general ability's variance.
    candidates : how many items the rules allowed.
    """

    item: int
    rank: int
    gain: float
    best_gain: float
    gains: Floats
    candidates: int


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """Either the reason to stop or the next pick."""

    state: State
    stop: StopReason | None
    pick: Pick | None


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One answer graded, and what follows from it."""

    score: int
    decision: Decision


@lru_cache(maxsize=64)
def prior_for(loadings: tuple[float, ...]) -> SecondOrderPrior:
    """The prior for these loadings, built once per process."""
    return second_order_prior(standard_grid(), loadings)


def make_course(pool: Pool, policy: Policy, *, seed: int, ineligible: frozenset[str]) -> Course:
    """Bind a sitting to its bank version, rules and seed."""
    allowed = np.ones(len(pool.items), dtype=np.bool_)
    allowed[[pool.position[item_id] for item_id in ineligible if item_id in pool.position]] = False
    prior = prior_for(policy.loadings(pool.framework))
    return Course(pool, policy, prior, policy.blueprint(pool.framework), seed, allowed)


def assess(course: Course, items: Sequence[int], scores: Sequence[int]) -> State:
    """Compute where a sitting stands after these answers (indices in the pool, categories reached)."""
    pool = course.pool
    given = np.array(items, dtype=np.intp)
    likelihood = log_likelihood(pool.tables, given, np.array(scores, dtype=np.intp))
    eligible = course.allowed.copy()
    eligible[given] = False
    for item in given:
        eligible[pool.enemies[item]] = False
    ahead = _outlook(course, given, eligible)
    eligible &= ahead.open[pool.competence]
    return State(given, likelihood, posterior(course.prior, likelihood), eligible, ahead)


def decide(course: Course, items: Sequence[int], scores: Sequence[int]) -> Decision:
    """Stop, or pick the next item."""
    state = assess(course, items, scores)
    reason = stop(
        sd=state.posterior.sd,
        se_target=course.policy.se_target,
        ahead=state.ahead,
        given=len(items),
        max_items=course.policy.length.at_most,
    )
    if reason is not None:
        return Decision(state, reason, None)
    return Decision(state, None, _pick(course, state))


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
    expected to bring; later ones bring less, hence the wider upper end.
    """
    least = max(state.ahead.needed, 1)
    most = max(state.ahead.possible, least)
    variance = state.posterior.sd**2
    missing = np.maximum(course.policy.se_target**-2.0 - 1 / variance, 0.0)
    brought = (1 / (variance - pick.gains[:-1]) - 1 / variance)[missing > 0].sum()
    guess = missing.sum() / max(float(brought), 1e-9)
    low, high = np.clip([np.floor(0.8 * guess), np.ceil(2.0 * guess)], least, most)
    return int(low), int(high)


def _outlook(course: Course, given: Ints, eligible: Mask) -> Outlook:
    pool, size = course.pool, len(course.pool.competences)
    taken = np.bincount(pool.competence[given], minlength=size).astype(np.intp)
    return outlook(course.blueprint, taken=taken, available=_available(pool, eligible))


def _available(pool: Pool, eligible: Mask) -> Ints:
    """Items per competence that could still be given together."""
    size = len(pool.competences)
    peaceful = eligible.copy()
    peaceful[pool.hostile] = False
    hostile = pool.hostile[eligible[pool.hostile]]
    counts = np.bincount(pool.competence[peaceful], minlength=size).astype(np.intp)
    counts += independent_counts(hostile, pool.competence, pool.enemies, size=size)
    return counts


def _pick(course: Course, state: State) -> Pick:
    """Draw among the best candidates after which every rule can still be kept.

    Once every domain is precise enough, only what the rules still ask for is given: it alone ends the test.
    While the test is open one always exists: the items that ``independent_counts`` chose can all be given.
    """
    allowed = state.eligible
    if np.all(state.posterior.sd <= course.policy.se_target):
        allowed = allowed & state.ahead.owed[course.pool.competence]
    candidates = np.flatnonzero(allowed)
    weights = target_weights(state.posterior, se_target=course.policy.se_target)
    effect = influence(course.prior, state.posterior)
    gain = expected_gain(course.pool.tables, state.posterior, effect, weights)
    best = _first_that_keep_the_rules(course, state, candidates, gain)
    rng = np.random.default_rng([course.seed, state.given.size + 1])
    rank = choose_among_best(best, rng, best=course.policy.choose_among)
    item = int(best[rank])
    gains = item_gains(course.pool.tables, state.posterior, effect, item)
    return Pick(item, rank + 1, float(gain[item]), float(gain[best[0]]), gains, int(candidates.size))


def _first_that_keep_the_rules(course: Course, state: State, candidates: Ints, gain: Floats) -> Ints:
    """The ``choose_among`` best candidates whose enemies' departure leaves the rules satisfiable, best first.

    A short list nearly always holds them; where enemies leave too few of it, all candidates are ranked.
    """
    wanted = course.policy.choose_among
    kept: list[int] = []
    for count in (2 * wanted, candidates.size):
        ranked = _best_first(candidates, gain, count=count).tolist()
        kept = list(islice((item for item in ranked if _keeps_the_rules(course, state, item)), wanted))
        if len(kept) == wanted:
            break
    return np.array(kept, dtype=np.intp)


def _best_first(candidates: Ints, gain: Floats, *, count: int) -> Ints:
    """At least the ``count`` candidates of highest gain, by falling gain; equal ones in the bank's order."""
    worth = gain[candidates]
    if count < worth.size:
        least = np.partition(worth, -count)[-count]
        candidates, worth = candidates[worth >= least], worth[worth >= least]
    return candidates[np.argsort(-worth, kind="stable")]


def _keeps_the_rules(course: Course, state: State, item: int) -> bool:
    if not course.pool.enemies[item].size:
        return True
    given = np.append(state.given, item)
    eligible = course.allowed.copy()
    for index in given:
        eligible[index] = False
        eligible[course.pool.enemies[index]] = False
    return _outlook(course, given, eligible).broken is None
