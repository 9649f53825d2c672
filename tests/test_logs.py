"""What is logged, and what never is."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import text
from typing_extensions import override

from app import logs
from app.settings import Settings
from app.web.deps import Tx

MakeClient = Callable[..., TestClient]


class Terminal(io.StringIO):
    @override
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _afterwards() -> Iterator[None]:
    """Leave logging as the other tests expect it."""
    before, handlers, level = structlog.get_config(), logging.root.handlers[:], logging.root.level
    yield
    structlog.configure(**before)
    structlog.contextvars.clear_contextvars()
    logging.root.handlers[:], logging.root.level = handlers, level


@pytest.fixture
def lines(settings: Settings) -> Callable[[], list[dict[str, Any]]]:
    """What was logged since, as it would be read by a machine."""
    stream = io.StringIO()
    logs.configure(settings, stream)
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_request_is_one_line_with_its_route_and_no_parameter(
    make_app: Callable[..., FastAPI], make_client: MakeClient, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    app = make_app()
    app.get("/api/v1/people/{name}")(lambda name: name)
    answer = make_client(app).get("/api/v1/people/dupont?token=secret")
    (line,) = lines()
    assert (line["event"], line["method"], line["route"], line["status"]) == (
        "request",
        "GET",
        "/api/v1/people/{name}",
        200,
    )
    assert line["request_id"] == answer.headers["X-Request-Id"]
    assert "dupont" not in json.dumps(line)
    assert "secret" not in json.dumps(line)


def test_watchers_that_ask_all_day_are_not_logged(
    client: TestClient, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    client.get("/healthz")
    client.get("/readyz")
    client.get("/metrics")
    assert lines() == []


def fail() -> None:
    nobody: dict[str, str] = {}
    try:
        nobody["dupont"]
    except KeyError as error:
        raise ValueError("réponse: 42") from error


def test_an_exception_is_logged_by_type_and_place_without_its_message(
    lines: Callable[[], list[dict[str, Any]]],
) -> None:
    try:
        fail()
    except ValueError:
        logs.log().exception("failed")
    (line,) = lines()
    assert line["error"] == ["builtins.ValueError", "builtins.KeyError"]
    assert any("test_logs.py" in place for place in line["where"])
    assert "dupont" not in json.dumps(line)
    assert "42" not in json.dumps(line["error"])


def test_what_the_libraries_log_of_an_exception_is_held_to_the_same(lines: Callable[[], list[dict[str, Any]]]) -> None:
    error = ValueError("dupont")
    logging.getLogger("uvicorn.error").error("Exception in ASGI application", exc_info=error)
    (line,) = lines()
    assert line["error"] == ["builtins.ValueError"]
    assert "dupont" not in json.dumps(line)


def test_an_error_of_the_database_keeps_its_code_and_constraint_only(
    make_app: Callable[..., FastAPI], make_client: MakeClient, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    app = make_app()

    @app.get("/api/v1/database")
    def database(tx: Tx) -> None:
        try:
            tx.execute(
                text("DO $$ BEGIN RAISE 'Key (label)=(Dupont)' USING ERRCODE = '23502', CONSTRAINT = 'c'; END $$")
            )
        except Exception:
            logs.log().exception("failed")
            raise

    make_client(app, raises=False).get("/api/v1/database")
    line = lines()[0]
    assert line["error"][0] == "sqlalchemy.exc.IntegrityError 23502 c"
    assert "Dupont" not in json.dumps(lines())


def test_a_terminal_gets_colours(settings: Settings) -> None:
    stream = Terminal()
    logs.configure(settings, stream)
    logs.log().info("hello", n=1)
    assert "\x1b[" in stream.getvalue()


def test_the_form_may_be_chosen(settings: Settings) -> None:
    stream = Terminal()
    logs.configure(settings.model_copy(update={"log_format": "json"}), stream)
    logs.log().info("hello", n=1)
    assert json.loads(stream.getvalue())["n"] == 1


def test_libraries_are_heard_from_warnings_on(lines: Callable[[], list[dict[str, Any]]]) -> None:
    logging.getLogger("somebody").info("chatter")
    logging.getLogger("somebody").warning("mind this")
    assert [line["event"] for line in lines()] == ["mind this"]
