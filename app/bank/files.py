"""The files of one bank: found, read and checked. No database is needed for any of it."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.bank.model import FrameworkNotPublished, NoFiles
from framework import load
from framework.load import UnknownFramework as NotShipped
from framework.model import Framework
from itembank.check import Report, check
from itembank.formats import native
from itembank.model import Item
from itembank.problem import Problem
from itembank.reading import Reading

SUFFIXES = frozenset({".yaml", ".yml"})
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
        return tuple(problem for problem in self.problems if problem.severity == "error")


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
            return Inspection(reading.bank, None, (), _refused(reading, ()), reading.problems)
        raise FrameworkNotPublished(name=f"{reading.framework_id}@{reading.framework_version}")
    report = check(reading, framework, today=today)
    good = _believable(report, reading)
    return Inspection(reading.bank, framework, _published(good), _refused(reading, good), report.problems)


def contents(paths: Sequence[Path]) -> Mapping[str, bytes]:
    """Return the bytes of each file by its name as given; folders stand for the bank files in them, by name."""
    return {str(file): file.read_bytes() for path in paths for file in _files(path)}


def _files(path: Path) -> Sequence[Path]:
    if not path.is_dir():
        return [path]
    files = sorted(file for file in path.iterdir() if file.suffix.lower() in SUFFIXES and file.is_file())
    if not files:
        raise NoFiles(path=str(path))
    return files


def _believable(report: Report, reading: Reading) -> tuple[Item, ...]:
    """The items without an error, less those of files whose header cannot be believed."""
    doubtful = {
        problem.file
        for problem in report.errors
        if not problem.item and (problem.code in OTHER or problem.where.split(".")[0] in HEADER)
    }
    file_of = {draft.item.id: draft.place.file for draft in reading.drafts}
    return tuple(item for item in report.accepted if file_of[item.id] not in doubtful)


def _published(good: Sequence[Item]) -> tuple[Item, ...]:
    """Items in the order of their ids, so that the order of files does not make another version."""
    ids = {item.id for item in good}
    items = (replace(item, enemies=item.enemies & ids) for item in good)
    return tuple(sorted(items, key=lambda item: item.id))


def _refused(reading: Reading, good: Sequence[Item]) -> tuple[str, ...]:
    """Drafts that were not kept, and items whose place in the file could not even be read."""
    kept = {item.id for item in good}
    drafts = tuple(draft.item.id or "?" for draft in reading.drafts if draft.item.id not in kept)
    known = {draft.item.id for draft in reading.drafts}
    lost = dict.fromkeys(problem.item for problem in reading.problems if problem.item and problem.item not in known)
    return (*drafts, *lost)
