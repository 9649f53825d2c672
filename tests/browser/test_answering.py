"""The answer form in a real browser, against a server that keeps the service's rules and fails on request."""

import datetime as dt
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from typing_extensions import override

from app.engine.stopping import StopReason
from app.web.rendering import render
from app.web.views import FinishedPage
from tests.browser.gallery import Wall, chromium, serving
from tests.web.example_texts import NOW
from tests.web.examples import question

pytestmark = pytest.mark.browser

LAST = 3
STALE = "Cette question a déjà reçu une réponse. Voici la question en cours."


@dataclass
class Sitting:
    """What the server knows: answers by step; and how it is told to misbehave, one entry a request."""

    answers: dict[int, dict[str, list[str]]] = field(default_factory=dict)
    posts: int = 0
    refusals: list[HTTPStatus] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def step(self) -> int:
        return len(self.answers) + 1


class Service(Wall):
    sitting: Sitting

    @override
    def do_GET(self) -> None:
        if self.path == "/test":
            self._page(HTTPStatus.OK)
        elif self.path == "/result":
            self._send(b"<!doctype html><title>R</title><h1>Votre profil</h1>", "text/html")
        else:
            super().do_GET()

    def do_POST(self) -> None:  # noqa: N802 - the name http.server calls
        given = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        with self.sitting.lock:
            self.sitting.posts += 1
            refusal = self.sitting.refusals.pop(0) if self.sitting.refusals else None
            if refusal:
                return self._send(b"<!doctype html><title>E</title><h1>Panne</h1>", "text/html", refusal)
            step = int(given["step"][0])
            if step > self.sitting.step or (step < self.sitting.step and self.sitting.answers[step] != given):
                return self._page(HTTPStatus.CONFLICT, notice=STALE)
            self.sitting.answers.setdefault(step, given)
        self.send_response(HTTPStatus.SEE_OTHER)
        self.send_header("Location", "/test")
        self.send_header("Content-Length", "0")
        self.end_headers()
        return None

    def _page(self, status: HTTPStatus, *, notice: str | None = None) -> None:
        step = self.sitting.step
        received = NOW + dt.timedelta(minutes=step) if step > 1 else None
        if step > LAST:
            done = FinishedPage(title="Essai", answered=LAST, stop_reason=StopReason.MAX_ITEMS, received_at=received)
            return self._send(bytes(render("finished.html", done, "fr").body), "text/html")
        kind = {"type": "short_text", "choices": ()} if step == LAST else {}
        view = question("fr", step=step, answered=step - 1, received_at=received, notice=notice, **kind)
        return self._send(bytes(render("question.html", view, "fr").body), "text/html", status)


@pytest.fixture
def sitting() -> Sitting:
    return Sitting()


@pytest.fixture
def address(sitting: Sitting) -> Iterator[str]:
    with serving(type("Bound", (Service,), {"sitting": sitting})) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context()
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    page.goto(f"{address}/test")
    return page


def heading(page: Page, step: int) -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"Question {step}")


def test_the_keyboard_alone_answers_a_whole_test(page: Page, sitting: Sitting) -> None:
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    heading(page, 2)
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.keyboard.press("4")
    page.keyboard.press("Enter")
    heading(page, 3)
    page.get_by_role("textbox").focus()
    page.keyboard.type("hameçonnage 1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Le test est terminé")
    page.get_by_role("link", name="Voir mon profil").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre profil")
    assert [answer.get("choice", answer.get("text")) for answer in sitting.answers.values()] == [
        ["b"],
        ["d"],
        ["hameçonnage 1"],
    ]
    assert sitting.posts == LAST


def test_what_was_saved_is_said_and_announced(page: Page) -> None:
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="Valider").click()
    expect(page.locator("[data-received]")).to_have_text("Réponse enregistrée à 14:05")
    expect(page.locator("#announcer")).to_have_text("Réponse enregistrée à 14:05")
    expect(page).to_have_title("Question 2 – Toise")


def test_skipping_sends_no_answer(page: Page, sitting: Sitting) -> None:
    page.get_by_role("button", name="Je ne sais pas, passer").click()
    heading(page, 2)
    assert sitting.answers[1] == {"step": ["1"], "skip": ["1"]}


def test_confirming_nothing_says_what_to_do_and_sends_nothing(page: Page, sitting: Sitting) -> None:
    page.get_by_role("button", name="Valider").click()
    expect(page.locator("#delivery")).to_have_text("Choisissez une réponse, ou passez la question.")
    assert sitting.posts == 0


def test_a_double_click_sends_once(page: Page, sitting: Sitting) -> None:
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="Valider").dblclick()
    heading(page, 2)
    page.reload()
    heading(page, 2)
    assert sitting.posts == 1


def test_a_lost_connection_keeps_the_answer_and_sends_it_by_itself(
    page: Page, context: BrowserContext, sitting: Sitting
) -> None:
    context.set_offline(True)
    page.get_by_role("radio").nth(2).check()
    page.get_by_role("button", name="Valider").click()
    expect(page.locator("#delivery")).to_contain_text("La connexion est coupée. Votre réponse reste sur cette page")
    expect(page.get_by_role("radio").nth(2)).to_be_checked()
    expect(page.get_by_role("button", name="Renvoyer maintenant")).to_be_visible()
    context.set_offline(False)
    heading(page, 2)
    assert sitting.answers[1]["choice"] == ["c"]


def test_a_reload_after_a_cut_sends_the_answer_that_was_waiting(page: Page, sitting: Sitting, address: str) -> None:
    page.route("**/test/answers", lambda route: route.abort())
    page.get_by_role("radio").nth(1).check()
    page.get_by_role("button", name="Valider").click()
    expect(page.locator("#delivery")).to_contain_text("La connexion est coupée")
    page.unroute("**/test/answers")
    page.goto(f"{address}/test")
    heading(page, 2)
    assert sitting.answers[1]["choice"] == ["b"]


def test_an_answer_that_arrived_although_its_receipt_was_lost_is_not_sent_twice(page: Page, sitting: Sitting) -> None:
    page.route("**/test/answers", lambda route: (route.fetch(max_redirects=0), route.abort()), times=1)
    page.get_by_role("radio").nth(1).check()
    page.get_by_role("button", name="Valider").click()
    heading(page, 2)
    assert list(sitting.answers) == [1]


def test_a_busy_server_is_asked_again(page: Page, sitting: Sitting) -> None:
    sitting.refusals += [HTTPStatus.SERVICE_UNAVAILABLE]
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="Valider").click()
    expect(page.locator("#delivery")).to_contain_text("Le serveur ne répond pas.")
    heading(page, 2)
    assert sitting.posts == 2


def test_a_stale_tab_shows_the_current_question_and_says_why(
    page: Page, context: BrowserContext, sitting: Sitting, address: str
) -> None:
    other = context.new_page()
    other.goto(f"{address}/test")
    other.get_by_role("radio").first.check()
    other.get_by_role("button", name="Valider").click()
    heading(other, 2)
    page.get_by_role("radio").nth(3).check()
    page.get_by_role("button", name="Valider").click()
    heading(page, 2)
    expect(page.locator("[data-notice]")).to_have_text(STALE)
    assert sitting.answers[1]["choice"] == ["a"]


def test_an_unexpected_answer_of_the_server_becomes_an_ordinary_page(page: Page, sitting: Sitting) -> None:
    sitting.refusals += [HTTPStatus.INTERNAL_SERVER_ERROR] * 2
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="Valider").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Panne")


def test_what_is_clicked_while_an_answer_travels_does_not_replace_it(page: Page, sitting: Sitting) -> None:
    page.evaluate(
        """() => { window.fetch = async () => {
            document.querySelectorAll("[name=choice]")[2].checked = true;
            return new Response("", {status: 500});
        }; }"""
    )
    page.get_by_role("radio").nth(0).check()
    page.get_by_role("button", name="Valider").click()
    heading(page, 2)
    assert sitting.answers[1]["choice"] == ["a"]


def test_a_test_is_not_ended_over_an_answer_that_has_not_arrived(page: Page, sitting: Sitting) -> None:
    sitting.refusals = [HTTPStatus.SERVICE_UNAVAILABLE]
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="Valider").click()
    expect(page.locator("#delivery")).to_contain_text("Le serveur ne répond pas")
    page.get_by_text("Faire une pause ou terminer").click()
    page.get_by_role("button", name="Terminer le test maintenant").click()
    heading(page, 2)
    assert list(sitting.answers) == [1]


def test_it_works_without_javascript(browser: Browser, address: str, sitting: Sitting) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/test")
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="Valider").click()
    heading(page, 2)
    page.get_by_role("button", name="Je ne sais pas, passer").click()
    heading(page, 3)
    assert sitting.answers[2] == {"step": ["2"], "skip": ["1"]}
    context.close()


def test_the_clock_counts_down_can_be_hidden_and_warns(browser: Browser) -> None:
    with serving() as wall:
        page = browser.new_page()
        page.clock.install()
        page.goto(f"{wall}/fr/question-several")
        expect(page.locator("[data-clock]")).to_have_text("23 min 14 s")
        page.clock.run_for(60_000)
        expect(page.locator("[data-clock]")).to_have_text("22 min 14 s")
        page.locator(".clock summary").click()
        expect(page.locator("[data-clock]")).to_be_hidden()
        page.reload()
        expect(page.locator("[data-clock]")).to_be_hidden()
        page.clock.run_for(1_100_000)
        expect(page.locator("#announcer")).to_have_text("Il vous reste cinq minutes.")
        expect(page.locator("[data-clock]")).to_be_hidden()
        page.clock.run_for(240_000)
        expect(page.locator("#announcer")).to_have_text("Il vous reste une minute.")
        expect(page.locator("[data-clock]")).to_be_visible()
        page.close()
