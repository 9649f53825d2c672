"""The native format, ``toise-items/1``: YAML files that people write. See itembank/README.md."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from itembank.formats.marked import Fault
from itembank.formats.native_file import Header, Opened, open_file
from itembank.formats.native_item import read_item
from itembank.formats.native_writer import FORMAT, write
from itembank.problem import Problem, ordered, problem, shown
from itembank.reading import Draft, Reading

__all__ = ["FORMAT", "MAX_ITEMS", "read", "write"]

MAX_ITEMS = 20_000

# Where these stand says nothing about the question they stand in.
_OF_THE_FILE = frozenset({"several-documents", "too-many-faults"})


def read(files: Mapping[str, bytes]) -> Reading:
    """Read the files of one bank, by name. Nothing is raised: what is wrong is in ``problems``."""
    opened = [open_file(name, content) for name, content in files.items()]
    first = next((file.header for file in opened if file.header), Header())
    of_files = [found for file in opened for found in (*file.problems, *_disagreements(file, first))]
    if sum(len(file.parts) for file in opened) > MAX_ITEMS:
        of_files.append(problem("too-many-items", facts={"limit": MAX_ITEMS}))
        opened = [replace(file, parts=()) for file in opened]
    drafts: list[Draft] = []
    for file in opened:
        read_drafts, others = _settle(file, [_draft(file, index) for index in range(len(file.parts))])
        drafts += read_drafts
        of_files += others
    return Reading(
        drafts=tuple(drafts),
        of_files=ordered(of_files),
        bank=first.bank,
        framework_id=first.framework_id,
        framework_version=first.framework_version,
    )


def _disagreements(file: Opened, first: Header) -> Iterator[Problem]:
    """One import is one bank on one framework."""
    if file.header is None:
        return
    if file.header.bank != first.bank:
        facts = {"value": shown(file.header.bank), "expected": shown(first.bank)}
        yield problem("other-bank", file=file.name, at=(1, 1), facts=facts)
    if file.header.framework_id and file.header.framework != first.framework:
        facts = {"value": shown(file.header.framework), "expected": shown(first.framework)}
        yield problem("other-framework", file=file.name, at=(1, 1), facts=facts)


def _draft(file: Opened, index: int) -> Draft | None:
    part = file.parts[index]
    if part.node is None or file.header is None:
        return None
    header = file.header
    return read_item(part.node, file=file.name, competence=header.competence, vignettes=header.vignettes)


def _settle(file: Opened, drafts: Sequence[Draft | None]) -> tuple[list[Draft], list[Problem]]:
    """Give each fault to the question it stands in; return the drafts, and the problems of no draft."""
    starts = [part.at for part in file.parts]
    own: dict[int, list[Problem]] = {}
    for fault in file.faults:
        index = -1 if fault.code in _OF_THE_FILE else bisect_right(starts, fault.at) - 1
        draft = drafts[index] if index >= 0 else None
        name = draft.item.id if draft else file.parts[index].name if index >= 0 else ""
        own.setdefault(index if draft else -1, []).append(_told(file.name, fault, name, draft))
    whole = [
        replace(draft, problems=(*draft.problems, *own.get(index, ()))) for index, draft in enumerate(drafts) if draft
    ]
    return whole, own.get(-1, [])


def _told(file: str, fault: Fault, item: str, draft: Draft | None) -> Problem:
    """A fault as a problem, at the last part of its question that starts before it."""
    marks = draft.place.marks if draft else {}
    before = [(at, where) for where, at in marks.items() if at <= fault.at]
    where = max(before)[1] if before else ""
    return problem(fault.code, file=file, at=fault.at, item=item, where=where, facts=fault.facts)
