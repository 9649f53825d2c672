"""The simulated cohort of the demonstration: finished sittings of students who do not exist, for reports to show.

Each student enters, answers and finishes through the services that people go through, at moments of the days before
the demonstration was made; so review, replay, API and tables work on them like on anybody's. The campaign is marked as
simulated, and closed from the start: nobody can be mistaken for a simulated student, nor the other way round.

Abilities are drawn from the second-order prior, items as they truly are from what the bank knows of them, and each
answer follows from both. One seed decides all of it.

Sittings are made in a thread once the service answers, and not shipped as data: they are always of the bank and the
engine at hand, where shipped ones would have to be made again with every change of either. A sitting is one
transaction, and its student's name is taken once: what was killed on its way leaves nothing and is made at the next
start, and what is there is passed over.
"""

import datetime as dt
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Final

import numpy as np
from sqlalchemy import Connection

from app.accounts.tokens import Token
from app.bank import pools
from app.bank import service as banks
from app.bank.model import BankName
from app.campaigns import demo, demo_store
from app.campaigns import service as campaigns
from app.campaigns.model import LONGEST_RETENTION, Campaign, UnknownCode
from app.campaigns.preflight import belief_about
from app.db.connection import Database
from app.engine.grid import Floats
from app.engine.simulation_truth import TrueBank, abilities_from_prior
from app.sessions import entry, service
from app.sessions.flow import Course
from app.sessions.made_up import on_screen, response_scoring
from app.sessions.model import Entered, NotTheSamePerson
from app.sessions.questions import Sitting, question_of
from app.sessions.shown import arrange
from framework.model import Locale

CODE: Final = demo.COHORT_CODE
TITLE: Final[dict[Locale, str]] = {
    "fr": "Cohorte simulée, pour la démonstration",
    "en": "Simulated cohort, for the demonstration",
}
SEED: Final = 20261122
OPEN_FOR: Final = dt.timedelta(days=7)
AT_LEAST: Final = dt.timedelta(hours=3)
"""How long it was open where the bank came into service only today."""
LAST_ENTRY: Final = dt.timedelta(hours=1)
"""How long before the end the last ones enter."""
IN_ENGLISH, IN_A_HURRY, PASSING = 0.1, 0.06, 0.3
"""Shares of students who read English, of those who stop early, and of wrong answers that are passed instead."""
HURRY: Final = (6, 13)
SECONDS: Final = (35.0, 0.5)
"""Median and spread (of the logarithm) of the time an answer takes."""


@dataclass(frozen=True, slots=True, eq=False)
class Student:
    """Somebody who does not exist. ``ability`` has shape (D,), logits; ``stops_after`` None: goes to the end."""

    label: str
    locale: Locale
    seed: int
    ability: Floats
    begins: dt.datetime
    stops_after: int | None
    rng: np.random.Generator


def steps(database: Database, size: int, clock: Callable[[], dt.datetime]) -> Generator[int]:
    """Make what is missing of a cohort of this size, and give each student's number once the sitting is kept."""
    with database.transaction() as tx:
        demo_store.lock_cohort(tx)
        campaign = _campaign(tx, clock())
        if campaigns.overview(tx, campaign.id).finished >= size:
            return
        pool = pools.of(tx, campaign.bank_version_id)
        loadings = np.array(campaigns.policy_of(tx, campaign.policy_version_id).loadings(pool.framework))
    truth = belief_about(pool).draw(np.random.default_rng([SEED, 0]))
    for number in range(1, size + 1):
        with database.transaction(campaign.institution_id) as tx:
            demo_store.lock_cohort(tx)
            new = _sit(tx, student(number, campaign, loadings), truth)
        if new:
            yield number


def student(number: int, campaign: Campaign, loadings: Floats) -> Student:
    """The cohort's student of this number, always the same in one campaign."""
    assert campaign.closes_at is not None
    rng = np.random.default_rng([SEED, 1, number])
    ability = abilities_from_prior(loadings, 1, rng)[0]
    begins = campaign.opens_at + rng.random() * (campaign.closes_at - LAST_ENTRY - campaign.opens_at)
    return Student(
        label=f"Étudiant simulé {number}",
        locale="en" if rng.random() < IN_ENGLISH else "fr",
        seed=int(rng.integers(2**entry.SEED_BITS)),
        ability=ability,
        begins=begins,
        stops_after=int(rng.integers(*HURRY)) if rng.random() < IN_A_HURRY else None,
        rng=rng,
    )


def _campaign(tx: Connection, now: dt.datetime) -> Campaign:
    """The cohort's campaign, made if need be with the questions and rules of the demonstration's.

    Raise ValueError where a campaign of real people has its code.
    """
    try:
        found = campaigns.find(tx, CODE)
    except UnknownCode:
        return _make_campaign(tx, now)
    if not found.simulated:
        raise ValueError(f"the campaign {CODE} is not a simulated one")
    return found


def _make_campaign(tx: Connection, now: dt.datetime) -> Campaign:
    shown = campaigns.find(tx, demo.CODE)
    pool = pools.of(tx, shown.bank_version_id)
    in_service = dt.datetime.combine(max(item.valid_from for item in pool.items), dt.time(), dt.UTC)
    return campaigns.create(
        tx,
        institution_id=shown.institution_id,
        title=TITLE,
        bank=banks.version_named(tx, BankName.read(pool.name)),
        policy=campaigns.policy_of(tx, shown.policy_version_id),
        identification="name",
        opens_at=min(max(now - OPEN_FOR, in_service), now - AT_LEAST),
        closes_at=now,
        retention_days=LONGEST_RETENTION,
        simulated=True,
        code=CODE,
        actor=demo.ACTOR,
        now=now,
    )


def _sit(tx: Connection, student: Student, truth: TrueBank) -> bool:
    """Go through the whole test as this student, unless that was done before; say whether it is new."""
    try:
        entered = entry.enter(
            tx,
            code=CODE,
            identity=student.label,
            entry_key=None,
            locale=student.locale,
            now=student.begins,
            seed=student.seed,
        )
    except NotTheSamePerson:
        return False
    token = Token.read(entered.token)
    assert token is not None
    _answer_all(tx, student, truth, entered, token)
    entry.sign_out(tx, token)
    return True


def _answer_all(tx: Connection, student: Student, truth: TrueBank, entered: Entered, token: Token) -> None:
    now, running = student.begins, True
    while running:
        now += _time_taken(student.rng)
        sitting = service.sitting(tx, token, entered.session_id, now)
        if len(sitting.log) == student.stops_after:
            service.finish(tx, token, entered.session_id, now)
            return
        step, response = sitting.session.step, answer(student, sitting, truth)
        done = service.submit_answer(tx, token, entered.session_id, step=step, response=response, now=now)
        running = done.view.status == "running"


def _time_taken(rng: np.random.Generator) -> dt.timedelta:
    median, spread = SECONDS
    return dt.timedelta(seconds=median * float(rng.lognormal(sigma=spread)))


def answer(student: Student, sitting: Sitting, truth: TrueBank) -> dict[str, object] | None:
    """What the student answers to the question on screen, in its terms; None where they pass."""
    item, course = sitting.pending, sitting.course
    score = _score(student, item, course, truth)
    if score == 0 and student.rng.random() < PASSING:
        return None
    response = response_scoring(course.pool.items[item], score, student.rng, student.locale)
    return on_screen(arrange(course, item, sitting.session.step), question_of(sitting), response)


def _score(student: Student, item: int, course: Course, truth: TrueBank) -> int:
    ability = student.ability[course.pool.tables.domain[item]]
    drawn = truth.scores(np.array([item]), np.array([ability]), student.rng.random(1))
    return int(drawn[0])
