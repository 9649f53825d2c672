"""SQL of campaigns, their policies and who takes part. Every row is read within the caller's institution."""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, text, true, update

from app.campaigns.model import Campaign, Overview
from app.db.tables.campaigns import CampaignRow, ParticipantRow, PolicyVersionRow
from app.db.tables.sessions import SessionRow

_CAMPAIGN = tuple(CampaignRow.__table__.columns)

_EXPOSURE = text(
    """
    WITH sittings AS MATERIALIZED (
        SELECT id, item_id, ineligible FROM sessions WHERE campaign_id = :campaign AND bank_version_id = :bank
    ), given AS (
        SELECT item_id, count(*) AS times FROM (
            SELECT answers.session_id, answers.item_id FROM answers JOIN sittings ON sittings.id = answers.session_id
            UNION
            SELECT id, item_id FROM sittings WHERE item_id IS NOT NULL
        ) AS seen GROUP BY item_id
    ), aside AS (
        SELECT item_id, count(*) AS times FROM (
            SELECT DISTINCT id, jsonb_array_elements_text(ineligible) AS item_id FROM sittings
        ) AS drawn GROUP BY item_id
    )
    SELECT NULL AS item_id, count(*) AS given, 0 AS aside FROM sittings
    UNION ALL
    SELECT coalesce(given.item_id, aside.item_id), coalesce(given.times, 0), coalesce(aside.times, 0)
    FROM given FULL JOIN aside ON aside.item_id = given.item_id
    """
)
"""One statement, so one moment: counts taken apart could give an item more sittings than exist."""


def by_code(tx: Connection, code: str) -> Campaign | None:
    row = tx.execute(select(*_CAMPAIGN).where(CampaignRow.code == code)).one_or_none()
    return None if row is None else _campaign(row)


def by_id(tx: Connection, campaign_id: uuid.UUID) -> Campaign | None:
    row = tx.execute(select(*_CAMPAIGN).where(CampaignRow.id == campaign_id)).one_or_none()
    return None if row is None else _campaign(row)


def of_institution(tx: Connection, institution_id: uuid.UUID) -> tuple[Campaign, ...]:
    rows = tx.execute(
        select(*_CAMPAIGN)
        .where(CampaignRow.institution_id == institution_id)
        .order_by(CampaignRow.created_at, CampaignRow.id)
    )
    return tuple(_campaign(row) for row in rows)


def add(tx: Connection, campaign: Campaign) -> None:
    values = {column.name: getattr(campaign, column.name) for column in _CAMPAIGN}
    tx.execute(insert(CampaignRow).values(values | {"title": dict(campaign.title)}))


def close(tx: Connection, campaign_id: uuid.UUID, at: dt.datetime | None) -> None:
    """Set the end of a campaign; None leaves it open."""
    tx.execute(update(CampaignRow).where(CampaignRow.id == campaign_id).values(closes_at=at))


def add_policy(
    tx: Connection, *, policy_id: uuid.UUID, institution_id: uuid.UUID, content: Mapping[str, Any], sha256: str
) -> None:
    tx.execute(
        insert(PolicyVersionRow).values(
            id=policy_id, institution_id=institution_id, content=dict(content), sha256=sha256
        )
    )


def policy_like(tx: Connection, sha256: str) -> uuid.UUID | None:
    """A policy version of the institution with exactly these rules."""
    query = select(PolicyVersionRow.id).where(PolicyVersionRow.sha256 == sha256)
    return tx.scalar(query.order_by(PolicyVersionRow.created_at, PolicyVersionRow.id).limit(1))


def policy(tx: Connection, policy_id: uuid.UUID) -> tuple[Mapping[str, Any], str]:
    """The rules of a policy version and their fingerprint, as stored."""
    row = tx.execute(
        select(PolicyVersionRow.content, PolicyVersionRow.sha256).where(PolicyVersionRow.id == policy_id)
    ).one()
    return row.content, row.sha256


def overviews(tx: Connection, campaign_id: uuid.UUID | None = None) -> tuple[Overview, ...]:
    """Every campaign of the institution with its counts, the latest first; or one, without counting the others."""
    named = CampaignRow.id == campaign_id if campaign_id else true()
    wanted = select(CampaignRow.id).where(named)
    people = select(ParticipantRow.campaign_id, func.count()).group_by(ParticipantRow.campaign_id)
    status = select(SessionRow.campaign_id, func.count()).group_by(SessionRow.campaign_id)
    status = status.where(SessionRow.campaign_id.in_(wanted))
    entered = _counts(tx, people.where(ParticipantRow.campaign_id.in_(wanted)))
    running = _counts(tx, status.where(SessionRow.status == "running"))
    finished = _counts(tx, status.where(SessionRow.status == "finished"))
    rows = tx.execute(select(*_CAMPAIGN).where(named).order_by(CampaignRow.opens_at.desc(), CampaignRow.code))
    return tuple(
        Overview(_campaign(row), entered.get(row.id, 0), running.get(row.id, 0), finished.get(row.id, 0))
        for row in rows
    )


def exposure(
    tx: Connection, *, campaign_id: uuid.UUID, bank_version_id: uuid.UUID
) -> tuple[int, Mapping[str, int], Mapping[str, int]]:
    """How many sittings there were, in how many each item was given, and in how many it was set aside."""
    rows = tx.execute(_EXPOSURE, {"campaign": campaign_id, "bank": bank_version_id}).all()
    sittings = next(row.given for row in rows if row.item_id is None)
    items = [row for row in rows if row.item_id is not None]
    given = {row.item_id: row.given for row in items if row.given}
    return sittings, given, {row.item_id: row.aside for row in items if row.aside}


def _counts(tx: Connection, query: Any) -> Mapping[uuid.UUID, int]:  # noqa: ANN401 - any select of (campaign, count)
    return {row[0]: row[1] for row in tx.execute(query)}


def _campaign(row: Row[Any]) -> Campaign:
    return Campaign(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
