import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient

from app.accounts import passwords
from app.accounts.model import Staff
from app.accounts.pages import own_path
from app.accounts.passwords import Gate
from app.accounts.tokens import new_token
from tests.conftest import Clock
from tests.staff import csrf_token, sign_in

FORM = {"Sec-Fetch-Site": "same-origin"}


def location(answer: object) -> str:
    return str(answer.headers["Location"])  # type: ignore[attr-defined]


def test_signing_in_leads_to_the_teams_page(http: TestClient, staff: Staff) -> None:
    answer = sign_in(http, staff.email)
    assert (answer.status_code, location(answer)) == (303, "/team")
    page = http.get("/team")
    assert page.status_code == 200
    assert "Alix Martin" in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_the_cookie_is_for_the_teams_pages_and_out_of_reach_of_scripts_and_other_sites(
    http: TestClient, staff: Staff
) -> None:
    cookie = sign_in(http, staff.email).headers["Set-Cookie"]
    told = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert told == {"httponly", "max-age=604800", "path=/team", "samesite=lax"}


def test_behind_https_the_cookie_travels_by_https_only(make_client: Callable[..., TestClient], staff: Staff) -> None:
    client = make_client(public_url="https://toise.example")
    assert "; Secure" in sign_in(client, staff.email).headers["Set-Cookie"]


@pytest.mark.parametrize("known", [True, False])
def test_a_refusal_is_the_same_for_a_wrong_password_and_an_unknown_account(
    http: TestClient, staff: Staff, *, known: bool
) -> None:
    answer = sign_in(http, staff.email if known else "nobody@univ.example", "wrong")
    assert answer.status_code == 401
    assert "Adresse ou mot de passe incorrect." in answer.text
    assert "Set-Cookie" not in answer.headers
    assert "wrong" not in answer.text


def test_the_address_typed_is_given_back_and_is_harmless(http: TestClient) -> None:
    answer = sign_in(http, '"><script>', "wrong")
    assert "<script>" not in answer.text.partition("</head>")[2]
    assert "&#34;&gt;&lt;script&gt;" in answer.text


def test_too_many_failures_are_told_with_the_time_to_wait(http: TestClient, staff: Staff, clock: Clock) -> None:
    for _ in range(6):
        sign_in(http, staff.email, "wrong")
    shut = sign_in(http, staff.email)
    assert (shut.status_code, shut.headers["Retry-After"]) == (429, "2")
    assert re.search(r"réessayez dans\s2\ssecondes", shut.text)
    clock.advance(seconds=2)
    assert sign_in(http, staff.email).status_code == 303


def test_when_too_many_sign_in_at_once_the_others_are_told_to_come_back(
    http: TestClient, staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "GATE", Gate(at_once=1, waiting=0))
    with passwords.GATE.place():
        busy = sign_in(http, staff.email)
    assert (busy.status_code, busy.headers["Retry-After"]) == (429, "2")
    assert sign_in(http, staff.email).status_code == 303


def test_a_cookie_planted_before_sign_in_is_replaced(http: TestClient, staff: Staff) -> None:
    planted = new_token(staff.institution_id)
    http.cookies.set("toise_staff", planted, path="/team")
    sign_in(http, staff.email)
    assert http.get("/team").status_code == 200
    http.cookies.clear()
    http.cookies.set("toise_staff", planted, path="/team")
    assert location(http.get("/team")) == "/team/sign-in"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_another_sites_form_neither_signs_in_nor_out(http: TestClient, staff: Staff, headers: dict[str, str]) -> None:
    form = {"email": staff.email, "password": "une phrase de passe longue"}
    answer = http.post("/team/sign-in", data=form, headers=headers)
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (403, False)
    sign_in(http, staff.email)
    token = csrf_token(http.get("/team"))
    assert http.post("/team/sign-out", data={"csrf_token": token}, headers=headers).status_code == 403
    assert http.get("/team").status_code == 200


@pytest.mark.parametrize("token", ["", "wrong", "é"])
def test_a_form_without_its_sessions_token_changes_nothing(http: TestClient, staff: Staff, token: str) -> None:
    sign_in(http, staff.email)
    answer = http.post("/team/sign-out", data={"csrf_token": token}, headers=FORM)
    assert answer.status_code == 403
    assert http.get("/team").status_code == 200


def test_the_token_of_another_session_is_refused(http: TestClient, staff: Staff) -> None:
    sign_in(http, staff.email)
    before = csrf_token(http.get("/team"))
    sign_in(http, staff.email)
    assert http.post("/team/sign-out", data={"csrf_token": before}, headers=FORM).status_code == 403


def test_signing_out_ends_the_session_and_clears_the_cookie(http: TestClient, staff: Staff) -> None:
    sign_in(http, staff.email)
    kept = http.cookies["toise_staff"]
    answer = http.post("/team/sign-out", data={"csrf_token": csrf_token(http.get("/team"))}, headers=FORM)
    assert (answer.status_code, location(answer)) == (303, "/team/sign-in")
    assert "toise_staff" not in http.cookies
    http.cookies.set("toise_staff", kept, path="/team")
    assert location(http.get("/team")) == "/team/sign-in"


def test_whoever_is_not_signed_in_is_asked_to_and_brought_back(http: TestClient, staff: Staff) -> None:
    asked = "/team/campaigns/00000000-0000-4000-8000-000000000000"
    door = http.get(asked)
    assert (door.status_code, parse_qs(urlsplit(location(door)).query)) == (303, {"next": [asked]})
    assert f'name="next" value="{asked}"' in http.get(location(door)).text
    assert location(sign_in(http, staff.email, next=asked)) == asked


def test_a_form_sent_without_a_session_leads_to_the_door(http: TestClient) -> None:
    answer = http.post("/team/sign-out", data={"csrf_token": "x"}, headers=FORM)
    assert location(answer) == "/team/sign-in"


def test_whoever_is_signed_in_does_not_see_the_door(http: TestClient, staff: Staff) -> None:
    assert http.get("/team/sign-in").status_code == 200
    sign_in(http, staff.email)
    assert location(http.get("/team/sign-in")) == "/team"


def test_a_session_that_is_over_leads_to_the_door(http: TestClient, staff: Staff, clock: Clock) -> None:
    sign_in(http, staff.email)
    clock.advance(hours=12)
    assert location(http.get("/team")) == "/team/sign-in"


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/teamwork",
        "/",
        "/team/\r\nSet-Cookie: a=b",
        "/team/sign-in",
        "/team/sign-in?next=/team/x",
        "javascript:alert(1)",
        "/team/é",
    ],
)
def test_signing_in_leads_nowhere_else(asked: str) -> None:
    assert own_path(asked) == "/team"


@pytest.mark.parametrize("form", [{"email": ""}, {"email": "a@b.example"}, {"email": "a", "password": "x" * 1002}])
def test_a_form_that_is_not_ours_is_refused(http: TestClient, form: dict[str, str]) -> None:
    assert http.post("/team/sign-in", data=form, headers=FORM).status_code == 422
