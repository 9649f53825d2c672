"""What a learner sees of a sitting: the question on screen, and what is left. Pure."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from app.sessions.flow import Course, Decision, decide, remaining
from app.sessions.model import Answer, Question, Receipt, Session, SessionView
from app.sessions.shown import arrange

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
    course = sitting.course
    item = course.pool.items[sitting.pending]
    before = course.pool.items[sitting.items[-1]].stimulus if sitting.log else None
    domain = course.pool.framework.domain_of(item.competence).id
    shown = arrange(course, sitting.pending, sitting.session.step)
    return shown.question(sitting.session.step, domain, again=item.stimulus is not None and item.stimulus == before)
