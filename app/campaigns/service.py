"""Campaigns are made, found by their code, and closed."""

import datetime as dt
import uuid
from collections.abc import Mapping

from sqlalchemy import Connection

from app.accounts import audit
from app.bank import pools
from app.bank.model import BankVersion
from app.bank.once import Once
from app.campaigns import store
from app.campaigns.exposure import exposure_counts, ineligible_for
from app.campaigns.feasibility import refuse_unkeepable
from app.campaigns.model import (
    DEFAULT_RETENTION,
    Campaign,
    Identification,
    Overview,
    UnknownCampaign,
    UnknownCode,
    campaign_key,
    checked_title,
    new_code,
    normal_code,
    refuse_bad_terms,
)
from app.db.connection import institution_of
from app.institutions import service as institutions
from app.institutions.model import KeyTaken
from app.sessions.policy import Policy
from framework.model import Locale

__all__ = [
    "by_code",
    "by_id",
    "close",
    "create",
    "exposure_counts",
    "find",
    "ineligible_for",
    "of_institution",
    "overview",
    "overviews",
    "policy_of",
    "policy_sha256_of",
]

OPERATOR = "operator"
KEPT_POLICIES = 256

_POLICIES: Once[uuid.UUID, tuple[Policy, str]] = Once(KEPT_POLICIES)


def create(
    tx: Connection,
    *,
    institution_id: uuid.UUID,
    title: Mapping[Locale, str],
    bank: BankVersion,
    policy: Policy,
    identification: Identification,
    opens_at: dt.datetime,
    closes_at: dt.datetime | None = None,
    retention_days: int = DEFAULT_RETENTION,
    simulated: bool = False,
    code: str | None = None,
    actor: str = OPERATOR,
    now: dt.datetime,
) -> Campaign:
    """Open a campaign in a scoped transaction; its rules are kept by its bank version, or it is refused.

    ``code`` is drawn unless given.

    Raises
    ------
    BadCampaign
        If a title, date, code or other term cannot be used; it names the field.
    UnknownNode, MissingLoading, InfeasibleBlueprint, ExposureCapTooLow
        If the policy cannot be kept with this bank; it names the rule.
    institutions.model.KeyTaken
        If the given code is already in use.
    """
    title = checked_title(title)
    refuse_bad_terms(
        identification=identification, retention_days=retention_days, opens_at=opens_at, closes_at=closes_at, code=code
    )
    _refuse_unkeepable(tx, bank, policy, opens_at=max(opens_at, now), closes_at=closes_at)
    campaign = Campaign(
        id=uuid.uuid4(),
        institution_id=institution_id,
        code=_reserved(tx, code, institution_id, now),
        title=title,
        framework_version_id=bank.framework_version_id,
        bank_version_id=bank.id,
        policy_version_id=_policy_version(tx, institution_id, policy),
        identification=identification,
        retention_days=retention_days,
        opens_at=opens_at,
        closes_at=closes_at,
        simulated=simulated,
        created_at=now,
    )
    store.add(tx, campaign)
    _record(tx, campaign, "campaign.created", actor=actor, at=now, bank=bank.name)
    return campaign


def _refuse_unkeepable(
    tx: Connection, bank: BankVersion, policy: Policy, *, opens_at: dt.datetime, closes_at: dt.datetime | None
) -> None:
    """The days of the campaign are the server's, in UTC, as when sittings start."""
    closes = None if closes_at is None else closes_at.astimezone(dt.UTC).date()
    refuse_unkeepable(pools.of(tx, bank.id), policy, opens=opens_at.astimezone(dt.UTC).date(), closes=closes)


def _reserved(tx: Connection, code: str | None, institution_id: uuid.UUID, now: dt.datetime) -> str:
    """Write the directory row; a drawn code that is taken (one in a million, once there are hundreds) is redrawn."""
    while True:
        chosen = code or new_code()
        try:
            institutions.open_with(tx, campaign_key(chosen), institution_id, now)
        except KeyTaken:
            if code is not None:
                raise
        else:
            return chosen


def _policy_version(tx: Connection, institution_id: uuid.UUID, policy: Policy) -> uuid.UUID:
    """The institution's version of these rules; equal rules share one."""
    sha256 = policy.sha256()
    existing = store.policy_like(tx, sha256)
    if existing is not None:
        return existing
    policy_id = uuid.uuid4()
    store.add_policy(tx, policy_id=policy_id, institution_id=institution_id, content=policy.content(), sha256=sha256)
    return policy_id


def find(tx: Connection, typed: str) -> Campaign:
    """Return the campaign of a code as a person typed it, open or not, and scope the transaction to its institution.

    Raise ``UnknownCode``.
    """
    code = normal_code(typed)
    if not code or institution_of(tx, campaign_key(code)) is None:
        raise UnknownCode
    campaign = store.by_code(tx, code)
    if campaign is None:
        raise UnknownCode
    return campaign


def by_code(tx: Connection, typed: str, now: dt.datetime, *, also_closed: bool = False) -> Campaign:
    """Return the campaign of a code, if it may be entered now, and scope the transaction to its institution.

    ``also_closed`` lets those in who began before the end. Raise ``UnknownCode``, ``CampaignNotOpenYet`` or
    ``CampaignClosed``.
    """
    campaign = find(tx, typed)
    campaign.refuse_unless_open(now, also_closed=also_closed)
    return campaign


def by_id(tx: Connection, campaign_id: uuid.UUID) -> Campaign:
    """Return a campaign of the institution the transaction is scoped to. Raise ``UnknownCampaign``."""
    campaign = store.by_id(tx, campaign_id)
    if campaign is None:
        raise UnknownCampaign(campaign=str(campaign_id))
    return campaign


def of_institution(tx: Connection, institution_id: uuid.UUID) -> tuple[Campaign, ...]:
    """Return an institution's campaigns, oldest first; named, since the owner's role may see others' too."""
    return store.of_institution(tx, institution_id)


def policy_of(tx: Connection, policy_version_id: uuid.UUID) -> Policy:
    """Return the rules of a policy version; they never change, so each process reads them once."""
    return _policy(tx, policy_version_id)[0]


def policy_sha256_of(tx: Connection, policy_version_id: uuid.UUID) -> str:
    """Return the fingerprint of a policy version as stored: a later Toise, with more rules, would compute another."""
    return _policy(tx, policy_version_id)[1]


def _policy(tx: Connection, policy_version_id: uuid.UUID) -> tuple[Policy, str]:
    def read() -> tuple[Policy, str]:
        content, sha256 = store.policy(tx, policy_version_id)
        return Policy.of_stored(content), sha256

    return _POLICIES.get(policy_version_id, read)


def overviews(tx: Connection) -> tuple[Overview, ...]:
    """Return every campaign of the institution with its counts, the latest first."""
    return store.overviews(tx)


def overview(tx: Connection, campaign_id: uuid.UUID) -> Overview:
    """Return one campaign with its counts. Raise ``UnknownCampaign``."""
    found = store.overviews(tx, campaign_id)
    if not found:
        raise UnknownCampaign(campaign=str(campaign_id))
    return found[0]


def close(tx: Connection, campaign: Campaign, *, now: dt.datetime, actor: str = OPERATOR) -> Campaign:
    """End a campaign now: nobody enters any more, those on their way may finish. Closing twice changes nothing.

    Raise ``CampaignNotOpenYet``.
    """
    campaign.refuse_unless_open(now, also_closed=True)
    if campaign.state(now) == "open":
        store.close(tx, campaign.id, now)
        _record(tx, campaign, "campaign.closed", actor=actor, at=now)
    return by_id(tx, campaign.id)


def _record(tx: Connection, campaign: Campaign, act: str, *, actor: str, at: dt.datetime, **detail: str) -> None:
    audit.record(
        tx,
        institution_id=campaign.institution_id,
        actor=actor,
        act=act,
        subject=f"campaign:{campaign.id}",
        at=at,
        **detail,
    )
