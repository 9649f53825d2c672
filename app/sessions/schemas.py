"""Sittings as JSON: what comes in and what goes out of the learner's API."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field

from app.sessions import examples
from app.sessions.answer_schemas import In, ResponseIn
from app.sessions.model import Entered, Receipt, SessionView
from app.sessions.question_schemas import Out, QuestionOut, ReviewedQuestionOut, TextOut
from app.sessions.reviewed import ReviewedQuestion
from framework.model import Locale


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


def _whole(number: object) -> object:
    """JSON has one kind of number: 3.0 is 3 (some languages write all of them so)."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


class AnswerIn(In):
    """One answer. Sending the same one again is safe: it has one row and one receipt."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [examples.ANSWER, examples.ORDER, examples.MATCHES, examples.GAPS, examples.PASS]
        }
    )

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


class ReviewOut(Out):
    """Every question of a sitting, in order."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.REVIEW]})

    questions: list[ReviewedQuestionOut]

    @classmethod
    def of(cls, questions: Sequence[ReviewedQuestion]) -> Self:
        return cls(questions=[ReviewedQuestionOut.of(question) for question in questions])
