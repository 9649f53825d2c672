"""A learner's whole test in a real browser, against the real service and a real database."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.campaigns.model import Campaign
from app.db.connection import Database
from app.sessions import replay
from framework.model import LOCALES, Locale
from tests.browser.conftest import Stored
from tests.browser.gallery import axe_findings
from tests.browser.learner import Learner
from tests.builders import Institution
from tests.conftest import Clock
from tests.sittings import SHORT, make_campaign

pytestmark = pytest.mark.browser


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
        by_keyboard(page, learner.step)
        page.keyboard.press("Enter")
        if not learner.follow():
            break
    tab_to(page, "a.act")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre profil")


def by_keyboard(page: Page, step: int) -> None:
    """Answer the question on screen with keys alone; Enter then sends it."""
    if page.locator("[name=text]").count():
        tab_to(page, "[name=text]")
        page.keyboard.type("12,5" if page.locator("[inputmode=decimal]").count() else "phishing")
    elif page.locator("[name^=part]").count():
        parts_by_keyboard(page)
    else:
        page.keyboard.press(str(1 + step % 3))


def parts_by_keyboard(page: Page) -> None:
    """Move the first element down, or fill every part; then go to the button that sends."""
    if page.locator(".order.live").count():
        tab_to(page, "[data-move='1']")
        page.keyboard.press("Enter")
    else:
        for name in [part.get_attribute("name") for part in page.locator("[name^=part]").all()]:
            tab_to(page, f"[name={name}]")
            page.keyboard.press("ArrowDown") if page.locator(f"select[name={name}]").count() else page.keyboard.type(
                "x"
            )
    tab_to(page, ".act")


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus, as a person would; a page of ours needs few."""
    for _ in range(25):
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
