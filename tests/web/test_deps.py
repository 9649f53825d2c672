from collections.abc import Callable

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from app.web.deps import client_address


@pytest.mark.parametrize(
    ("trusted", "forwarded", "address"),
    [
        (0, None, "198.51.100.7"),
        (0, "6.6.6.6", "198.51.100.7"),
        (1, "1.2.3.4", "1.2.3.4"),
        (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (2, "6.6.6.6, 1.2.3.4, 10.0.0.1", "1.2.3.4"),
        (2, "1.2.3.4", "198.51.100.7"),
        (1, None, "198.51.100.7"),
    ],
)
def test_only_our_own_proxies_are_believed_about_who_calls(
    make_app: Callable[..., FastAPI],
    trusted: int,
    forwarded: str | None,
    address: str,
) -> None:
    app = make_app(trusted_proxy_count=trusted)

    @app.get("/api/v1/who")
    def who(request: Request) -> str:
        return client_address(request)

    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    with TestClient(app, client=("198.51.100.7", 50_000)) as client:
        assert client.get("/api/v1/who", headers=headers).json() == address
