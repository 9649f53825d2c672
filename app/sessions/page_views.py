"""From a sitting to what its pages show. Pure."""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from app.sessions.entry import CampaignCard
from app.sessions.forms import Entry
from app.sessions.part_views import accepted, case_of, fields_of, filled_text, pieces_of, reviewed_part
from app.sessions.questions import Sitting, view_of
from app.sessions.reviewed import ReviewedQuestion
from app.web import views
from framework.model import Framework, Locale, LocalizedText

MINUTES_A_QUESTION: Final = 0.75
"""What a question takes on the whole, for the estimate before the test."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a test is held."""

    code: str
    title: LocalizedText
    timezone: str
    framework: Framework
    simulated: bool = False


def campaign_page(
    card: CampaignCard, locale: Locale, *, running: bool, label: str, entry_key: str, problem: str | None
) -> views.CampaignPage:
    """The page before the test."""
    return views.CampaignPage(
        timezone=card.timezone,
        code=card.code,
        title=card.title.get(locale),
        institution=card.institution,
        max_questions=card.max_questions,
        kept_days=card.kept_days,
        identification=card.identification,
        minutes=5 * math.ceil(card.max_questions * MINUTES_A_QUESTION / 5),
        time_limit_minutes=card.time_limit_minutes,
        review_allowed=card.review_allowed,
        opens_at=card.opens_at,
        closes_at=card.closes_at,
        state=card.state,
        running=running,
        label=label,
        entry_key=entry_key,
        problem=problem,
    )


def question_page(
    sitting: Sitting, place: Place, locale: Locale, *, now: dt.datetime, notice: str | None, fault: views.Fault | None
) -> views.QuestionPage:
    """The question on screen."""
    view = view_of(sitting)
    question = view.question
    assert question is not None
    left = None if view.deadline is None else max(int((view.deadline - now).total_seconds()), 0)
    fields = fields_of(question, locale)
    return views.QuestionPage(
        timezone=place.timezone,
        title=place.title.get(locale),
        step=question.step,
        answered=view.answered,
        type=question.type,
        domain=place.framework.domain(question.domain).label.get(locale),
        stem=question.stem.get(locale),
        choices=tuple(views.Choice(option.id, option.text.get(locale)) for option in question.options),
        remaining=view.remaining,
        received_at=None if view.last_receipt is None else view.last_receipt.received_at,
        seconds_left=left,
        notice=notice,
        fault=fault,
        session=str(view.session_id),
        unit="" if question.unit is None else question.unit.get(locale),
        fields=fields,
        pieces=() if question.text is None else pieces_of(question.text.get(locale), fields),
        reuse=question.reuse,
        case=case_of(question.case, locale, again=question.case_again),
    )


def with_unsent(page: views.QuestionPage, entry: Entry) -> views.QuestionPage:
    """The same page with the answer that could not be taken, so that nothing has to be typed again."""
    kept = tuple(replace(choice, chosen=choice.id in entry.choice) for choice in page.choices)
    fields = tuple(replace(field, value=value) for field, value in zip(page.fields, entry.parts, strict=False))
    named = {field.name: field for field in fields}
    pieces = tuple(piece if isinstance(piece, str) else named[piece.name] for piece in page.pieces)
    return replace(page, choices=kept, text=entry.text, fields=fields, pieces=pieces)


def finished_page(sitting: Sitting, place: Place, locale: Locale) -> views.FinishedPage:
    """The end, and why it came."""
    session = sitting.session
    assert session.stop_reason is not None
    return views.FinishedPage(
        timezone=place.timezone,
        title=place.title.get(locale),
        answered=len(sitting.log),
        stop_reason=session.stop_reason,
        received_at=sitting.log[-1].answered_at if sitting.log else None,
    )


def review_page(questions: Sequence[ReviewedQuestion], place: Place, locale: Locale) -> views.ReviewPage:
    """Every question with its key, in the reader's language."""
    return views.ReviewPage(
        timezone=place.timezone,
        title=place.title.get(locale),
        questions=tuple(_reviewed(question, place, locale) for question in questions),
        simulated=place.simulated,
    )


def _reviewed(question: ReviewedQuestion, place: Place, locale: Locale) -> views.ReviewedQuestion:
    return views.ReviewedQuestion(
        step=question.step,
        type=question.type,
        domain=place.framework.domain(question.domain).label.get(locale),
        stem=question.stem.get(locale),
        outcome=_outcome(question),
        explanation=question.explanation.get(locale),
        options=tuple(
            views.ReviewedOption(option.text.get(locale), option.chosen, option.correct, option.why.get(locale))
            for option in question.options
        ),
        given=question.given,
        accepted=accepted(question, locale),
        sources=tuple(views.Link(source.title, source.url) for source in question.sources),
        rank=question.rank,
        candidates=question.candidates,
        filled="" if question.text is None else filled_text(question, locale),
        parts=tuple(reviewed_part(part, locale) for part in question.parts),
        case=None if question.case_again else case_of(question.case, locale, again=False),
    )


def _outcome(question: ReviewedQuestion) -> Literal["right", "partly", "wrong", "skipped"]:
    if question.skipped:
        return "skipped"
    if question.score == 0:
        return "wrong"
    return "right" if question.score == question.best else "partly"
