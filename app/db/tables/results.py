"""Results as they were shown, and the counter that puts them in order."""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.tables.base import Inherited, Institution, Row, within


class ResultRow(Row):
    """One finished sitting's result, whole, with the versions that produced it."""

    __tablename__ = "results"
    __table_args__ = (
        within("session_id", "sessions"),
        within("campaign_id", "campaigns"),
        within("participant_id", "participants"),
        UniqueConstraint("institution_id", "position"),
        Index("ix_results_campaign_position", "campaign_id", "position"),
    )

    session_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    institution_id: Mapped[Inherited]
    campaign_id: Mapped[uuid.UUID]
    participant_id: Mapped[uuid.UUID] = mapped_column(index=True)
    position: Mapped[int] = mapped_column(BigInteger)
    """Place in the institution's journal of results: readers that have seen n ask for what follows n."""
    content: Mapped[dict[str, Any]]
    updated_at: Mapped[dt.datetime]


class ResultCounterRow(Row):
    """The last position given. The row lock it takes until commit makes positions appear in order."""

    __tablename__ = "result_counters"

    institution_id: Mapped[Institution] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)
