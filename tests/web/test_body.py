"""A body that is too big is refused before it is read."""

from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

LIMIT = 20_000


@pytest.fixture
def client(make_app: Callable[..., FastAPI], make_client: Callable[..., TestClient]) -> TestClient:
    app = make_app(max_body_bytes=LIMIT)

    @app.post("/api/v1/echo")
    def echo(body: dict[str, str]) -> int:
        return len(body["text"])

    return make_client(app)


def test_a_body_within_the_limit_passes(client: TestClient) -> None:
    assert client.post("/api/v1/echo", json={"text": "a" * (LIMIT - 100)}).json() == LIMIT - 100


def test_a_body_announced_too_big_is_refused(client: TestClient) -> None:
    answer = client.post("/api/v1/echo", json={"text": "a" * LIMIT})
    assert (answer.status_code, answer.json()["code"], answer.json()["limit"]) == (413, "too-large", LIMIT)


def test_a_body_that_grows_too_big_is_refused(client: TestClient) -> None:
    def stream() -> Iterator[bytes]:
        yield b'{"text": "'
        for _ in range(LIMIT // 100):
            yield b"a" * 100
        yield b'"}'

    answer = client.post("/api/v1/echo", content=stream(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 413


def test_a_length_that_is_no_number_does_not_open_the_door(client: TestClient) -> None:
    headers = {"Content-Type": "application/json", "Content-Length": "few"}
    answer = client.post("/api/v1/echo", content=b'{"text": "' + b"a" * LIMIT + b'"}', headers=headers)
    assert answer.status_code == 413
