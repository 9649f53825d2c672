"""What a reader of any format hands to the checks: drafts, where they stood, and what was wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from itembank.model import Item
from itembank.problem import Problem, ordered


@dataclass(frozen=True, slots=True)
class Place:
    """Where the parts of one item stand in its file: path inside the item to (line, column), from 1."""

    file: str | None
    marks: Mapping[str, tuple[int, int]] = field(hash=False)

    def of(self, where: str) -> tuple[int, int] | None:
        """Return the mark of a part, or of the nearest part that holds it."""
        while where and where not in self.marks:
            where = where[: max(where.rfind("."), where.rfind("["), 0)]
        return self.marks.get(where)


@dataclass(frozen=True, slots=True)
class Draft:
    """One item as read. With ``problems``, neutral values stand for the parts that could not be read."""

    item: Item
    place: Place
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """The files of one bank, read. ``of_files``: what is wrong with the files themselves."""

    drafts: tuple[Draft, ...]
    of_files: tuple[Problem, ...]
    bank: str
    framework_id: str
    framework_version: str

    @property
    def items(self) -> tuple[Item, ...]:
        """The items that could be read whole; ``itembank.check`` says which are fit to be asked."""
        return tuple(draft.item for draft in self.drafts if not draft.problems)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Every problem met while reading, down the page."""
        return ordered([*self.of_files, *(found for draft in self.drafts for found in draft.problems)])
