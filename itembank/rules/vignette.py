"""Rules about cases: what there is to read, and the questions that share it."""

from collections.abc import Iterator, Sequence

from framework.model import LOCALES
from itembank.model import Item
from itembank.problem import Fact, shown
from itembank.rules.rule import Context, Finding, Rule
from itembank.vignette import Document, Table

BLOCKS, QUESTIONS = (1, 6), (2, 5)
MOST_LINES, MOST_COLUMNS, MOST_ROWS = 60, 8, 40


def _blocks(item: Item, _: Context) -> Iterator[Finding]:
    if item.vignette is None:
        return
    lowest, highest = BLOCKS
    blocks = item.vignette.blocks
    if not lowest <= len(blocks) <= highest:
        facts = {"count": len(blocks), "lowest": lowest, "highest": highest}
        yield Finding("block-count", "vignette.blocks", facts)
    for index, block in enumerate(blocks):
        if isinstance(block, Table):
            yield from _table(block, f"vignette.blocks[{index}].table")
        if isinstance(block, Document):
            yield from _document(block, f"vignette.blocks[{index}].document")


def _table(table: Table, where: str) -> Iterator[Finding]:
    columns = len(table.header)
    if not (1 <= columns <= MOST_COLUMNS and 1 <= len(table.rows) <= MOST_ROWS):
        facts = {"columns": MOST_COLUMNS, "rows": MOST_ROWS}
        yield Finding("table-size", where, facts)
    for index, row in enumerate(table.rows):
        if len(row) != columns:
            yield Finding("ragged-table", f"{where}.rows[{index}]", {"count": len(row), "columns": columns})


def _document(document: Document, where: str) -> Iterator[Finding]:
    for locale in LOCALES:
        lines = document.lines.get(locale, ())
        if not any(line.strip() for line in lines):
            yield Finding("empty-text", f"{where}.lines.{locale}")
        if len(lines) > MOST_LINES:
            yield Finding("long-list", f"{where}.lines.{locale}", {"count": len(lines), "limit": MOST_LINES})


RULES = (Rule(_blocks, needs=("vignette.blocks",)),)


def cases(items: Sequence[Item]) -> Iterator[tuple[int, Finding]]:
    """Yield (index of the item, finding) for cases with too few or many questions, or whose questions disagree."""
    groups: dict[str, list[int]] = {}
    for index, item in enumerate(items):
        if item.stimulus is not None:
            groups.setdefault(item.stimulus, []).append(index)
    for name, members in groups.items():
        yield from _group(items, name, members)


def _group(items: Sequence[Item], name: str, members: Sequence[int]) -> Iterator[tuple[int, Finding]]:
    first = items[members[0]]
    own = {items[index].id for index in members}
    lowest, highest = QUESTIONS
    for index in members:
        item = items[index]
        if not lowest <= len(members) <= highest:
            counts: dict[str, Fact] = {"count": len(members), "lowest": lowest, "highest": highest}
            yield index, Finding("case-questions", "stimulus", {"id": shown(name), **counts})
        if item.competence != first.competence or item.vignette != first.vignette:
            yield index, Finding("case-elsewhere", "stimulus", {"id": shown(name), "first": shown(first.id)})
        for enemy in sorted(item.enemies & own - {item.id}):
            yield index, Finding("enemy-of-case", f"enemies.{enemy}", {"id": shown(enemy)})
