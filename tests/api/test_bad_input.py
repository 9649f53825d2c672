"""Whatever a program sends: a clear problem document, the status documented, and nothing lost."""

import datetime as dt
import json
import uuid
from collections.abc import Callable, Iterator

import pytest
from fastapi.testclient import TestClient

from app.campaigns.model import Campaign
from app.db.connection import Database
from tests.api.refusals import is_problem
from tests.builders import make_institution
from tests.conftest import NOON
from tests.sittings import Guesser, LearnerByApi, make_campaign

JSON = {"Content-Type": "application/json"}
MEGABYTE = 1_000_000
OpenCampaign = Callable[..., Campaign]


@pytest.fixture(params=["fr", "en"])
def locale(request: pytest.FixtureRequest, http: TestClient) -> str:
    http.headers["Accept-Language"] = {"fr": "fr-FR,fr;q=0.9", "en": "en-GB,en;q=0.9,fr;q=0.1"}[request.param]
    return str(request.param)


@pytest.fixture(autouse=True)
def _nothing_is_lost(learner: LearnerByApi) -> Iterator[None]:
    """A sitting under way goes on afterwards, from the same question."""
    before = learner.read()
    yield
    after = learner.read()
    assert after == before
    kept = learner.answer(after["question"]["step"], Guesser("after")(after["question"]))
    assert kept["session"]["answered"] == before["answered"] + 1


def test_an_unknown_code(http: TestClient, locale: str) -> None:
    is_problem(http.get("/api/v1/campaigns/ZZZZZZ"), 404, "unknown-code", locale=locale)
    is_problem(http.post("/api/v1/sessions", json={"code": "ZZZZZZ"}), 404, "unknown-code", locale=locale)


def test_a_campaign_that_is_closed_or_not_yet_open(http: TestClient, open_campaign: OpenCampaign, locale: str) -> None:
    closed = open_campaign(opens_at=NOON - dt.timedelta(days=9), closes_at=NOON - dt.timedelta(days=1))
    later = open_campaign(opens_at=NOON + dt.timedelta(days=1))
    entering = {"identity": "Camille"}
    answer = http.post("/api/v1/sessions", json={"code": closed.code, **entering})
    is_problem(answer, 409, "campaign-closed", locale=locale)
    answer = http.post("/api/v1/sessions", json={"code": later.code, **entering})
    is_problem(answer, 409, "campaign-not-open-yet", locale=locale)


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (b"", 422, "not-understood"),
        (b'{"step": 1, "response": nul', 400, "malformed"),
        (b'{"step": 1, "response": {"choice": "1', 400, "malformed"),
        (b'{"step": 1, "response": "\xff\xfe"}', 400, "malformed"),
        (b"[" * 100_000, 400, "malformed"),
        (b'{"step": 1, "response": ' + b'{"text":' * 100_000 + b"1" + b"}" * 100_000 + b"}", 400, "malformed"),
        (b'{"step": 1, "response": ' + b'{"text":' * 800 + b"1" + b"}" * 800 + b"}", 422, "not-understood"),
        (b'{"step": NaN, "response": null}', 422, "not-understood"),
        (b'{"step": Infinity, "response": null}', 422, "not-understood"),
        (b'{"step": -1, "response": null}', 422, "not-understood"),
        (b'{"step": 1e400, "response": null}', 422, "not-understood"),
        (b'{"step": ' + b"9" * 400 + b', "response": null}', 422, "not-understood"),
        (b'{"step": ' + b"9" * 10_000 + b', "response": null}', 400, "malformed"),
        (b'{"step": 1.5, "response": null}', 422, "not-understood"),
        (b'{"step": true, "response": null}', 422, "not-understood"),
        (b'{"step": "1", "response": null}', 422, "not-understood"),
        (b'{"step": 1}', 422, "not-understood"),
        (b'{"step": 1, "response": {}}', 422, "not-understood"),
        (b'{"step": 1, "response": {"choice": "1", "text": "a"}}', 422, "not-understood"),
        (b'{"step": 1, "response": {"choice": "99"}}', 422, "unreadable-answer"),
        (b'{"step": 1, "response": {"choice": "1\\u0000"}}', 422, "unreadable-answer"),
        (b'{"step": 1, "response": {"choice": "\\ud800"}}', 422, "not-understood"),
        (b'{"step": 1, "response": null, "\\ud800": 1}', 422, "not-understood"),
        (b'{"step": 1, "response": null, "\\u0000": 1}', 422, "not-understood"),
        (b'{"step": 1, "response": {"choices": ' + json.dumps(["1"] * 10_000).encode() + b"}}", 422, "not-understood"),
        (b'{"step": 1, "response": {"text": "' + b"a" * 501 + b'"}}', 422, "not-understood"),
        (b'{"step": 999, "response": null}', 409, "stale-step"),
        (b'[{"step": 1}]', 422, "not-understood"),
        (b'"step"', 422, "not-understood"),
        (b"null", 422, "not-understood"),
    ],
)
def test_a_body_that_is_no_answer(
    http: TestClient, learner: LearnerByApi, *, sent: bytes, status: int, code: str, locale: str
) -> None:
    path = f"/api/v1/sessions/{learner.session}/answers"
    is_problem(http.post(path, content=sent, headers={**learner.headers, **JSON}), status, code, locale=locale)


def test_of_a_field_written_twice_the_last_one_counts(http: TestClient) -> None:
    answer = http.post("/api/v1/sessions", content=b'{"code": "SN7K2P", "code": 7}', headers=JSON)
    is_problem(answer, 422, "not-understood")
    assert [error["where"] for error in answer.json()["errors"]] == ["body.code"]


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", "", "json", "\xe9"]
)
def test_a_body_of_another_kind(http: TestClient, learner: LearnerByApi, kind: str, locale: str) -> None:
    path = f"/api/v1/sessions/{learner.session}/answers"
    headers = {**learner.headers, "Content-Type": kind.encode("latin-1")}
    answer = http.post(path, content=b'{"step": 1, "response": null}', headers=headers)  # type: ignore[arg-type]
    is_problem(answer, 415, "wrong-media-type", locale=locale)


@pytest.mark.parametrize("path", ["sessions", "sessions/resume", "token"])
def test_ten_megabytes(http: TestClient, path: str, locale: str) -> None:
    answer = http.post(f"/api/v1/{path}", content=b" " * 10 * MEGABYTE, headers=JSON)
    is_problem(answer, 413, "too-large", locale=locale)


@pytest.mark.parametrize(
    "name",
    ["\0", "a\0b", "\x1b[2J", "", " ", "\u200b\u202e", "\u0301", "x" * 101, "\ue000", "a\nb\x7f"],
)
def test_a_name_that_is_none(http: TestClient, campaign: Campaign, name: str, locale: str) -> None:
    answer = http.post("/api/v1/sessions", json={"code": campaign.code, "identity": name})
    is_problem(answer, 422, "bad-identity", locale=locale)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Zoé 👩‍👩‍👧", "Zoé 👩‍👩‍👧"),
        ("\u200fنور\u200f", "نور"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("gro\u202ereblA", "groreblA"),
        ("  Jean\u00a0 \tMarc ", "Jean Marc"),
        ("O'Brien; DROP TABLE", "O'Brien; DROP TABLE"),
        ("<script>", "<script>"),
    ],
)
def test_an_unusual_name_is_kept_as_it_reads(http: TestClient, campaign: Campaign, name: str, kept: str) -> None:
    learner = LearnerByApi(http, campaign.code, identity=name)
    learner.start()
    http.post(f"/api/v1/sessions/{learner.session}/finish", headers=learner.headers)
    assert learner.result()["participant"]["label"] == kept


@pytest.mark.parametrize("length", [5_000, 60_000])
def test_a_very_long_address(http: TestClient, length: int, locale: str) -> None:
    is_problem(http.get(f"/api/v1/campaigns/{'a' * length}"), 422, "not-understood", locale=locale)
    is_problem(http.get(f"/api/v1/results?cursor={'a' * length}"), 401, "token-needed", locale=locale)
    is_problem(http.get(f"/api/v1/{'a' * length}"), 404, "not-found", locale=locale)


@pytest.mark.parametrize(
    "written", ["%00", "%ff", "%ed%a0%80", "%F0%9F%92%A9", "%0d%0aX-Injected:%201", "..%2f..%2fetc"]
)
def test_bytes_that_are_no_text_in_an_address(http: TestClient, learner: LearnerByApi, written: str) -> None:
    for path, status in {
        f"/api/v1/campaigns/{written}": 404,
        f"/api/v1/sessions/{written}": 422,
        f"/api/v1/nothing/{written}": 404,
        f"/static/{written}": 404,
    }.items():
        answer = http.get(path, headers=learner.headers)
        assert answer.status_code in {status, 404}, path
        is_problem(answer, answer.status_code)
        assert "X-Injected" not in answer.headers


def test_who_shows_no_token_or_a_wrong_one(http: TestClient, learner: LearnerByApi, locale: str) -> None:
    path = f"/api/v1/sessions/{learner.session}"
    for shown in ("", "Bearer", "Bearer x", "Basic eDp5", "Bearer " + "a" * 100_000, f"bearer {learner.token[:-1]}"):
        answer = http.get(path, headers={"Authorization": shown})
        is_problem(answer, 401, "not-signed-in", locale=locale)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_of_another_institution_opens_nothing(
    http: TestClient, database: Database, learner: LearnerByApi
) -> None:
    other = make_institution(database)
    stranger = LearnerByApi(http, make_campaign(database, other, NOON).code)
    stranger.start()
    forged = f"{uuid.UUID(learner.token[:32]).hex}.{stranger.token[33:]}"
    for token in (stranger.token, forged):
        for verb, rest in (("GET", ""), ("POST", "/finish"), ("GET", "/result"), ("GET", "/review")):
            path = f"/api/v1/sessions/{learner.session}{rest}"
            answer = http.request(verb, path, headers={"Authorization": f"Bearer {token}"})
            is_problem(answer, 404, "unknown-session")
        body = {"step": 1, "response": None}
        answer = http.post(
            f"/api/v1/sessions/{learner.session}/answers", json=body, headers={"Authorization": f"Bearer {token}"}
        )
        is_problem(answer, 404, "unknown-session")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get"])
def test_a_method_that_is_not_there(http: TestClient, learner: LearnerByApi, method: str, locale: str) -> None:
    answer = http.request(method, f"/api/v1/sessions/{learner.session}", headers=learner.headers)
    if method == "get":  # methods have a case (RFC 9110, section 9.1); this client raises it
        assert answer.status_code in {200, 405}
        return
    is_problem(answer, 405, "method-not-allowed", locale=locale)
    assert answer.headers["Allow"] == "GET, HEAD"


def test_head_answers_as_get_without_the_body(http: TestClient, learner: LearnerByApi) -> None:
    path = f"/api/v1/sessions/{learner.session}"
    asked, read = (http.request(verb, path, headers=learner.headers) for verb in ("HEAD", "GET"))
    assert (asked.status_code, asked.content) == (200, b"")
    assert asked.headers["Content-Length"] == str(len(read.content))


def test_many_headers_and_cookies(http: TestClient, learner: LearnerByApi) -> None:
    bomb = {f"X-Header-{number}": "a" * 1000 for number in range(500)}
    path = f"/api/v1/sessions/{learner.session}"
    assert http.get(path, headers={**bomb, **learner.headers}).status_code == 200
    cookies = "; ".join(f"c{number}=v" for number in range(5000))
    assert http.get("/", headers={"Cookie": cookies}).status_code == 200
