"""A poller follows results: from a cursor, since a moment, of one campaign."""

import threading
import time
import uuid

import pytest
from fastapi.testclient import TestClient

from app.db.connection import Database
from app.results.model import Cursor
from tests.builders import Institution, make_institution
from tests.results.journal import Campaign, finish, finish_many, make_campaign
from tests.results.reading import sessions
from tests.university import University, make_university


def test_the_cursor_that_was_kept_gives_what_came_since(
    university: University, database: Database, campaign: Campaign
) -> None:
    finish_many(database, campaign, 2)
    kept = university.get("/results").json()["next_cursor"]
    assert university.get("/results", cursor=kept).json()["data"] == []
    new = finish_many(database, campaign, 2)
    assert sessions(university.get("/results", cursor=kept).json()["data"]) == new


def test_updated_since_leaves_out_what_changed_before(
    university: University, database: Database, campaign: Campaign
) -> None:
    finish_many(database, campaign, 1)
    (last,) = finish_many(database, campaign, 1)
    moment = university.everything()[-1]["updated_at"]
    assert sessions(university.everything(updated_since=moment)) == [last]
    assert university.everything(updated_since="2999-01-01T00:00:00+01:00") == []
    assert len(university.everything(updated_since="1999-01-01T00:00:00-11:30")) == 2


def test_a_plus_that_was_not_escaped_is_understood(university: University) -> None:
    headers = {"Authorization": f"Bearer {university.token}"}
    answer = university.http.get("/api/v1/results?updated_since=2026-11-21T15:03:00+01:00", headers=headers)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "moment",
    [
        "2026-11-21",
        "2026-11-21T14:03:00",
        "yesterday",
        "1700000000",
        "2026-13-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "",
    ],
)
def test_a_moment_without_its_offset_is_refused_and_says_how_to_write_one(university: University, moment: str) -> None:
    answer = university.get("/results", updated_since=moment)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-updated-since")
    assert "2026-11-21T14:03:00Z" in answer.json()["detail"]
    assert "%2B" in answer.json()["detail"]


def test_one_campaign_is_followed_by_its_id_or_its_code(
    university: University, database: Database, institution: Institution, campaign: Campaign
) -> None:
    other = make_campaign(database, institution.id)
    made = finish_many(database, campaign, 2)
    finish_many(database, other, 2)
    assert sessions(university.everything(campaign=campaign.code.lower())) == made
    assert sessions(university.everything(campaign=str(campaign.id))) == made


def test_an_unknown_campaign_is_said_to_be_unknown(university: University, database: Database) -> None:
    foreign = make_campaign(database, make_institution(database).id)
    for name in (foreign.code, str(foreign.id), str(uuid.uuid4()), "NOCODE", "\0", "é"):
        answer = university.get("/results", campaign=name)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown-campaign")


def test_a_cursor_stays_in_the_campaign_it_was_given_for(university: University, campaign: Campaign) -> None:
    one = university.get("/results", campaign=campaign.code).json()["next_cursor"]
    every = university.get("/results").json()["next_cursor"]
    for query in ({"cursor": one}, {"cursor": every, "campaign": campaign.code}):
        answer = university.get("/results", **query)
        assert (answer.status_code, answer.json()["code"]) == (400, "cursor-of-another-list")


def test_a_cursor_of_another_institution_is_refused(
    university: University, database: Database, http: TestClient
) -> None:
    other = make_university(http, database, make_institution(database).id)
    answer = university.get("/results", cursor=other.get("/results").json()["next_cursor"])
    assert answer.json()["code"] == "cursor-of-another-list"


@pytest.mark.parametrize("cursor", ["x", "", "W10", "bnVsbA", "\u00e9", "\0", "=", "A" * 399])
def test_a_cursor_that_we_did_not_write_is_refused_by_name(university: University, cursor: str) -> None:
    answer = university.get("/results", cursor=cursor)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-cursor")
    assert "cursor" in answer.json()["detail"]


@pytest.mark.parametrize("position", [-1, 2**63])
def test_a_cursor_beyond_every_journal_is_refused(university: University, position: int) -> None:
    forged = Cursor(position, university.institution_id, None).text()
    assert university.get("/results", cursor=forged).status_code == 400


def test_a_poller_misses_nothing_and_reads_nothing_twice_while_many_finish_at_once(
    university: University, database: Database, campaign: Campaign
) -> None:
    def write() -> None:
        for _ in range(10):
            with database.transaction(campaign.institution_id) as tx:
                finish(tx, campaign)
                time.sleep(0.002)

    writers = [threading.Thread(target=write) for _ in range(6)]
    for writer in writers:
        writer.start()
    seen: list[dict[str, object]] = []
    kept: dict[str, str] = {}
    while True:
        last_round = not any(writer.is_alive() for writer in writers)
        page = university.get("/results", limit=4, **kept).json()
        seen += page["data"]
        kept = {"cursor": page["next_cursor"]}
        if last_round and not page["has_more"]:
            break
    assert len(seen) == len(set(sessions(seen))) == 60
