"""Questions as JSON: on screen, and again after the end."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from app.sessions import examples
from app.sessions.model import Question
from app.sessions.reviewed import ReviewedQuestion
from framework.model import LocalizedText
from itembank.vignette import Vignette

QuestionType = Literal[
    "single_choice",
    "multiple_choice",
    "short_text",
    "numeric",
    "ordering",
    "matching",
    "gap_text",
    "inline_choice",
]


class Out(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True)


class TextOut(Out):
    """A text in both languages."""

    fr: str
    en: str

    @classmethod
    def of(cls, text: LocalizedText) -> Self:
        return cls(fr=text.fr, en=text.en)


class LinesOut(Out):
    fr: list[str]
    en: list[str]


class OptionOut(Out):
    id: Annotated[str, Field(description="Name on this screen only, by place: 1, 2… or A, B….", examples=["1"])]
    text: TextOut


class GapOut(Out):
    """A gap to fill: with one of its options, or with a text where it has none."""

    id: Annotated[str, Field(examples=["1"])]
    label: Annotated[TextOut, Field(description="What goes there, for those who do not see the text around it.")]
    options: list[OptionOut]


class DocumentOut(Out):
    """An e-mail, a message, a screen or a log."""

    title: TextOut
    lines: Annotated[LinesOut, Field(description="As shown; some are empty.")]


class TableOut(Out):
    """A table; the first cell of a row names the row."""

    caption: TextOut
    header: list[TextOut]
    rows: list[list[TextOut]]


class BlockOut(Out):
    """One of a paragraph, a document and a table; the other two are null."""

    text: TextOut | None = None
    document: DocumentOut | None = None
    table: TableOut | None = None


class CaseOut(Out):
    """What there is to read before answering; several questions in a row may share it."""

    title: TextOut
    blocks: list[BlockOut]
    again: Annotated[bool, Field(description="Whether the question before showed the same case.")]

    @classmethod
    def of(cls, case: Vignette, *, again: bool) -> Self:
        return cls(
            title=TextOut.of(case.title),
            blocks=[BlockOut.model_validate(block.to_data()) for block in case.blocks],
            again=again,
        )


class QuestionOut(Out):
    """The question on screen. Nothing here gives its answer away.

    Which lists hold something depends on ``type``: ``options`` (single_choice, multiple_choice), ``elements`` to put
    in order (ordering), ``prompts`` and ``choices`` to match (matching), ``text`` and ``gaps`` (inline_choice and
    gap_text).
    """

    model_config = ConfigDict(json_schema_extra={"examples": [examples.QUESTION, examples.MATCHING]})

    step: int
    type: QuestionType
    domain: Annotated[str, Field(examples=["SN2"])]
    stem: TextOut
    options: list[OptionOut]
    unit: Annotated[TextOut | None, Field(description="Of a number to give: shown beside it, not sent with it.")]
    elements: list[OptionOut]
    prompts: list[OptionOut]
    choices: list[OptionOut]
    reuse: Annotated[bool, Field(description="Whether one choice may serve several prompts.")]
    text: Annotated[TextOut | None, Field(description="Where gap 1 stands there is {1}.")]
    gaps: list[GapOut]
    case: CaseOut | None

    @classmethod
    def of(cls, question: Question) -> Self:
        case = None if question.case is None else CaseOut.of(question.case, again=question.case_again)
        lists = ("options", "elements", "prompts", "choices")
        return cls.model_validate(
            {
                "step": question.step,
                "type": question.type,
                "domain": question.domain,
                "stem": question.stem,
                "unit": question.unit,
                "reuse": question.reuse,
                "text": question.text,
                "gaps": list(question.gaps),
                "case": case,
                **{name: list(getattr(question, name)) for name in lists},
            }
        )


class SourceOut(Out):
    title: str
    url: str
    date: str | None


class ReviewedOptionOut(Out):
    text: TextOut
    chosen: bool
    correct: bool
    why: TextOut


class ReviewedPartOut(Out):
    """An element with its place, a prompt with its choice, or a gap with what fills it."""

    text: TextOut
    given: Annotated[TextOut | None, Field(description="Null where nothing was answered.")]
    right: TextOut
    correct: bool
    why: TextOut
    why_given: Annotated[TextOut | None, Field(description="Why the wrong choice made is wrong.")]


class ReviewedQuestionOut(Out):
    """One question after the end, with its key and the reason it was asked."""

    step: int
    type: QuestionType
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
    unit: TextOut | None
    text: Annotated[TextOut | None, Field(description="Where gap 1 stands there is {1}.")]
    parts: Annotated[list[ReviewedPartOut], Field(description="Elements in the right order, prompts, or gaps.")]
    case: CaseOut | None

    @classmethod
    def of(cls, question: ReviewedQuestion) -> Self:
        case = None if question.case is None else CaseOut.of(question.case, again=question.case_again)
        own = {name: getattr(question, name) for name in question.__dataclass_fields__ if name in cls.model_fields}
        return cls.model_validate({**own, "case": case})
