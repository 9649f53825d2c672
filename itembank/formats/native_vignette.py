"""The cases of a file of the native format, each read once for all of its questions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from framework.model import LocalizedText
from itembank.formats.fields import Fields
from itembank.formats.marked import Mark, Node
from itembank.problem import Problem
from itembank.vignette import SETTINGS, Block, Document, Passage, Table, Vignette

WHERE = "vignette"
"""Path of a case inside each of its questions."""
_KINDS = ("text", "document", "table")


@dataclass(frozen=True, slots=True)
class ReadVignette:
    """A case as read. ``vignette`` is None where the file has none of this name."""

    name: str
    vignette: Vignette | None
    marks: Mapping[str, Mark] = field(hash=False)
    problems: tuple[Problem, ...]


def read_vignettes(fields: Fields, node: Node | None) -> Iterator[tuple[Node, ReadVignette]]:
    """Yield each case of a file's list; ``fields`` are the file's."""
    if node is None:
        return
    for _, element in fields.listing(node, "stimuli"):
        yield element, _vignette(element, fields.file)


def _vignette(node: Node, file: str) -> ReadVignette:
    quiet = Fields(file)
    fields = Fields(file)
    fields.item = quiet.text(quiet.table(node, "", optional=("id",)).get("id"), "id").strip()
    fields.marks[WHERE] = node.at
    values = fields.table(node, WHERE, required=("id", "setting", "title", "blocks"))
    made = Vignette(
        id=fields.item,
        setting=fields.one_of(values.get("setting"), f"{WHERE}.setting", SETTINGS) or "ward",
        title=fields.localized(values.get("title"), f"{WHERE}.title"),
        blocks=tuple(
            _block(fields, each, path) for path, each in fields.listing(values.get("blocks"), f"{WHERE}.blocks")
        ),
    )
    return ReadVignette(fields.item, made, fields.marks, tuple(fields.problems))


def _block(fields: Fields, node: Node, where: str) -> Block:
    values = fields.table(node, where, optional=_KINDS)
    if len(values) != 1:
        fields.note("block-kind", node.at, where, allowed=", ".join(_KINDS))
    if "document" in values:
        return _document(fields, values["document"], f"{where}.document")
    if "table" in values:
        return _table(fields, values["table"], f"{where}.table")
    text = fields.localized(values["text"], f"{where}.text") if "text" in values else LocalizedText("", "")
    return Passage(text)


def _document(fields: Fields, node: Node, where: str) -> Document:
    values = fields.table(node, where, required=("title", "lines"))
    lines = fields.words(values["lines"], f"{where}.lines") if "lines" in values else {}
    return Document(fields.localized(values.get("title"), f"{where}.title"), lines)


def _table(fields: Fields, node: Node, where: str) -> Table:
    values = fields.table(node, where, required=("caption", "header", "rows"))
    rows = fields.listing(values.get("rows"), f"{where}.rows")
    return Table(
        caption=fields.localized(values.get("caption"), f"{where}.caption"),
        header=_cells(fields, values.get("header"), f"{where}.header"),
        rows=tuple(_cells(fields, row, path) for path, row in rows),
    )


def _cells(fields: Fields, node: Node | None, where: str) -> tuple[LocalizedText, ...]:
    return tuple(fields.localized(cell, path) for path, cell in fields.listing(node, where))
