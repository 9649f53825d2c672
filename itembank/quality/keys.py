"""Where the right option stands and how long it is, over a whole bank, against chance."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import chi2

from framework.model import LOCALES, Locale
from itembank.quality.sets import OptionSet

FEWEST_TO_JUDGE = 20
LEAST_CHANCE = 0.01
"""Probability below which a share is told from chance."""


@dataclass(frozen=True, slots=True)
class LongestKeys:
    """How often the key is the longest, among the ``total`` lists with one longest option.

    ``chance``: of as many or more by chance alone; ``chance_fewer``: of as few or fewer.
    """

    locale: Locale
    count: int
    expected: float
    total: int
    chance: float
    chance_fewer: float


@dataclass(frozen=True, slots=True)
class KeyPositions:
    """How often the key is written first, second…; ``chance``: of counts as uneven by chance (chi-square)."""

    counts: tuple[int, ...]
    expected: tuple[float, ...]
    chance: float


def longest_keys(sets: Sequence[OptionSet]) -> tuple[LongestKeys, ...]:
    """By language. By chance one key of n options is the longest with probability 1/n."""
    single = [each for each in sets if each.single]
    return tuple(_longest(single, locale) for locale in LOCALES)


def _longest(single: Sequence[OptionSet], locale: Locale) -> LongestKeys:
    told = [each for each in single if _one_longest(each, locale)]
    chances = [1 / len(each.options) for each in told]
    count = sum(len(each.keys(locale)[0]) > max(map(len, each.distractors(locale))) for each in told)
    expected, spread = sum(chances), math.sqrt(sum(p * (1 - p) for p in chances)) or 1.0
    more, fewer = (count - 0.5 - expected) / spread, (expected - count - 0.5) / spread
    return LongestKeys(locale, count, expected, len(told), _beyond(more), _beyond(fewer))


def _one_longest(options: OptionSet, locale: Locale) -> bool:
    *_, second, first = sorted(len(option.text.get(locale)) for option in options.options)
    return first > second


def _beyond(deviation: float) -> float:
    """Probability that a standard normal exceeds this."""
    return 0.5 * math.erfc(deviation / math.sqrt(2))


def key_positions(sets: Sequence[OptionSet]) -> KeyPositions:
    """As written: where options are not shuffled this is what learners see."""
    single = [each for each in sets if each.single]
    places = [next(p for p, option in enumerate(each.options) if option.correct) for each in single]
    most = max((len(each.options) for each in single), default=0)
    counts = tuple(places.count(place) for place in range(most))
    expected = tuple(sum(1 / len(e.options) for e in single if len(e.options) > place) for place in range(most))
    pairs = [(count, mean) for count, mean in zip(counts, expected, strict=True) if mean >= 1]
    statistic = sum((count - mean) ** 2 / mean for count, mean in pairs)
    return KeyPositions(counts, expected, float(chi2.sf(statistic, max(len(pairs) - 1, 1))))
