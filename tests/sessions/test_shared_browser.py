"""Several learners, one after another, in one browser of a computer room."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from app.campaigns.model import Campaign
from tests.sittings import LearnerByApi


@pytest.fixture
def room(make_client: Callable[..., TestClient]) -> TestClient:
    """The browser that everybody uses."""
    return make_client()


def enter(room: TestClient, campaign: Campaign, name: str) -> str:
    """Begin a test on the pages; give the resume code that the page tells."""
    assert room.post("/enter", data={"code": campaign.code, "label": name}).headers["location"] == "/entered"
    return room.cookies["toise_resume"]


def test_who_comes_back_is_not_shown_the_resume_code_of_whoever_sat_here_before(
    room: TestClient, client: TestClient, campaign: Campaign
) -> None:
    second = LearnerByApi(client, campaign.code)
    second.start()
    first_code = enter(room, campaign, "Première personne")
    room.post("/resume", data={"code": campaign.code, "resume_code": second.resume_code})
    told = room.get("/entered")
    assert first_code not in told.text
    assert told.headers["location"] == "/test"


def test_who_finds_another_persons_test_in_the_browser_may_begin_an_own_one(
    room: TestClient, client: TestClient, campaign: Campaign
) -> None:
    code = enter(room, campaign, "Première personne")
    first = room.get("/test").text
    assert 'action="/leave"' in room.get(f"/campaigns/{campaign.code}").text
    home = room.post("/leave", data={"code": campaign.code}).headers["location"]
    assert room.get(home).headers["location"] == f"/campaigns/{campaign.code}"
    assert 'action="/enter"' in room.get(f"/campaigns/{campaign.code}").text
    assert room.get("/test").status_code == 401
    enter(room, campaign, "Seconde personne")
    assert room.get("/test").text != first
    assert client.post("/api/v1/sessions/resume", json={"code": campaign.code, "resume_code": code}).status_code == 200


def test_a_browser_that_was_left_opens_nothing_with_its_old_cookie(room: TestClient, campaign: Campaign) -> None:
    enter(room, campaign, "Première personne")
    kept = room.cookies["toise_learner"]
    room.post("/leave", data={"code": campaign.code})
    room.cookies.set("toise_learner", kept)
    assert room.get("/test").status_code == 404
