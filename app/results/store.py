"""SQL of the journal of results."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, func, insert, literal, select
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.dialects.postgresql import insert as upsert

from app.db.tables.bank import FrameworkVersionRow
from app.db.tables.campaigns import CampaignRow, ParticipantRow
from app.db.tables.results import ResultCounterRow, ResultRow
from app.db.tables.sessions import AnswerRow, SessionRow
from app.results.model import Extent, Participation, ResultRecord, Wanted

_RECORD = (ResultRow.position, ResultRow.session_id, ResultRow.updated_at, ResultRow.content)


def append(
    tx: Connection,
    *,
    session_id: uuid.UUID,
    campaign_id: uuid.UUID,
    participant_id: uuid.UUID,
    content: Mapping[str, Any],
) -> int:
    """Write a result at the end of the journal and return its position. One statement.

    It must be the last write of its transaction: it locks the institution's counter until the commit, and that
    lock is what makes positions become visible in order. Whoever reads position n was late enough to see every
    position below n. The moment is taken under the same lock, by the database's clock, so moments are in the
    order of positions too.
    """
    counter = (
        upsert(ResultCounterRow)
        .values(position=1)
        .on_conflict_do_update(index_elements=["institution_id"], set_={"position": ResultCounterRow.position + 1})
        .returning(ResultCounterRow.position)
        .cte("counter")
    )
    row = select(
        literal(session_id, UUID(as_uuid=True)),
        literal(campaign_id, UUID(as_uuid=True)),
        literal(participant_id, UUID(as_uuid=True)),
        counter.c.position,
        literal(dict(content), JSONB()),
        func.clock_timestamp(),
    )
    columns = ["session_id", "campaign_id", "participant_id", "position", "content", "updated_at"]
    written = tx.execute(insert(ResultRow).from_select(columns, row).returning(ResultRow.position))
    return int(written.scalar_one())


def forget(tx: Connection, participants: Sequence[uuid.UUID]) -> None:
    """Delete results, as the owner. The counter stays: no position is given twice."""
    tx.execute(delete(ResultRow).where(ResultRow.participant_id.in_(participants)))


def of_session(tx: Connection, session_id: uuid.UUID) -> ResultRecord | None:
    row = tx.execute(select(*_RECORD).where(ResultRow.session_id == session_id)).one_or_none()
    return None if row is None else ResultRecord(*row)


def page(tx: Connection, wanted: Wanted, *, limit: int, until: int) -> tuple[ResultRecord, ...]:
    """Return the next ``limit`` records in order, none beyond position ``until``."""
    rows = tx.execute(
        select(*_RECORD)
        .where(*_conditions(wanted), ResultRow.position <= until)
        .order_by(ResultRow.position)
        .limit(limit)
    )
    return tuple(ResultRecord(*row) for row in rows)


def extent(tx: Connection, wanted: Wanted, *, limit: int | None) -> Extent:
    """Return what an answer of at most ``limit`` rows (all, when None) will hold."""
    following = select(ResultRow.position).where(*_conditions(wanted)).order_by(ResultRow.position)
    held = following.limit(limit).subquery()
    count, last = tx.execute(select(func.count(), func.max(held.c.position)).select_from(held)).one()
    if last is None:
        return Extent(0, wanted.after, has_more=False)
    if limit is None or count < limit:
        return Extent(count, last, has_more=False)
    beyond = select(following.where(ResultRow.position > last).exists())
    return Extent(count, last, has_more=bool(tx.scalar(beyond)))


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = [ResultRow.position > wanted.after]
    if wanted.campaign_id is not None:
        conditions.append(ResultRow.campaign_id == wanted.campaign_id)
    if wanted.updated_since is not None:
        conditions.append(ResultRow.updated_at >= wanted.updated_since)
    if wanted.simulated is not None:
        kind = select(CampaignRow.id).where(CampaignRow.simulated.is_(wanted.simulated))
        conditions.append(ResultRow.campaign_id.in_(kind))
    return conditions


def frameworks(tx: Connection, wanted: Wanted, *, until: int) -> tuple[Mapping[str, Any], ...]:
    """Return the content of every framework version behind these results, oldest first."""
    used = (
        select(SessionRow.framework_version_id)
        .join(ResultRow, ResultRow.session_id == SessionRow.id)
        .where(*_conditions(wanted), ResultRow.position <= until)
    )
    rows = tx.execute(
        select(FrameworkVersionRow.content)
        .where(FrameworkVersionRow.id.in_(used))
        .order_by(FrameworkVersionRow.created_at, FrameworkVersionRow.id)
    )
    return tuple(row.content for row in rows)


def framework_version(tx: Connection, framework: str, version: str) -> tuple[Mapping[str, Any], str] | None:
    """Return a published framework version and its SHA-256."""
    row = tx.execute(
        select(FrameworkVersionRow.content, FrameworkVersionRow.sha256).where(
            FrameworkVersionRow.framework == framework, FrameworkVersionRow.version == version
        )
    ).one_or_none()
    return None if row is None else (row.content, row.sha256)


def campaign_id(tx: Connection, *, code: str) -> uuid.UUID | None:
    """Return the institution's campaign of this code."""
    return tx.scalar(select(CampaignRow.id).where(CampaignRow.code == code))


def participations(tx: Connection, campaign: uuid.UUID, *, limit: int, offset: int) -> tuple[Participation, ...]:
    """Return sittings of a campaign, the latest first."""
    rows = tx.execute(
        _participations()
        .where(SessionRow.campaign_id == campaign)
        .order_by(SessionRow.started_at.desc(), SessionRow.id)
        .limit(limit)
        .offset(offset)
    )
    return tuple(Participation(*row) for row in rows)


def latest_participation(tx: Connection, campaign: uuid.UUID, participant: uuid.UUID) -> Participation | None:
    row = tx.execute(
        _participations()
        .where(SessionRow.campaign_id == campaign, SessionRow.participant_id == participant)
        .order_by(SessionRow.started_at.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else Participation(*row)


def _participations() -> Select[*tuple[Any, ...]]:
    answered = select(func.count()).where(AnswerRow.session_id == SessionRow.id).scalar_subquery()
    return (
        select(
            SessionRow.id,
            ParticipantRow.id,
            ParticipantRow.label,
            SessionRow.started_at,
            SessionRow.finished_at,
            answered,
            ResultRow.content,
        )
        .join_from(SessionRow, ParticipantRow, ParticipantRow.id == SessionRow.participant_id)
        .outerjoin(ResultRow, ResultRow.session_id == SessionRow.id)
    )
