"""Rules about the options of choice questions."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Protocol

from framework.model import LOCALES, LocalizedText
from itembank.model import CHOICES, Item
from itembank.problem import shown
from itembank.rules.rule import Context, Finding, Rule

FEWEST, MOST = 3, 6

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}", re.ASCII)


def _count(item: Item, _: Context) -> Iterator[Finding]:
    if item.type in CHOICES and not FEWEST <= len(item.options) <= MOST:
        yield Finding("option-count", "options", {"count": len(item.options), "lowest": FEWEST, "highest": MOST})


def _ids(item: Item, _: Context) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, option in enumerate(item.options):
        if not ID.fullmatch(option.id):
            yield Finding("bad-option-id", f"options[{index}].id", {"value": shown(option.id)})
        if option.id in seen:
            yield Finding("duplicate-option-id", f"options[{index}].id", {"id": shown(option.id)})
        seen.add(option.id)


def _distinct(item: Item, _: Context) -> Iterator[Finding]:
    yield from alike("options", item.options, "same-option-text")


class Named(Protocol):
    """Anything with a letter and a text."""

    @property
    def id(self) -> str: ...
    @property
    def text(self) -> LocalizedText: ...


def alike(where: str, parts: Sequence[Named], code: str) -> Iterator[Finding]:
    """Yield a finding for each text that repeats an earlier one of the list, spaces and case aside."""
    for locale in LOCALES:
        first: dict[str, str] = {}
        for index, part in enumerate(parts):
            text = " ".join(part.text.get(locale).casefold().split())
            if text and text in first:
                facts = {"one": shown(first[text]), "other": shown(part.id)}
                yield Finding(code, f"{where}[{index}].text.{locale}", facts)
            first.setdefault(text, part.id)


def _keys(item: Item, _: Context) -> Iterator[Finding]:
    """How many options are right, by position: ids may be wrong too."""
    correct = Counter(option.correct for option in item.options)
    if item.type not in CHOICES or not item.options:
        return
    if not correct[True]:
        yield Finding("no-correct", "options")
    elif item.type == "single_choice" and correct[True] > 1:
        yield Finding("several-correct", "options", {"count": correct[True]})
    elif item.type == "multiple_choice" and correct[True] == 1:
        yield Finding("one-correct", "options")
    if item.type == "multiple_choice" and not correct[False]:
        yield Finding("no-wrong", "options")


RULES = (
    Rule(_count, needs=("type", "options")),
    Rule(_ids, needs=("options[].id",)),
    Rule(_distinct),
    Rule(_keys, needs=("type", "options[].correct")),
)
