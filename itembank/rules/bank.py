"""Rules about items together: ids, enemies, and keys that their length gives away."""

import math
from collections.abc import Iterable, Iterator, Sequence

from framework.model import LOCALES, Locale
from itembank.model import Item
from itembank.problem import shown
from itembank.rules.rule import Finding

FEWEST_TO_JUDGE = 20
FAR = 3.0


def repeated_ids(items: Sequence[Item], places: Sequence[str]) -> Iterator[tuple[int, Finding]]:
    """Yield (index of the item, finding) for every id used before; ``places``: where each item stands."""
    first: dict[str, int] = {}
    for index, item in enumerate(items):
        if item.id and item.id in first:
            yield index, Finding("duplicate-id", "id", {"id": shown(item.id), "first": places[first[item.id]]})
        first.setdefault(item.id, index)


def lone_enemies(items: Sequence[Item]) -> Iterator[tuple[int, Finding]]:
    """Yield (index of the item, finding) for enemies that are unknown, one-sided or the item itself."""
    declared = {item.id: item.enemies for item in items}
    for index, item in enumerate(items):
        for enemy in sorted(item.enemies):
            where = f"enemies.{enemy}"
            facts = {"id": shown(enemy), "item": shown(item.id)}
            if enemy == item.id:
                yield index, Finding("own-enemy", where)
            elif enemy not in declared:
                yield index, Finding("unknown-enemy", where, facts)
            elif item.id not in declared[enemy]:
                yield index, Finding("one-sided-enemy", where, facts)


def longest_keys(items: Iterable[Item]) -> Iterator[Finding]:
    """Yield a finding by language when single-choice keys are the longest option far more often than by chance.

    By chance the key of an item with n options is the longest with probability 1/n; "far" is three standard
    deviations of that count above its mean, and a bank of fewer than twenty such items is not judged.
    """
    choices = [item for item in items if item.type == "single_choice" and len(item.correct_ids) == 1]
    if len(choices) < FEWEST_TO_JUDGE:
        return
    chances = [1 / len(item.options) for item in choices]
    expected, spread = sum(chances), math.sqrt(sum(p * (1 - p) for p in chances))
    for locale in LOCALES:
        count = sum(_key_is_longest(item, locale) for item in choices)
        if count > expected + FAR * spread:
            facts = {"count": count, "total": len(choices), "expected": round(expected), "language": locale}
            yield Finding("key-is-longest", "", facts)


def _key_is_longest(item: Item, locale: Locale) -> bool:
    """Strictly longer than every other option."""
    key = max(len(option.text.get(locale)) for option in item.options if option.correct)
    return all(len(option.text.get(locale)) < key for option in item.options if not option.correct)
