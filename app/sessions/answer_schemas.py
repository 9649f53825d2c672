"""Answers as JSON: one form for each kind of question."""

from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

Text = Annotated[str, Field(max_length=500)]
Place = Annotated[str, Field(max_length=8, examples=["2"])]


class In(BaseModel):
    """Strict: ``true`` is no step and ``3`` no text, whatever Python thinks."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class ChoiceIn(In):
    """The answer to a question of type single_choice."""

    choice: Annotated[Place, Field(description="The id of one option.")]


class ChoicesIn(In):
    """The answer to a question of type multiple_choice."""

    choices: Annotated[list[Place], Field(max_length=20, description="The ids of the options ticked.")]


class TextIn(In):
    """The answer to a question of type short_text, or numeric: digits, a comma or point before decimals."""

    text: Annotated[Text, Field(description="What was typed.", examples=["MSSanté"])]


class OrderIn(In):
    """The answer to a question of type ordering."""

    order: Annotated[
        list[Place],
        Field(max_length=20, description="The ids of all elements, the first first.", examples=[["2", "1", "3"]]),
    ]


class MatchesIn(In):
    """The answer to a question of type matching."""

    matches: Annotated[
        dict[Place, Place],
        Field(
            max_length=20,
            description="For each prompt's id, the id of the choice that goes with it; one left out is wrong.",
            examples=[{"1": "C", "2": "A"}],
        ),
    ]


class GapsIn(In):
    """The answer to a question of type inline_choice or gap_text."""

    gaps: Annotated[
        dict[Place, Text],
        Field(
            max_length=20,
            description="For each gap's id, the id of one of its options (inline_choice) or what was typed (gap_text); "
            "one left out is wrong.",
            examples=[{"1": "2", "2": "1"}],
        ),
    ]


FORMS: Final = ("choice", "choices", "text", "order", "matches", "gaps")


def _form_of(content: object) -> str | None:
    """Which of the forms an answer takes; its other fields are then refused by name."""
    if isinstance(content, Mapping):
        return next((form for form in FORMS if form in content), None)
    return next((form for form in FORMS if hasattr(content, form)), None)


ResponseIn = Annotated[
    Annotated[ChoiceIn, Tag("choice")]
    | Annotated[ChoicesIn, Tag("choices")]
    | Annotated[TextIn, Tag("text")]
    | Annotated[OrderIn, Tag("order")]
    | Annotated[MatchesIn, Tag("matches")]
    | Annotated[GapsIn, Tag("gaps")],
    Discriminator(
        _form_of,
        custom_error_type="answer_form",
        custom_error_message="Give exactly one of choice, choices, text, order, matches and gaps",
    ),
]
"""An answer's content: exactly one field, the one the question's type asks for."""
