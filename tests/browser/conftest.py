from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page

from app.campaigns.model import Campaign
from app.db.connection import Database
from app.results import service as results
from app.sessions import replay
from app.web.deps import utc_now
from tests.browser.gallery import chromium
from tests.browser.live import live
from tests.builders import Institution
from tests.conftest import Clock
from tests.sittings import make_campaign

Stored = Callable[[], Mapping[str, Any]]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def campaign(database: Database, institution: Institution) -> Campaign:
    return make_campaign(database, institution, utc_now())


@pytest.fixture
def address(make_app: Callable[..., FastAPI], clock: Clock) -> Iterator[str]:
    clock.now = utc_now()
    with live(make_app()) as found:
        yield found


@pytest.fixture
def stored(database: Database, institution: Institution) -> Stored:
    """The only result of the institution, which replays equal."""

    def read() -> Mapping[str, Any]:
        with database.transaction(institution.id) as tx:
            (replayed,) = replay.replay_all(tx)
            assert replayed.equal
            return results.of_session(tx, replayed.session_id)

    return read


@pytest.fixture
def open_browser(browser: Browser) -> Iterator[Callable[..., Page]]:
    """A fresh browser profile; whatever its console says as an error fails the test."""
    contexts: list[BrowserContext] = []
    said: list[str] = []

    def opened(**options: Any) -> Page:
        context = browser.new_context(**{"locale": "fr-FR", "viewport": {"width": 390, "height": 844}, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: _note(said, message))
        page.on("pageerror", lambda error: said.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert said == []


def _note(said: list[str], message: Any) -> None:
    """A cut connection and a refusal are told by the browser itself; anything else is a fault of ours."""
    expected = ("net::ERR_INTERNET_DISCONNECTED", "status of 409 (Conflict)", "status of 422 (Unprocessable")
    if message.type == "error" and not any(each in message.text for each in expected):
        said.append(message.text)
