import uuid

import pytest

from app.db.connection import Database
from app.results import service
from app.results.model import Extent, UnknownParticipant, UnknownResult, Wanted
from tests.builders import Institution
from tests.results.journal import Campaign, finish_many, sit


def streamed(database: Database, institution_id: uuid.UUID, held: Extent, *, after: int = 0) -> list[list[int]]:
    portions = service.stream(database, institution_id, Wanted(after=after), held)
    return [[record.position for record in records] for records in portions]


def test_a_table_is_read_a_portion_at_a_time(
    database: Database, institution: Institution, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "CHUNK", 2)
    finish_many(database, campaign, 5)
    assert streamed(database, institution.id, Extent(5, 5, has_more=False)) == [[1, 2], [3, 4], [5]]
    assert streamed(database, institution.id, Extent(2, 3, has_more=True), after=1) == [[2, 3]]


def test_a_table_ends_even_if_a_result_moved_away_while_it_was_sent(
    database: Database, institution: Institution, campaign: Campaign
) -> None:
    finish_many(database, campaign, 2)
    assert streamed(database, institution.id, Extent(3, 3, has_more=False)) == [[1, 2]]


def test_between_two_portions_no_connection_is_held(
    database: Database, institution: Institution, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "CHUNK", 1)
    finish_many(database, campaign, 2)
    portions = service.stream(database, institution.id, Wanted(), Extent(2, 2, has_more=False))
    before = database.engine.pool.checkedout()  # type: ignore[attr-defined]
    next(portions)
    assert database.engine.pool.checkedout() == before  # type: ignore[attr-defined]


def test_a_sitting_that_is_not_finished_has_no_result(database: Database, campaign: Campaign) -> None:
    with database.transaction(campaign.institution_id) as tx:
        sitting = sit(tx, campaign, finished=False)
        with pytest.raises(UnknownResult):
            service.of_session(tx, sitting.session_id)


def test_a_participation_is_the_latest_sitting_of_the_person(database: Database, campaign: Campaign) -> None:
    with database.transaction(campaign.institution_id) as tx:
        sitting = sit(tx, campaign, label="21904417", finished=False)
        found = service.participation(tx, campaign.id, sitting.participant_id)
        with pytest.raises(UnknownParticipant):
            service.participation(tx, campaign.id, uuid.uuid4())
    assert (found.session_id, found.name, found.answered, found.content) == (sitting.session_id, "21904417", 0, None)
