from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

MakeClient = Callable[..., TestClient]


@pytest.mark.parametrize("path", ["/healthz", "/nothing", "/metrics", "/api/v1/openapi.json"])
def test_every_response_carries_the_policy(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["Content-Security-Policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "microphone=()" in headers["Permissions-Policy"]
    assert headers["Cache-Control"] == "no-store"


def test_static_files_may_be_kept(client: TestClient) -> None:
    answer = client.get("/static/toise.css")
    assert answer.status_code == 200
    assert answer.headers.get("Cache-Control") != "no-store"


@pytest.mark.parametrize(
    ("public_url", "told"),
    [(None, None), ("http://a.example", None), ("https://a.example", "max-age=31536000; includeSubDomains")],
)
def test_browsers_are_held_to_https_where_there_is_https(
    make_client: MakeClient, public_url: str | None, told: str | None
) -> None:
    headers = make_client(public_url=public_url).get("/healthz").headers
    assert headers.get("Strict-Transport-Security") == told


def test_the_descriptions_of_the_service_need_no_outside_script(client: TestClient) -> None:
    assert client.get("/docs").status_code == 404
    assert client.get("/api/v1/openapi.json").json()["info"]["title"] == "Toise"


def test_each_request_has_an_id_of_its_own(client: TestClient) -> None:
    ids = {client.get("/healthz", headers={"X-Request-Id": "chosen-by-caller"}).headers["X-Request-Id"] for _ in "ab"}
    assert len(ids) == 2
    assert "chosen-by-caller" not in ids


def test_a_proxy_of_ours_may_set_the_id(make_client: MakeClient) -> None:
    client = make_client(trusted_proxy_count=1)
    assert client.get("/healthz", headers={"X-Request-Id": "proxy-0042"}).headers["X-Request-Id"] == "proxy-0042"
    assert client.get("/healthz", headers={"X-Request-Id": "a b\tc d e"}).headers["X-Request-Id"] != "a b\tc d e"
