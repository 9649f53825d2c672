"""Rules about texts, whatever they are for."""

import re
import unicodedata
from collections.abc import Iterator

from framework.model import LOCALES, LocalizedText
from itembank.model import Gap, Item, Vignette, Words
from itembank.problem import shown
from itembank.responses import MAX_CHARACTERS
from itembank.rules.rule import Context, Finding, Rule
from itembank.vignette import Document, Passage, Table

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
    yield from _of_parts(item)
    yield from _both("explanation", item.explanation)
    yield "fact.id", item.fact.id
    yield "fact.statement", item.fact.statement
    for index, source in enumerate(item.sources):
        yield f"sources[{index}].title", source.title
        yield f"sources[{index}].url", source.url


def _of_parts(item: Item) -> Iterator[tuple[str, str]]:
    """Texts of what there is to order, match and fill, and of the case."""
    for index, element in enumerate(item.elements):
        yield from _both(f"elements[{index}].text", element.text)
        yield from _both(f"elements[{index}].why", element.why)
    for index, choice in enumerate(item.choices):
        yield from _both(f"choices[{index}].text", choice.text)
    for index, prompt in enumerate(item.prompts):
        yield from _both(f"prompts[{index}].text", prompt.text)
        yield from _both(f"prompts[{index}].why", prompt.why)
    if item.text is not None:
        yield from _both("text", item.text)
    for index, gap in enumerate(item.gaps):
        yield from _of_gap(gap, f"gaps[{index}]")
    if item.number is not None and item.number.unit is not None:
        yield from _both("unit", item.number.unit)
    if item.vignette is not None:
        yield from _of_case(item.vignette)


def _of_gap(gap: Gap, where: str) -> Iterator[tuple[str, str]]:
    yield from _both(f"{where}.label", gap.label)
    for index, option in enumerate(gap.options):
        yield from _both(f"{where}.options[{index}].text", option.text)
        yield from _both(f"{where}.options[{index}].why", option.why)
    if gap.why is not None:
        yield from _both(f"{where}.why", gap.why)


def _of_case(case: Vignette) -> Iterator[tuple[str, str]]:
    """All but the lines of documents, which may be empty."""
    yield from _both("vignette.title", case.title)
    for index, block in enumerate(case.blocks):
        where = f"vignette.blocks[{index}]"
        if isinstance(block, Passage):
            yield from _both(f"{where}.text", block.text)
        elif isinstance(block, Document):
            yield from _both(f"{where}.document.title", block.title)
        else:
            yield from _both(f"{where}.table.caption", block.caption)
            for path, cell in _cells(block, f"{where}.table"):
                yield from _both(path, cell)


def _cells(table: Table, where: str) -> Iterator[tuple[str, LocalizedText]]:
    for column, cell in enumerate(table.header):
        yield f"{where}.header[{column}]", cell
    for place, row in enumerate(table.rows):
        for column, cell in enumerate(row):
            yield f"{where}.rows[{place}][{column}]", cell


def _both(where: str, text: LocalizedText) -> Iterator[tuple[str, str]]:
    for locale in LOCALES:
        yield f"{where}.{locale}", text.get(locale)


def words_of(item: Item) -> Iterator[tuple[str, str]]:
    """Yield (path, text) for every answer and example of what is to be typed."""
    yield from _listed(item, "")
    for index, gap in enumerate(item.gaps):
        yield from _listed(gap, f"gaps[{index}].")
    if item.number is not None:
        for name in ("accepted_examples", "refused_examples"):
            for index, word in enumerate(getattr(item.number, name)):
                yield f"{name}[{index}]", word


def _listed(asked: Item | Gap, where: str) -> Iterator[tuple[str, str]]:
    lists: tuple[tuple[str, Words], ...] = (
        ("answers", asked.answers),
        ("accepted_examples", asked.accepted_examples),
        ("refused_examples", asked.refused_examples),
    )
    for name, by_locale in lists:
        for locale, words in by_locale.items():
            yield from ((f"{where}{name}.{locale}[{index}]", word) for index, word in enumerate(words))


def _written(item: Item, _: Context) -> Iterator[Finding]:
    for where, text in texts_of(item):
        yield from _faults(where, text, limit=MAX_TEXT)
    for where, text in words_of(item):
        yield from _faults(where, text, limit=MAX_CHARACTERS)
    for where, text in _lines(item.vignette):
        yield from (found for found in _faults(where, text, limit=MAX_TEXT) if found.code != "empty-text")


def _lines(case: Vignette | None) -> Iterator[tuple[str, str]]:
    for index, block in enumerate(() if case is None else case.blocks):
        if isinstance(block, Document):
            for locale, lines in block.lines.items():
                where = f"vignette.blocks[{index}].document.lines.{locale}"
                yield from ((f"{where}[{place}]", line) for place, line in enumerate(lines))


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
