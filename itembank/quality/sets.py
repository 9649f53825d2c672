"""Every list of options to choose from, whatever type of question it stands in."""

from collections.abc import Iterator
from dataclasses import dataclass

from framework.model import Locale
from itembank.model import CHOICES, Item
from itembank.parts import Option


@dataclass(frozen=True, slots=True)
class OptionSet:
    """Options of one question or one gap; ``where``: their path in the item."""

    item: Item
    where: str
    options: tuple[Option, ...]

    @property
    def single(self) -> bool:
        """Whether exactly one is right."""
        return sum(option.correct for option in self.options) == 1

    def keys(self, locale: Locale) -> tuple[str, ...]:
        return tuple(option.text.get(locale) for option in self.options if option.correct)

    def distractors(self, locale: Locale) -> tuple[str, ...]:
        return tuple(option.text.get(locale) for option in self.options if not option.correct)


def sets_of(item: Item) -> Iterator[OptionSet]:
    """The options of a choice question, or of each gap to choose in."""
    if item.type in CHOICES:
        yield OptionSet(item, "options", item.options)
    for index, gap in enumerate(item.gaps):
        if gap.options:
            yield OptionSet(item, f"gaps[{index}].options", gap.options)
