"""Whole sittings run through the flow, for tests."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from app.engine.stopping import StopReason
from app.sessions.flow import Course, Decision, decide

Answering = Callable[[int], int]


@dataclass(frozen=True, slots=True)
class Sitting:
    """The log of a sitting and every decision along it; the last one says why it stopped."""

    items: tuple[int, ...]
    scores: tuple[int, ...]
    decisions: tuple[Decision, ...]

    @property
    def stopped(self) -> StopReason | None:
        return self.decisions[-1].stop


def sit(course: Course, answer: Answering) -> Sitting:
    """Answer until the test stops; ``answer`` gives the category reached in an item of the pool."""
    items: list[int] = []
    scores: list[int] = []
    decisions = [decide(course, items, scores)]
    while (pick := decisions[-1].pick) is not None:
        items.append(pick.item)
        scores.append(answer(pick.item))
        decisions.append(decide(course, items, scores))
    return Sitting(tuple(items), tuple(scores), tuple(decisions))


def at_random(course: Course, rng: np.random.Generator) -> Answering:
    """Someone who ticks without reading."""
    return lambda item: int(rng.integers(course.pool.tables.categories(item)))
