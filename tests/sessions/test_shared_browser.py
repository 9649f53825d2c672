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
