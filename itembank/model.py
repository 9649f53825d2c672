"""A question, whatever file it came from: one format-free, immutable description.

``Item`` says what was asked and what counts as right; ``itembank.check`` says whether it is fit to be
asked. Nothing here is refused, so that a bad item can be shown to its author.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, Self, get_args

from framework.model import Locale, LocalizedText, Source

ItemType = Literal["single_choice", "multiple_choice", "short_text"]
Scoring = Literal["all_or_nothing", "partial_credit"]
CaseRule = Literal["ignore", "exact"]
SpaceRule = Literal["collapse", "ignore", "exact"]
ModelName = Literal["rasch", "1pl", "2pl", "3pl", "gpcm"]

ITEM_TYPES: tuple[ItemType, ...] = get_args(ItemType)
SCORINGS: tuple[Scoring, ...] = get_args(Scoring)
MODELS: tuple[ModelName, ...] = get_args(ModelName)

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
            "text": _text_data(self.text),
            "why": _text_data(self.why),
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
class Fact:
    """The one statement that the question rests on."""

    id: str
    statement: str


@dataclass(frozen=True, slots=True)
class Match:
    """What a short text may get wrong and still count. ``edit_distance``: typing errors, 0 to 2."""

    case: CaseRule
    accents: CaseRule
    punctuation: CaseRule
    spaces: SpaceRule
    edit_distance: int


@dataclass(frozen=True, slots=True)
class Parameters:
    """Calibrated parameters, logistic metric without the 1.7 constant.

    ``a`` slope; ``b`` difficulty, one value, or one step per category above 0 (gpcm), in logits; ``c`` lower
    asymptote. ``covariance``: posterior covariance of the free ones of (log a, b..., logit c), in that
    order: b for rasch and 1pl; log a, b for 2pl; log a, b, logit c for 3pl; log a, b... for gpcm. None: known exactly.
    """

    model: ModelName
    a: float
    b: tuple[float, ...]
    c: float
    covariance: tuple[tuple[float, ...], ...] | None

    @property
    def free(self) -> int:
        """How many parameters the covariance speaks of."""
        return len(self.b) + {"rasch": 0, "1pl": 0, "2pl": 1, "3pl": 2, "gpcm": 1}[self.model]

    def to_data(self) -> dict[str, Any]:
        rows = None if self.covariance is None else [list(row) for row in self.covariance]
        return {"model": self.model, "a": self.a, "b": list(self.b), "c": self.c, "covariance": rows}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        rows = data["covariance"]
        return cls(
            model=data["model"],
            a=float(data["a"]),
            b=tuple(float(step) for step in data["b"]),
            c=float(data["c"]),
            covariance=None if rows is None else tuple(tuple(float(cell) for cell in row) for row in rows),
        )


@dataclass(frozen=True, slots=True)
class Item:
    """One question. ``level``: the author's, 1 to 8. ``match`` is None unless it is a short text.

    ``written``, ``valid_from`` and ``review_by`` are days; the item is in service from the second to the
    third, both included. ``enemies``: items never asked in the same sitting.
    """

    id: str
    competence: str
    capacity: str
    level: int
    level_reason: str
    type: ItemType
    stem: LocalizedText
    options: tuple[Option, ...]
    shuffle: bool
    scoring: Scoring
    answers: Words = field(hash=False)
    match: Match | None
    accepted_examples: Words = field(hash=False)
    refused_examples: Words = field(hash=False)
    explanation: LocalizedText
    fact: Fact
    sources: tuple[Source, ...]
    written: date
    valid_from: date
    review_by: date
    enemies: frozenset[str]
    parameters: Parameters | None

    @property
    def correct_ids(self) -> frozenset[str]:
        return frozenset(option.id for option in self.options if option.correct)

    @property
    def categories(self) -> int:
        """How many scores exist: 0 to categories - 1."""
        if self.type == "multiple_choice" and self.scoring == "partial_credit":
            return len(self.correct_ids) + 1
        return 2

    def in_service(self, day: date) -> bool:
        """Whether the item may be asked on this day."""
        return self.valid_from <= day <= self.review_by

    def to_data(self) -> dict[str, Any]:
        """Return canonical JSON-able data: every key, always in this order; enemies sorted."""
        return {
            "id": self.id,
            "competence": self.competence,
            "capacity": self.capacity,
            "level": self.level,
            "level_reason": self.level_reason,
            "type": self.type,
            "stem": _text_data(self.stem),
            "options": [option.to_data() for option in self.options],
            "shuffle": self.shuffle,
            "scoring": self.scoring,
            "answers": _words_data(self.answers),
            "match": None if self.match is None else _fields(self.match),
            "accepted_examples": _words_data(self.accepted_examples),
            "refused_examples": _words_data(self.refused_examples),
            "explanation": _text_data(self.explanation),
            "fact": _fields(self.fact),
            "sources": [_fields(source) for source in self.sources],
            "written": self.written.isoformat(),
            "valid_from": self.valid_from.isoformat(),
            "review_by": self.review_by.isoformat(),
            "enemies": sorted(self.enemies),
            "parameters": None if self.parameters is None else self.parameters.to_data(),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Build from what ``to_data`` gave. Raise KeyError, TypeError or ValueError on anything else."""
        match, parameters = data["match"], data["parameters"]
        return cls(
            id=data["id"],
            competence=data["competence"],
            capacity=data["capacity"],
            level=data["level"],
            level_reason=data["level_reason"],
            type=data["type"],
            stem=LocalizedText.from_data(data["stem"]),
            options=tuple(Option.from_data(option) for option in data["options"]),
            shuffle=data["shuffle"],
            scoring=data["scoring"],
            answers=_words(data["answers"]),
            match=None if match is None else Match(**match),
            accepted_examples=_words(data["accepted_examples"]),
            refused_examples=_words(data["refused_examples"]),
            explanation=LocalizedText.from_data(data["explanation"]),
            fact=Fact(**data["fact"]),
            sources=tuple(Source.from_data(source) for source in data["sources"]),
            written=date.fromisoformat(data["written"]),
            valid_from=date.fromisoformat(data["valid_from"]),
            review_by=date.fromisoformat(data["review_by"]),
            enemies=frozenset(data["enemies"]),
            parameters=None if parameters is None else Parameters.from_data(parameters),
        )


def _text_data(text: LocalizedText) -> dict[str, str]:
    return {"fr": text.fr, "en": text.en}


def _fields(value: Match | Fact | Source) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def _words_data(words: Words) -> dict[str, list[str]]:
    """Languages in one order, whatever order they were written in."""
    return {locale: list(words[locale]) for locale in sorted(words)}


def _words(data: Mapping[Locale, list[str]]) -> Words:
    return {locale: tuple(words) for locale, words in data.items()}
