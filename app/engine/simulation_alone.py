"""Sittings run as production runs them, one decision after the other: for plans that are not computed together."""

import numpy as np

from app.engine.plan import Plan
from app.engine.simulation_desk import REASONS, Answer, Sittings, blank
from app.engine.simulation_random import Longs
from app.engine.simulation_rules import Masks
from app.engine.sitting import Decision, decide


def one_by_one(plan: Plan, answer: Answer, seeds: Longs, allowed: Masks | None) -> Sittings:
    """Run the sittings as production does, one after the other."""
    done = blank(plan, seeds.size)
    everything = np.ones(plan.size, dtype=np.bool_)
    for person, seed in enumerate(seeds.tolist()):
        at_hand = everything if allowed is None else allowed[person]
        items: list[int] = []
        scores: list[int] = []
        decision = decide(plan, at_hand, seed, items, scores)
        while decision.pick is not None:
            given = np.array([decision.pick.item])
            scores.append(int(answer(np.array([person]), given, len(items))[0]))
            items.append(decision.pick.item)
            decision = decide(plan, at_hand, seed, items, scores)
        _write(done, person, decision, items, scores)
    return done


def _write(done: Sittings, person: int, decision: Decision, items: list[int], scores: list[int]) -> None:
    post = decision.state.posterior
    done.items[person, : len(items)], done.scores[person, : len(items)] = items, scores
    assert decision.stop is not None
    done.length[person], done.stop[person] = len(items), REASONS.index(decision.stop)
    done.broken[person] = decision.state.ahead.needed > 0
    done.mean[person], done.sd[person], done.density[person] = post.mean, post.sd, post.domain
    done.referred[person] = len(items) + 1
