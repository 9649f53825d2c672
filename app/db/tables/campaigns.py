"""Campaigns (who is tested, on what, how and when) and their participants."""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.tables.base import Created, Id, Inherited, Institution, Row, referable, within


class PolicyVersionRow(Row):
    """The rules of a test; a changed policy is a new row, sessions keep theirs."""

    __tablename__ = "policy_versions"
    __table_args__ = (referable(),)

    id: Mapped[Id]
    institution_id: Mapped[Institution]
    content: Mapped[dict[str, Any]]
    sha256: Mapped[str]
    created_at: Mapped[Created]


class CampaignRow(Row):
    __tablename__ = "campaigns"
    __table_args__ = (
        referable(),
        within("policy_version_id", "policy_versions"),
        CheckConstraint("identification IN ('none', 'name', 'number')", name="identification"),
        CheckConstraint("closes_at IS NULL OR closes_at > opens_at", name="window"),
    )

    id: Mapped[Id]
    institution_id: Mapped[Institution]
    code: Mapped[str] = mapped_column(unique=True)
    title: Mapped[dict[str, Any]]
    framework_version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("framework_versions.id"))
    bank_version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bank_versions.id"))
    policy_version_id: Mapped[uuid.UUID]
    identification: Mapped[str]
    retention_days: Mapped[int]
    opens_at: Mapped[dt.datetime]
    closes_at: Mapped[dt.datetime | None]
    simulated: Mapped[bool] = mapped_column(server_default="false")
    created_at: Mapped[Created]


class ParticipantRow(Row):
    """One learner in one campaign. The answer log knows the participant's id only."""

    __tablename__ = "participants"
    __table_args__ = (
        referable(),
        within("campaign_id", "campaigns"),
        UniqueConstraint("campaign_id", "label_key"),
        UniqueConstraint("campaign_id", "resume_hash"),
    )

    id: Mapped[Id]
    institution_id: Mapped[Inherited]
    campaign_id: Mapped[uuid.UUID]
    label: Mapped[str | None]
    """The name or number as given; null where the campaign asks for none."""
    label_key: Mapped[str | None]
    """The label folded for comparison (case, accents, spaces), unique within the campaign."""
    resume_hash: Mapped[str]
    extra_time_percent: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[Created]


class LearnerTokenRow(Row):
    """A browser or program that acts for a participant; it holds a random token, the row its SHA-256."""

    __tablename__ = "learner_tokens"
    __table_args__ = (within("participant_id", "participants", ondelete="CASCADE"),)

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    institution_id: Mapped[Inherited]
    participant_id: Mapped[uuid.UUID] = mapped_column(index=True)
    created_at: Mapped[Created]
    expires_at: Mapped[dt.datetime]
