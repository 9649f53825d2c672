"""What was promised to be kept for some days is erased after them."""

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from app.accounts import audit
from app.campaigns import service as campaigns
from app.campaigns.model import Campaign
from app.db.connection import Database
from app.institutions import service as institutions
from app.results import service as results
from app.sessions import store

AT_ONCE: Final = 10_000
"""Participants erased in one transaction: a statement takes 65,535 parameters at most."""


@dataclass(frozen=True, slots=True)
class Expiry:
    """How many participants of a campaign have been kept for as long as it says."""

    institution_id: uuid.UUID
    campaign_id: uuid.UUID
    code: str
    retention_days: int
    participants: int


def expired(owner: Database, now: dt.datetime) -> Iterator[Expiry]:
    """Say what ``expire`` would erase, campaign by campaign; campaigns with nothing to erase are left out."""
    for campaign in _campaigns(owner):
        with owner.transaction(campaign.institution_id) as tx:
            due = len(_due(tx, campaign, now))
        if due:
            yield _expiry(campaign, due)


def expire(owner: Database, now: dt.datetime, *, actor: str) -> Iterator[Expiry]:
    """Erase, in every institution, the participants whose time is over.

    With a participant go tokens, sittings, answers and results; an audit row says how many there were. ``owner``
    is the database as its owner: the service's role deletes no answer. A large campaign takes several
    transactions, each with what it yields; stopping between two is safe.
    """
    for campaign in _campaigns(owner):
        erased = AT_ONCE
        while erased:
            with owner.transaction(campaign.institution_id) as tx:
                erased = _erase(tx, campaign, now, actor)
            if erased:
                yield _expiry(campaign, erased)


def _campaigns(owner: Database) -> Iterator[Campaign]:
    with owner.transaction() as tx:
        ids = institutions.all_ids(tx)
    for institution_id in ids:
        with owner.transaction(institution_id) as tx:
            found = campaigns.of_institution(tx, institution_id)
        yield from found


def _due(tx: Connection, campaign: Campaign, now: dt.datetime) -> list[uuid.UUID]:
    return list(store.quiet(tx, campaign_id=campaign.id, before=now - dt.timedelta(days=campaign.retention_days)))


def _erase(tx: Connection, campaign: Campaign, now: dt.datetime, actor: str) -> int:
    """Erase some, but not whoever answers at this moment: looked at again once no answer can be on its way."""
    if not _due(tx, campaign, now):
        return 0
    store.lock_erasing(tx)
    chosen = _due(tx, campaign, now)[:AT_ONCE]
    store.lock_running(tx, chosen)
    still = set(_due(tx, campaign, now))
    due = [participant for participant in chosen if participant in still]
    results.forget(tx, due)
    erased = store.forget(tx, due)
    if erased:
        _record(tx, campaign, now, actor, erased)
    return erased


def _record(tx: Connection, campaign: Campaign, now: dt.datetime, actor: str, erased: int) -> None:
    audit.record(
        tx,
        institution_id=campaign.institution_id,
        actor=actor,
        act="participants.expired",
        subject=f"campaign:{campaign.id}",
        at=now,
        participants=erased,
        retention_days=campaign.retention_days,
    )


def _expiry(campaign: Campaign, participants: int) -> Expiry:
    return Expiry(campaign.institution_id, campaign.id, campaign.code, campaign.retention_days, participants)
