"""What a learner's pages do with what cannot be kept."""

import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from app.campaigns.model import Campaign

HTML = {"Accept": "text/html"}


class Browser:
    """A learner's browser without scripts."""

    def __init__(self, client: TestClient, code: str) -> None:
        self.client = client
        assert client.post("/enter", data={"code": code, "label": "Sacha Diallo"}).status_code == 303

    def form(self) -> dict[str, str]:
        text = self.client.get("/test", headers=HTML).text
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', text))
        return {"step": hidden["step"], "session": hidden["session"]}

    def kind(self) -> str:
        text = self.client.get("/test", headers=HTML).text
        assert "data-answer" in text, "the test is over"
        if 'name="part1"' in text or "inputmode" in text:
            return "parts"
        return "text" if 'name="text"' in text else "several" if 'type="checkbox"' in text else "one"

    def skip(self) -> None:
        assert self.client.post("/test/answers", data={**self.form(), "skip": "1"}).status_code == 303


@pytest.fixture
def browser(client: TestClient, campaign: Campaign) -> Iterator[Browser]:
    yield Browser(client, campaign.code)
    client.cookies.clear()


def at_a(browser: Browser, kind: str) -> None:
    """Skip to the first question of a kind; a whole test has every kind or the bank is poor."""
    while browser.kind() != kind:
        browser.skip()


def test_an_answer_that_cannot_be_read_is_told_and_the_question_stays(browser: Browser, client: TestClient) -> None:
    while browser.kind() == "parts":
        browser.skip()
    form = browser.form()
    unreadable = {"text": "x" * 501} if browser.kind() == "text" else {"choice": "9"}
    refused = client.post("/test/answers", data={**form, **unreadable}, headers=HTML)
    assert refused.status_code == 422
    assert "n’a pas pu être lue" in refused.text
    assert browser.form() == form


def test_ticks_that_come_with_an_unknown_one_stay_ticked(browser: Browser, client: TestClient) -> None:
    at_a(browser, "several")
    refused = client.post("/test/answers", data={**browser.form(), "choice": ["2", "9"]}, headers=HTML)
    assert refused.status_code == 422
    assert re.search(r'value="2"\s*checked', refused.text)


def test_an_answer_after_the_end_is_told_that_it_does_not_count(browser: Browser, client: TestClient) -> None:
    form = browser.form()
    assert client.post("/test/finish", data={"session": form["session"]}).status_code == 303
    late = client.post("/test/answers", data={**form, "skip": "1"}, headers=HTML)
    assert late.status_code == 409
    assert "ne compte pas" in late.text
    assert 'href="/test"' in late.text


def test_leaving_a_shared_device_closes_the_profile(browser: Browser, client: TestClient) -> None:
    assert client.post("/test/finish", data={"session": browser.form()["session"]}).status_code == 303
    assert "/leave" in client.get("/result", headers=HTML).text
    assert client.post("/leave", data={}).status_code == 303
    assert client.get("/result", headers=HTML).status_code == 401
