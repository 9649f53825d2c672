"""Whatever a browser sends: a page that says what to do, in the reader's language, and nothing lost."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.accounts import doors
from app.campaigns.model import Campaign
from tests.api.refusals import BROWSER, is_page, is_problem, plain
from tests.sittings import LearnerByApi

FORM = {**BROWSER, "Content-Type": "application/x-www-form-urlencoded"}


class Browser:
    """A browser without scripts, in the middle of a test."""

    def __init__(self, http: TestClient, code: str, name: str = "Camille") -> None:
        self.http = http
        http.headers.update(BROWSER)
        self.enter(code, name)

    def enter(self, code: str, name: str) -> None:
        assert self.http.post("/enter", data={"code": code, "label": name}).headers["Location"] == "/entered"

    def hidden(self) -> dict[str, str]:
        return dict(re.findall(r'name="(session|step)" value="([^"]+)"', self.http.get("/test").text))

    def resume_code(self) -> str:
        found = re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}", plain(self.http.get("/entered").text))
        assert found
        return found[0]


@pytest.fixture
def browser(make_client: Callable[..., TestClient], campaign: Campaign) -> Browser:
    return Browser(make_client(raises=False), campaign.code)


@pytest.fixture
def page(http: TestClient) -> TestClient:
    """A browser that is nowhere yet."""
    http.headers.update(BROWSER)
    return http


@pytest.fixture(autouse=True)
def _nothing_is_lost(make_client: Callable[..., TestClient], campaign: Campaign) -> Iterator[None]:
    """A sitting under way in another browser goes on afterwards."""
    bystander = Browser(make_client(), campaign.code, "Nadia")
    before = bystander.hidden()
    yield
    assert bystander.hidden() == before
    assert bystander.http.post("/test/answers", data={**before, "skip": "1"}).status_code == 303
    assert bystander.hidden()["step"] == "2"


def test_an_unknown_code_on_the_home_page(page: TestClient) -> None:
    is_page(page.get("/?code=ZZZZZZ"), 404, "Ce code n'est pas connu")
    page.headers["Accept-Language"] = "en"
    is_page(page.get("/campaigns/ZZZZZZ"), 404, "not known", locale="en")
    is_page(page.post("/enter", data={"code": "x" * 5_000, "label": "Camille"}), 404, locale="en")


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "x" * 250, "x" * 50_000, "\0", "%FF"])
def test_a_name_that_cannot_be_taken(page: TestClient, campaign: Campaign, name: str) -> None:
    body = f"code={campaign.code}&label={name if name == '%FF' else ''}".encode()
    if name == "%FF":
        answer = page.post("/enter", content=body, headers=FORM)
        assert answer.status_code == 303  # a replacement character stands for what cannot be read
        return
    answer = page.post("/enter", data={"code": campaign.code, "label": name})
    is_page(answer, 422, "Indiquez le nom ou le numéro")
    assert len(answer.text) < 30_000


def test_a_wrong_resume_code(page: TestClient, campaign: Campaign) -> None:
    for wrong in ("AAAA-AAAA", "", "%00", "x" * 10_000, "\u202e"):
        answer = page.post("/resume", data={"code": campaign.code, "resume_code": wrong})
        is_page(answer, 404, "Ce code de reprise n'est pas connu")
        assert len(answer.text) < 30_000
    is_page(page.post("/resume", data={"code": "ZZZZZZ", "resume_code": "AAAA-AAAA"}), 404, "Ce code n'est pas connu")


def test_guessing_resume_codes_is_slowed_down_and_a_right_one_goes_in_again(
    page: TestClient, browser: Browser, campaign: Campaign
) -> None:
    right = browser.resume_code()
    for _ in range(doors.RESUME_ADDRESS.free + 1):
        page.post("/resume", data={"code": campaign.code, "resume_code": "AAAA-AAAA"})
    answer = page.post("/resume", data={"code": campaign.code, "resume_code": right})
    is_page(answer, 429, "réessayez dans 1 secondes", "vos réponses sont enregistrées")
    assert answer.headers["Retry-After"] == "1"
    asked = {"code": campaign.code, "resume_code": right}
    refused = page.post("/api/v1/sessions/resume", json=asked)
    is_problem(refused, 429, "too-many-guesses")
    assert refused.headers["Retry-After"] == "1"
    elsewhere = browser.http.post("/resume", data=asked)
    assert (elsewhere.status_code, elsewhere.headers["Location"]) == (303, "/test")


def test_an_answer_with_nothing_ticked(browser: Browser) -> None:
    before = browser.hidden()
    is_page(browser.http.post("/test/answers", data=before), 422, "Choisissez une réponse, ou passez la question")
    is_page(browser.http.post("/test/answers", data={**before, "choice": "77", "text": "\0"}), 422, "Question 1")
    is_page(browser.http.post("/test/answers", data={**before, "text": "x" * 90_000, "choice": ["99"] * 500}), 422)
    assert browser.hidden() == before


@pytest.mark.parametrize("step", ["0", "-1", "one", "1e3", "9" * 400, ""])
def test_an_answer_to_a_step_that_is_none(browser: Browser, step: str) -> None:
    before = browser.hidden()
    is_page(browser.http.post("/test/answers", data={**before, "step": step, "skip": "1"}), 422)
    assert browser.hidden() == before


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Origin": "http://testserver.evil.example"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_of_another_site(browser: Browser, headers: dict[str, str]) -> None:
    before = browser.hidden()
    for path in ("/test/answers", "/test/finish", "/enter", "/resume", "/language"):
        answer = browser.http.post(path, data={**before, "skip": "1"}, headers=headers)
        is_page(answer, 403, "Ce formulaire vient d'un autre site")
    assert browser.hidden() == before


@pytest.mark.parametrize(
    "cookie", [None, "", "x", "a" * 3000, "é".encode().decode("latin-1"), f"{'0' * 32}.{'A' * 43}"]
)
def test_a_cookie_that_is_missing_or_garbage(page: TestClient, cookie: str | None) -> None:
    headers = (
        {} if cookie is None else {"Cookie": f"toise_learner={cookie}; toise_locale=xx; toise_staff={cookie}; ;=;"}
    )
    told = {401: "Saisissez le code", 404: "Ce test n'existe pas"}
    for verb, path in (("GET", "/test"), ("GET", "/result"), ("POST", "/test/answers"), ("POST", "/test/finish")):
        form = {"step": "1", "session": "x", "skip": "1"} if verb == "POST" else None
        sent: Any = {name: value.encode("latin-1") for name, value in headers.items()}
        answer = page.request(verb, path, headers=sent, data=form)
        is_page(answer, 404 if cookie and cookie.startswith("0000") else 401, told[answer.status_code])


@pytest.mark.parametrize(
    "asked",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "/a\r\nSet-Cookie: x=1",
        "//[",
        "\0",
        "javascript:1",
        "/\tx",
    ],
)
def test_the_language_leads_nowhere_else(page: TestClient, asked: str) -> None:
    answer = page.post("/language", data={"locale": "en", "next": asked})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert [value.partition("=")[0] for value in answer.headers.get_list("Set-Cookie")] == ["toise_locale"]


@pytest.mark.parametrize(
    "written", ["..%2f..%2fmain.py", "%2e%2e/%2e%2e/main.py", "....//main.py", "%00", "%ff", "a" * 9000]
)
def test_static_files_are_those_of_the_folder(page: TestClient, written: str) -> None:
    is_problem(page.get(f"/static/{written}"), 404, "not-found")


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", b"{}", 404),  # no field of the form: no code
        ("text/plain", b"code=x", 404),
        ("multipart/form-data", b"--x", 400),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a', 404),
        ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % n for n in range(5_000)), 400),
        ("application/x-www-form-urlencoded", b"code=" + b"a" * 10_000_000, 413),
        ("application/x-www-form-urlencoded", b"", 404),
    ],
)
def test_a_body_that_is_no_form(page: TestClient, kind: str, body: bytes, status: int) -> None:
    answer = page.post("/enter", content=body, headers={"Content-Type": kind})
    is_page(answer, status)


def test_a_page_of_an_earlier_test_of_this_browser_answers_nothing(browser: Browser, campaign: Campaign) -> None:
    """A shared computer: the first learner's tab is still open when the next one begins."""
    left_open = browser.hidden()
    browser.enter(campaign.code, "Dominique")
    now = browser.hidden()
    assert now["step"] == left_open["step"]
    for path in ("/test/answers", "/test/finish"):
        for sent in (left_open, {"step": "1"}):
            answer = browser.http.post(path, data={**sent, "skip": "1"})
            is_page(answer, 409, "Cette page venait d'un autre test", "Question 1")
    assert browser.hidden() == now


def test_two_learners_with_one_key_do_not_share_a_sitting(http: TestClient, campaign: Campaign) -> None:
    """A program that forgets to draw a new key for each learner."""
    key = "v3Jk0Qe1rS8xYt5LwZb2Nc"
    first = LearnerByApi(http, campaign.code, identity="Anaïs")
    first.start(entry_key=key)
    again = LearnerByApi(http, campaign.code, identity="Anaïs")
    again.start(entry_key=key)
    assert again.session == first.session
    body = {"code": campaign.code, "identity": "Bruno", "entry_key": key}
    is_problem(http.post("/api/v1/sessions", json=body), 409, "participant-exists")
