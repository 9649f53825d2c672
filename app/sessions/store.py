"""SQL of sittings: participants, sessions, the answer log. Every row is read within the caller's institution."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app.db.tables.campaigns import LearnerTokenRow, ParticipantRow
from app.db.tables.sessions import AnswerRow, SessionRow
from app.engine.stopping import StopReason
from app.sessions.model import Answer, Session

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


@dataclass(frozen=True, slots=True)
class Participant:
    id: uuid.UUID
    campaign_id: uuid.UUID
    label: str | None
    extra_time_percent: int


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


def _participants() -> Select[uuid.UUID, uuid.UUID, str | None, int]:
    return select(
        ParticipantRow.id, ParticipantRow.campaign_id, ParticipantRow.label, ParticipantRow.extra_time_percent
    )


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
    query = (
        select(*_SESSION)
        .join(LearnerTokenRow, LearnerTokenRow.participant_id == SessionRow.participant_id)
        .where(LearnerTokenRow.token_hash == token_hash, LearnerTokenRow.expires_at > now)
        .order_by(SessionRow.started_at.desc())
        .limit(1)
    )
    if session_id is not None:
        query = query.where(SessionRow.id == session_id)
    if lock:
        query = query.with_for_update(of=SessionRow)
    row = tx.execute(query).one_or_none()
    return None if row is None else _session(row)


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


def all_ids(tx: Connection) -> Sequence[uuid.UUID]:
    """Every session of the institution, oldest first."""
    return tx.execute(select(SessionRow.id).order_by(SessionRow.started_at, SessionRow.id)).scalars().all()


def log(tx: Connection, session_id: uuid.UUID) -> tuple[Answer, ...]:
    rows = tx.execute(select(*_ANSWER).where(AnswerRow.session_id == session_id).order_by(AnswerRow.step))
    return tuple(Answer(*row) for row in rows)


def append(
    tx: Connection, session: Session, answer: Answer, *, next_item: str | None, now: dt.datetime, stop: str | None
) -> None:
    """Write one answer and move the pointer, in one statement."""
    written = (
        insert(AnswerRow)
        .values(
            session_id=session.id,
            step=answer.step,
            item_id=answer.item_id,
            response=None if answer.response is None else dict(answer.response),
            score=answer.score,
            shown_at=answer.shown_at,
            answered_at=answer.answered_at,
            receipt=answer.receipt,
        )
        .returning(AnswerRow.step)
        .cte("written")
    )
    tx.execute(_moved(session.id, answer.step + 1, next_item, now, stop).add_cte(written))


def finish(tx: Connection, session: Session, *, now: dt.datetime, stop: str) -> None:
    """End a sitting whose last question stays unanswered."""
    tx.execute(_moved(session.id, session.step, None, now, stop))


def _moved(session_id: uuid.UUID, step: int, item_id: str | None, now: dt.datetime, stop: str | None) -> Any:  # noqa: ANN401
    values: dict[str, Any] = {"step": step, "item_id": item_id, "shown_at": now}
    if stop is not None:
        values |= {"status": "finished", "finished_at": now, "stop_reason": stop}
    return update(SessionRow).where(SessionRow.id == session_id).values(values)


def _session(row: Row[Any]) -> Session:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    values["ineligible"] = frozenset(values["ineligible"])
    values["stop_reason"] = None if values["stop_reason"] is None else StopReason(values["stop_reason"])
    return Session(**values)
