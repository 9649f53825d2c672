"""The test itself, in arrays: from the answers to the ability, the decision to stop, and the next item.

Nothing is remembered between two answers: everything is computed from the answers, the plan and the seed, so the
same answers give the same test, bit for bit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from app.engine.classification import certainty
from app.engine.content import Mask, Outlook
from app.engine.criteria import CRITERIA, Moment, domain_worth
from app.engine.exposure import choose_among_best, partly_random
from app.engine.grid import Floats, Ints
from app.engine.levels import levelled
from app.engine.plan import Plan
from app.engine.posterior import Posterior, posterior
from app.engine.prospect import Keeper, keeper_of, look_ahead, next_items
from app.engine.rest import Rest, rest_of
from app.engine.selection import Influence, influence, item_gains
from app.engine.shadow_pick import best_in_shadow
from app.engine.stopping import StopReason, measured, stop
from app.engine.tables import log_likelihood


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """What the answers say: the posterior, and what the rules still ask and allow.

    Attributes
    ----------
    given : shape (t,), items answered, in their order.
    log_likelihood : shape (D, Q), of the answers.
    eligible : shape (n,), items that the rules allow next.
    certainty : shape (D,), probability of the most probable band; empty where no decision is wanted.
    """

    given: Ints
    log_likelihood: Floats
    posterior: Posterior
    eligible: Mask
    ahead: Outlook
    rest: Rest
    certainty: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Pick:
    """The next item and why; ``app.engine.reasons`` says the rest.

    Attributes
    ----------
    item : its index.
    rank : its place among the candidates by the criterion, 1 the best.
    gain, best_gain : its criterion, and that of the best candidate after which the rules can be kept.
    gains : shape (D + 1,), its expected drop of every domain's and the general ability's variance, squared logits.
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
    post = posterior(plan.prior, likelihood)
    rest = rest_of(plan, allowed, given)
    ahead = look_ahead(plan, rest)
    sure = np.empty(0) if plan.certainty is None else certainty(post, plan.bands)
    return State(given, likelihood, post, next_items(plan, rest, ahead), ahead, rest, sure)


def decide(plan: Plan, allowed: Mask, seed: int, items: Sequence[int], scores: Sequence[int]) -> Decision:
    """Stop, or pick the next item; parameters as in ``assess``. Draws use ``default_rng([seed, step])``."""
    state = assess(plan, allowed, items, scores)
    reason = stop(
        sd=state.posterior.sd,
        se_target=plan.se_target,
        ahead=state.ahead,
        given=len(items),
        max_items=plan.longest,
        certainty=state.certainty,
        certainty_target=plan.certainty,
    )
    if reason is not None:
        return Decision(state, reason, None)
    return Decision(state, None, _pick(plan, allowed, seed, state))


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Every item's worth at one moment, and who may be drawn.

    Attributes
    ----------
    worth : shape (n,), the criterion, with ties made equal (``app.engine.levels``).
    order : shape (n,), what the items are ranked by: the criterion, less their prices, partly random at a progressive
        start.
    candidates : shape (m,), items that the rules allow.
    best : items among which the next one is drawn, best first.
    """

    worth: Floats
    order: Floats
    candidates: Ints
    best: Ints


def rank_items(plan: Plan, allowed: Mask, state: State, effect: Influence, rng: np.random.Generator) -> Ranking:
    """Judge every item, and find the best after which every rule can still be kept.

    Once every domain is known well enough, only what the rules still ask for is given: it alone ends the test.
    """
    post, answers = state.posterior, np.bincount(plan.tables.domain[state.given], minlength=plan.prior.domains)
    found = CRITERIA[plan.criterion](plan, Moment(post, effect, domain_worth(plan, post), answers), rng)
    worth = levelled(found)
    owing = is_measured(plan, state)
    candidates = np.flatnonzero(state.eligible & state.ahead.owed[plan.competence] if owing else state.eligible)
    order = worth if plan.price is None else levelled(found * np.exp(-plan.price))
    if plan.progressive:
        progress = state.given.size / (plan.progressive * plan.longest)
        order = partly_random(order, candidates, rng, progress=progress)
    if plan.shadow:
        further = state.ahead.needed if owing else state.ahead.possible
        best = best_in_shadow(plan, state.rest, order, further=further, wanted=plan.choose_among)
    else:
        keeper = keeper_of(plan, allowed, state.given, state.rest, needed=state.ahead.needed if owing else None)
        best = _first_that_keep_the_rules(keeper, candidates, order, wanted=plan.choose_among)
    return Ranking(worth, order, candidates, best)


def is_measured(plan: Plan, state: State) -> bool:
    """Whether every domain is known as precisely, or as surely, as the plan asks."""
    return (
        measured(
            sd=state.posterior.sd,
            se_target=plan.se_target,
            certainty=state.certainty,
            certainty_target=plan.certainty,
        )
        is not None
    )


def _pick(plan: Plan, allowed: Mask, seed: int, state: State) -> Pick:
    """Draw among the best candidates. While the test is open, there is one after which the rules can be kept."""
    rng = step_rng(seed, state)
    effect = influence(plan.prior, state.posterior)
    ranking = rank_items(plan, allowed, state, effect, rng)
    place = choose_among_best(ranking.best, rng, best=plan.choose_among)
    item, worth = int(ranking.best[place]), ranking.worth
    plain = ranking.order is worth and not plan.shadow
    rank = place + 1 if plain else 1 + int((worth[ranking.candidates] > worth[item]).sum())
    gains = item_gains(plan.tables, state.posterior, effect, item)
    best = ranking.best[0] if plain else ranking.best[np.argmax(worth[ranking.best])]
    return Pick(item, rank, float(worth[item]), float(worth[best]), gains, int(ranking.candidates.size))


def step_rng(seed: int, state: State) -> np.random.Generator:
    """The draws of the next step."""
    return np.random.default_rng([seed, state.given.size + 1])


def _first_that_keep_the_rules(keeper: Keeper, candidates: Ints, order: Floats, *, wanted: int) -> Ints:
    """The best candidates after which the rules can be kept, best first.

    A short list nearly always holds them; where enemies or sets leave too few of it, all candidates are ranked.
    """
    kept: list[int] = []
    for count in (2 * wanted, candidates.size):
        ranked = _best_first(candidates, order, count=count).tolist()
        kept = list(islice(filter(keeper.keeps, ranked), wanted))
        if len(kept) == wanted:
            break
    return np.array(kept, dtype=np.intp)


def _best_first(candidates: Ints, order: Floats, *, count: int) -> Ints:
    """At least the ``count`` candidates ranked highest, best first; equal ones in the bank's order."""
    height = order[candidates]
    if count < height.size:
        least = np.partition(height, -count)[-count]
        candidates, height = candidates[height >= least], height[height >= least]
    return candidates[np.argsort(-height, kind="stable")]
