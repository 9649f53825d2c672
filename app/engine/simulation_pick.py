"""The next items of many sittings at one step, by the quickest way that leaves no doubt.

Short lists of blocks of like sittings first (``simulation_screen``), then bounds of the whole bank
(``simulation_shortlist``), then its exact gains, then those with ties made equal. Where rounding still decides, the
caller asks production.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from app.engine.grid import Floats, Ints
from app.engine.simulation_belief import Belief, OneDomain
from app.engine.simulation_choice import Choice, Draw, choose
from app.engine.simulation_desk import Desk
from app.engine.simulation_random import Draws, Longs
from app.engine.simulation_rules import Ledger, Masks, candidates
from app.engine.simulation_screen import CROWD, Crowd, Screen, best_screened
from app.engine.simulation_shortlist import Shapes, best_bounded
from app.engine.simulation_top import Bytes, Top, best_exact, best_levelled

EXACT_NUMBERS: Final = 1 << 18
"""Numbers held at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """What the next items of R histories are picked from.

    Attributes
    ----------
    seeds : shape (R,), of the sittings' own draws. number : how many answers every history has.
    may : shape (R, C), the competences of which the rules allow items next; None: all.
    """

    desk: Desk
    ledger: Ledger
    belief: Belief
    seeds: Longs
    number: int
    may: Masks | None

    def picked(self) -> Choice:
        """An item for every row, and where it is certainly production's."""
        found = Choice.none(self.seeds.size)
        if self._progress() < 1:
            self._in_parts(found, self._mixed)
            return found
        draws = Draws.of(self.seeds, self.number + 1) if self.desk.plan.choose_among > 1 else None
        if self.desk.screen is not None and self.seeds.size >= CROWD:
            found = self._screened(self.desk.screen, draws)
        if self.desk.shapes is not None:
            self._bounded(self.desk.shapes, found, draws)
        self._in_parts(found, partial(self._exact, draws=draws))
        return found

    def _in_parts(self, found: Choice, way: Callable[[Ints, Bytes], Choice]) -> None:
        """Pick where it is not certain yet, so many rows at a time."""
        left = np.flatnonzero(~found.certain)
        size = max(1, EXACT_NUMBERS // (self.desk.plan.size * (self.desk.plan.tables.domains + 1)))
        for start in range(0, left.size, size):
            rows = left[start : start + size]
            found.put(rows, way(rows, candidates(self.ledger, self.may, rows)))

    def _progress(self) -> float:
        """How far a progressive start has come; from 1 on there is no chance in what items are worth."""
        longest = self.desk.plan.progressive * self.desk.plan.longest
        return self.number / longest if longest else 1.0

    def _screened(self, found: Screen, draws: Draws | None) -> Choice:
        assert isinstance(self.belief, OneDomain)
        belief, rows = self.belief, np.arange(self.seeds.size)
        crowd = Crowd(belief.density, belief.mean[:, 0], belief.sd[:, 0], self.ledger, self.may)
        best = best_screened(found, crowd, count=self.desk.plan.choose_among + 1)
        return self._choose(best, rows, _drawing(draws, rows))

    def _bounded(self, shapes: Shapes, found: Choice, draws: Draws | None) -> None:
        """Pick by bounds of the whole bank where it is not certain yet."""
        assert isinstance(self.belief, OneDomain)
        rows = np.flatnonzero(~found.certain)
        density, mean = self.belief.density, self.belief.mean
        if rows.size < self.seeds.size:
            density, mean = density[rows], mean[rows]
        at_hand = candidates(self.ledger, self.may, rows)
        best = best_bounded(shapes, density, mean, at_hand, count=self.desk.plan.choose_among + 1)
        found.put(rows, self._choose(best, rows, _drawing(draws, rows)))

    def _exact(self, rows: Ints, at_hand: Bytes, draws: Draws | None) -> Choice:
        """By gains that are exact but for rounding, and where they lie close, after ties are made equal."""
        sd, count = self.belief.sd[rows], self.desk.plan.choose_among + 1
        gains, kind = self._gains(rows)
        worth = gains.copy() if kind is None else gains.take(kind, axis=1)
        found = self._choose(best_exact(worth, at_hand, sd, count=count), rows, _drawing(draws, rows))
        near = np.flatnonzero(~found.certain)
        if near.size:
            best = best_levelled(kind, gains[near], at_hand[near], sd[near], count=count)
            found.put(near, self._choose(best, rows[near], _drawing(draws, rows[near])))
        return found

    def _gains(self, rows: Ints) -> tuple[Floats, Ints | None]:
        """What different tables are ranked by, shape (rows, K), and which is each item's; None: its own."""
        plan = self.desk.plan
        gains = self.belief.gains(rows, plan.se_target)
        if plan.price is not None:
            return plan.tables.per_item(gains) * np.exp(-plan.price), None
        return gains, None if plan.tables.in_order else plan.tables.kind

    def _mixed(self, rows: Ints, at_hand: Bytes) -> Choice:
        """At a progressive start, which leaves no ties, as ``exposure.partly_random``."""
        progress, (worth, kind) = self._progress(), self._gains(rows)
        worth = worth if kind is None else worth.take(kind, axis=1)
        rngs = [np.random.default_rng([int(seed), self.number + 1]) for seed in self.seeds[rows]]
        best = (worth * at_hand).max(axis=1, keepdims=True)
        chance = np.empty_like(worth)
        for row, rng in enumerate(rngs):
            chance[row] = rng.random(worth.shape[1])
        worth = worth * progress + (1 - progress) * best * chance
        top = best_exact(worth, at_hand, self.belief.sd[rows], count=self.desk.plan.choose_among + 1)
        return self._choose(top, rows, partial(_places, rngs))

    def _choose(self, best: Top, rows: Ints, draw: Draw) -> Choice:
        return choose(best, self.ledger, rows=rows, may=self.may, draw=draw)


def _drawing(draws: Draws | None, rows: Ints) -> Draw:
    return np.zeros_like if draws is None else draws.select(rows).places


def _places(rngs: Sequence[np.random.Generator], counts: Ints) -> Ints:
    """Each generator's next place among so many."""
    return np.array([rng.integers(count) for rng, count in zip(rngs, counts.tolist(), strict=True)], dtype=np.intp)
