"""Medians, quartiles and ratios of repeated timings."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles


@dataclass(frozen=True, slots=True)
class Spread:
    """A median with its quartiles."""

    middle: float
    low: float
    high: float

    def text(self, *, scale: float = 1.0, digits: int = 2) -> str:
        """As printed: ``median (quartile–quartile)``."""
        middle, low, high = (f"{value * scale:.{digits}f}" for value in (self.middle, self.low, self.high))
        return f"{middle} ({low}–{high})"


def spread(values: Sequence[float]) -> Spread:
    if len(values) == 1:
        return Spread(values[0], values[0], values[0])
    low, _, high = quantiles(values, n=4, method="inclusive")
    return Spread(median(values), low, high)


def interleaved(
    programs: Mapping[str, Callable[[], float]], *, rounds: int, rest: float = 0.0
) -> dict[str, list[float]]:
    """Run every program once a round, so that a busy minute on the machine strikes all of them alike.

    The order is turned around in every second round. The first round warms up and is not counted. ``rest`` : seconds
    before each turn, so that threads of the program before, which go on waiting for work for a while, are asleep.
    """
    seen: dict[str, list[float]] = {name: [] for name in programs}
    for number in range(rounds + 1):
        names = list(programs)[:: 1 if number % 2 else -1]
        for name in names:
            time.sleep(rest)
            value = programs[name]()
            if number:
                seen[name].append(value)
    return seen


def ratios(above: Sequence[float], below: Sequence[float]) -> Spread:
    """``above / below``, round by round."""
    return spread([one / other for one, other in zip(above, below, strict=True)])
