from collections.abc import Callable

from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from app.db import schema


def test_the_process_says_it_lives(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


def test_it_is_ready_when_the_tables_are_of_this_version(client: TestClient) -> None:
    assert client.get("/readyz").json() == {"status": "ok"}


def test_it_is_not_ready_on_an_old_schema(client: TestClient, owner: Engine) -> None:
    newest = schema.newest()
    _say_version(owner, "ancient")
    try:
        answer = client.get("/readyz")
    finally:
        _say_version(owner, newest)
    assert (answer.status_code, answer.json()["code"]) == (503, "old-schema")
    assert "toise migrate" in answer.json()["detail"]


def _say_version(owner: Engine, version: str) -> None:
    with owner.begin() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})


def test_requests_are_measured_by_route_template(
    make_app: Callable[..., FastAPI], make_client: Callable[..., TestClient]
) -> None:
    app = make_app()
    app.get("/api/v1/things/{name}")(lambda name: name)
    client = make_client(app)
    client.get("/api/v1/things/dupont")
    client.get("/no-such-page")
    measures = client.get("/metrics").text
    assert 'toise_request_seconds_count{method="GET",route="/api/v1/things/{name}",status="200"} 1.0' in measures
    assert 'route="unmatched",status="404"' in measures
    assert "dupont" not in measures
