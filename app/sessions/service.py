"""The story of a sitting: read, answer, finish. Load, advance, save."""

import datetime as dt
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from app.accounts.tokens import Token
from app.bank import pools
from app.campaigns import service as campaigns
from app.db.connection import scope
from app.engine.stopping import StopReason
from app.results import service as results
from app.results.document import ENGINE, complete, measure
from app.sessions import store
from app.sessions.flow import Course, State, advance, assess, make_course
from app.sessions.model import (
    AlreadyFinished,
    Answer,
    Entered,
    NotFinished,
    ReviewNotAllowed,
    Session,
    SessionView,
    StaleStep,
    Submitted,
    UnknownSession,
    UnreadableAnswer,
)
from app.sessions.questions import Sitting, receipt_of, view_of
from app.sessions.reviewed import ReviewedQuestion, review_of
from app.sessions.shown import in_item_terms
from itembank.grade import UnreadableResponse


def sitting(tx: Connection, token: Token, session_id: uuid.UUID | None, now: dt.datetime) -> Sitting:
    """The token's sitting (its participant's latest where none is named), ended if its time is over.

    Raises
    ------
    UnknownSession
    """
    found = _own(tx, token, session_id, now, lock=False)
    if found.overdue(now):
        return end(tx, _own(tx, token, session_id, now, lock=True), now, StopReason.TIME)
    return found


def current(tx: Connection, token: Token, session_id: uuid.UUID | None, now: dt.datetime) -> SessionView:
    """Where the sitting stands: the question on screen, or the end."""
    return view_of(sitting(tx, token, session_id, now))


def view_after(tx: Connection, entered: Entered, now: dt.datetime) -> SessionView:
    """The sitting that somebody has just entered or come back to."""
    token = Token.read(entered.token)
    assert token is not None
    return current(tx, token, entered.session_id, now)


def submit_answer(
    tx: Connection,
    token: Token,
    session_id: uuid.UUID,
    *,
    step: int,
    response: Mapping[str, Any] | None,
    now: dt.datetime,
) -> Submitted:
    """Keep one answer and say what follows. ``response`` is None for a skip.

    The same answer to the same step, however often, has one row and one receipt.

    Raises
    ------
    UnknownSession, UnreadableAnswer, AlreadyFinished
    StaleStep
        With the sitting's current view as the fact ``current``.
    """
    own = _own(tx, token, session_id, now, lock=True)
    if 1 <= step <= len(own.log):
        return _again(own, step, response)
    if not own.session.running:
        return _too_late(own, step)
    if step != own.session.step:
        raise StaleStep(current=view_of(own))
    if own.overdue(now):
        return Submitted(None, view_of(end(tx, own, now, StopReason.TIME)))
    return _keep(tx, own, response, now)


def finish(tx: Connection, token: Token, session_id: uuid.UUID, now: dt.datetime) -> SessionView:
    """End the test at the learner's wish, unless time ended it before. Everything answered counts."""
    own = _own(tx, token, session_id, now, lock=True)
    return view_of(end(tx, own, now, StopReason.TIME if own.overdue(now) else StopReason.LEARNER))


def end(tx: Connection, sitting: Sitting, now: dt.datetime, reason: StopReason) -> Sitting:
    """Finish with the question on screen unanswered; its row is locked. One that has ended stays as it is."""
    session = sitting.session
    if not session.running:
        return sitting
    store.finish(tx, session, now=now, stop=reason)
    after = Sitting(_moved(session, session.step, None, now, reason), sitting.log, sitting.course)
    _record(tx, after, assess(sitting.course, sitting.items, sitting.scores))
    return after


def result_of(tx: Connection, token: Token, session_id: uuid.UUID | None, now: dt.datetime) -> Mapping[str, Any]:
    """The stored result document of a finished sitting, as every reader gets it."""
    session = _finished(tx, token, session_id, now)
    return results.record_of(tx, session.id).document()


def review(
    tx: Connection, token: Token, session_id: uuid.UUID | None, now: dt.datetime
) -> tuple[ReviewedQuestion, ...]:
    """Every question with its key and why it was asked, where the campaign allows it."""
    own = load(tx, _finished(tx, token, session_id, now))
    if own.course.policy.feedback != "end":
        raise ReviewNotAllowed
    return review_of(own)


def load(tx: Connection, session: Session) -> Sitting:
    """A session with its log, bank version and rules."""
    pool = pools.of(tx, session.bank_version_id)
    policy = campaigns.policy_of(tx, session.policy_version_id)
    course = make_course(pool, policy, seed=session.seed, ineligible=session.ineligible)
    return Sitting(session, store.log(tx, session.id), course)


def document_of(tx: Connection, sitting: Sitting, state: State) -> dict[str, Any]:
    """The whole result document of a sitting that has just finished."""
    session = sitting.session
    campaign = campaigns.by_id(tx, session.campaign_id)
    participant = store.participant(tx, session.participant_id)
    assert session.finished_at is not None
    facts = {
        "session": str(session.id),
        "campaign": {"id": str(campaign.id), "code": campaign.code, "title": dict(campaign.title)},
        "participant": {"id": str(participant.id), "label": participant.label},
        "simulated": campaign.simulated,
        "provisional": sitting.course.pool.provisional,
        "started_at": _in_utc(session.started_at),
        "finished_at": _in_utc(session.finished_at),
        "stop_reason": str(session.stop_reason),
        "answers": len(sitting.log),
        "skipped": sum(answer.response is None for answer in sitting.log),
        "versions": _versions(sitting.course, policy=campaigns.policy_sha256_of(tx, session.policy_version_id)),
    }
    return complete(measure(sitting.course, state, sitting.scores), facts)


def _in_utc(moment: dt.datetime) -> str:
    """A moment as every document writes it: 2026-11-23T14:03:40.501223Z."""
    return moment.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


def _versions(course: Course, *, policy: str) -> dict[str, str]:
    return {
        "framework": course.pool.framework.name,
        "bank": course.pool.name,
        "policy": policy,
        "engine": ENGINE,
    }


def _claimed(tx: Connection, token: Token, session_id: uuid.UUID | None, now: dt.datetime, *, lock: bool) -> Session:
    """The token's session, looked for in the institution that the token claims."""
    scope(tx, token.institution_id)
    session = store.owned(tx, token_hash=token.sha256, session_id=session_id, now=now, lock=lock)
    if session is None:
        raise UnknownSession
    return session


def _own(tx: Connection, token: Token, session_id: uuid.UUID | None, now: dt.datetime, *, lock: bool) -> Sitting:
    return load(tx, _claimed(tx, token, session_id, now, lock=lock))


def _finished(tx: Connection, token: Token, session_id: uuid.UUID | None, now: dt.datetime) -> Session:
    session = _claimed(tx, token, session_id, now, lock=False)
    if session.running:
        raise NotFinished
    return session


def _again(sitting: Sitting, step: int, response: Mapping[str, Any] | None) -> Submitted:
    """An answer that is already kept: the same receipt for the same answer, a refusal for another one."""
    kept = sitting.log[step - 1]
    try:
        same = in_item_terms(sitting.course, sitting.items[step - 1], step, response) == kept.response
    except UnreadableResponse:
        same = False
    if not same:
        raise StaleStep(current=view_of(sitting))
    return Submitted(receipt_of(sitting.session, kept), view_of(sitting))


def _too_late(sitting: Sitting, step: int) -> Submitted:
    """An answer to the question on which time ran out is told so, whoever ended the test; any other is refused."""
    if sitting.session.stop_reason is not StopReason.TIME or step != sitting.session.step:
        raise AlreadyFinished
    return Submitted(None, view_of(sitting))


def _keep(tx: Connection, sitting: Sitting, response: Mapping[str, Any] | None, now: dt.datetime) -> Submitted:
    session, course, pending = sitting.session, sitting.course, sitting.pending
    try:
        chosen = in_item_terms(course, pending, session.step, response)
        step = advance(course, sitting.items, sitting.scores, pending=pending, response=chosen)
    except UnreadableResponse as error:
        raise UnreadableAnswer(cause=str(error)) from error
    item_id = course.pool.items[pending].id
    answer = Answer(session.step, item_id, chosen, step.score, session.shown_at, now, secrets.token_hex(8))
    decision = step.decision
    next_item = None if decision.pick is None else course.pool.items[decision.pick.item].id
    store.append(tx, session, answer, next_item=next_item, now=now, stop=decision.stop)
    after = Sitting(_moved(session, answer.step + 1, next_item, now, decision.stop), (*sitting.log, answer), course)
    if decision.stop is not None:
        _record(tx, after, decision.state)
    return Submitted(receipt_of(session, answer), view_of(after, decision))


def _record(tx: Connection, sitting: Sitting, state: State) -> None:
    """Store the result: the last write of the transaction, so that results become readable in order."""
    session = sitting.session
    results.record(
        tx,
        session_id=session.id,
        campaign_id=session.campaign_id,
        participant_id=session.participant_id,
        content=document_of(tx, sitting, state),
    )


def _moved(session: Session, step: int, item_id: str | None, now: dt.datetime, stop: StopReason | None) -> Session:
    if stop is None:
        return replace(session, step=step, item_id=item_id, shown_at=now)
    return replace(session, step=step, item_id=None, shown_at=now, status="finished", finished_at=now, stop_reason=stop)
