"""Sittings as JSON: what comes in and what goes out of the learner's API."""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag

from app.sessions import examples
from app.sessions.model import Entered, Question, Receipt, SessionView
from app.sessions.questions import ReviewedQuestion
from framework.model import Locale, LocalizedText

Text = Annotated[str, Field(max_length=500)]
Place = Annotated[str, Field(max_length=8, examples=["2"])]


class In(BaseModel):
    """Strict: ``true`` is no step and ``3`` no text, whatever Python thinks."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Out(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True)


class EnterIn(In):
    """Start a test."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.ENTER]})

    code: Annotated[
        str, Field(max_length=40, description="The campaign's code, as printed or typed.", examples=["DEMO26"])
    ]
    identity: Annotated[
        str | None,
        Field(max_length=200, description="The name or number the campaign asks for.", examples=["Camille Martin"]),
    ] = None
    locale: Annotated[Locale, Field(description="Language of the questions.")] = "fr"
    entry_key: Annotated[
        str | None,
        Field(
            min_length=22,
            max_length=100,
            description="A random secret made for this entry. Sent again with the same identity, it opens the same "
            "sitting instead of refusing: a lost reply costs nothing.",
            examples=["v3Jk0Qe1rS8xYt5LwZb2Nc"],
        ),
    ] = None


class ResumeIn(In):
    """Come back from any browser or program."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.RESUME]})

    code: Annotated[str, Field(max_length=40, examples=["DEMO26"])]
    resume_code: Annotated[str, Field(max_length=40, examples=["K7PM-3XQF"])]


class ChoiceIn(In):
    """The answer to a question of type single_choice."""

    choice: Annotated[Place, Field(description="The id of one option.")]


class ChoicesIn(In):
    """The answer to a question of type multiple_choice."""

    choices: Annotated[list[Place], Field(max_length=20, description="The ids of the options ticked.")]


class TextIn(In):
    """The answer to a question of type short_text."""

    text: Annotated[Text, Field(description="What was typed.", examples=["MSSanté"])]


FORMS: Final = ("choice", "choices", "text")


def _form_of(content: object) -> str | None:
    """Which of the three forms an answer takes; its other fields are then refused by name."""
    if isinstance(content, Mapping):
        return next((form for form in FORMS if form in content), None)
    return next((form for form in FORMS if hasattr(content, form)), None)


ResponseIn = Annotated[
    Annotated[ChoiceIn, Tag("choice")] | Annotated[ChoicesIn, Tag("choices")] | Annotated[TextIn, Tag("text")],
    Discriminator(
        _form_of, custom_error_type="answer_form", custom_error_message="Give exactly one of choice, choices and text"
    ),
]
"""An answer's content: exactly one field, the one the question's type asks for."""


def _whole(number: object) -> object:
    """JSON has one kind of number: 3.0 is 3 (some languages write all of them so)."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


class AnswerIn(In):
    """One answer. Sending the same one again is safe: it has one row and one receipt."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.ANSWER, examples.PASS]})

    step: Annotated[
        int,
        BeforeValidator(_whole),
        Field(ge=1, le=1000, description="The number of the question answered.", examples=[3]),
    ]
    response: Annotated[
        ResponseIn | None, Field(description="The answer, or null to pass.", examples=[{"choice": "2"}])
    ]

    def content(self) -> Mapping[str, Any] | None:
        """The answer as grading reads it."""
        return None if self.response is None else self.response.model_dump()


class TextOut(Out):
    """A text in both languages."""

    fr: str
    en: str

    @classmethod
    def of(cls, text: LocalizedText) -> Self:
        return cls(fr=text.fr, en=text.en)


class OptionOut(Out):
    id: Annotated[str, Field(description="Place on screen, from 1.", examples=["1"])]
    text: TextOut


class QuestionOut(Out):
    """The question on screen. Nothing here gives its answer away."""

    step: int
    type: Literal["single_choice", "multiple_choice", "short_text"]
    domain: Annotated[str, Field(examples=["SN2"])]
    stem: TextOut
    options: list[OptionOut]

    @classmethod
    def of(cls, question: Question) -> Self:
        options = [OptionOut(id=option.id, text=TextOut.of(option.text)) for option in question.options]
        return cls.model_validate(
            {
                "step": question.step,
                "type": question.type,
                "domain": question.domain,
                "stem": TextOut.of(question.stem),
                "options": options,
            }
        )


class ReceiptOut(Out):
    """Proof that an answer is kept."""

    session: uuid.UUID
    step: int
    id: Annotated[str, Field(examples=["9f2c4e7a51d0b836"])]
    received_at: dt.datetime

    @classmethod
    def of(cls, receipt: Receipt) -> Self:
        return cls(session=receipt.session_id, step=receipt.step, id=receipt.id, received_at=receipt.received_at)


class RemainingOut(Out):
    """About how many questions are left, the one on screen included."""

    at_least: int
    at_most: int


class SessionOut(Out):
    """Where a sitting stands."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.RUNNING, examples.FINISHED]})

    id: uuid.UUID
    status: Literal["running", "finished"]
    locale: Locale
    answered: Annotated[int, Field(description="Answers kept so far, passes included.")]
    question: Annotated[QuestionOut | None, Field(description="The question on screen; null once finished.")]
    remaining: RemainingOut | None
    last_receipt: ReceiptOut | None
    deadline: Annotated[dt.datetime | None, Field(description="When time is over, by the server's clock.")]
    stop_reason: Annotated[str | None, Field(examples=["precision"])]

    @classmethod
    def of(cls, view: SessionView) -> Self:
        left = None if view.remaining is None else RemainingOut(at_least=view.remaining[0], at_most=view.remaining[1])
        return cls.model_validate(
            {
                "id": view.session_id,
                "status": view.status,
                "locale": view.locale,
                "answered": view.answered,
                "question": None if view.question is None else QuestionOut.of(view.question),
                "remaining": left,
                "last_receipt": None if view.last_receipt is None else ReceiptOut.of(view.last_receipt),
                "deadline": view.deadline,
                "stop_reason": view.stop_reason,
            }
        )


class EnteredOut(Out):
    """You are in. Keep both secrets: they are told once."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.ENTERED]})

    token: Annotated[str, Field(description="Bearer token for the other calls of this sitting.")]
    resume_code: Annotated[str | None, Field(description="For coming back elsewhere; null after a resume.")]
    session: SessionOut

    @classmethod
    def of(cls, entered: Entered, view: SessionView) -> Self:
        return cls(token=entered.token, resume_code=entered.resume_code, session=SessionOut.of(view))


class SubmittedOut(Out):
    """The receipt, and what follows: the next question or the end."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.SUBMITTED]})

    receipt: Annotated[
        ReceiptOut | None, Field(description="Null when time was over before this answer came: it was not kept.")
    ]
    session: SessionOut


class CampaignOut(Out):
    """What a learner should know before starting."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.CAMPAIGN]})

    code: str
    title: TextOut
    institution: str
    state: Literal["open", "not_yet", "closed"]
    identification: Literal["none", "name", "number"]
    max_questions: int
    time_limit_minutes: int | None
    kept_days: int
    review_allowed: bool
    opens_at: dt.datetime
    closes_at: dt.datetime | None


class SourceOut(Out):
    title: str
    url: str
    date: str | None


class ReviewedOptionOut(Out):
    text: TextOut
    chosen: bool
    correct: bool
    why: TextOut


class ReviewedQuestionOut(Out):
    """One question after the end, with its key and the reason it was asked."""

    step: int
    type: Literal["single_choice", "multiple_choice", "short_text"]
    domain: str
    stem: TextOut
    score: Annotated[int, Field(description="Points reached.")]
    best: Annotated[int, Field(description="Points possible.")]
    skipped: bool
    options: list[ReviewedOptionOut]
    given: str | None
    accepted: list[str]
    explanation: TextOut
    sources: list[SourceOut]
    rank: Annotated[int, Field(description="Place of this question among the candidates, 1 the most informative.")]
    candidates: Annotated[int, Field(description="How many questions the rules allowed at that moment.")]

    @classmethod
    def of(cls, question: ReviewedQuestion) -> Self:
        return cls.model_validate(question)


class ReviewOut(Out):
    """Every question of a sitting, in order."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.REVIEW]})

    questions: list[ReviewedQuestionOut]
