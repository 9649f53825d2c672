"""What a question asks to fill, and the case it may belong to, as plain data in the reader's language."""

from dataclasses import dataclass
from typing import Literal

Fault = Literal["empty", "incomplete", "places", "number"]
"""What keeps an answer from being taken: nothing in it, parts left empty, places given twice, no number."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One option, in the order shown; ``chosen`` only when an answer comes back unsent."""

    id: str
    text: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """One part of an answer: chosen among ``choices``, or typed where there are none.

    ``name`` is that of the form's field, ``label`` what goes there; ``value`` what came back unsent.
    """

    name: str
    label: str
    choices: tuple[Choice, ...] = ()
    value: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph (``text``), a document (``title``, ``lines``) or a table (``title``, ``header``, ``rows``)."""

    text: str = ""
    title: str = ""
    lines: tuple[str, ...] = ()
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """What to read before answering; ``again``: the question before showed it too."""

    title: str
    blocks: tuple[Block, ...]
    again: bool = False


@dataclass(frozen=True, slots=True)
class ReviewedPart:
    """One part of an answer with its key. ``given`` is None where it was left empty."""

    text: str
    given: str | None
    right: str
    correct: bool
    why: str
    why_given: str | None = None
