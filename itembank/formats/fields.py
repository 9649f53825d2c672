"""Typed access to the nodes of a file: what is wrong is noted, and a neutral value stands in its place."""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import TypeVar

from framework.model import LOCALES, Locale, LocalizedText
from itembank.formats.marked import Listing, Mark, Node, Scalar, Table
from itembank.problem import Fact, Problem, problem, shown

UNKNOWN_DAY = date.min
MAX_PROBLEMS = 50
MAX_SUGGESTIONS = 20
MAX_LISTED = 1_000

Name = TypeVar("Name", bound=str)

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_SOURCE_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d{1,9}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?\d{1,15}(\.\d{1,15})?", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)


class Fields:
    """One item, or one header, being read. ``marks``: where each part met stands."""

    def __init__(self, file: str, *, whole: str = "question") -> None:
        self.file = file
        self.whole = whole
        self.item = ""
        self.problems: list[Problem] = []
        self.marks: dict[str, Mark] = {}

    def note(self, code: str, at: Mark, where: str, **facts: Fact) -> None:
        """Note a problem; past ``MAX_PROBLEMS`` say once that there are more, and no longer count."""
        if len(self.problems) == MAX_PROBLEMS:
            code, where, facts = "more-problems", "", {"limit": MAX_PROBLEMS}
        if len(self.problems) <= MAX_PROBLEMS:
            self.problems.append(problem(code, file=self.file, at=at, item=self.item, where=where, facts=facts))

    def table(
        self, node: Node | None, where: str, *, required: Iterable[str] = (), optional: Iterable[str] = ()
    ) -> dict[str, Node]:
        """Return the values of a mapping by key; a misspelt key gives its value to the key it resembles."""
        required = tuple(required)
        if not isinstance(node, Table):
            self._wrong_kind("not-a-mapping", node, where)
            return {}
        self.marks[where] = node.at
        values = self._known_entries(node, where, (*required, *optional))
        for key in required:
            if key not in values:
                self._missing(key, node.at, where)
        return {key: node for key, node in values.items() if key in required or not _is_null(node)}

    def _known_entries(self, node: Table, where: str, allowed: tuple[str, ...]) -> dict[str, Node]:
        known = {key: value for key, (_, value) in node.entries.items() if key in allowed}
        self.marks.update((_join(where, key), node.entries[key][0].at) for key in known)
        strangers = [entry for key, entry in node.entries.items() if key not in allowed]
        for count, (scalar, value) in enumerate(strangers):
            free = [name for name in allowed if name not in known] if count < MAX_SUGGESTIONS else []
            suggestion = self._unknown_key(scalar, where, free or list(allowed), resembles=free)
            if suggestion:
                self.marks[_join(where, suggestion)] = scalar.at
                known[suggestion] = value
        return known

    def _unknown_key(self, key: Scalar, where: str, allowed: list[str], *, resembles: list[str]) -> str | None:
        path = _join(where, shown(key.text))
        for suggestion in get_close_matches(key.text[:40], resembles, n=1):
            self.note("misspelt-key", key.at, path, key=shown(key.text), suggestion=suggestion)
            return suggestion
        self.note("unknown-key", key.at, path, key=shown(key.text), allowed=", ".join(allowed))
        return None

    def _missing(self, key: str, at: Mark, where: str) -> None:
        path = _join(where, key)
        if key in LOCALES:
            self.note("missing-language", at, path, key=key, language=key)
        else:
            self.note("missing-key", at, path, key=key)

    def listing(self, node: Node | None, where: str) -> list[tuple[str, Node]]:
        """Return the elements of a list, each with its path."""
        if not isinstance(node, Listing):
            self._wrong_kind("not-a-list", node, where)
            return []
        if len(node.nodes) > MAX_LISTED:
            self.note("long-list", node.at, where, count=len(node.nodes), limit=MAX_LISTED)
            return []
        elements = [(f"{where}[{index}]", element) for index, element in enumerate(node.nodes)]
        self.marks.update((path, element.at) for path, element in elements)
        return elements

    def text(self, node: Node | None, where: str) -> str:
        """Return a text; nothing written is the empty text, which the checks refuse."""
        if isinstance(node, Scalar):
            return "" if node.is_null else node.text
        self._wrong_kind("not-a-text", node, where)
        return ""

    def localized(self, node: Node | None, where: str) -> LocalizedText:
        values = self.table(node, where, required=LOCALES)
        texts = {locale: self.text(values.get(locale), f"{where}.{locale}") for locale in LOCALES}
        return LocalizedText(**texts)

    def words(self, node: Node | None, where: str) -> dict[Locale, tuple[str, ...]]:
        """Return lists of texts by language."""
        values = self.table(node, where, required=LOCALES)
        return {
            locale: tuple(self.text(n, path) for path, n in self.listing(values.get(locale), f"{where}.{locale}"))
            for locale in LOCALES
        }

    def one_of(self, node: Node | None, where: str, allowed: tuple[Name, ...]) -> Name | None:
        """Return one of the allowed values, or None when it is missing or another."""
        text = self._scalar(node, where)
        for value in allowed:
            if text == value:
                return value
        if text is not None:
            facts = {"value": shown(text), "key": where, "allowed": ", ".join(allowed)}
            self.note("unknown-value", self._at(node), where, **facts)
        return None

    def integer(self, node: Node | None, where: str) -> int:
        text = self._scalar(node, where)
        if text is not None and _INTEGER.fullmatch(text):
            return int(text)
        self._not("not-an-integer", node, where, text)
        return 0

    def number(self, node: Node | None, where: str) -> float:
        text = self._scalar(node, where)
        if text is not None and _NUMBER.fullmatch(text):
            return float(text)
        self._not("not-a-number", node, where, text)
        return 0.0

    def decimal(self, node: Node | None, where: str) -> Decimal:
        """Return a number as it is written, which a float would not always be."""
        text = self._scalar(node, where)
        if text is not None and _DECIMAL.fullmatch(text):
            return Decimal(text)
        self._not("not-a-number", node, where, text)
        return Decimal(0)

    def boolean(self, node: Node | None, where: str, *, default: bool) -> bool:
        if node is None:
            return default
        text = self._scalar(node, where)
        if text not in {"true", "false"}:
            self._not("not-a-boolean", node, where, text)
        return text == "true"

    def day(self, node: Node | None, where: str) -> date:
        text = self._scalar(node, where)
        day = _day(text or "")
        if day is None:
            self._not("bad-date", node, where, text)
        return day or UNKNOWN_DAY

    def source_date(self, node: Node | None, where: str) -> str:
        text = self._scalar(node, where)
        first_day = (text or "") + "-01-01"[max(len(text or "") - 4, 0) :]
        if text is None or not _SOURCE_DATE.fullmatch(text) or _day(first_day) is None:
            self._not("bad-source-date", node, where, text)
        return text or ""

    def _scalar(self, node: Node | None, where: str) -> str | None:
        if isinstance(node, Scalar):
            return node.text.strip()
        self._wrong_kind("not-a-text", node, where)
        return None

    def _wrong_kind(self, code: str, node: Node | None, where: str) -> None:
        """A missing node was already noted where it should have been."""
        if node is not None:
            self.note(code, node.at, where, key=where or self.whole)

    def _not(self, code: str, node: Node | None, where: str, text: str | None) -> None:
        if text is not None:
            self.note(code, self._at(node), where, value=shown(text))

    def _at(self, node: Node | None) -> Mark:
        assert node is not None
        return node.at


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.is_null


def _join(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def _day(text: str) -> date | None:
    if not _DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
