"""Rules about texts, whatever they are for."""

import re
import unicodedata
from collections.abc import Iterator

from framework.model import LOCALES, LocalizedText
from itembank.grade import MAX_CHARACTERS
from itembank.model import Item, Words
from itembank.problem import shown
from itembank.rules.rule import Context, Finding, Rule

MAX_TEXT = 4_000
MAX_STEM_WORDS = 60

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_ADDRESS = re.compile(r"https?://[^\s/]\S*")
_WORD = re.compile(r"\w+(?:[-'’.]\w+)*")
_LAYOUT = "\n\t"


def texts_of(item: Item) -> Iterator[tuple[str, str]]:
    """Yield (path, text) for every text of an item."""
    yield "level_reason", item.level_reason
    yield from _both("stem", item.stem)
    for index, option in enumerate(item.options):
        yield from _both(f"options[{index}].text", option.text)
        yield from _both(f"options[{index}].why", option.why)
    yield from _both("explanation", item.explanation)
    yield "fact.id", item.fact.id
    yield "fact.statement", item.fact.statement
    for index, source in enumerate(item.sources):
        yield f"sources[{index}].title", source.title
        yield f"sources[{index}].url", source.url


def _both(where: str, text: LocalizedText) -> Iterator[tuple[str, str]]:
    for locale in LOCALES:
        yield f"{where}.{locale}", text.get(locale)


def words_of(item: Item) -> Iterator[tuple[str, str]]:
    """Yield (path, text) for every answer and example of a short text."""
    lists: tuple[tuple[str, Words], ...] = (
        ("answers", item.answers),
        ("accepted_examples", item.accepted_examples),
        ("refused_examples", item.refused_examples),
    )
    for name, by_locale in lists:
        for locale, words in by_locale.items():
            for index, word in enumerate(words):
                yield f"{name}.{locale}[{index}]", word


def _written(item: Item, _: Context) -> Iterator[Finding]:
    for where, text in texts_of(item):
        yield from _faults(where, text, limit=MAX_TEXT)
    for where, text in words_of(item):
        yield from _faults(where, text, limit=MAX_CHARACTERS)


def _faults(where: str, text: str, *, limit: int) -> Iterator[Finding]:
    if not text.strip():
        yield Finding("empty-text", where)
    if len(text) > limit:
        yield Finding("long-text", where, {"count": len(text), "limit": limit})
    forbidden = next((c for c in text if c not in _LAYOUT and unicodedata.category(c) in {"Cc", "Cs"}), None)
    if forbidden is not None:
        yield Finding("forbidden-character", where, {"character": f"U+{ord(forbidden):04X}"})


def _brief(item: Item, _: Context) -> Iterator[Finding]:
    for where, text in _both("stem", item.stem):
        count = len(_WORD.findall(text))
        if count > MAX_STEM_WORDS:
            yield Finding("long-stem", where, {"count": count, "limit": MAX_STEM_WORDS})


def _named(item: Item, _: Context) -> Iterator[Finding]:
    if not _ID.fullmatch(item.id):
        yield Finding("bad-id", "id", {"value": shown(item.id)})


def _sourced(item: Item, _: Context) -> Iterator[Finding]:
    if not item.sources:
        yield Finding("no-source", "sources")
    for index, source in enumerate(item.sources):
        if source.url.strip() and not _ADDRESS.fullmatch(source.url):
            yield Finding("bad-address", f"sources[{index}].url", {"value": shown(source.url)})
        if source.date is None:
            yield Finding("bad-source-date", f"sources[{index}].date", {"value": "—"})


RULES = (Rule(_written), Rule(_brief), Rule(_named), Rule(_sourced))
