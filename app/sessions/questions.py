"""What a learner sees of a sitting: the question on screen, what is left, and afterwards the review. Pure."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.sessions.flow import Course, Decision, decide, remaining, shown_order
from app.sessions.model import Answer, Question, Receipt, Session, SessionView, ShownOption
from framework.model import LocalizedText, Source
from itembank.grade import UnreadableResponse
from itembank.model import ItemType, Option

GRACE: Final = dt.timedelta(seconds=10)
"""How long after the deadline an answer on its way is still taken."""


@dataclass(frozen=True, slots=True, eq=False)
class Sitting:
    """A session with its log and everything it is bound to."""

    session: Session
    log: tuple[Answer, ...]
    course: Course

    @property
    def items(self) -> tuple[int, ...]:
        """Indices in the pool of the items answered."""
        return tuple(self.course.pool.position[answer.item_id] for answer in self.log)

    @property
    def scores(self) -> tuple[int, ...]:
        return tuple(answer.score for answer in self.log)

    @property
    def pending(self) -> int:
        """Index in the pool of the question on screen."""
        assert self.session.item_id is not None
        return self.course.pool.position[self.session.item_id]

    def overdue(self, now: dt.datetime) -> bool:
        deadline = self.session.deadline
        return self.session.running and deadline is not None and now > deadline + GRACE


def view_of(sitting: Sitting, decision: Decision | None = None) -> SessionView:
    """The sitting as its learner may see it; ``decision`` where the caller has just made it."""
    session, log = sitting.session, sitting.log
    left = None
    if session.running:
        made = decision or decide(sitting.course, sitting.items, sitting.scores)
        left = None if made.pick is None else remaining(sitting.course, made.state, made.pick)
    return SessionView(
        session_id=session.id,
        status=session.status,
        locale=session.locale,
        step=session.step,
        answered=len(log),
        question=question_of(sitting) if session.running else None,
        remaining=left,
        last_receipt=receipt_of(session, log[-1]) if log else None,
        deadline=session.deadline,
        stop_reason=session.stop_reason,
    )


def receipt_of(session: Session, answer: Answer) -> Receipt:
    return Receipt(session.id, answer.step, answer.receipt, answer.answered_at)


def question_of(sitting: Sitting) -> Question:
    """The question on screen, without anything that would give it away."""
    item = sitting.course.pool.items[sitting.pending]
    order = shown_order(sitting.course, sitting.pending, sitting.session.step)
    options = [item.options[index] for index in order]
    return Question(
        step=sitting.session.step,
        type=item.type,
        domain=sitting.course.pool.framework.domain_of(item.competence).id,
        stem=item.stem,
        options=tuple(ShownOption(_shown_id(place), option.text) for place, option in enumerate(options)),
    )


def _shown_id(place: int) -> str:
    """Options are named by their place on screen, so that a name says nothing about the author's order."""
    return str(place + 1)


def in_item_terms(course: Course, item: int, step: int, response: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Translate the places a learner chose into the item's option ids.

    Raises
    ------
    itembank.grade.UnreadableResponse
        If a place is not on screen. Any other misshapen answer passes through and is refused by grading.
    """
    if response is None:
        return None
    options = course.pool.items[item].options
    names = {_shown_id(place): options[index].id for place, index in enumerate(shown_order(course, item, step))}
    translated = dict(response)
    if "choice" in translated:
        translated["choice"] = _named(names, translated["choice"])
    if isinstance(translated.get("choices"), list):
        translated["choices"] = sorted({_named(names, choice) for choice in translated["choices"]})
    return translated


def _named(names: Mapping[str, str], shown: object) -> str:
    if not isinstance(shown, str) or shown not in names:
        raise UnreadableResponse(f"no option {str(shown)[:40]!r} on screen: expected one of {', '.join(names)}")
    return names[shown]


@dataclass(frozen=True, slots=True)
class ReviewedOption:
    text: LocalizedText
    chosen: bool
    correct: bool
    why: LocalizedText


@dataclass(frozen=True, slots=True)
class ReviewedQuestion:
    """One question after the end of the test, with its key and the reason it was asked.

    ``rank`` and ``candidates``: the question's place among those the rules allowed at that moment, by how much
    it was expected to sharpen the estimate of the domains not yet measured well enough.
    """

    step: int
    type: ItemType
    domain: str
    stem: LocalizedText
    score: int
    best: int
    skipped: bool
    options: tuple[ReviewedOption, ...]
    given: str | None
    accepted: tuple[str, ...]
    explanation: LocalizedText
    sources: tuple[Source, ...]
    rank: int
    candidates: int


def review_of(sitting: Sitting) -> tuple[ReviewedQuestion, ...]:
    """Every question asked, in order."""
    return tuple(_reviewed(sitting, place) for place in range(len(sitting.log)))


def _reviewed(sitting: Sitting, place: int) -> ReviewedQuestion:
    answer, index = sitting.log[place], sitting.items[place]
    item = sitting.course.pool.items[index]
    given = answer.response or {}
    chosen = {given.get("choice"), *given.get("choices", ())}
    pick = decide(sitting.course, sitting.items[:place], sitting.scores[:place]).pick
    order = shown_order(sitting.course, index, answer.step)
    return ReviewedQuestion(
        step=answer.step,
        type=item.type,
        domain=sitting.course.pool.framework.domain_of(item.competence).id,
        stem=item.stem,
        score=answer.score,
        best=item.categories - 1,
        skipped=answer.response is None,
        options=tuple(_reviewed_option(item.options[option], chosen) for option in order),
        given=given.get("text"),
        accepted=tuple(dict.fromkeys(word for words in item.answers.values() for word in words)),
        explanation=item.explanation,
        sources=item.sources,
        rank=0 if pick is None else pick.rank,
        candidates=0 if pick is None else pick.candidates,
    )


def _reviewed_option(option: Option, chosen: set[Any]) -> ReviewedOption:
    return ReviewedOption(option.text, option.id in chosen, option.correct, option.why)
