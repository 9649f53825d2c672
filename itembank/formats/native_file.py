"""Open one file of the native format: its head, and where each of its questions stands.

When a file is not YAML as a whole, it is cut at its questions and each is read alone, so that one that is broken
hides none of the others.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from itembank.formats.fields import Fields
from itembank.formats.marked import MAX_FAULTS, Fault, Listing, Mark, Node, Scalar, Unreadable, compose
from itembank.formats.native_vignette import ReadVignette, read_vignettes
from itembank.formats.native_writer import FORMAT
from itembank.formats.source_text import decode
from itembank.problem import Problem, problem, shown

_ITEMS_LINE = re.compile(r"^(items:)[ \t]*(?:#.*)?$", re.MULTILINE)
_FIRST_DASH = re.compile(r"^( *)-(?: |$)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Header:
    bank: str = ""
    framework_id: str = ""
    framework_version: str = ""
    competence: str = ""
    vignettes: Mapping[str, ReadVignette] = field(default_factory=dict, hash=False, compare=False)

    @property
    def framework(self) -> str:
        return f"{self.framework_id}@{self.framework_version}"


@dataclass(frozen=True, slots=True)
class Part:
    """One question of the list; ``node`` is None where the text is not YAML, ``name`` the id it seems to have."""

    at: Mark
    node: Node | None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """``header`` is None when the file holds no bank. ``faults`` stand anywhere in the file."""

    name: str
    header: Header | None
    parts: tuple[Part, ...]
    faults: tuple[Fault, ...]
    problems: tuple[Problem, ...]


def open_file(name: str, content: bytes) -> Opened:
    """Read the bytes of a file as far as the list of its questions. Nothing is raised."""
    decoded = decode(content)
    if decoded.text is None:
        return Opened(name, None, (), decoded.faults, ())
    try:
        root, faults = compose(decoded.text)
    except Unreadable as error:
        return _open_in_parts(name, decoded.text, decoded.faults, error.fault)
    if root is None or (isinstance(root, Scalar) and root.is_null):
        return Opened(name, None, (), (), (problem("empty-file", file=name, at=(1, 1)),))
    fields = Fields(name, whole=name)
    header, items = _header(fields, root)
    if not isinstance(items, Listing):
        fields.listing(items, "items")
    elif not items.nodes:
        fields.note("no-items", items.at, "items")
    parts = tuple(Part(node.at, node) for node in items.nodes) if isinstance(items, Listing) else ()
    return Opened(name, header, parts, (*decoded.faults, *faults), tuple(fields.problems))


def _header(fields: Fields, root: Node) -> tuple[Header, Node | None]:
    values = fields.table(
        root, "", required=("format", "bank", "framework", "items"), optional=("competence", "stimuli")
    )
    fields.one_of(values.get("format"), "format", (FORMAT,))
    framework = fields.table(values.get("framework"), "framework", required=("id", "version"))
    header = Header(
        bank=fields.text(values.get("bank"), "bank"),
        framework_id=fields.text(framework.get("id"), "framework.id"),
        framework_version=fields.text(framework.get("version"), "framework.version"),
        competence=fields.text(values.get("competence"), "competence"),
        vignettes=_vignettes(fields, values.get("stimuli")),
    )
    return header, values.get("items")


def _vignettes(fields: Fields, node: Node | None) -> dict[str, ReadVignette]:
    found: dict[str, ReadVignette] = {}
    for element, read in read_vignettes(fields, node):
        if read.name in found:
            fields.note("duplicate-stimulus", element.at, "stimuli", id=shown(read.name))
        found.setdefault(read.name, read)
    return found


def _open_in_parts(name: str, text: str, faults: tuple[Fault, ...], stop: Fault) -> Opened:
    items_line = _ITEMS_LINE.search(text)
    if items_line is None:
        return Opened(name, None, (), (*faults, stop), ())
    fields, met, parts = Fields(name, whole=name), list(faults), list[Part]()
    root = _compose(text[: items_line.end(1)] + " []", 1, met)
    header = _header(fields, root)[0] if root else _glimpsed(text[: items_line.start()])
    for first_line, part in _cut(text, items_line.end()):
        if len(met) > MAX_FAULTS:
            met.append(Fault("too-many-faults", (first_line, 1), {"limit": MAX_FAULTS}))
            break
        found = _compose(part, first_line, met)
        if isinstance(found, Listing):
            parts += [Part(node.at, node) for node in found.nodes]
        else:
            parts.append(Part((first_line, 1), None, _scalar_after("id", part)))
    return Opened(name, header, tuple(parts), tuple(met), tuple(fields.problems))


def _compose(text: str, first_line: int, met: list[Fault]) -> Node | None:
    try:
        root, faults = compose(text, first_line=first_line)
    except Unreadable as error:
        met.append(error.fault)
        return None
    met += faults
    return root


def _glimpsed(head: str) -> Header:
    """What can be told of a head that is not YAML, so that its questions are not blamed for it."""
    return Header(bank=_scalar_after("bank", head), competence=_scalar_after("competence", head))


def _scalar_after(key: str, text: str) -> str:
    found = re.search(rf"^ *(?:- *)?{key}: *[\"']?([\w.-]+)", text, re.MULTILINE)
    return found[1] if found else ""


def _cut(text: str, start: int) -> Iterator[tuple[int, str]]:
    """Cut the list of questions at its dashes: yield (line of the first, text) of each."""
    first = _FIRST_DASH.search(text, start)
    if first is None:
        return
    dashes = re.compile(rf"^{first[1]}-(?: |$)", re.MULTILINE)
    starts = [dash.start() for dash in dashes.finditer(text, start)]
    line = text.count("\n", 0, starts[0]) + 1
    for begin, end in pairwise([*starts, len(text)]):
        yield line, text[begin:end]
        line += text.count("\n", begin, end)
