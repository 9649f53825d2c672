"""A learner's whole test in a real browser, against the real service and a real database."""

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page, expect

from app.campaigns.model import Campaign
from app.db.connection import Database
from app.results import service as results
from app.sessions import replay
from app.web.deps import utc_now
from framework.model import LOCALES, Locale
from tests.browser.gallery import axe_findings, chromium
from tests.browser.live import live
from tests.builders import Institution
from tests.conftest import Clock
from tests.sittings import SHORT, make_campaign

pytestmark = pytest.mark.browser

Stored = Callable[[], Mapping[str, Any]]

WORDS = {
    "fr": {
        "go": "Continuer",
        "begin": "Commencer",
        "first": "Voir la première question",
        "send": "Valider",
        "pass": "Je ne sais pas, passer",
        "kept": "Réponse enregistrée à",
        "cut": "La connexion est coupée",
        "resume": "Reprendre",
        "profile": "Voir mon profil",
        "result": "Votre profil",
        "review": "Relire les questions",
    },
    "en": {
        "go": "Continue",
        "begin": "Start",
        "first": "See the first question",
        "send": "Confirm",
        "pass": "I don’t know, skip",
        "kept": "Answer saved at",
        "cut": "The connection is lost",
        "resume": "Resume",
        "profile": "See my profile",
        "result": "Your profile",
        "review": "Go through the questions",
    },
}


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
    expected = ("net::ERR_INTERNET_DISCONNECTED", "status of 409 (Conflict)")
    if message.type == "error" and not any(each in message.text for each in expected):
        said.append(message.text)


class Learner:
    """A person at a page, in one language."""

    def __init__(self, page: Page, address: str, locale: Locale) -> None:
        self.page, self.address, self.words = page, address, WORDS[locale]
        self.step = 0

    def enter(self, code: str, name: str) -> str:
        """Type the code, read, give a name, begin; return the resume code."""
        self.page.goto(self.address)
        self.page.locator("#code").fill(code.lower())
        self.page.get_by_role("button", name=self.words["go"]).click()
        self.page.locator("[name=label]").fill(name)
        self.page.get_by_role("button", name=self.words["begin"]).click()
        code = self.page.locator(".token").inner_text()
        self.page.get_by_role("link", name=self.words["first"]).click()
        self.at(1)
        return code

    def at(self, step: int) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(f"Question {step}", timeout=15_000)
        self.step = step

    def fill(self) -> None:
        choices = self.page.locator("label.choice")
        if choices.count():
            choices.nth(self.step % choices.count()).click()
        else:
            self.page.locator("[name=text]").fill("phishing")

    def send(self) -> None:
        self.page.get_by_role("button", name=self.words["send"]).click()

    def skip(self) -> None:
        self.page.get_by_role("button", name=self.words["pass"]).click()

    def answer(self) -> bool:
        """One more question; False once the end is reached."""
        if self.step % 6 == 5:
            self.skip()
        else:
            self.fill()
            self.send()
        return self.follow()

    def follow(self) -> bool:
        """Wait for what comes after a question: the next one, or the end."""
        following = self.page.locator("h1").filter(has_text=re.compile(rf"Question {self.step + 1}\b"))
        following.or_(self.page.locator("main[data-page=finished]")).first.wait_for(timeout=20_000)
        if not self.page.locator("form[data-answer]").count():
            return False
        self.step += 1
        return True


@pytest.mark.parametrize("locale", LOCALES)
def test_a_learner_skips_is_cut_reloads_changes_browser_finishes_and_sees_a_profile(
    locale: Locale, open_browser: Callable[..., Page], address: str, campaign: Campaign, stored: Stored
) -> None:
    options = {"locale": {"fr": "fr-FR", "en": "en-GB"}[locale]}
    learner = Learner(open_browser(**options), address, locale)
    resume_code = learner.enter(campaign.code, "Sacha Diallo")
    learner.skip()
    assert learner.follow()
    expect(learner.page.locator("[data-received]")).to_contain_text(learner.words["kept"])

    learner.page.context.set_offline(True)
    learner.fill()
    learner.send()
    expect(learner.page.locator("#delivery")).to_contain_text(learner.words["cut"])
    learner.page.context.set_offline(False)
    assert learner.follow()

    learner.page.reload()
    learner.at(3)
    assert axe_findings(learner.page) == []

    elsewhere = Learner(open_browser(**options, viewport={"width": 1280, "height": 800}), address, locale)
    elsewhere.page.goto(f"{address}/resume?code={campaign.code}")
    elsewhere.page.locator("[name=resume_code]").fill(resume_code.lower().replace("-", " "))
    elsewhere.page.get_by_role("button", name=elsewhere.words["resume"]).click()
    elsewhere.at(3)
    while elsewhere.answer():
        pass

    elsewhere.page.get_by_role("link", name=elsewhere.words["profile"]).click()
    expect(elsewhere.page.get_by_role("heading", level=1)).to_have_text(elsewhere.words["result"])
    assert axe_findings(elsewhere.page) == []
    the_page_says_what_is_stored(elsewhere.page, stored())
    elsewhere.page.get_by_role("link", name=elsewhere.words["review"]).click()
    expect(elsewhere.page.locator("article")).to_have_count(elsewhere.step)
    assert axe_findings(elsewhere.page) == []


def the_page_says_what_is_stored(page: Page, document: Mapping[str, Any]) -> None:
    """Five domains: each row of the table tells the stored level and its probability."""
    rows = [row.inner_text().replace("\u202f", " ").replace("\xa0", " ") for row in page.locator("tbody tr").all()]
    assert len(rows) == len(document["domains"]) == 5
    for row, domain in zip(rows, document["domains"], strict=True):
        if domain["withheld"] is None:
            percent = round(100 * domain["level_probability"])
            assert re.search(rf"\b{domain['level']}\b", row)
            assert re.search(rf"{percent} ?%", row), (row, percent)


def test_without_scripts_the_whole_test_works_too(
    open_browser: Callable[..., Page], address: str, campaign: Campaign
) -> None:
    learner = Learner(open_browser(java_script_enabled=False), address, "fr")
    learner.enter(campaign.code, "Noa Martin")
    while learner.page.locator("form[data-answer]").count():
        learner.at(learner.step)
        learner.fill() if learner.step % 4 else None
        learner.send() if learner.step % 4 else learner.skip()
        learner.step += 1
    learner.page.get_by_role("link", name=learner.words["profile"]).click()
    expect(learner.page.get_by_role("heading", level=1)).to_have_text(learner.words["result"])
    expect(learner.page.locator("svg").first).to_be_visible()


def test_the_keyboard_alone_goes_from_the_code_to_the_profile(
    open_browser: Callable[..., Page], address: str, campaign: Campaign
) -> None:
    page = open_browser(viewport={"width": 1024, "height": 768})
    page.goto(address)
    tab_to(page, "#code")
    page.keyboard.type(campaign.code)
    page.keyboard.press("Enter")
    page.wait_for_url("**/campaigns/**")
    tab_to(page, "[name=label]")
    page.keyboard.type("Lou Bernard")
    page.keyboard.press("Enter")
    page.wait_for_url("**/entered")
    tab_to(page, "a.act")
    page.keyboard.press("Enter")
    learner = Learner(page, address, "fr")
    learner.at(1)
    while True:
        if page.locator("[name=text]").count():
            tab_to(page, "[name=text]")
            page.keyboard.type("phishing")
        else:
            page.keyboard.press(str(1 + learner.step % 3))
        page.keyboard.press("Enter")
        if not learner.follow():
            break
    tab_to(page, "a.act")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre profil")


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus, as a person would; a page of ours needs few."""
    for _ in range(15):
        if page.evaluate("s => document.activeElement?.matches(s) ?? false", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} cannot be reached by Tab")


def test_two_tabs_the_stale_one_shows_the_question_that_is_current(
    open_browser: Callable[..., Page], address: str, campaign: Campaign
) -> None:
    first = Learner(open_browser(), address, "fr")
    first.enter(campaign.code, "Eden Petit")
    second = Learner(first.page.context.new_page(), address, "fr")
    second.page.goto(f"{address}/test")
    second.at(1)
    second.skip()
    second.at(2)
    first.fill()
    first.send()
    first.at(2)
    expect(first.page.locator("[data-notice]")).to_contain_text("a déjà reçu une réponse")


def test_a_double_click_on_begin_starts_one_test(
    open_browser: Callable[..., Page], address: str, campaign: Campaign, database: Database, institution: Institution
) -> None:
    page = open_browser()
    page.goto(f"{address}/campaigns/{campaign.code}")
    page.locator("[name=label]").fill("Charlie Roux")
    page.get_by_role("button", name="Commencer").dblclick()
    expect(page.locator(".token")).to_be_visible(timeout=15_000)
    with database.transaction(institution.id) as tx:
        assert len(list(replay.replay_all(tx))) == 1


def test_the_clock_of_a_timed_test_is_the_servers(
    open_browser: Callable[..., Page], address: str, database: Database, institution: Institution, clock: Clock
) -> None:
    timed = SHORT.model_copy(update={"time_limit_minutes": 30})
    campaign = make_campaign(database, institution, clock.now, policy=timed)
    learner = Learner(open_browser(), address, "fr")
    learner.enter(campaign.code, "Alix Moreau")
    expect(learner.page.locator("[data-clock]")).to_contain_text(re.compile("30 min|29 min"))
    clock.now += dt.timedelta(minutes=31)
    learner.fill()
    learner.send()
    expect(learner.page.get_by_role("heading", level=1)).to_have_text("Le test est terminé", timeout=15_000)
    expect(learner.page.locator(".lede")).to_contain_text("Le temps prévu est écoulé")
