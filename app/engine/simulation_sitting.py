"""Many sittings at once, each exactly as production would run it.

Equal histories share a row; what rounding leaves uncertain, and every step of other plans, ``decide`` decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from app.engine.content import Mask
from app.engine.grid import Floats, Ints
from app.engine.simulation_alone import one_by_one
from app.engine.simulation_belief import Belief, OneDomain, prior_belief
from app.engine.simulation_choice import Choice, Draw, choose
from app.engine.simulation_desk import GOES_ON, REASONS, Answer, Desk, Sittings, blank
from app.engine.simulation_random import Draws, Longs
from app.engine.simulation_rules import Ledger, Masks, Outlooks, Rulebook
from app.engine.simulation_shortlist import Shapes, best_bounded
from app.engine.simulation_top import Singles, best_exact, best_levelled
from app.engine.sitting import Decision, decide
from app.engine.stopping import StopReason

CLOSE, EXACT_NUMBERS = 1e-9, 1 << 18
"""A posterior SD closer to the target than this, in logits, may be on either side; numbers held at a time."""
CROWDED: Final = 0.7
"""Rows per sitting above which sharing no longer pays."""


def sit(desk: Desk, answer: Answer, *, seeds: Longs, allowed: Masks | None = None) -> Sittings:
    """Run one sitting per seed.

    Parameters
    ----------
    seeds : shape (S,), of the sittings' own draws, as production's.
    allowed : shape (S, n), False for items set aside for a sitting; None: nothing is.

    Raises
    ------
    ValueError
        If ``allowed`` does not have one row per seed and one column per item.
    """
    if allowed is not None and allowed.shape != (seeds.size, desk.plan.size):
        raise ValueError(f"allowed must have shape {(seeds.size, desk.plan.size)}, got {allowed.shape}")
    if desk.book is None:
        return one_by_one(desk.plan, answer, seeds, allowed)
    room = _Room.opened(desk, desk.book, seeds, allowed)
    while room.who.size:
        now = room.close()
        if room.who.size:
            room.ask(room.picked(now), answer)
    return room.done


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """Which rows are known precisely, or surely, in every domain; ``close``: where rounding decides. Shapes (R,)."""

    precise: Mask
    sure: Mask
    close: Mask

    def select(self, rows: Ints) -> "_Known":
        return _Known(self.precise[rows], self.sure[rows], self.close[rows])


@dataclass(frozen=True, slots=True, eq=False)
class _Moment:
    """How the rows stand before a step."""

    ahead: Outlooks
    known: _Known


@dataclass(slots=True, eq=False)
class _Room:
    """The sittings still going on: S' persons with R different histories.

    Attributes
    ----------
    who : shape (S',), persons. row_of : shape (S',), the row of each one's history.
    origin : shape (R,), a person with this history; the only one unless rows are shared.
    items, scores : shape (R, T). step : how many answers every history has.
    done : what has come of those who have ended.
    """

    desk: Desk
    seeds: Longs
    allowed: Masks | None
    ledger: Ledger
    belief: Belief
    who: Ints
    row_of: Ints
    origin: Ints
    items: Ints
    scores: Ints
    step: int
    shared: bool
    done: Sittings

    @classmethod
    def opened(cls, desk: Desk, book: Rulebook, seeds: Longs, allowed: Masks | None) -> "_Room":
        shared = allowed is None and desk.plan.choose_among == 1 and not desk.plan.progressive
        rows = min(1, seeds.size) if shared else seeds.size
        at_hand = np.ones((rows, desk.plan.size), dtype=np.bool_) if allowed is None else allowed
        nothing = np.full((rows, desk.plan.longest), -1, dtype=np.intp)
        who = np.arange(seeds.size)
        return cls(
            desk=desk,
            seeds=seeds,
            allowed=allowed,
            ledger=Ledger.start(book, at_hand),
            belief=prior_belief(desk.plan, rows),
            who=who,
            row_of=np.zeros_like(who) if shared else who,
            origin=np.arange(rows),
            items=nothing,
            scores=nothing.copy(),
            step=0,
            shared=shared,
            done=blank(desk.plan, seeds.size),
        )

    def close(self) -> "_Moment":
        """Let those go whose test has ended; how the others stand."""
        now = _Moment(self.ledger.outlooks(), self._known())
        ended = self._ends(now)
        over = ended != GOES_ON
        if not over.any():
            return now
        gone = over[self.row_of]
        self._record(self.who[gone], self.row_of[gone], ended, now.ahead.needed > 0)
        rows = np.flatnonzero(~over)
        self._keep(rows)
        self.who = self.who[~gone]
        self.row_of = np.searchsorted(rows, self.row_of[~gone])
        return _Moment(now.ahead.select(rows), now.known.select(rows))

    def _ends(self, now: "_Moment") -> Ints:
        """Index into ``REASONS`` where a test ends, else ``GOES_ON``."""
        ahead, known = now.ahead, now.known
        ended = np.where(known.precise, REASONS.index(StopReason.PRECISION), REASONS.index(StopReason.CLASSIFIED))
        ended[(ahead.needed > 0) | ~(known.precise | known.sure)] = GOES_ON
        ended[~ahead.open.any(axis=1)] = REASONS.index(StopReason.NO_ITEM)
        if self.step >= self.desk.plan.longest:
            ended[:] = REASONS.index(StopReason.MAX_ITEMS)
            return ended
        for row in np.flatnonzero(known.close):
            reason = self._refer(int(row)).stop
            ended[row] = GOES_ON if reason is None else REASONS.index(reason)
        return ended

    def _known(self) -> "_Known":
        plan, sd = self.desk.plan, self.belief.sd
        distance = np.abs(sd - plan.se_target)
        sure = np.zeros(len(sd), dtype=np.bool_)
        if plan.certainty is not None:
            most = (self.belief.densities() @ plan.bands.T).max(axis=-1)
            sure = np.all(most >= plan.certainty, axis=1)
            distance = np.minimum(distance, np.abs(most - plan.certainty))
        precise: Mask = np.all(sd <= plan.se_target, axis=1)
        return _Known(precise, sure, distance.min(axis=1) < CLOSE)

    def picked(self, now: "_Moment") -> Ints:
        """The next item of every row."""
        items = np.zeros(len(self.origin), dtype=np.intp)
        certain = np.zeros(len(self.origin), dtype=np.bool_)
        candidates, draws = self._candidates(now), self._draws()
        if self.desk.shapes is not None and self._progress() >= 1:
            found = self._bounded(self.desk.shapes, candidates, draws)
            items, certain = found.items, found.certain
        left = np.flatnonzero(~certain)
        size = max(1, EXACT_NUMBERS // (self.desk.plan.size * (self.desk.plan.tables.domains + 1)))
        for start in range(0, left.size, size):
            rows = left[start : start + size]
            found = (self._mixed if self._progress() < 1 else self._exact)(rows, candidates[rows], draws)
            items[rows], certain[rows] = found.items, found.certain
        for row in np.flatnonzero(~certain | now.known.close):
            items[row] = self._referred_item(int(row))
        return items

    def _candidates(self, now: "_Moment") -> Singles:
        """What the rules allow next, shape (R, n): once known well enough, only what is owed."""
        enough = (now.known.precise | now.known.sure)[:, None]
        may = np.where(enough, now.ahead.owed, now.ahead.open)
        limited = np.flatnonzero(~may.all(axis=1))
        if not limited.size:
            return self.ledger.free
        candidates = self.ledger.free.copy()
        candidates[limited] *= may[limited][:, self.ledger.book.competence]
        return candidates

    def _progress(self) -> float:
        """How far a progressive start has come; from 1 on there is no chance in what items are worth."""
        longest = self.desk.plan.progressive * self.desk.plan.longest
        return self.step / longest if longest else 1.0

    def _bounded(self, found: Shapes, candidates: Singles, draws: Draws | None) -> Choice:
        assert isinstance(self.belief, OneDomain)
        rows, count = np.arange(len(self.origin)), self.desk.plan.choose_among + 1
        best = best_bounded(found, self.belief.density, self.belief.mean, candidates, count=count)
        return choose(best, self.ledger, rows=rows, candidates=candidates, draw=_drawing(draws, rows))

    def _exact(self, rows: Ints, candidates: Singles, draws: Draws | None) -> Choice:
        plan, sd = self.desk.plan, self.belief.sd[rows]
        if plan.price is None:
            gains = self.belief.gains(rows, plan.se_target)
            kind = None if plan.tables.in_order else plan.tables.kind
        else:
            gains, kind = self._by_item(rows), None
        best = best_levelled(kind, gains, candidates, sd, count=plan.choose_among + 1)
        return choose(best, self.ledger, rows=rows, candidates=candidates, draw=_drawing(draws, rows))

    def _by_item(self, rows: Ints) -> Floats:
        """What every item is ranked by, shape (rows, n)."""
        plan = self.desk.plan
        worth = plan.tables.per_item(self.belief.gains(rows, plan.se_target))
        return worth if plan.price is None else worth * np.exp(-plan.price)

    def _mixed(self, rows: Ints, candidates: Singles, _: Draws | None) -> Choice:
        """At a progressive start, which leaves no ties."""
        worth = self._by_item(rows)
        rngs = [np.random.default_rng([int(seed), self.step + 1]) for seed in self.seeds[self.origin[rows]]]
        self._mix_chance(worth, candidates, rngs)
        best = best_exact(worth, candidates, self.belief.sd[rows], count=self.desk.plan.choose_among + 1)
        return choose(best, self.ledger, rows=rows, candidates=candidates, draw=partial(_places, rngs))

    def _draws(self) -> Draws | None:
        """The step's draws of every row; None where there is nothing to draw from, or chance in the worth, too."""
        if self.desk.plan.choose_among == 1 or self._progress() < 1:
            return None
        return Draws.of(self.seeds[self.origin], self.step + 1)

    def _mix_chance(self, worth: Floats, candidates: Singles, rngs: Sequence[np.random.Generator]) -> None:
        """A progressive start, as ``exposure.partly_random``."""
        progress = self._progress()
        best = (worth * candidates).max(axis=1, keepdims=True)
        chance = np.empty_like(worth)
        for row, rng in enumerate(rngs):
            chance[row] = rng.random(worth.shape[1])
        np.multiply(worth, progress, out=worth)
        worth += (1 - progress) * best * chance

    def _refer(self, row: int) -> Decision:
        """Ask the one-by-one code."""
        plan, person = self.desk.plan, int(self.origin[row])
        allowed = np.ones(plan.size, dtype=np.bool_) if self.allowed is None else self.allowed[person]
        answers = self.items[row, : self.step].tolist(), self.scores[row, : self.step].tolist()
        self.done.referred[person] += 1
        return decide(plan, allowed, int(self.seeds[person]), *answers)

    def _referred_item(self, row: int) -> int:
        pick = self._refer(row).pick
        assert pick is not None
        return pick.item

    def ask(self, items: Ints, answer: Answer) -> None:
        """Give every row's item to its persons and take in what they answer."""
        scores = answer(self.who, items[self.row_of], self.step)
        if self.shared:
            items, scores = self._branch(items, scores)
        self.ledger.give(items)
        self.belief.learn(items, scores)
        self.items[:, self.step], self.scores[:, self.step] = items, scores
        self.step += 1

    def _branch(self, items: Ints, scores: Ints) -> tuple[Ints, Ints]:
        """One row per different history after these answers; one per person once few are shared."""
        most = int(scores.max()) + 1
        histories, first, row_of = np.unique(self.row_of * most + scores, return_index=True, return_inverse=True)
        if histories.size > CROWDED * self.who.size:
            self.shared = False
            first, row_of = np.arange(self.who.size), np.arange(self.who.size)
        parents = self.row_of[first]
        self._keep(parents)
        self.origin, self.row_of = self.who[first], row_of
        return items[parents], scores[first]

    def _keep(self, rows: Ints) -> None:
        self.ledger, self.belief = self.ledger.select(rows), self.belief.select(rows)
        self.origin, self.items, self.scores = self.origin[rows], self.items[rows], self.scores[rows]

    def _record(self, who: Ints, rows: Ints, ended: Ints, broken: Mask) -> None:
        done = self.done
        done.items[who], done.scores[who] = self.items[rows], self.scores[rows]
        done.length[who], done.stop[who], done.broken[who] = self.step, ended[rows], broken[rows]
        done.mean[who], done.sd[who] = self.belief.mean[rows], self.belief.sd[rows]
        done.density[who] = self.belief.densities()[rows]


def _drawing(draws: Draws | None, rows: Ints) -> Draw:
    return np.zeros_like if draws is None else draws.select(rows).places


def _places(rngs: Sequence[np.random.Generator], counts: Ints) -> Ints:
    """Each generator's next place among so many."""
    return np.array([rng.integers(count) for rng, count in zip(rngs, counts.tolist(), strict=True)], dtype=np.intp)
