"""The parts of a question and its case as its page shows them. Pure."""

import re
from collections.abc import Sequence
from typing import Final

from app.sessions.model import Question, ShownOption
from app.sessions.reviewed import ReviewedPart, ReviewedQuestion
from app.sessions.shown import with_gaps
from app.web import views
from framework.model import Locale
from itembank.vignette import Block, Document, Passage, Vignette

_GAP: Final = re.compile(r"\{(\d+)\}")


def fields_of(question: Question, locale: Locale) -> tuple[views.Field, ...]:
    """One field for each part to answer, numbered as on screen."""
    places = tuple(views.Choice(str(place), str(place)) for place in range(1, len(question.elements) + 1))
    choices = _choices(question.choices, locale)
    parts = [
        *((element.text, places) for element in question.elements),
        *((prompt.text, choices) for prompt in question.prompts),
        *((gap.label, _choices(gap.options, locale)) for gap in question.gaps),
    ]
    return tuple(
        views.Field(f"part{number}", text.get(locale), options) for number, (text, options) in enumerate(parts, 1)
    )


def _choices(options: Sequence[ShownOption], locale: Locale) -> tuple[views.Choice, ...]:
    return tuple(views.Choice(option.id, option.text.get(locale)) for option in options)


def pieces_of(text: str, fields: Sequence[views.Field]) -> tuple[str | views.Field, ...]:
    """The text cut at its gaps, each gap its field; they may stand in any order."""
    cut = _GAP.split(text)
    return tuple(fields[int(piece) - 1] if place % 2 else piece for place, piece in enumerate(cut) if piece)


def case_of(case: Vignette | None, locale: Locale, *, again: bool) -> views.Case | None:
    if case is None:
        return None
    return views.Case(case.title.get(locale), tuple(_block(block, locale) for block in case.blocks), again=again)


def _block(block: Block, locale: Locale) -> views.Block:
    if isinstance(block, Passage):
        return views.Block(text=block.text.get(locale))
    if isinstance(block, Document):
        return views.Block(title=block.title.get(locale), lines=block.lines[locale])
    return views.Block(
        title=block.caption.get(locale),
        header=tuple(cell.get(locale) for cell in block.header),
        rows=tuple(tuple(cell.get(locale) for cell in row) for row in block.rows),
    )


def accepted(question: ReviewedQuestion, locale: Locale) -> tuple[str, ...]:
    """What is accepted: the author's first wording, or a number as the reader's language writes it, with its unit."""
    if question.type != "numeric":
        return () if question.answer is None else (question.answer.get(locale),)
    unit = "" if question.unit is None else f" {question.unit.get(locale)}"
    return tuple(f"{number.replace('.', ',') if locale == 'fr' else number}{unit}" for number in question.accepted)


def filled_text(question: ReviewedQuestion, locale: Locale) -> str:
    """The text with what was to be put in each gap, in brackets."""
    assert question.text is not None
    return with_gaps(question.text.get(locale), lambda gap: f"[{question.parts[int(gap) - 1].right.get(locale)}]")


def reviewed_part(part: ReviewedPart, locale: Locale) -> views.ReviewedPart:
    return views.ReviewedPart(
        text=part.text.get(locale),
        given=None if part.given is None else part.given.get(locale),
        right=part.right.get(locale),
        correct=part.correct,
        why=part.why.get(locale),
        why_given=None if part.why_given is None else part.why_given.get(locale),
    )
