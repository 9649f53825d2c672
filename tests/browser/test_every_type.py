"""Every type of question in a real browser, against the real service: keyboard, scripts or none, telephone, axe."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from app.campaigns.model import Campaign
from app.db.connection import Database
from app.web.deps import utc_now
from tests.browser.gallery import axe_findings
from tests.browser.learner import Learner
from tests.builders import Institution
from tests.sittings import make_campaign
from tests.tasks import WHOLE, bank_of_every_type

pytestmark = pytest.mark.browser

TELEPHONE = {"viewport": {"width": 360, "height": 740}, "reduced_motion": "reduce"}
MARKS = {
    "numeric": "[inputmode=decimal]",
    "ordering": ".order",
    "matching": ".matches",
    "inline_choice": ".gapped select",
    "gap_text": ".gapped input",
}


@pytest.fixture
def campaign(database: Database, institution: Institution, tmp_path: Path) -> Campaign:
    return make_campaign(database, institution, utc_now(), policy=WHOLE, files=bank_of_every_type(tmp_path))


Begin = Callable[..., Learner]


@pytest.fixture
def begin(open_browser: Callable[..., Page], address: str, campaign: Campaign) -> Begin:
    """A learner at the first question of a kind."""

    def begun(kind: str, **options: object) -> Learner:
        learner = Learner(open_browser(**{**TELEPHONE, **options}), address, "fr")
        learner.enter(campaign.code, "Sacha Diallo")
        while not learner.page.locator(MARKS[kind]).count():
            learner.skip()
            learner.at(learner.step + 1)
        return learner

    return begun


def order_of(page: Page) -> list[str]:
    """The letters of the elements from top to bottom."""
    return [text.removeprefix("Étape ")[0] for text in page.locator(".order label").all_inner_texts()]


def send(learner: Learner) -> None:
    learner.send()
    learner.at(learner.step + 1) if learner.step < 8 else learner.page.wait_for_selector("[data-page=finished]")


def test_every_type_is_read_and_answered_on_a_telephone_without_a_finding(
    open_browser: Callable[..., Page], address: str, campaign: Campaign
) -> None:
    learner = Learner(open_browser(**TELEPHONE), address, "fr")
    learner.enter(campaign.code, "Sacha Diallo")
    while True:
        assert axe_findings(learner.page) == []
        assert learner.page.evaluate("document.documentElement.scrollWidth") <= 360
        learner.fill()
        assert axe_findings(learner.page) == []
        learner.send()
        if not learner.follow():
            break
    assert learner.step == 8


def test_elements_are_moved_by_keys_alone_and_each_move_is_told(begin: Begin) -> None:
    learner = begin("ordering")
    page = learner.page
    before = order_of(page)
    button = page.get_by_role("button", name=re.compile("^Descendre")).first
    button.focus()
    page.keyboard.press("Enter")
    page.keyboard.press(" ")
    first, second, third, fourth = before
    assert order_of(page) == [second, third, first, fourth]
    expect(page.locator("#announcer")).to_have_text(f"Étape {first} (fr)\u00a0: place 3 sur 4")
    expect(page.get_by_role("button", name=f"Descendre : Étape {first}")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    assert order_of(page) == [second, third, fourth, first]
    send(learner)


def test_an_order_that_nobody_touched_is_an_answer_only_when_it_is_sent_twice(begin: Begin) -> None:
    learner = begin("ordering")
    learner.send()
    expect(learner.page.locator("#delivery")).to_contain_text("Si cet ordre vous paraît juste, validez encore une fois")
    learner.at(learner.step)
    send(learner)


def test_without_scripts_an_order_is_given_by_numbers(begin: Begin) -> None:
    learner = begin("ordering", java_script_enabled=False)
    parts = learner.page.locator(".order select")
    assert learner.page.locator("[data-move]").count() == 0
    for part, place in zip(parts.all(), "2241", strict=True):
        part.select_option(place)
    learner.send()
    expect(learner.page.locator("#delivery")).to_have_text("Donnez à chaque élément une place différente.")
    assert [part.input_value() for part in parts.all()] == list("2241")
    parts.nth(1).select_option("3")
    send(learner)


def test_moves_survive_a_cut_and_a_reload(begin: Begin) -> None:
    learner = begin("ordering")
    page = learner.page
    page.locator("[data-move='1']").first.click()
    moved = order_of(page)
    page.context.set_offline(True)
    learner.send()
    expect(page.locator("#delivery")).to_contain_text("La connexion est coupée")
    assert order_of(page) == moved
    expect(page.locator("[data-move]").first).to_be_disabled()
    page.context.set_offline(False)
    learner.follow()


@pytest.mark.parametrize("kind", ["matching", "inline_choice", "gap_text"])
@pytest.mark.parametrize("scripts", [True, False])
def test_what_is_missing_is_told_once_with_everything_kept(begin: Begin, kind: str, *, scripts: bool) -> None:
    learner = begin(kind, java_script_enabled=scripts)
    parts = learner.page.locator("[name^=part]")
    fill(parts.first)
    kept = parts.first.input_value()
    learner.send()
    expect(learner.page.locator("#delivery")).to_contain_text("comptera comme faux")
    assert parts.first.input_value() == kept
    missing = learner.page.locator("[aria-invalid=true]")
    assert missing.count() == parts.count() - 1
    if scripts:
        expect(missing.first).to_be_focused()
        assert axe_findings(learner.page) == []
    send(learner)


def fill(part: Locator) -> None:
    if part.evaluate("field => field.tagName") == "INPUT":
        part.fill("rançongiciel")
    else:
        part.select_option(index=2)


@pytest.mark.parametrize("kind", ["matching", "gap_text"])
def test_parts_are_frozen_while_they_travel_and_come_back_after_a_reload(begin: Begin, kind: str) -> None:
    learner = begin(kind)
    parts = learner.page.locator("[name^=part]")
    for part in parts.all():
        fill(part)
    learner.page.context.set_offline(True)
    learner.send()
    expect(learner.page.locator("#delivery")).to_contain_text("La connexion est coupée")
    assert all(part.is_disabled() for part in parts.all())
    learner.page.context.set_offline(False)
    assert learner.follow() or learner.step == 8


def test_a_double_click_sends_parts_once(begin: Begin) -> None:
    learner = begin("matching")
    for part in learner.page.locator("[name^=part]").all():
        fill(part)
    learner.page.get_by_role("button", name="Valider").dblclick()
    learner.at(learner.step + 1) if learner.step < 8 else None
    learner.page.reload()
    expect(learner.page.locator("[data-notice]")).to_have_count(0)


def test_a_number_with_its_unit_typed_is_gently_refused_and_kept(begin: Begin) -> None:
    learner = begin("numeric")
    field = learner.page.get_by_role("textbox", name="Que faites-vous")
    expect(field).to_have_accessible_description(re.compile(r"^mL/h \(fr\) Un nombre en chiffres"))
    field.fill("12,5 mL/h")
    learner.send()
    expect(learner.page.locator("#delivery")).to_contain_text("sans unité")
    expect(field).to_have_value("12,5 mL/h")
    expect(field).to_be_focused()
    field.fill("12,5")
    send(learner)


def test_gaps_are_named_for_those_who_do_not_see_the_text(begin: Begin) -> None:
    learner = begin("gap_text")
    learner.page.get_by_role("textbox", name="Lacune a (fr)").fill("hameçonnage")
    learner.page.get_by_role("textbox", name="Lacune b (fr)").press_sequentially("rançongiciel")
    learner.page.keyboard.press("Enter")
    learner.at(learner.step + 1) if learner.step < 8 else learner.page.wait_for_selector("[data-page=finished]")


def test_digits_typed_in_a_list_choose_there_and_send_nothing(begin: Begin) -> None:
    learner = begin("matching")
    first = learner.page.locator("select").first
    first.focus()
    learner.page.keyboard.press("ArrowDown")
    learner.page.keyboard.press("2")
    assert first.input_value()
    learner.at(learner.step)


@pytest.fixture
def at_the_case(open_browser: Callable[..., Page], address: str, campaign: Campaign) -> Begin:
    """A learner at the first question of the case."""

    def reached(**options: object) -> Learner:
        learner = Learner(open_browser(**{**TELEPHONE, **options}), address, "fr")
        learner.enter(campaign.code, "Sacha Diallo")
        while not learner.page.locator(".case").count():
            learner.skip()
            learner.at(learner.step + 1)
        return learner

    return reached


def test_a_case_is_whole_at_first_and_may_be_folded_at_its_next_question(at_the_case: Begin) -> None:
    learner = at_the_case()
    page = learner.page
    expect(page.get_by_role("region", name="Une entrée de nuit (fr)")).to_be_visible()
    expect(page.get_by_role("region", name="Courriel (fr)")).to_contain_text("Bonjour")
    expect(page.get_by_role("table", name="Accès (fr)")).to_be_visible()
    expect(page.get_by_role("rowheader", name="2 h (fr)")).to_be_visible()
    assert page.locator(".case details").count() == 0
    learner.skip()
    learner.at(learner.step + 1)
    page.locator(".case summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("table")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page.get_by_role("table")).to_be_visible()


@pytest.mark.parametrize(("width", "beside"), [(360, False), (1280, True)])
def test_a_case_stands_above_its_question_on_a_telephone_and_beside_it_on_a_wide_screen(
    at_the_case: Begin, width: int, *, beside: bool
) -> None:
    page = at_the_case(viewport={"width": width, "height": 800}).page
    case, form = page.locator(".case").bounding_box(), page.locator("form[data-answer]").bounding_box()
    assert case is not None
    assert form is not None
    assert (form["x"] >= case["x"] + case["width"]) == beside
    assert (form["y"] >= case["y"] + case["height"]) == (not beside)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_two_tabs_the_stale_one_is_told_and_its_parts_are_not_taken_for_the_next(begin: Begin) -> None:
    learner = begin("matching")
    other = Learner(learner.page.context.new_page(), learner.address, "fr")
    other.page.goto(f"{learner.address}/test")
    other.at(learner.step)
    other.skip()
    for part in learner.page.locator("[name^=part]").all():
        fill(part)
    learner.send()
    expect(learner.page.locator("[data-notice], [data-page=finished]").first).to_be_visible()
    assert learner.page.locator("[name^=part]").count() == 0 or not any(
        part.input_value() for part in learner.page.locator("[name^=part]").all()
    )
