"""The demonstration: an institution with the bank we ship, an open campaign, a staff account and an API client.

Its secrets stand in this file, so they open nothing outside demo mode: a service that starts without it shuts
the demonstration first, and a later start in demo mode opens it again with everything it held.
"""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from app.accounts import client_service, service
from app.accounts.model import ApiClient, Role, Scope, client_key
from app.accounts.tokens import digest
from app.bank import service as banks
from app.bank.files import Inspection, inspect
from app.bank.model import BankVersion
from app.campaigns import demo_store
from app.campaigns import service as campaigns
from app.db.connection import Database, institution_of
from app.institutions import service as institutions
from app.sessions.policy import Policy, Range
from app.settings import Settings
from framework import load
from itembank import SHIPPED

ACTOR: Final = "demo"
SLUG: Final = "demonstration"
NAME: Final = "Université de démonstration"
CODE: Final = "SANTE2"
COHORT_CODE: Final = "SYNTH2"
STAFF_EMAIL: Final = "equipe@demonstration.example"
STAFF_NAME: Final = "Équipe de démonstration"
STAFF_PASSWORD: Final = "metre-etalon-de-demonstration"  # noqa: S105 - printed at each start, refused outside demo mode
CLIENT_ID: Final = "toise_demo"
CLIENT_SECRET: Final = "demo-secret-that-opens-only-the-demo-000000"  # noqa: S105 - as above
BANK: Final = "socle-sante"
POLICY: Final = Policy(
    length=Range(at_least=20, at_most=30),
    per_domain=Range(at_least=3, at_most=8),
    per_competence=Range(at_least=1),
    se_target=0.65,
    choose_among=10,
    progressive=0.8,
    exposure_cap=0.2,
    feedback="end",
)
"""Without a cap and chance, 63 % of the bank was never asked, and one question of 84 % of the students. With these,
in a preflight of 1,000 students, every question is asked, the most frequent one of one student in five, and a test has
27.6 questions instead of 22 on average, at the same precision."""


@dataclass(frozen=True, slots=True)
class Demo:
    """What to print when the demonstration starts."""

    code: str = CODE
    staff_email: str = STAFF_EMAIL
    staff_password: str = STAFF_PASSWORD
    client_id: str = CLIENT_ID
    client_secret: str = CLIENT_SECRET
    cohort: str | None = COHORT_CODE
    """Code of the simulated cohort's campaign; None where none is wanted."""


def ensure(database: Database, settings: Settings, now: dt.datetime) -> Demo:
    """Make the demonstration, all of it or nothing; what is there already stays as it is.

    Raise ValueError outside demo mode.
    """
    if not settings.demo:
        raise ValueError("the demonstration exists in demo mode only")
    with database.transaction() as tx:
        new = institution_of(tx, institutions.institution_key(SLUG)) is None
    found = inspect([SHIPPED / BANK], today=now.date()) if new else None  # no lock is held while files are read
    with database.transaction() as tx:
        demo_store.lock(tx)
        if institution_of(tx, institutions.institution_key(SLUG)) is not None:
            if not demo_store.is_open(tx, STAFF_EMAIL):
                demo_store.reopen(tx, email=STAFF_EMAIL, client_id=CLIENT_ID, code=CODE)
        elif found is not None:
            _make(tx, found, now)
    return Demo(cohort=COHORT_CODE if settings.demo_cohort else None)


def shut(database: Database, now: dt.datetime) -> bool:
    """Close every door of the demonstration, if there is one; what it holds stays. Tell whether any was open."""
    with database.transaction() as tx:
        demo_store.lock(tx)
        known = institution_of(tx, institutions.institution_key(SLUG)) is not None
        if not known or not demo_store.is_open(tx, STAFF_EMAIL):
            return False
        service.disable_staff(tx, email=STAFF_EMAIL, now=now, actor=ACTOR)
        client_service.revoke_client(tx, client_id=CLIENT_ID, now=now, actor=ACTOR)
        demo_store.set_end(tx, CODE, now)
    return True


def _make(tx: Connection, found: Inspection, now: dt.datetime) -> None:
    institution = institutions.create(tx, slug=SLUG, name=NAME, now=now)
    banks.publish_framework(tx, load())
    bank = _bank(tx, found, institution.id, now)
    campaigns.create(
        tx,
        institution_id=institution.id,
        title={"fr": "Découvrir mes compétences numériques en santé", "en": "Discover my digital-health skills"},
        bank=bank,
        policy=POLICY,
        identification="name",
        opens_at=now,
        code=CODE,
        actor=ACTOR,
        now=now,
    )
    service.create_staff(
        tx,
        institution_id=institution.id,
        email=STAFF_EMAIL,
        name=STAFF_NAME,
        role=Role.MANAGER,
        password=STAFF_PASSWORD,
        now=now,
        actor=ACTOR,
    )
    _make_client(tx, institution.id, now)


def _bank(tx: Connection, found: Inspection, institution_id: uuid.UUID, now: dt.datetime) -> BankVersion:
    report = banks.publish_bank(tx, found, imported_by=ACTOR, now=now, institution_id=institution_id, strict=True)
    if report.version is None:
        raise ValueError(f"the bank we ship has errors: {'; '.join(found.place for found in report.errors)}")
    return report.version


def _make_client(tx: Connection, institution_id: uuid.UUID, now: dt.datetime) -> None:
    """A client like any other, except that its secret is known: the ordinary service would draw one."""
    client = ApiClient(
        id=uuid.uuid4(),
        institution_id=institution_id,
        client_id=CLIENT_ID,
        name=STAFF_NAME,
        scopes=frozenset(Scope),
        created_at=now,
        revoked_at=None,
    )
    demo_store.add_client(tx, client, secret_hash=digest(CLIENT_SECRET))
    institutions.open_with(tx, client_key(CLIENT_ID), institution_id, now)
