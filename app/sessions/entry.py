"""How a learner gets in: the first time by the campaign's code, later and elsewhere by the resume code."""

import datetime as dt
import hashlib
import secrets
import unicodedata
import uuid
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from sqlalchemy import Connection

from app.accounts.tokens import Token, digest, new_token
from app.bank import pools
from app.campaigns import service as campaigns
from app.campaigns.model import Campaign, Identification
from app.db.connection import scope
from app.institutions import service as institutions
from app.sessions import store
from app.sessions.flow import Course, decide, make_course
from app.sessions.model import (
    BadIdentity,
    Entered,
    NoQuestion,
    NotTheSamePerson,
    Session,
    UnknownResumeCode,
)
from framework.model import Locale, LocalizedText

RESUME_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
RESUME_LENGTH: Final = 8
TOKEN_LIFE: Final = dt.timedelta(days=30)
LONGEST_LABEL: Final = 100
JOINERS: Final = frozenset("\u200c\u200d")
"""Part of the spelling of Persian and Indic names and of some emoji; other invisible characters come from pasting."""
SEED_BITS: Final = 62


@dataclass(frozen=True, slots=True)
class CampaignCard:
    """What a learner should know before starting."""

    campaign_id: uuid.UUID
    code: str
    title: LocalizedText
    institution: str
    timezone: str
    state: Literal["open", "not_yet", "closed"]
    identification: Identification
    max_questions: int
    time_limit_minutes: int | None
    kept_days: int
    review_allowed: bool
    opens_at: dt.datetime
    closes_at: dt.datetime | None


def card_of(tx: Connection, code: str, now: dt.datetime) -> CampaignCard:
    """A campaign as its door shows it, open or not.

    Raises
    ------
    UnknownCode
    """
    campaign = campaigns.find(tx, code)
    policy = campaigns.policy_of(tx, campaign.policy_version_id)
    institution = institutions.current(tx)
    return CampaignCard(
        campaign_id=campaign.id,
        code=campaign.code,
        title=LocalizedText(campaign.title["fr"], campaign.title["en"]),
        institution=institution.name,
        timezone=institution.timezone,
        state=campaign.state(now),
        identification=campaign.identification,
        max_questions=policy.length.at_most,
        time_limit_minutes=policy.time_limit_minutes,
        kept_days=campaign.retention_days,
        review_allowed=policy.feedback == "end",
        opens_at=campaign.opens_at,
        closes_at=campaign.closes_at,
    )


def running_here(tx: Connection, token: Token | None, card: CampaignCard, now: dt.datetime) -> bool:
    """Whether this browser is in the middle of this campaign's test; the transaction is in its institution."""
    if token is None:
        return False
    session = store.owned(tx, token_hash=token.sha256, session_id=None, now=now, lock=False)
    return session is not None and session.campaign_id == card.campaign_id and session.running


def enter(
    tx: Connection,
    *,
    code: str,
    identity: str | None,
    entry_key: str | None,
    locale: Locale,
    now: dt.datetime,
    seed: int | None = None,
) -> Entered:
    """Let a new participant into a campaign and start the test.

    ``entry_key``, a random secret of the form or program that enters, makes a repeated request (a double click,
    a reply lost on the way) the same entry: same participant, same resume code. ``seed``, which decides what chance
    decides in a sitting, is drawn unless given: no edge gives it, since whoever knows it knows the order of options.

    Raises
    ------
    UnknownCode, CampaignNotOpenYet, CampaignClosed
        From the campaign.
    BadIdentity, NotTheSamePerson, NoQuestion
    """
    campaign = campaigns.by_code(tx, code, now)
    label = _label(campaign, identity)
    resume_code = new_resume_code() if entry_key is None else _resume_code_for(entry_key)
    participant_id = uuid.uuid4()
    added = store.add_participant(
        tx,
        participant_id=participant_id,
        campaign_id=campaign.id,
        label=label,
        label_key=None if label is None else _folded(label),
        resume_hash=digest(resume_code),
    )
    if not added:
        return _entered_before(tx, campaign, label, resume_code, now)
    drawn = secrets.randbits(SEED_BITS) if seed is None else seed
    session = _start(tx, campaign, participant_id, locale, now, seed=drawn)
    token = _give_token(tx, campaign.institution_id, participant_id, now)
    return Entered(token, _readable(resume_code), session.id)


def _entered_before(
    tx: Connection, campaign: Campaign, label: str | None, resume_code: str, now: dt.datetime
) -> Entered:
    """The same request again, or somebody else's name."""
    found = store.participant_by_resume_code(tx, campaign_id=campaign.id, resume_hash=digest(resume_code))
    session = None if found is None else store.latest(tx, found.id)
    if found is None or session is None or found.label != label:
        raise NotTheSamePerson
    return Entered(_give_token(tx, campaign.institution_id, found.id, now), _readable(resume_code), session.id)


def resume(tx: Connection, *, code: str, resume_code: str, now: dt.datetime) -> Entered:
    """Let a participant in again, from any browser, by the code told at the start."""
    campaign = campaigns.by_code(tx, code, now, also_closed=True)
    typed = "".join(c for c in resume_code.upper() if c.isalnum())
    found = store.participant_by_resume_code(tx, campaign_id=campaign.id, resume_hash=digest(typed))
    session = None if found is None else store.latest(tx, found.id)
    if found is None or session is None:
        raise UnknownResumeCode
    return Entered(_give_token(tx, campaign.institution_id, found.id, now), None, session.id)


def renew_resume_code(tx: Connection, participant_id: uuid.UUID) -> str | None:
    """Give a participant a new resume code in place of a lost one; None where there is no such participant."""
    code = new_resume_code()
    return _readable(code) if store.change_resume_code(tx, participant_id, digest(code)) else None


def sign_out(tx: Connection, token: Token | None) -> None:
    """Forget this browser, if it has a test; the participant's other browsers stay signed in."""
    if token is not None:
        scope(tx, token.institution_id)
        store.remove_token(tx, token.sha256)


def _start(
    tx: Connection, campaign: Campaign, participant_id: uuid.UUID, locale: Locale, now: dt.datetime, *, seed: int
) -> Session:
    pool = pools.of(tx, campaign.bank_version_id)
    policy = campaigns.policy_of(tx, campaign.policy_version_id)
    ineligible = campaigns.ineligible_for(
        tx, campaign, pool, policy, rng=np.random.default_rng([seed, 0]), today=now.date()
    )
    course = make_course(pool, policy, seed=seed, ineligible=ineligible)
    first = _first(course)
    limit = policy.time_limit_minutes
    session = Session(
        id=uuid.uuid4(),
        institution_id=campaign.institution_id,
        campaign_id=campaign.id,
        participant_id=participant_id,
        framework_version_id=campaign.framework_version_id,
        bank_version_id=campaign.bank_version_id,
        policy_version_id=campaign.policy_version_id,
        seed=seed,
        locale=locale,
        ineligible=ineligible,
        status="running",
        step=1,
        item_id=pool.items[first].id,
        shown_at=now,
        deadline=None if limit is None else now + dt.timedelta(minutes=limit),
        stop_reason=None,
        started_at=now,
        finished_at=None,
    )
    store.add_session(tx, session)
    return session


def _first(course: Course) -> int:
    decision = decide(course, (), ())
    if decision.pick is None:
        raise NoQuestion(rule=decision.state.ahead.broken or decision.stop)
    return decision.pick.item


def _give_token(tx: Connection, institution_id: uuid.UUID, participant_id: uuid.UUID, now: dt.datetime) -> str:
    token = new_token(institution_id)
    store.add_token(tx, token_hash=digest(token), participant_id=participant_id, expires_at=now + TOKEN_LIFE)
    return token


def _label(campaign: Campaign, identity: str | None) -> str | None:
    """The name or number as the campaign asks for it, tidied."""
    if campaign.identification == "none":
        return None
    visible = "".join(c for c in identity or "" if unicodedata.category(c) != "Cf" or c in JOINERS)
    label = " ".join(unicodedata.normalize("NFC", visible).split())
    if not label or len(label) > LONGEST_LABEL or not _writable(label):
        raise BadIdentity(asked=campaign.identification, longest=LONGEST_LABEL)
    return label


def _writable(label: str) -> bool:
    """At least one letter, digit or sign, and no control character, half character or unassigned one."""
    kinds = [unicodedata.category(c) for c in label if c not in JOINERS]
    return any(kind[0] in "LNSP" for kind in kinds) and not any(kind[0] == "C" for kind in kinds)


def _folded(label: str) -> str:
    """The label without case, accents or spacing: the same person typing on another keyboard."""
    bare = (c for c in unicodedata.normalize("NFKD", label.casefold()) if unicodedata.category(c) not in {"Mn", "Cf"})
    return " ".join("".join(bare).split())


def new_resume_code() -> str:
    """Eight characters that are hard to confuse: 40 bits, guessed against a throttled door."""
    return "".join(secrets.choice(RESUME_ALPHABET) for _ in range(RESUME_LENGTH))


def _resume_code_for(entry_key: str) -> str:
    number = int.from_bytes(hashlib.sha256(entry_key.encode()).digest())
    return "".join(
        RESUME_ALPHABET[number // len(RESUME_ALPHABET) ** place % len(RESUME_ALPHABET)]
        for place in range(RESUME_LENGTH)
    )


def _readable(code: str) -> str:
    return f"{code[:4]}-{code[4:]}"
