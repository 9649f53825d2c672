"""Campaigns over the bank we ship, and sittings written by hand into the log."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, insert

from app.campaigns import service
from app.campaigns.model import Campaign
from app.db.tables.campaigns import ParticipantRow
from app.db.tables.sessions import AnswerRow, SessionRow
from app.sessions.policy import Policy
from tests.builders import Institution
from tests.conftest import NOON
from tests.sittings import published


def make_campaign(tx: Connection, institution: Institution, **given: Any) -> Campaign:
    """A campaign in a transaction scoped to the institution, open since noon unless told otherwise."""
    terms: dict[str, Any] = {
        "institution_id": institution.id,
        "title": {"fr": "Positionnement", "en": "Placement"},
        "policy": Policy(),
        "identification": "name",
        "opens_at": NOON,
        "now": NOON,
    }
    if "bank" not in given:
        terms["bank"] = published(tx, NOON)
    return service.create(tx, **{**terms, **given})


def add_sitting(
    tx: Connection,
    campaign: Campaign,
    *,
    answered: Sequence[str],
    on_screen: str | None = None,
    set_aside: Sequence[str] = (),
) -> uuid.UUID:
    """A participant's sitting, as the log would hold it."""
    participant, session = uuid.uuid4(), uuid.uuid4()
    tx.execute(insert(ParticipantRow).values(id=participant, campaign_id=campaign.id, resume_hash=participant.hex))
    tx.execute(
        insert(SessionRow).values(
            id=session,
            campaign_id=campaign.id,
            participant_id=participant,
            framework_version_id=campaign.framework_version_id,
            bank_version_id=campaign.bank_version_id,
            policy_version_id=campaign.policy_version_id,
            seed=1,
            locale="fr",
            ineligible=list(set_aside),
            status="finished" if on_screen is None else "running",
            step=len(answered) + 1,
            item_id=on_screen,
            shown_at=NOON,
            finished_at=NOON if on_screen is None else None,
        )
    )
    for step, item_id in enumerate(answered, start=1):
        tx.execute(insert(AnswerRow).values(_answer(session, step, item_id)))
    return session


def _answer(session: uuid.UUID, step: int, item_id: str) -> dict[str, Any]:
    shown_at = NOON + dt.timedelta(minutes=step)
    return {
        "session_id": session,
        "step": step,
        "item_id": item_id,
        "response": None,
        "score": 0,
        "shown_at": shown_at,
        "answered_at": shown_at,
        "receipt": f"{session.hex}{step}",
    }
