"""A timed test whose learner never comes back ends by itself, and its result is recorded."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.campaigns.model import Campaign
from app.db.connection import Database
from app.db.tables.sessions import SessionRow
from app.results import service as results
from app.results.model import Wanted
from app.sessions import overdue
from app.sessions.replay import replay
from tests.builders import Institution, make_institution
from tests.conftest import Clock
from tests.sittings import SHORT, LearnerByApi, make_campaign

TIMED = SHORT.model_copy(update={"time_limit_minutes": 30})
MANY = 100


@pytest.fixture
def begin(client: TestClient, open_campaign: Callable[..., Campaign]) -> Callable[..., LearnerByApi]:
    """A learner who has answered once and gone."""
    campaign = open_campaign(policy=TIMED)

    def made(**changes: Any) -> LearnerByApi:
        learner = LearnerByApi(client, campaign.code)
        learner.start(**changes)
        learner.answer(1, None)
        return learner

    return made


def finish(database: Database, institution: Institution, now: dt.datetime, limit: int = MANY) -> int:
    with database.transaction(institution.id) as tx:
        return overdue.finish_overdue(tx, now, limit)


def recorded(database: Database, institution: Institution) -> list[uuid.UUID]:
    """Sessions of the institution's journal, in order."""
    with database.transaction(institution.id) as tx:
        asked = Wanted()
        held = results.extent(tx, asked, limit=None)
        return [each.session_id for each in results.page(tx, asked, held)]


def test_a_sitting_left_behind_ends_by_its_time_with_its_result_in_the_journal(
    begin: Callable[..., LearnerByApi], database: Database, institution: Institution, clock: Clock
) -> None:
    learner = begin()
    clock.advance(minutes=30, seconds=11)
    assert finish(database, institution, clock.now) == 1
    assert recorded(database, institution) == [uuid.UUID(learner.session)]
    result = learner.result()
    assert (result["stop_reason"], result["answers"]) == ("time", 1)
    assert dt.datetime.fromisoformat(result["finished_at"]) == clock.now


def test_it_replays_bit_for_bit(
    begin: Callable[..., LearnerByApi], database: Database, institution: Institution, clock: Clock
) -> None:
    learner = begin()
    clock.advance(hours=1)
    finish(database, institution, clock.now)
    with database.transaction(institution.id) as tx:
        assert replay(tx, uuid.UUID(learner.session)).equal


def test_an_answer_on_its_way_is_still_waited_for(
    begin: Callable[..., LearnerByApi], database: Database, institution: Institution, clock: Clock
) -> None:
    learner = begin()
    clock.advance(minutes=30, seconds=10)
    assert finish(database, institution, clock.now) == 0
    assert learner.answer(2, None)["receipt"] is not None


def test_an_answer_that_comes_after_it_is_told_the_time_is_over(
    begin: Callable[..., LearnerByApi], database: Database, institution: Institution, clock: Clock
) -> None:
    learner = begin()
    clock.advance(hours=1)
    finish(database, institution, clock.now)
    late = learner.answer(2, None)
    assert (late["receipt"], late["session"]["stop_reason"]) == (None, "time")
    assert learner.post(3, None).status_code == 409


def test_a_test_without_a_limit_never_ends_by_time(
    learner: LearnerByApi, database: Database, institution: Institution, clock: Clock
) -> None:
    learner.start()
    clock.advance(days=100)
    assert finish(database, institution, clock.now) == 0


def test_a_round_ends_no_more_than_asked_and_the_earliest_first(
    begin: Callable[..., LearnerByApi], database: Database, institution: Institution, clock: Clock
) -> None:
    learners = []
    for _ in range(3):
        learners.append(begin())
        clock.advance(minutes=1)
    clock.advance(hours=1)
    assert [finish(database, institution, clock.now, 2) for _ in range(3)] == [2, 1, 0]
    assert recorded(database, institution) == [uuid.UUID(learner.session) for learner in learners]


def test_a_sitting_that_somebody_else_is_ending_is_passed_over(
    begin: Callable[..., LearnerByApi], database: Database, institution: Institution, clock: Clock
) -> None:
    held, free = begin(), begin()
    clock.advance(hours=1)
    with database.transaction(institution.id) as tx:
        tx.execute(select(SessionRow.id).where(SessionRow.id == uuid.UUID(held.session)).with_for_update())
        assert finish(database, institution, clock.now) == 1
    assert recorded(database, institution) == [uuid.UUID(free.session)]


def test_a_sitting_that_cannot_be_ended_keeps_no_other_waiting(
    begin: Callable[..., LearnerByApi], database: Database, institution: Institution, clock: Clock
) -> None:
    broken, sound = begin(), begin()
    clock.advance(hours=1)
    with database.transaction(institution.id) as tx:
        session = tx.execute(select(SessionRow).where(SessionRow.id == uuid.UUID(broken.session))).one()
        already = {"campaign_id": session.campaign_id, "participant_id": session.participant_id}
        results.record(tx, session_id=session.id, content={}, **already)
    assert finish(database, institution, clock.now) == 1
    assert sound.result()["stop_reason"] == "time"


def test_one_that_cannot_be_ended_is_passed_over_in_the_next_round(
    begin: Callable[..., LearnerByApi], database: Database, institution: Institution, clock: Clock
) -> None:
    broken = begin()
    clock.advance(seconds=1)
    sound = begin()
    clock.advance(hours=1)
    with database.transaction(institution.id) as tx:
        session = tx.execute(select(SessionRow).where(SessionRow.id == uuid.UUID(broken.session))).one()
        already = {"campaign_id": session.campaign_id, "participant_id": session.participant_id}
        results.record(tx, session_id=session.id, content={}, **already)
    stuck: set[uuid.UUID] = set()
    rounds = []
    for _ in range(2):
        with database.transaction(institution.id) as tx:
            rounds.append(overdue.finish_overdue(tx, clock.now, 1, stuck))
    assert rounds == [0, 1]
    assert sound.result()["stop_reason"] == "time"


def test_institutions_with_something_to_end_are_found_without_a_scope(
    begin: Callable[..., LearnerByApi], database: Database, institution: Institution, clock: Clock
) -> None:
    begin()
    with database.transaction() as tx:
        assert institution.id not in overdue.institutions(tx, clock.now)
        clock.advance(hours=1)
        assert institution.id in overdue.institutions(tx, clock.now)
    finish(database, institution, clock.now)
    with database.transaction() as tx:
        assert institution.id not in overdue.institutions(tx, clock.now)


def test_only_the_institution_in_scope_is_touched(
    begin: Callable[..., LearnerByApi], client: TestClient, database: Database, institution: Institution, clock: Clock
) -> None:
    other = make_institution(database)
    LearnerByApi(client, make_campaign(database, other, clock.now, policy=TIMED).code).start()
    begin()
    clock.advance(hours=1)
    assert finish(database, institution, clock.now) == 1
    assert recorded(database, other) == []
