"""The test itself, in arrays: from the answers to the ability, the decision to stop, and the next item.

Nothing is remembered between two answers: everything is computed from the answers, the plan and the seed, so the
same answers give the same test, bit for bit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from app.engine.content import Mask, Outlook, independent_counts, outlook
from app.engine.exposure import choose_among_best
from app.engine.grid import Floats, Ints
from app.engine.plan import Plan
from app.engine.posterior import Posterior, posterior
from app.engine.selection import expected_gain, influence, item_gains, target_weights
from app.engine.stopping import StopReason, stop
from app.engine.tables import log_likelihood


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """What the answers say: the posterior, and what the rules still ask and allow.

    Attributes
    ----------
    given : shape (t,), items answered, in their order.
    log_likelihood : shape (D, Q), of the answers.
    eligible : shape (n,), items that the rules allow next.
    """

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
    item : its index.
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


def assess(plan: Plan, allowed: Mask, items: Sequence[int], scores: Sequence[int]) -> State:
    """Compute where a sitting stands after these answers.

    Parameters
    ----------
    allowed : shape (n,), False for items set aside for this sitting.
    items, scores : items answered and the category reached in each.

    Raises
    ------
    ValueError
        If a score is not a category of its item.
    """
    given = np.array(items, dtype=np.intp)
    likelihood = log_likelihood(plan.tables, given, np.array(scores, dtype=np.intp))
    eligible = allowed.copy()
    eligible[given] = False
    for item in given:
        eligible[plan.enemies[item]] = False
    ahead = _outlook(plan, given, eligible)
    eligible &= ahead.open[plan.competence]
    return State(given, likelihood, posterior(plan.prior, likelihood), eligible, ahead)


def decide(plan: Plan, allowed: Mask, seed: int, items: Sequence[int], scores: Sequence[int]) -> Decision:
    """Stop, or pick the next item; parameters as in ``assess``. Draws use ``default_rng([seed, step])``."""
    state = assess(plan, allowed, items, scores)
    reason = stop(
        sd=state.posterior.sd,
        se_target=plan.se_target,
        ahead=state.ahead,
        given=len(items),
        max_items=plan.longest,
    )
    if reason is not None:
        return Decision(state, reason, None)
    return Decision(state, None, _pick(plan, allowed, seed, state))


def _outlook(plan: Plan, given: Ints, eligible: Mask) -> Outlook:
    taken = np.bincount(plan.competence[given], minlength=plan.blueprint.domain_of.size).astype(np.intp)
    return outlook(plan.blueprint, taken=taken, available=_available(plan, eligible))


def _available(plan: Plan, eligible: Mask) -> Ints:
    """Items per competence that could still be given together."""
    size = plan.blueprint.domain_of.size
    peaceful = eligible.copy()
    peaceful[plan.hostile] = False
    hostile = plan.hostile[eligible[plan.hostile]]
    counts = np.bincount(plan.competence[peaceful], minlength=size).astype(np.intp)
    counts += independent_counts(hostile, plan.competence, plan.enemies, size=size)
    return counts


def _pick(plan: Plan, allowed: Mask, seed: int, state: State) -> Pick:
    """Draw among the best candidates after which every rule can still be kept.

    Once every domain is precise enough, only what the rules still ask for is given: it alone ends the test.
    While the test is open one always exists: the items that ``independent_counts`` chose can all be given.
    """
    eligible = state.eligible
    if np.all(state.posterior.sd <= plan.se_target):
        eligible = eligible & state.ahead.owed[plan.competence]
    candidates = np.flatnonzero(eligible)
    weights = target_weights(state.posterior, se_target=plan.se_target)
    effect = influence(plan.prior, state.posterior)
    gain = expected_gain(plan.tables, state.posterior, effect, weights)
    best = _first_that_keep_the_rules(plan, allowed, state, candidates, gain)
    rng = np.random.default_rng([seed, state.given.size + 1])
    rank = choose_among_best(best, rng, best=plan.choose_among)
    item = int(best[rank])
    gains = item_gains(plan.tables, state.posterior, effect, item)
    return Pick(item, rank + 1, float(gain[item]), float(gain[best[0]]), gains, int(candidates.size))


def _first_that_keep_the_rules(plan: Plan, allowed: Mask, state: State, candidates: Ints, gain: Floats) -> Ints:
    """The ``choose_among`` best candidates whose enemies' departure leaves the rules satisfiable, best first.

    A short list nearly always holds them; where enemies leave too few of it, all candidates are ranked.
    """
    wanted = plan.choose_among
    kept: list[int] = []
    for count in (2 * wanted, candidates.size):
        ranked = _best_first(candidates, gain, count=count).tolist()
        kept = list(islice((item for item in ranked if _keeps_the_rules(plan, allowed, state, item)), wanted))
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


def _keeps_the_rules(plan: Plan, allowed: Mask, state: State, item: int) -> bool:
    if not plan.enemies[item].size:
        return True
    given = np.append(state.given, item)
    eligible = allowed.copy()
    for index in given:
        eligible[index] = False
        eligible[plan.enemies[index]] = False
    return _outlook(plan, given, eligible).broken is None
