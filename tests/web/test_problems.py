"""Every refusal is a problem document for programs, and a page for people."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI, Form
from fastapi.testclient import TestClient
from pydantic import BaseModel
from sqlalchemy import text

from app import errors
from app.errors import AppError
from app.web.deps import Tx
from app.web.problems import MEDIA_TYPE, STATUSES, status_of

MakeClient = Callable[..., TestClient]


class StaleStep(errors.Conflict):
    code = "stale-step"
    message = "L'étape %(step)s est passée."
    shown = ("step",)


class Body(BaseModel):
    choice: str
    count: int = 1


@pytest.fixture
def app(make_app: Callable[..., FastAPI]) -> FastAPI:
    made = make_app(max_body_bytes=20_000)

    @made.post("/api/v1/answers")
    def answers(body: Body, tx: Tx) -> None:
        tx.execute(text("SELECT CAST(:choice AS text)"), {"choice": body.choice})

    @made.post("/api/v1/form")
    def token(grant_type: str = Form()) -> str:
        return grant_type

    @made.post("/api/v1/stale")
    @made.post("/stale")
    def stale() -> None:
        raise StaleStep(step=3, answered=14, secret="dupont")

    @made.get("/api/v1/broken")
    @made.get("/broken")
    def broken() -> None:
        raise RuntimeError("the key is opensesame")

    return made


@pytest.fixture
def client(app: FastAPI, make_client: MakeClient) -> TestClient:
    return make_client(app, raises=False)


def shape(answer: Any) -> tuple[int, str, str]:
    return answer.status_code, answer.headers["content-type"], answer.json()["code"]


def test_a_refusal_says_what_happened_and_what_is_kept(client: TestClient) -> None:
    answer = client.post("/api/v1/stale")
    assert answer.json() == {
        "type": "urn:toise:problem:stale-step",
        "title": "Demande en conflit",
        "status": 409,
        "detail": "L’étape 3 est passée.",
        "instance": "/api/v1/stale",
        "code": "stale-step",
        "request_id": answer.headers["X-Request-Id"],
        "step": 3,
        "kept": "Rien n’est perdu\N{NO-BREAK SPACE}: vos\N{NO-BREAK SPACE}14 réponses sont enregistrées.",
    }


def test_facts_that_are_not_to_be_shown_stay_inside(client: TestClient) -> None:
    assert "dupont" not in client.post("/api/v1/stale").text


def test_a_refusal_speaks_the_readers_language(client: TestClient) -> None:
    answer = client.get("/api/v1/nothing", headers={"Accept-Language": "en-GB"})
    assert answer.headers["Content-Language"] == "en"
    assert answer.json()["title"] == "Not found"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.NotFound, 404),
        (errors.Forbidden, 403),
        (errors.Unauthenticated, 401),
        (errors.Conflict, 409),
        (StaleStep, 409),
        (errors.Invalid, 422),
        (errors.Unavailable, 503),
        (errors.TooMany, 429),
    ],
)
def test_the_status_is_that_of_the_nearest_kind(error: type[AppError], status: int) -> None:
    assert status_of(error()) == status


def test_every_kind_has_one_status() -> None:
    kinds = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, AppError)}
    assert kinds - {AppError} <= set(STATUSES)


def test_who_is_unknown_is_told_how_to_sign_in(app: FastAPI, client: TestClient) -> None:
    @app.get("/api/v1/private")
    def private() -> None:
        raise errors.Unauthenticated

    assert client.get("/api/v1/private").headers["WWW-Authenticate"] == 'Bearer realm="toise"'


def test_who_tries_too_often_is_told_when_to_come_back(app: FastAPI, client: TestClient) -> None:
    @app.get("/api/v1/often")
    def often() -> None:
        raise errors.TooMany(retry_after=90)

    answer = client.get("/api/v1/often")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "90")
    assert "90 secondes" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("sent", "kind", "status", "code"),
    [
        (b'{"choice": "a"', "application/json", 400, "malformed"),
        (b'{"choice": "\xff\xfe"}', "application/json", 400, "malformed"),
        (b"[" * 15_000, "application/json", 400, "malformed"),
        (b"choice=a", "application/x-www-form-urlencoded", 415, "wrong-media-type"),
        (b'{"choice": "a"}', "text/plain", 415, "wrong-media-type"),
        (b'{"count": 1}', "application/json", 422, "not-understood"),
        (b'["a"]', "application/json", 422, "not-understood"),
        (b'{"choice": "a", "count": "beaucoup"}', "application/json", 422, "not-understood"),
        (b"", "application/json", 422, "not-understood"),
        (b'{"choice": "a\\u0000b"}', "application/json", 422, "invalid"),
        (b'{"choice": "\\ud800"}', "application/json", 422, "invalid"),
    ],
)
def test_a_bad_body_gets_a_clear_refusal(client: TestClient, sent: bytes, kind: str, status: int, code: str) -> None:
    answer = client.post("/api/v1/answers", content=sent, headers={"Content-Type": kind})
    assert shape(answer) == (status, MEDIA_TYPE, code)


def test_a_form_route_refuses_json(client: TestClient) -> None:
    answer = client.post("/api/v1/form", json={"grant_type": "x"})
    assert shape(answer) == (415, MEDIA_TYPE, "wrong-media-type")
    assert "application/x-www-form-urlencoded" in answer.json()["detail"]


def test_what_was_not_understood_is_placed_but_not_repeated(client: TestClient) -> None:
    answer = client.post("/api/v1/answers", json={"choice": "a", "count": "dupont"})
    assert answer.json()["errors"][0]["where"] == "body.count"
    assert "dupont" not in answer.text


def test_an_unknown_address_is_not_found(client: TestClient) -> None:
    assert shape(client.get("/api/v1/nothing")) == (404, MEDIA_TYPE, "not-found")


def test_a_wrong_method_names_the_right_ones(client: TestClient) -> None:
    answer = client.delete("/api/v1/form")
    assert shape(answer) == (405, MEDIA_TYPE, "method-not-allowed")
    assert answer.headers["Allow"] == "POST"


def test_an_error_of_ours_says_nothing_of_our_insides(client: TestClient) -> None:
    answer = client.get("/api/v1/broken")
    assert shape(answer) == (500, MEDIA_TYPE, "unexpected")
    assert "opensesame" not in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("sql", "status"), [("23505", 409), ("23503", 409), ("23502", 500), ("22P02", 422), ("40P01", 503)]
)
def test_what_the_database_says_never_leaks(app: FastAPI, client: TestClient, sql: str, status: int) -> None:
    @app.get("/api/v1/database")
    def database(tx: Tx) -> None:
        tx.execute(text(f"DO $$ BEGIN RAISE 'Key (label)=(Dupont)' USING ERRCODE = '{sql}'; END $$"))

    answer = client.get("/api/v1/database")
    assert answer.status_code == status
    assert "Dupont" not in answer.text


@pytest.mark.parametrize(("path", "status"), [("/nothing", 404), ("/broken", 500)])
def test_a_browser_gets_a_page(client: TestClient, path: str, status: int) -> None:
    answer = client.get(path, headers={"Accept": "text/html,*/*;q=0.8"})
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<h1>" in answer.text


def test_a_browser_reads_what_is_kept(client: TestClient) -> None:
    answer = client.post("/stale", headers={"Accept": "text/html"})
    assert "14 réponses sont enregistrées" in answer.text


def test_the_api_answers_programs_whatever_they_accept(client: TestClient) -> None:
    answer = client.get("/api/v1/nothing", headers={"Accept": "text/html"})
    assert answer.headers["Content-Type"] == MEDIA_TYPE
