"""The parts that questions are made of: options, elements to order, prompts to match, gaps to fill."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, Self

from framework.model import Locale, LocalizedText

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

CaseRule = Literal["ignore", "exact"]
SpaceRule = Literal["collapse", "ignore", "exact"]

Words = Mapping[Locale, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to tick; ``why``: why it is right or wrong, shown after the answer."""

    id: str
    text: LocalizedText
    correct: bool
    why: LocalizedText

    def to_data(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "correct": self.correct,
            "text": text_data(self.text),
            "why": text_data(self.why),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            id=data["id"],
            text=LocalizedText.from_data(data["text"]),
            correct=data["correct"],
            why=LocalizedText.from_data(data["why"]),
        )


@dataclass(frozen=True, slots=True)
class Match:
    """What a short text may get wrong and still count. ``edit_distance``: typing errors, 0 to 2."""

    case: CaseRule
    accents: CaseRule
    punctuation: CaseRule
    spaces: SpaceRule
    edit_distance: int


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number to give: right when it is no further than ``tolerance`` from ``value``.

    Decimal numbers, so that 12.55 is exactly 0.05 away from 12.5. ``unit`` is printed beside the field.
    """

    value: Decimal
    tolerance: Decimal
    unit: LocalizedText | None
    accepted_examples: tuple[str, ...]
    refused_examples: tuple[str, ...]

    @property
    def units(self) -> tuple[str, ...]:
        """What may be typed after the number."""
        return () if self.unit is None else (self.unit.fr, self.unit.en)

    def to_data(self) -> dict[str, Any]:
        return {
            "value": plain_decimal(self.value),
            "tolerance": plain_decimal(self.tolerance),
            "unit": None if self.unit is None else text_data(self.unit),
            "accepted_examples": list(self.accepted_examples),
            "refused_examples": list(self.refused_examples),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        unit = data["unit"]
        return cls(
            value=Decimal(data["value"]),
            tolerance=Decimal(data["tolerance"]),
            unit=None if unit is None else LocalizedText.from_data(unit),
            accepted_examples=tuple(data["accepted_examples"]),
            refused_examples=tuple(data["refused_examples"]),
        )


@dataclass(frozen=True, slots=True)
class Element:
    """One of the things to put in order; ``why`` it comes where it does."""

    id: str
    text: LocalizedText
    why: LocalizedText

    def to_data(self) -> dict[str, Any]:
        return {"id": self.id, "text": text_data(self.text), "why": text_data(self.why)}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(data["id"], LocalizedText.from_data(data["text"]), LocalizedText.from_data(data["why"]))


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the things that prompts are matched with."""

    id: str
    text: LocalizedText

    def to_data(self) -> dict[str, Any]:
        return {"id": self.id, "text": text_data(self.text)}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(data["id"], LocalizedText.from_data(data["text"]))


@dataclass(frozen=True, slots=True)
class Prompt:
    """One thing to match; ``choice``: the id of the choice that is right for it."""

    id: str
    choice: str
    text: LocalizedText
    why: LocalizedText

    def to_data(self) -> dict[str, Any]:
        return {"id": self.id, "choice": self.choice, "text": text_data(self.text), "why": text_data(self.why)}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        text, why = LocalizedText.from_data(data["text"]), LocalizedText.from_data(data["why"])
        return cls(data["id"], data["choice"], text, why)


@dataclass(frozen=True, slots=True)
class Gap:
    """One gap of a text. Either ``options`` to choose from, or ``answers`` to type with ``match`` and ``why``.

    ``label`` names the field for those who do not see the text around it.
    """

    id: str
    label: LocalizedText
    options: tuple[Option, ...] = ()
    answers: Words = field(default_factory=dict, hash=False)
    match: Match | None = None
    accepted_examples: Words = field(default_factory=dict, hash=False)
    refused_examples: Words = field(default_factory=dict, hash=False)
    why: LocalizedText | None = None

    @property
    def correct_ids(self) -> frozenset[str]:
        return frozenset(option.id for option in self.options if option.correct)

    def to_data(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "label": text_data(self.label),
            "options": [option.to_data() for option in self.options],
            "answers": words_data(self.answers),
            "match": None if self.match is None else fields_data(self.match),
            "accepted_examples": words_data(self.accepted_examples),
            "refused_examples": words_data(self.refused_examples),
            "why": None if self.why is None else text_data(self.why),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        match, why = data["match"], data["why"]
        return cls(
            id=data["id"],
            label=LocalizedText.from_data(data["label"]),
            options=tuple(Option.from_data(option) for option in data["options"]),
            answers=words_of_data(data["answers"]),
            match=None if match is None else Match(**match),
            accepted_examples=words_of_data(data["accepted_examples"]),
            refused_examples=words_of_data(data["refused_examples"]),
            why=None if why is None else LocalizedText.from_data(why),
        )


def text_data(text: LocalizedText) -> dict[str, str]:
    return {"fr": text.fr, "en": text.en}


def fields_data(value: "DataclassInstance") -> dict[str, Any]:
    """The fields of a dataclass whose values are plain."""
    return {field_.name: getattr(value, field_.name) for field_ in fields(value)}


def words_data(words: Words) -> dict[str, list[str]]:
    """Languages in one order, whatever order they were written in."""
    return {locale: list(words[locale]) for locale in sorted(words)}


def words_of_data(data: Mapping[Locale, list[str]]) -> Words:
    return {locale: tuple(words) for locale, words in data.items()}


def plain_decimal(number: Decimal) -> str:
    """A number as one writes it, the same for equal numbers.

    >>> plain_decimal(Decimal("12.50")), plain_decimal(Decimal("1E+3")), plain_decimal(Decimal("-0"))
    ('12.5', '1000', '0')
    """
    return f"{number.normalize() + 0:f}"
