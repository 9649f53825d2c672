from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient


def send(client: TestClient, **headers: str) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post("/language", data={"locale": "en", "next": "/"}, headers=named).status_code


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_a_form_of_our_own_pages_is_taken(client: TestClient, site: str) -> None:
    assert send(client, Sec_Fetch_Site=site) == 303


@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "SAME-ORIGIN"])
def test_a_form_that_says_it_comes_from_elsewhere_is_refused(client: TestClient, site: str) -> None:
    assert send(client, Sec_Fetch_Site=site) == 403


def test_where_a_browser_says_both_the_newer_header_decides(client: TestClient) -> None:
    assert send(client, Sec_Fetch_Site="cross-site", Origin="http://testserver") == 403


def test_an_older_browser_is_believed_about_the_origin(client: TestClient) -> None:
    assert send(client, Origin="http://testserver") == 303


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://testserver.evil.example",
        "http://evil.testserver",
        "http://testserver:81",
        "null",
    ],
)
def test_another_origin_is_refused(client: TestClient, origin: str) -> None:
    assert send(client, Origin=origin) == 403


def test_behind_a_proxy_the_public_address_is_ours_too(make_client: Callable[..., TestClient]) -> None:
    client = make_client(public_url="https://toise.example")
    assert send(client, Origin="https://toise.example") == 303
    assert send(client, Origin="https://other.example") == 403


def test_a_program_that_is_no_browser_says_neither_and_is_let_through(client: TestClient) -> None:
    assert send(client) == 303


def test_a_refusal_says_what_to_do(client: TestClient) -> None:
    answer = client.post("/language", data={"locale": "en"}, headers={"Origin": "https://evil.example"})
    assert answer.json()["code"] == "foreign-form"
