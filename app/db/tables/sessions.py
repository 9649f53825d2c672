"""Sessions and the append-only answer log."""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.tables.base import Created, Id, Inherited, Row, referable, within


class SessionRow(Row):
    """One sitting. ``step`` and ``item_id`` point at the question on screen; the log says the rest."""

    __tablename__ = "sessions"
    __table_args__ = (
        referable(),
        within("campaign_id", "campaigns"),
        within("participant_id", "participants"),
        within("policy_version_id", "policy_versions"),
        CheckConstraint("status IN ('running', 'finished')", name="status"),
        CheckConstraint("(status = 'running') = (item_id IS NOT NULL)", name="question"),
        CheckConstraint("(status = 'finished') = (finished_at IS NOT NULL)", name="finished"),
        Index("uq_sessions_running", "participant_id", unique=True, postgresql_where=text("status = 'running'")),
        Index("ix_sessions_deadline", "deadline", postgresql_where=text("status = 'running'")),
    )

    id: Mapped[Id]
    institution_id: Mapped[Inherited]
    campaign_id: Mapped[uuid.UUID] = mapped_column(index=True)
    participant_id: Mapped[uuid.UUID] = mapped_column(index=True)
    framework_version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("framework_versions.id"))
    bank_version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bank_versions.id"))
    policy_version_id: Mapped[uuid.UUID]
    seed: Mapped[int] = mapped_column(BigInteger)
    locale: Mapped[str]
    ineligible: Mapped[list[Any]]
    """Item ids that exposure control set aside when the sitting started."""
    status: Mapped[str]
    step: Mapped[int]
    item_id: Mapped[str | None]
    shown_at: Mapped[dt.datetime]
    deadline: Mapped[dt.datetime | None]
    stop_reason: Mapped[str | None]
    finished_at: Mapped[dt.datetime | None]
    started_at: Mapped[Created]


class AnswerRow(Row):
    """One answer, never changed. ``response`` is null for a skip."""

    __tablename__ = "answers"
    __table_args__ = (
        within("session_id", "sessions"),
        CheckConstraint("step >= 1", name="step"),
        CheckConstraint("score >= 0", name="score"),
    )

    session_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    step: Mapped[int] = mapped_column(primary_key=True)
    institution_id: Mapped[Inherited]
    item_id: Mapped[str]
    response: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    score: Mapped[int] = mapped_column(SmallInteger)
    shown_at: Mapped[dt.datetime]
    answered_at: Mapped[dt.datetime]
    receipt: Mapped[str]
