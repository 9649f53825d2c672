"""Many sittings at once, each exactly as production would run it.

Equal histories share a row; what rounding leaves uncertain, and every step of other plans, ``decide`` decides.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from app.engine.content import Mask
from app.engine.grid import Ints
from app.engine.simulation_alone import one_by_one
from app.engine.simulation_belief import Belief, prior_belief
from app.engine.simulation_desk import GOES_ON, REASONS, Answer, Desk, Sittings, blank
from app.engine.simulation_pick import Step
from app.engine.simulation_random import Longs
from app.engine.simulation_rules import Ledger, Masks, Outlooks, Rulebook
from app.engine.sitting import Decision, decide
from app.engine.stopping import StopReason

CLOSE: Final = 1e-9
"""A posterior SD closer to the target than this, in logits, may be on either side."""
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
        """The next item of every row; what is not certain, production decides."""
        found = Step(self.desk, self.ledger, self.belief, self.seeds[self.origin], self.step, self._may(now)).picked()
        for row in np.flatnonzero(~found.certain | now.known.close):
            found.items[row] = self._referred_item(int(row))
        return found.items

    def _may(self, now: "_Moment") -> Masks | None:
        """Of which competences the rules allow items next, shape (R, C): once known well enough, of what is owed."""
        may = np.where((now.known.precise | now.known.sure)[:, None], now.ahead.owed, now.ahead.open)
        return None if may.all() else may

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
