"""The files of one bank: found, read and checked. No database is needed for any of it."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.bank.model import BANK, FrameworkNotPublished, NoFiles
from framework import load
from framework.load import UnknownFramework as NotShipped
from framework.model import Framework
from itembank.check import Report, check
from itembank.files import gather
from itembank.formats import native
from itembank.model import Item
from itembank.problem import Problem, problem, shown
from itembank.reading import Draft, Reading

HEADER = ("format", "bank", "framework")
OTHER = frozenset({"other-bank", "other-framework"})

FindFramework = Callable[[str, str], Framework | None]


@dataclass(frozen=True, slots=True)
class Inspection:
    """What the files hold.

    Attributes
    ----------
    good : the items fit to be published, by id; enemies that were left out are no longer named.
    refused : ids of the items left out, in reading order ("?" where no id could be read).
    problems : every finding, in reading order.
    """

    bank: str
    framework: Framework | None
    good: tuple[Item, ...]
    refused: tuple[str, ...]
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(found for found in self.problems if found.severity == "error")


def shipped(framework_id: str, version: str) -> Framework | None:
    """Return a framework that comes with Toise."""
    try:
        return load(framework_id, version)
    except NotShipped:
        return None


def inspect(paths: Sequence[Path], *, find: FindFramework = shipped, today: dt.date | None = None) -> Inspection:
    """Read and check the files, or the folders of files, of one bank; ``today`` is the server's day unless given.

    Raises
    ------
    NoFiles
        If a path holds no bank file.
    FrameworkNotPublished
        If the files follow a framework that ``find`` does not have.
    """
    reading = native.read(contents(paths))
    framework = find(reading.framework_id, reading.framework_version)
    if framework is None:
        if not reading.framework_id:  # no header could be read: the problems say why
            return Inspection(reading.bank, None, (), _refused(reading, reading.drafts, ()), reading.problems)
        raise FrameworkNotPublished(name=f"{reading.framework_id}@{reading.framework_version}")
    report = check(_with_good_name(reading), framework, today=today)
    good = _believable(report, reading)
    ids = {item.id for item in good}
    doubtful = [item for item in report.accepted if item.id not in ids]
    refused = _refused(reading, report.refused, doubtful)
    return Inspection(reading.bank, framework, _published(good), refused, report.problems)


def _with_good_name(reading: Reading) -> Reading:
    """The reading, with a problem for each file when the bank's name cannot name versions (``name@3``)."""
    if BANK.fullmatch(reading.bank):
        return reading
    files = dict.fromkeys(draft.place.file for draft in reading.drafts)
    facts = {"value": shown(reading.bank)}
    bad = tuple(problem("bad-id", file=file, where="bank", facts=facts) for file in files)
    return replace(reading, of_files=(*reading.of_files, *bad))


def contents(paths: Sequence[Path]) -> Mapping[str, bytes]:
    """Return the bytes of each file by its path as given; folders stand for the bank files in them.

    Raise ``NoFiles`` for a folder without any, OSError for a path that cannot be read.
    """
    found: dict[str, bytes] = {}
    for path in paths:
        files = gather(path)
        if not files:
            raise NoFiles(path=str(path))
        folder = path if path.is_dir() else path.parent
        found |= {str(folder / name): content for name, content in files.items()}
    return found


def _believable(report: Report, reading: Reading) -> tuple[Item, ...]:
    """The items without an error, less those of files whose header cannot be believed."""
    doubtful = {
        found.file
        for found in report.errors
        if not found.item and (found.code in OTHER or found.where.split(".")[0] in HEADER)
    }
    file_of: dict[str, str | None] = {}
    for draft in reading.drafts:  # of two items with one id the first may be good, never the second
        file_of.setdefault(draft.item.id, draft.place.file)
    return tuple(item for item in report.accepted if file_of[item.id] not in doubtful)


def _published(good: Sequence[Item]) -> tuple[Item, ...]:
    """Items in the order of their ids, so that the order of files does not make another version."""
    ids = {item.id for item in good}
    items = (replace(item, enemies=item.enemies & ids) for item in good)
    return tuple(sorted(items, key=lambda item: item.id))


def _refused(reading: Reading, drafts: Sequence[Draft], doubtful: Sequence[Item]) -> tuple[str, ...]:
    """Refused drafts, items of files that cannot be believed, and items whose place was not even YAML."""
    known = {draft.item.id for draft in reading.drafts}
    lost = dict.fromkeys(found.item for found in reading.of_files if found.item and found.item not in known)
    return (*(draft.item.id or "?" for draft in drafts), *(item.id for item in doubtful), *lost)
