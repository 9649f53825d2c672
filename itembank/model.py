"""A question, whatever file it came from: one format-free, immutable description.

``Item`` says what was asked and what counts as right; ``itembank.check`` says whether it is fit to be
asked. Nothing here is refused, so that a bad item can be shown to its author.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, Self, get_args

from framework.model import LocalizedText, Source
from itembank.parts import (
    CaseRule,
    Choice,
    Element,
    Gap,
    Match,
    Option,
    Prompt,
    Quantity,
    SpaceRule,
    Words,
    fields_data,
    text_data,
    words_data,
    words_of_data,
)
from itembank.vignette import Vignette

__all__ = [
    "CHOICES",
    "ITEM_TYPES",
    "MODELS",
    "OF_PARTS",
    "SCORINGS",
    "CaseRule",
    "Choice",
    "Element",
    "Fact",
    "Gap",
    "Item",
    "ItemType",
    "Match",
    "ModelName",
    "Option",
    "Parameters",
    "Prompt",
    "Quantity",
    "Scoring",
    "SpaceRule",
    "Vignette",
    "Words",
]

ItemType = Literal[
    "single_choice",
    "multiple_choice",
    "short_text",
    "numeric",
    "ordering",
    "matching",
    "gap_text",
    "inline_choice",
]
Scoring = Literal["all_or_nothing", "partial_credit"]
ModelName = Literal["rasch", "1pl", "2pl", "3pl", "gpcm"]

ITEM_TYPES: tuple[ItemType, ...] = get_args(ItemType)
SCORINGS: tuple[Scoring, ...] = get_args(Scoring)
MODELS: tuple[ModelName, ...] = get_args(ModelName)

CHOICES: frozenset[ItemType] = frozenset({"single_choice", "multiple_choice"})
OF_PARTS: frozenset[ItemType] = frozenset({"ordering", "matching", "gap_text", "inline_choice"})
"""Types whose parts are answered one by one; with partial credit they score 0, 1 or 2."""


@dataclass(frozen=True, slots=True)
class Fact:
    """The one statement that the question rests on."""

    id: str
    statement: str


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

    ``number`` is for numeric questions; ``elements``, in the right order, for ordering; ``choices``, ``prompts`` and
    ``reuse`` (one choice may serve several prompts) for matching; ``text``, where each gap is its id in braces, and
    ``gaps`` for gap_text and inline_choice. ``stimulus``: the id of the case the question belongs to, which is
    ``vignette``.
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
    number: Quantity | None = None
    elements: tuple[Element, ...] = ()
    choices: tuple[Choice, ...] = ()
    prompts: tuple[Prompt, ...] = ()
    reuse: bool = False
    text: LocalizedText | None = None
    gaps: tuple[Gap, ...] = ()
    stimulus: str | None = None
    vignette: Vignette | None = None

    @property
    def correct_ids(self) -> frozenset[str]:
        return frozenset(option.id for option in self.options if option.correct)

    @property
    def categories(self) -> int:
        """How many scores exist: 0 to categories - 1."""
        if self.type == "multiple_choice" and self.scoring == "partial_credit":
            return len(self.correct_ids) + 1
        return 3 if self.type in OF_PARTS and self.scoring == "partial_credit" else 2

    def in_service(self, day: date) -> bool:
        """Whether the item may be asked on this day."""
        return self.valid_from <= day <= self.review_by

    def to_data(self) -> dict[str, Any]:
        """Return canonical JSON-able data: always in this order; enemies sorted.

        Keys that came later stand at the end, and only where they say something: what was published before
        them keeps its content and its fingerprint.
        """
        return {
            "id": self.id,
            "competence": self.competence,
            "capacity": self.capacity,
            "level": self.level,
            "level_reason": self.level_reason,
            "type": self.type,
            "stem": text_data(self.stem),
            "options": [option.to_data() for option in self.options],
            "shuffle": self.shuffle,
            "scoring": self.scoring,
            "answers": words_data(self.answers),
            "match": None if self.match is None else fields_data(self.match),
            "accepted_examples": words_data(self.accepted_examples),
            "refused_examples": words_data(self.refused_examples),
            "explanation": text_data(self.explanation),
            "fact": fields_data(self.fact),
            "sources": [fields_data(source) for source in self.sources],
            "written": self.written.isoformat(),
            "valid_from": self.valid_from.isoformat(),
            "review_by": self.review_by.isoformat(),
            "enemies": sorted(self.enemies),
            "parameters": None if self.parameters is None else self.parameters.to_data(),
            **self._later_data(),
        }

    def _later_data(self) -> dict[str, Any]:
        data = {
            "number": None if self.number is None else self.number.to_data(),
            "elements": [element.to_data() for element in self.elements],
            "choices": [choice.to_data() for choice in self.choices],
            "prompts": [prompt.to_data() for prompt in self.prompts],
            "reuse": self.reuse,
            "text": None if self.text is None else text_data(self.text),
            "gaps": [gap.to_data() for gap in self.gaps],
            "stimulus": self.stimulus,
            "vignette": None if self.vignette is None else self.vignette.to_data(),
        }
        return {key: value for key, value in data.items() if value or value == ""}

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
            answers=words_of_data(data["answers"]),
            match=None if match is None else Match(**match),
            accepted_examples=words_of_data(data["accepted_examples"]),
            refused_examples=words_of_data(data["refused_examples"]),
            explanation=LocalizedText.from_data(data["explanation"]),
            fact=Fact(**data["fact"]),
            sources=tuple(Source.from_data(source) for source in data["sources"]),
            written=date.fromisoformat(data["written"]),
            valid_from=date.fromisoformat(data["valid_from"]),
            review_by=date.fromisoformat(data["review_by"]),
            enemies=frozenset(data["enemies"]),
            parameters=None if parameters is None else Parameters.from_data(parameters),
            **_later(data),
        )


def _later(data: Mapping[str, Any]) -> dict[str, Any]:
    """The fields whose keys may be missing."""
    number, text, vignette = data.get("number"), data.get("text"), data.get("vignette")
    return {
        "number": None if number is None else Quantity.from_data(number),
        "elements": tuple(Element.from_data(element) for element in data.get("elements", ())),
        "choices": tuple(Choice.from_data(choice) for choice in data.get("choices", ())),
        "prompts": tuple(Prompt.from_data(prompt) for prompt in data.get("prompts", ())),
        "reuse": data.get("reuse", False),
        "text": None if text is None else LocalizedText.from_data(text),
        "gaps": tuple(Gap.from_data(gap) for gap in data.get("gaps", ())),
        "stimulus": data.get("stimulus"),
        "vignette": None if vignette is None else Vignette.from_data(vignette),
    }
