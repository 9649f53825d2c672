"""The native format, ``toise-items/1``: YAML files that people write. See itembank/README.md.

One bad item never hides the others: when a file is not YAML as a whole, it is cut at its items and each is read alone.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from itembank.formats.fields import Fields
from itembank.formats.marked import Fault, Listing, Mark, Node, Scalar, Unreadable, compose
from itembank.formats.native_item import read_item
from itembank.formats.native_writer import FORMAT, write
from itembank.formats.source_text import decode
from itembank.problem import Problem, ordered, problem, shown
from itembank.reading import Draft, Reading

__all__ = ["FORMAT", "MAX_ITEMS", "read", "write"]

MAX_ITEMS = 20_000

_ITEMS_LINE = re.compile(r"^(items:)[ \t]*(?:#.*)?$", re.MULTILINE)
_ID_LINE = re.compile(r"^\s*(?:- )?\s*[\"']?id[\"']?:\s*[\"']?([\w.-]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Header:
    bank: str
    framework_id: str
    framework_version: str
    competence: str
    items: Node | None


@dataclass(frozen=True, slots=True)
class _Piece:
    """The place of one item in the file; ``draft`` is None when that place is not YAML."""

    at: Mark
    item: str
    draft: Draft | None


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    header: _Header | None
    drafts: tuple[Draft, ...]
    problems: tuple[Problem, ...]


def read(files: Mapping[str, bytes]) -> Reading:
    """Read the files of one bank, by name. Nothing is raised: what is wrong is in ``problems``."""
    read_files = [_read_file(name, content) for name, content in files.items()]
    headers = [file.header for file in read_files if file.header]
    first = headers[0] if headers else _Header("", "", "", "", None)
    drafts = tuple(draft for file in read_files for draft in file.drafts)
    problems = [found for file in read_files for found in file.problems]
    problems += [found for file in read_files for found in _disagreements(file, first)]
    if len(drafts) > MAX_ITEMS:
        problems.append(problem("too-many-items", facts={"count": len(drafts), "limit": MAX_ITEMS}))
        drafts = ()
    return Reading(
        drafts=drafts,
        of_files=ordered(problems),
        bank=first.bank,
        framework_id=first.framework_id,
        framework_version=first.framework_version,
    )


def _disagreements(file: _File, first: _Header) -> Iterator[Problem]:
    """One import is one bank on one framework."""
    if file.header is None:
        return
    if file.header.bank != first.bank:
        facts = {"value": shown(file.header.bank), "expected": shown(first.bank)}
        yield problem("other-bank", file=file.name, at=(1, 1), facts=facts)
    if _framework(file.header) != _framework(first):
        facts = {"value": _framework(file.header), "expected": _framework(first)}
        yield problem("other-framework", file=file.name, at=(1, 1), facts=facts)


def _framework(header: _Header) -> str:
    return shown(f"{header.framework_id}@{header.framework_version}")


def _read_file(name: str, content: bytes) -> _File:
    decoded = decode(content)
    if decoded.text is None:
        return _File(name, None, (), tuple(_of_file(name, fault) for fault in decoded.faults))
    try:
        root, faults = compose(decoded.text)
    except Unreadable as error:
        return _read_in_parts(name, decoded.text, decoded.faults, error.fault)
    if root is None or (isinstance(root, Scalar) and root.is_null):
        return _File(name, None, (), (problem("empty-file", file=name, at=(1, 1)),))
    fields = Fields(name, whole=name)
    header = _header(fields, root)
    nodes = fields.listing(header.items, "items")
    if isinstance(header.items, Listing) and not nodes:
        fields.note("no-items", header.items.at, "items")
    pieces = [_piece(read_item(node, file=name, competence=header.competence)) for _, node in nodes]
    return _settle(name, header, pieces, (*decoded.faults, *faults), fields.problems)


def _header(fields: Fields, root: Node) -> _Header:
    values = fields.table(root, "", required=("format", "bank", "framework", "items"), optional=("competence",))
    fields.one_of(values.get("format"), "format", (FORMAT,))
    framework = fields.table(values.get("framework"), "framework", required=("id", "version"))
    return _Header(
        bank=fields.text(values.get("bank"), "bank"),
        framework_id=fields.text(framework.get("id"), "framework.id"),
        framework_version=fields.text(framework.get("version"), "framework.version"),
        competence=fields.text(values.get("competence"), "competence"),
        items=values.get("items"),
    )


def _read_in_parts(name: str, text: str, faults: tuple[Fault, ...], stop: Fault) -> _File:
    """Read the header and each item alone, and report each that is not YAML."""
    items_line = _ITEMS_LINE.search(text)
    if items_line is None:
        return _File(name, None, (), tuple(_of_file(name, fault) for fault in (*faults, stop)))
    fields, all_faults = Fields(name, whole=name), list(faults)
    header = _Header("", "", "", "", None)
    root = _composed(text[: items_line.end(1)] + " []", 1, all_faults)
    if root:
        header = _header(fields, root)
    pieces = [
        piece
        for first_line, part in _parts(text, items_line.end())
        for piece in _pieces(name, part, first_line, header.competence, all_faults)
    ]
    return _settle(name, header, pieces, all_faults, fields.problems)


def _composed(text: str, first_line: int, faults: list[Fault]) -> Node | None:
    try:
        root, found = compose(text, first_line=first_line)
    except Unreadable as error:
        faults.append(error.fault)
        return None
    faults += found
    return root


def _parts(text: str, start: int) -> Iterator[tuple[int, str]]:
    """Cut the list of items at its dashes: yield (line of the first, text) of each item."""
    first = re.compile(r"^( *)-(?: |$)", re.MULTILINE).search(text, start)
    if first is None:
        return
    dashes = re.compile(rf"^{first[1]}-(?: |$)", re.MULTILINE)
    starts = [dash.start() for dash in dashes.finditer(text, start)]
    line = text.count("\n", 0, starts[0]) + 1
    for begin, end in pairwise([*starts, len(text)]):
        yield line, text[begin:end]
        line += text.count("\n", begin, end)


def _pieces(name: str, part: str, first_line: int, competence: str, faults: list[Fault]) -> Iterator[_Piece]:
    root = _composed(part, first_line, faults)
    if not isinstance(root, Listing):
        found = _ID_LINE.search(part)
        yield _Piece((first_line, 1), found[1] if found else "", None)
        return
    for node in root.nodes:
        yield _piece(read_item(node, file=name, competence=competence))


def _piece(draft: Draft) -> _Piece:
    return _Piece(draft.place.marks[""], draft.item.id, draft)


def _settle(
    name: str, header: _Header | None, pieces: list[_Piece], faults: Iterable[Fault], problems: list[Problem]
) -> _File:
    """Give each fault to the item it stands in, or to the file."""
    starts = [piece.at for piece in pieces]
    own: dict[int, list[Problem]] = {}
    for fault in faults:
        index = bisect_right(starts, fault.at) - 1
        if index < 0 or fault.code == "several-documents":
            problems.append(_of_file(name, fault))
        else:
            own.setdefault(index, []).append(_of_piece(name, fault, pieces[index]))
    drafts = [
        replace(piece.draft, problems=(*piece.draft.problems, *own.get(index, ())))
        for index, piece in enumerate(pieces)
        if piece.draft
    ]
    lost = [found for index, piece in enumerate(pieces) if not piece.draft for found in own.get(index, ())]
    return _File(name, header, tuple(drafts), (*problems, *lost))


def _of_file(name: str, fault: Fault) -> Problem:
    return problem(fault.code, file=name, at=fault.at, facts=fault.facts)


def _of_piece(name: str, fault: Fault, piece: _Piece) -> Problem:
    """A fault inside an item, at the last part that starts before it."""
    marks = piece.draft.place.marks if piece.draft else {}
    before = [(at, where) for where, at in marks.items() if at <= fault.at]
    where = max(before)[1] if before else ""
    return problem(fault.code, file=name, at=fault.at, item=piece.item, where=where, facts=fault.facts)
