"""What a rule is: it looks at one item and yields what it finds."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from framework.model import Framework
from itembank.model import Item
from itembank.problem import Fact


@dataclass(frozen=True, slots=True)
class Context:
    """What an item is judged against."""

    framework: Framework
    today: date


@dataclass(frozen=True, slots=True)
class Finding:
    """A breach: the problem's code, the part of the item, and the facts of its message."""

    code: str
    where: str
    facts: Mapping[str, Fact] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Rule:
    """``needs``: the parts that must have been read for the rule to mean anything, as ``options[].correct``."""

    find: Callable[[Item, Context], Iterator[Finding]]
    needs: tuple[str, ...] = ()
