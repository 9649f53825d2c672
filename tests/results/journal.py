"""Campaigns, sittings and results as rows, for tests of the journal: nothing is measured here."""

import datetime as dt
import random
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert

from app.bank.service import publish_framework
from app.campaigns.model import campaign_key, new_code
from app.db.connection import Database
from app.db.tables.bank import BankVersionRow
from app.db.tables.campaigns import CampaignRow, ParticipantRow, PolicyVersionRow
from app.db.tables.sessions import SessionRow
from app.institutions import service as institutions
from app.results import service
from framework import load
from framework.model import Framework

STARTED = dt.datetime(2026, 11, 23, 12, 0, tzinfo=dt.UTC)
FINISHED = dt.datetime(2026, 11, 23, 12, 25, tzinfo=dt.UTC)
BANDS = ("novice", "independent", "advanced", "expert")


@dataclass(frozen=True, slots=True)
class Campaign:
    id: uuid.UUID
    code: str
    institution_id: uuid.UUID
    framework_version_id: uuid.UUID
    bank_version_id: uuid.UUID
    policy_version_id: uuid.UUID


def make_campaign(
    database: Database, institution_id: uuid.UUID, *, framework: Framework | None = None, code: str | None = None
) -> Campaign:
    """An open campaign of the institution, committed."""
    made = framework or load()
    with database.transaction(institution_id) as tx:
        framework_id = publish_framework(tx, made).id
        bank, policy, campaign = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
        tx.execute(
            insert(BankVersionRow).values(
                id=bank,
                bank=f"bank-{bank.hex}",
                number=1,
                framework_version_id=framework_id,
                sha256="0" * 64,
                item_count=0,
                imported_by="tests",
            )
        )
        tx.execute(insert(PolicyVersionRow).values(id=policy, content={"length": {"at_most": 30}}, sha256="1" * 64))
        code = code or new_code()
        institutions.open_with(tx, campaign_key(code), institution_id, STARTED)
        tx.execute(
            insert(CampaignRow).values(
                id=campaign,
                code=code,
                title={"fr": "Positionnement", "en": "Placement"},
                framework_version_id=framework_id,
                bank_version_id=bank,
                policy_version_id=policy,
                identification="number",
                retention_days=365,
                opens_at=STARTED,
            )
        )
    return Campaign(campaign, code, institution_id, framework_id, bank, policy)


@dataclass(frozen=True, slots=True)
class Sitting:
    session_id: uuid.UUID
    participant_id: uuid.UUID


def sit(tx: Connection, campaign: Campaign, *, label: str | None = None, finished: bool = True) -> Sitting:
    """A participant and a sitting, without answers."""
    session, participant = uuid.uuid4(), uuid.uuid4()
    tx.execute(
        insert(ParticipantRow).values(
            id=participant,
            campaign_id=campaign.id,
            label=label,
            label_key=None if label is None else f"{label.casefold()} {participant.hex}",
            resume_hash=participant.hex,
        )
    )
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
            ineligible=[],
            status="finished" if finished else "running",
            step=1,
            item_id=None if finished else "SN1.1-001",
            shown_at=STARTED,
            stop_reason="precision" if finished else None,
            finished_at=FINISHED if finished else None,
            started_at=STARTED,
        )
    )
    return Sitting(session, participant)


def finish(
    tx: Connection, campaign: Campaign, *, label: str | None = None, document: dict[str, Any] | None = None
) -> uuid.UUID:
    """A finished sitting with its result at the end of the journal; returns the session."""
    sitting = sit(tx, campaign, label=label)
    content = document or make_document(campaign, sitting, label=label)
    service.record(
        tx,
        session_id=sitting.session_id,
        campaign_id=campaign.id,
        participant_id=sitting.participant_id,
        content=content,
    )
    return sitting.session_id


def finish_many(database: Database, campaign: Campaign, count: int, *, label: str | None = None) -> list[uuid.UUID]:
    with database.transaction(campaign.institution_id) as tx:
        return [finish(tx, campaign, label=label) for _ in range(count)]


def make_document(campaign: Campaign, sitting: Sitting, *, label: str | None = None) -> dict[str, Any]:
    """A believable result document whose floats use all their digits."""
    rng = random.Random(sitting.session_id.int)
    return {
        "schema": "toise-result/1",
        "session": str(sitting.session_id),
        "campaign": {
            "id": str(campaign.id),
            "code": campaign.code,
            "title": {"fr": "Positionnement", "en": "Placement"},
        },
        "participant": {"id": str(sitting.participant_id), "label": label},
        "simulated": False,
        "provisional": True,
        "started_at": STARTED.isoformat(),
        "finished_at": FINISHED.isoformat(),
        "stop_reason": "precision",
        "answers": 23,
        "skipped": 2,
        "versions": {
            "framework": "fr-socle-numerique-sante@2026.1",
            "bank": "socle-sante@1",
            "policy": "1" * 64,
            "engine": "1",
        },
        "overall": {
            "theta": rng.gauss(0, 1),
            "se": rng.uniform(0.2, 0.5),
            "interval": [rng.gauss(-1, 0.1), rng.gauss(1, 0.1)],
        },
        "domains": [make_domain(f"SN{k}", rng, withheld=k == 5) for k in range(1, 6)],
        "focus": [{"capacity": "SN1.1.b", "reason": "missed"}],
    }


def make_domain(domain: str, rng: random.Random, *, withheld: bool = False) -> dict[str, Any]:
    level = rng.randint(1, 8)
    told: dict[str, Any] = {
        "level": level,
        "level_probability": rng.random(),
        "band": BANDS[(level - 1) // 2],
        "band_probability": rng.random(),
        "level_probabilities": [rng.random() for _ in range(8)],
    }
    return {
        "domain": domain,
        "theta": rng.gauss(0, 1),
        "se": rng.uniform(0.2, 0.5),
        "interval": [rng.gauss(-1, 0.1), rng.gauss(1, 0.1)],
        **(dict.fromkeys(told) if withheld else told),
        "level_interval": [max(level - 2, 1), min(level + 2, 8)],
        "own_share": rng.random(),
        "own_answers": 2 if withheld else 5,
        "withheld": "too_few_answers" if withheld else None,
    }
