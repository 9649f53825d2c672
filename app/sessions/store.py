"""SQL of sittings: participants, sessions, the answer log. Every row is read within the caller's institution."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    Table,
    Update,
    bindparam,
    delete,
    func,
    insert,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from app.db.tables.campaigns import LearnerTokenRow, ParticipantRow
from app.db.tables.sessions import AnswerRow, SessionRow
from app.engine.stopping import StopReason
from app.sessions.model import Answer, Session

# Statements of the answer route are built once: building them took longer than PostgreSQL did to run them.
_SESSIONS: Table = SessionRow.metadata.tables["sessions"]
_ANSWERS: Table = AnswerRow.metadata.tables["answers"]
_SESSION = tuple(SessionRow.__table__.columns)
_ANSWER = (
    AnswerRow.step,
    AnswerRow.item_id,
    AnswerRow.response,
    AnswerRow.score,
    AnswerRow.shown_at,
    AnswerRow.answered_at,
    AnswerRow.receipt,
)
_KEPT = ("step", "item_id", "response", "score", "shown_at", "answered_at", "receipt")
_LOG = select(*_ANSWER).where(AnswerRow.session_id == bindparam("session")).order_by(AnswerRow.step)


@dataclass(frozen=True, slots=True)
class Participant:
    id: uuid.UUID
    campaign_id: uuid.UUID
    label: str | None


def add_participant(
    tx: Connection,
    *,
    participant_id: uuid.UUID,
    campaign_id: uuid.UUID,
    label: str | None,
    label_key: str | None,
    resume_hash: str,
) -> bool:
    """Insert a participant; False where the campaign already has one of this label or resume code."""
    added = tx.execute(
        upsert(ParticipantRow)
        .values(id=participant_id, campaign_id=campaign_id, label=label, label_key=label_key, resume_hash=resume_hash)
        .on_conflict_do_nothing()
        .returning(ParticipantRow.id)
    )
    return added.first() is not None


def participant(tx: Connection, participant_id: uuid.UUID) -> Participant:
    row = tx.execute(_participants().where(ParticipantRow.id == participant_id)).one()
    return Participant(*row)


def participant_by_resume_code(tx: Connection, *, campaign_id: uuid.UUID, resume_hash: str) -> Participant | None:
    row = tx.execute(
        _participants().where(ParticipantRow.campaign_id == campaign_id, ParticipantRow.resume_hash == resume_hash)
    ).one_or_none()
    return None if row is None else Participant(*row)


def change_resume_code(tx: Connection, participant_id: uuid.UUID, resume_hash: str) -> bool:
    changed = tx.execute(
        update(ParticipantRow)
        .where(ParticipantRow.id == participant_id)
        .values(resume_hash=resume_hash)
        .returning(ParticipantRow.id)
    )
    return changed.first() is not None


def _participants() -> Select[uuid.UUID, uuid.UUID, str | None]:
    return select(ParticipantRow.id, ParticipantRow.campaign_id, ParticipantRow.label)


def lock_erasing(tx: Connection) -> None:
    """Queue up behind another process that erases."""
    tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("erasing participants", 0))))


def quiet(tx: Connection, *, campaign_id: uuid.UUID, before: dt.datetime) -> Sequence[uuid.UUID]:
    """Participants of a campaign with nothing since a moment: no entry, no question shown, no end of a test."""
    latest = (
        select(func.max(func.coalesce(SessionRow.finished_at, SessionRow.shown_at)))
        .where(SessionRow.participant_id == ParticipantRow.id)
        .scalar_subquery()
    )
    return tx.scalars(
        select(ParticipantRow.id).where(
            ParticipantRow.campaign_id == campaign_id, func.coalesce(latest, ParticipantRow.created_at) < before
        )
    ).all()


def lock_running(tx: Connection, participants: Sequence[uuid.UUID]) -> None:
    """Wait for answers on their way, and keep others out until the end of the transaction."""
    tx.execute(
        select(SessionRow.id)
        .where(SessionRow.participant_id.in_(participants), SessionRow.status == "running")
        .order_by(SessionRow.id)
        .with_for_update()
    )


def forget(tx: Connection, participants: Sequence[uuid.UUID]) -> int:
    """Delete participants with their tokens, sessions and answers, as the owner; say how many there were."""
    theirs = select(SessionRow.id).where(SessionRow.participant_id.in_(participants))
    tx.execute(delete(AnswerRow).where(AnswerRow.session_id.in_(theirs)))
    tx.execute(delete(SessionRow).where(SessionRow.participant_id.in_(participants)))
    tx.execute(delete(LearnerTokenRow).where(LearnerTokenRow.participant_id.in_(participants)))
    return tx.execute(delete(ParticipantRow).where(ParticipantRow.id.in_(participants))).rowcount


def add_token(tx: Connection, *, token_hash: str, participant_id: uuid.UUID, expires_at: dt.datetime) -> None:
    tx.execute(
        insert(LearnerTokenRow).values(token_hash=token_hash, participant_id=participant_id, expires_at=expires_at)
    )


def remove_token(tx: Connection, token_hash: str) -> None:
    tx.execute(delete(LearnerTokenRow).where(LearnerTokenRow.token_hash == token_hash))


def add_session(tx: Connection, session: Session) -> None:
    tx.execute(
        insert(SessionRow).values(
            id=session.id,
            campaign_id=session.campaign_id,
            participant_id=session.participant_id,
            framework_version_id=session.framework_version_id,
            bank_version_id=session.bank_version_id,
            policy_version_id=session.policy_version_id,
            seed=session.seed,
            locale=session.locale,
            ineligible=sorted(session.ineligible),
            status=session.status,
            step=session.step,
            item_id=session.item_id,
            shown_at=session.shown_at,
            deadline=session.deadline,
            started_at=session.started_at,
        )
    )


def owned(
    tx: Connection, *, token_hash: str, session_id: uuid.UUID | None, now: dt.datetime, lock: bool
) -> Session | None:
    """The token's session (the participant's latest where none is named), locked for writing if asked.

    Locking makes parallel copies of one answer queue up here: whoever comes second sees the first one's answer.
    """
    query = _owned(named=session_id is not None, lock=lock)
    row = tx.execute(query, {"token": token_hash, "now": now, "session": session_id}).one_or_none()
    return None if row is None else _session(row)


@cache
def _owned(*, named: bool, lock: bool) -> Select[*tuple[Any, ...]]:
    query = (
        select(*_SESSION)
        .join(LearnerTokenRow, LearnerTokenRow.participant_id == SessionRow.participant_id)
        .where(LearnerTokenRow.token_hash == bindparam("token"), LearnerTokenRow.expires_at > bindparam("now"))
        .order_by(SessionRow.started_at.desc())
        .limit(1)
    )
    if named:
        query = query.where(SessionRow.id == bindparam("session"))
    return query.with_for_update(of=SessionRow) if lock else query


def latest(tx: Connection, participant_id: uuid.UUID) -> Session | None:
    row = tx.execute(
        select(*_SESSION)
        .where(SessionRow.participant_id == participant_id)
        .order_by(SessionRow.started_at.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else _session(row)


def by_id(tx: Connection, session_id: uuid.UUID) -> Session | None:
    row = tx.execute(select(*_SESSION).where(SessionRow.id == session_id)).one_or_none()
    return None if row is None else _session(row)


def institutions_with_overdue(tx: Connection, before: dt.datetime) -> Sequence[uuid.UUID]:
    """Every institution with a running session whose deadline is before a moment: ids, and nothing else."""
    return tx.scalars(text("SELECT toise_overdue(:before)"), {"before": before}).all()


def overdue(tx: Connection, *, before: dt.datetime, limit: int, without: Collection[uuid.UUID]) -> tuple[Session, ...]:
    """Running sessions whose deadline is before a moment, earliest first, locked; those in use are passed over."""
    rows = tx.execute(
        select(*_SESSION)
        .where(SessionRow.status == "running", SessionRow.deadline < before, SessionRow.id.not_in(without))
        .order_by(SessionRow.deadline, SessionRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return tuple(_session(row) for row in rows)


def all_ids(tx: Connection) -> Sequence[uuid.UUID]:
    """Every session of the institution, oldest first."""
    return tx.execute(select(SessionRow.id).order_by(SessionRow.started_at, SessionRow.id)).scalars().all()


def log(tx: Connection, session_id: uuid.UUID) -> tuple[Answer, ...]:
    return tuple(Answer(*row) for row in tx.execute(_LOG, {"session": session_id}))


def append(
    tx: Connection, session: Session, answer: Answer, *, next_item: str | None, now: dt.datetime, stop: str | None
) -> None:
    """Write one answer and move the pointer, in one statement."""
    kept: dict[str, Any] = {f"answer_{name}": getattr(answer, name) for name in _KEPT}
    kept["answer_response"] = None if answer.response is None else dict(answer.response)
    moved = _move_to(session.id, answer.step + 1, next_item, now, stop)
    tx.execute(_appending(ends=stop is not None), kept | moved)


@cache
def _appending(*, ends: bool) -> Update:
    kept: dict[str, Any] = {name: bindparam(f"answer_{name}") for name in _KEPT}
    written = insert(_ANSWERS).values(session_id=bindparam("session"), **kept).returning(_ANSWERS.c.step)
    return _moving(ends=ends).add_cte(written.cte("written"))


def finish(tx: Connection, session: Session, *, now: dt.datetime, stop: str) -> None:
    """End a sitting whose last question stays unanswered."""
    tx.execute(_moving(ends=True), _move_to(session.id, session.step, None, now, stop))


@cache
def _moving(*, ends: bool) -> Update:
    """Move the pointer; where the sitting ends, say when and why."""
    values: dict[str, Any] = {
        "step": bindparam("to_step"),
        "item_id": bindparam("to_item"),
        "shown_at": bindparam("now"),
    }
    if ends:
        values |= {"status": literal("finished"), "finished_at": bindparam("now"), "stop_reason": bindparam("stop")}
    return update(_SESSIONS).where(_SESSIONS.c.id == bindparam("session")).values(values)


def _move_to(
    session_id: uuid.UUID, step: int, item_id: str | None, now: dt.datetime, stop: str | None
) -> dict[str, Any]:
    """Return the values of ``_moving``."""
    return {"session": session_id, "to_step": step, "to_item": item_id, "now": now, "stop": stop}


def _session(row: Row[Any]) -> Session:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    values["ineligible"] = frozenset(values["ineligible"])
    values["stop_reason"] = None if values["stop_reason"] is None else StopReason(values["stop_reason"])
    return Session(**values)
