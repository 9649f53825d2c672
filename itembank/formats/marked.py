"""YAML as it was written: texts with their line and column, nothing resolved, nothing expanded.

Anchors, aliases, tags, repeated keys and deep nesting are faults: a bank needs none of them, and each
is a way to hide or multiply content. Texts stay texts (``no`` is not false), so nothing is guessed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import yaml

MAX_DEPTH = 12
MAX_FAULTS = 1_000

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})

Mark = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Fault:
    """A breach of YAML or of the subset allowed here, at (line, column) from 1."""

    code: str
    at: Mark
    facts: Mapping[str, str | int] = field(default_factory=dict, hash=False)


class Unreadable(ValueError):
    """Reading could not go on past this fault."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(f"{fault.code} at line {fault.at[0]}, column {fault.at[1]}")
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Scalar:
    """One text; ``plain``: written without quotes."""

    at: Mark
    text: str
    plain: bool

    @property
    def is_null(self) -> bool:
        return self.plain and self.text in _NULLS


@dataclass(frozen=True, slots=True)
class Listing:
    at: Mark
    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Table:
    at: Mark
    entries: Mapping[str, tuple[Scalar, "Node"]] = field(hash=False)


Node = Scalar | Listing | Table


def compose(text: str, *, first_line: int = 1) -> tuple[Node | None, tuple[Fault, ...]]:
    """Return the first document of the text and the faults met on the way; raise ``Unreadable``."""
    composer = _Composer(text, first_line)
    try:
        root = composer.document()
    except yaml.MarkedYAMLError as error:
        reason = (error.problem or error.context or "").strip()
        raise Unreadable(Fault("yaml-syntax", composer.mark(error.problem_mark), {"reason": reason})) from error
    return root, tuple(composer.faults)


class _ParserMark(Protocol):
    """Where the parser is, from 0: the C parser and the Python one have a class each."""

    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...


class _Composer:
    """Builds nodes from the parser's events, one pass, never deeper than ``MAX_DEPTH``."""

    def __init__(self, text: str, first_line: int) -> None:
        self.events: Iterator[yaml.Event] = iter(yaml.parse(text, Loader=_LOADER))
        self.first_line = first_line
        self.faults: list[Fault] = []

    def mark(self, mark: "_ParserMark | None") -> Mark:
        return (self.first_line, 1) if mark is None else (mark.line + self.first_line, mark.column + 1)

    def note(self, fault: Fault) -> None:
        if len(self.faults) == MAX_FAULTS:
            raise Unreadable(Fault("too-many-faults", fault.at, {"limit": MAX_FAULTS}))
        self.faults.append(fault)

    def document(self) -> Node | None:
        next(self.events)
        if isinstance(next(self.events), yaml.StreamEndEvent):
            return None
        root = self.node(next(self.events), depth=0)
        next(self.events)
        following = next(self.events)
        if isinstance(following, yaml.DocumentStartEvent):
            self.note(Fault("several-documents", self.mark(following.start_mark)))
        return root

    def node(self, event: yaml.Event, *, depth: int) -> Node:
        at = self.mark(event.start_mark)
        if depth > MAX_DEPTH:
            raise Unreadable(Fault("yaml-depth", at, {"limit": MAX_DEPTH}))
        if isinstance(event, yaml.AliasEvent):
            self.note(Fault("yaml-alias", at, {"name": str(event.anchor)}))
            return Scalar(at, "", plain=True)
        assert isinstance(event, yaml.NodeEvent)
        self.note_extras(event, at)
        if isinstance(event, yaml.ScalarEvent):
            return Scalar(at, event.value, plain=not event.style)
        if isinstance(event, yaml.SequenceStartEvent):
            return Listing(at, tuple(self.elements(depth + 1)))
        return Table(at, self.entries(depth + 1))

    def note_extras(self, event: yaml.NodeEvent, at: Mark) -> None:
        if event.anchor is not None:
            self.note(Fault("yaml-anchor", at, {"name": event.anchor}))
        tag = getattr(event, "tag", None)
        if tag is not None:
            self.note(Fault("yaml-tag", at, {"name": tag.replace("tag:yaml.org,2002:", "!!")}))

    def elements(self, depth: int) -> Iterator[Node]:
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            yield self.node(event, depth=depth)

    def entries(self, depth: int) -> Mapping[str, tuple[Scalar, Node]]:
        entries: dict[str, tuple[Scalar, Node]] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self.node(event, depth=depth)
            value = self.node(next(self.events), depth=depth)
            if not isinstance(key, Scalar):
                self.note(Fault("yaml-key", key.at))
            elif key.text in entries:
                self.note(Fault("duplicate-key", key.at, {"key": key.text}))
            else:
                entries[key.text] = (key, value)
        return entries
