"""Simulated students: thousands of sittings at once over one bank and its rules, on the very rules of production.

Batches follow each other as people do in production: each draws its true bank, its students, and the items set aside
for exposure by the counts of all batches before. Within a batch, chunks of students run side by side. What is true
(students, items, answers) is drawn from other numbers than what the sittings draw themselves.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from app.engine.content import Mask
from app.engine.exposure import eligibility, readmit
from app.engine.grid import Floats, Ints
from app.engine.plan import Plan
from app.engine.prospect import look_ahead
from app.engine.rest import rest_of
from app.engine.simulation_courier import Courier
from app.engine.simulation_desk import Desk, prepared
from app.engine.simulation_random import Longs
from app.engine.simulation_reading import Reader, reader
from app.engine.simulation_report import Report, report
from app.engine.simulation_rules import Ledger, Masks
from app.engine.simulation_sitting import sit
from app.engine.simulation_tally import Tally, tally
from app.engine.simulation_truth import BankBelief, TrueBank, abilities_from_prior

Abilities = Callable[[int, int, np.random.Generator], Floats]
"""(first student's number, how many students, draws) → true abilities, shape (students, D), logits."""
Progress = Callable[[int], None]

REPLICATIONS: Final = 10
"""True banks drawn at least, where items are not known exactly."""
FIRST_BATCH: Final = 8
GROWTH: Final = 0.3
"""With an exposure cap: students of a batch per student before it; production counts more often still."""
CHUNK: Final = 5_000
"""Students that one worker takes at a time, at most."""
FEWEST: Final = 250
"""Students below which a chunk is not split further: the steps' overhead would outweigh the company."""


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """What is simulated.

    Attributes
    ----------
    belief : the bank's item posteriors, in the order of the plan's items, from which true banks are drawn.
    cuts : shape (m,), cut points between levels, logits.
    serving : shape (n,), False for items out of service; None: all serve.
    exposure_cap : largest share of sittings that may see an item; None: no cap.
    abilities : how true abilities are drawn; None: from the plan's prior.
    """

    plan: Plan
    belief: BankBelief
    cuts: Floats
    serving: Mask | None = None
    exposure_cap: float | None = None
    abilities: Abilities | None = None


def simulate(
    study: Study, *, size: int, seed: int, executor: Executor, workers: int = 4, progress: Progress | None = None
) -> Report:
    """Simulate so many students.

    Parameters
    ----------
    executor : runs chunks; of threads little runs side by side, for steps are short: several cores need processes.
    workers : how many run at once; the result does not depend on it.
    progress : called with the number of students done after every batch.

    Raises
    ------
    ValueError
        If the size is not positive, or the item posteriors are not those of as many items as the plan has.
    """
    if size < 1:
        raise ValueError(f"size must be at least 1, got {size}")
    if study.belief.size != study.plan.size:
        raise ValueError(f"belief must speak of {study.plan.size} items, got {study.belief.size}")
    started = time.perf_counter()
    room = _Room(study, prepared(study.plan), reader(study.plan.tables.grid, study.cuts))
    courier = Courier(executor, _run, (room.desk, room.reading))
    total: Tally | None = None
    for number, (first, count) in enumerate(_batches(study, size)):
        batch = _Batch(first, count, seed, number)
        for counted in courier.each(room.chunks(batch, before=total, workers=workers)):
            total = counted if total is None else total + counted
        if progress is not None:
            progress(first + count)
    assert total is not None
    return report(total, seconds=time.perf_counter() - started)


@dataclass(frozen=True, slots=True)
class _Batch:
    """Students ``first`` to ``first + count`` of a simulation."""

    first: int
    count: int
    seed: int
    number: int

    def rng(self, purpose: int) -> np.random.Generator:
        """Draws of one kind: 0 for abilities, 1 for items, 2 for answers, 3 for the sittings, 4 for exposure."""
        return np.random.default_rng([self.seed, self.number, purpose])


def _batches(study: Study, size: int) -> Iterator[tuple[int, int]]:
    """First student and number of students of every batch."""
    first = 0
    while first < size:
        count = size
        if not study.belief.exact:
            count = -(-size // REPLICATIONS)
        if study.exposure_cap is not None:
            count = min(count, FIRST_BATCH + int(GROWTH * first))
        yield first, min(count, size - first)
        first += count


@dataclass(frozen=True, slots=True, eq=False)
class _Room:
    """What all batches share."""

    study: Study
    desk: Desk
    reading: Reader

    def chunks(self, batch: _Batch, *, before: Tally | None, workers: int) -> Iterator["_Chunk"]:
        """Draw a batch and cut it up, students of like ability together, because they share histories."""
        count = batch.count
        truth = self._abilities(batch)
        truth = truth[np.argsort(truth.mean(axis=1), kind="stable")]
        bank = self.study.belief.draw(batch.rng(1))
        uniform = batch.rng(2).random((count, self.study.plan.longest))
        seeds = batch.rng(3).integers(0, 2**62, size=count, dtype=np.uint64)
        allowed = self._allowed(batch, before)
        fewest = FEWEST if self.desk.book is not None else 1
        step = min(CHUNK, max(fewest, -(-count // workers)))
        for start in range(0, count, step):
            part = slice(start, start + step)
            at_hand = None if allowed is None else allowed[part]
            yield _Chunk(bank, truth[part], uniform[part], seeds[part], at_hand)

    def _abilities(self, batch: _Batch) -> Floats:
        if self.study.abilities is None:
            return abilities_from_prior(self.study.plan.prior.loadings, batch.count, batch.rng(0))
        return self.study.abilities(batch.first, batch.count, batch.rng(0))

    def _allowed(self, batch: _Batch, before: Tally | None) -> Masks | None:
        """Items at hand of every sitting, by the counts so far."""
        cap, serving = self.study.exposure_cap, self.study.serving
        if cap is None and serving is None:
            return None
        everybody = np.ones((batch.count, self.study.plan.size), dtype=np.bool_)
        if serving is not None:
            everybody &= serving
        if cap is None or before is None:
            return everybody
        given, eligible = before.given.sum(axis=0).astype(np.float64), before.eligible.astype(np.float64)
        chance = eligibility(given=given, eligible=eligible, cap=cap, sittings=int(before.lengths.sum()))
        allowed: Masks = everybody & (batch.rng(4).random(everybody.shape) < chance)
        for row in np.flatnonzero(~_keepable(self.desk, allowed)):
            allowed[row] = self._readmitted(everybody[row], allowed[row], given)
        return allowed

    def _readmitted(self, serving: Mask, allowed: Mask, given: Floats) -> Mask:
        """As in production, as few items as can be come back where the rules could not be kept without them."""

        def keepable(aside: Ints) -> bool:
            return bool(_keepable(self.desk, _without(serving, aside)[None])[0])

        return _without(serving, readmit(np.flatnonzero(serving & ~allowed), given, keepable))


def _without(serving: Mask, aside: Ints) -> Mask:
    left = serving.copy()
    left[aside] = False
    return left


@dataclass(frozen=True, slots=True, eq=False)
class _Chunk:
    """Students that run together, and all that is true of them."""

    bank: TrueBank
    truth: Floats
    uniform: Floats
    seeds: Longs
    allowed: Masks | None

    def answer(self, domain: Ints, persons: Ints, items: Ints, step: int) -> Ints:
        """Answers of persons to items, whose domains are ``domain[items]``."""
        return self.bank.scores(items, self.truth[persons, domain[items]], self.uniform[persons, step])


def _run(shared: tuple[Desk, Reader], chunk: _Chunk) -> Tally:
    desk, reading = shared
    answer = partial(chunk.answer, desk.plan.tables.domain)
    sat = sit(desk, answer, seeds=chunk.seeds, allowed=chunk.allowed)
    return tally(desk, reading, sat, chunk.truth, allowed=chunk.allowed)


def _keepable(desk: Desk, allowed: Masks) -> Masks:
    """With which of these items at hand every rule can be kept, shape (S,)."""
    if desk.book is not None:
        return Ledger.start(desk.book, allowed).outlooks().kept
    nothing = np.empty(0, dtype=np.intp)
    rests = (rest_of(desk.plan, row, nothing) for row in allowed)
    return np.array([look_ahead(desk.plan, rest).broken is None for rest in rests], dtype=np.bool_)
