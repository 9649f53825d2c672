import base64

import pytest

from app.accounts.model import Scope
from app.accounts.oauth import FORM, TokenRefused, TokenRequest, read_request

GRANT = b"grant_type=client_credentials"
POSTED = GRANT + b"&client_id=me&client_secret=shh"


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


def read(body: bytes, *, authorization: str | None = None, content_type: str = FORM) -> TokenRequest:
    return read_request(content_type=content_type, body=body, authorization=authorization)


def refused(body: bytes, *, authorization: str | None = None, content_type: str = FORM) -> str:
    with pytest.raises(TokenRefused) as why:
        read(body, authorization=authorization, content_type=content_type)
    assert set(why.value.description) <= {chr(code) for code in range(0x20, 0x7F)} - {'"', "\\"}  # section 5.2
    return why.value.error


def test_credentials_come_in_the_form() -> None:
    assert read(POSTED) == TokenRequest("me", "shh", None)


def test_credentials_come_by_http_basic_each_half_form_encoded() -> None:
    assert read(GRANT, authorization=basic("m%3Ae:s+h%25h")) == TokenRequest("m:e", "s h%h", None)


def test_the_scheme_is_read_in_any_case() -> None:
    assert read(GRANT, authorization=basic("me:shh").replace("Basic", "bAsIc")).client_id == "me"


def test_a_client_id_may_be_repeated_in_the_form_but_not_its_secret() -> None:
    assert read(GRANT + b"&client_id=me", authorization=basic("me:shh")).client_secret == "shh"
    assert refused(GRANT + b"&client_id=you", authorization=basic("me:shh")) == "invalid_request"
    assert refused(POSTED, authorization=basic("me:shh")) == "invalid_request"


def test_scopes_are_separated_by_spaces_and_empty_means_all() -> None:
    assert read(POSTED + b"&scope=results:read+frameworks:read").scopes == frozenset(
        {"results:read", "frameworks:read"}
    )
    assert read(POSTED + b"&scope=").scopes is None
    assert read(POSTED + b"&scope=+").scopes is None


def test_a_client_gets_what_it_may_and_asks_for() -> None:
    both = frozenset(Scope)
    assert TokenRequest("me", "shh", None).granted(both) == both
    assert TokenRequest("me", "shh", frozenset({"results:read"})).granted(both) == {Scope.RESULTS_READ}


@pytest.mark.parametrize("scope", ["results:write", "frameworks:read", "RESULTS:READ"])
def test_a_scope_that_is_unknown_or_not_the_clients_is_refused(scope: str) -> None:
    with pytest.raises(TokenRefused) as why:
        TokenRequest("me", "shh", frozenset({scope})).granted(frozenset({Scope.RESULTS_READ}))
    assert why.value.error == "invalid_scope"


@pytest.mark.parametrize(
    "authorization",
    ["", "Basic", "Basic !", "Bearer abc", basic("me"), "Basic " + base64.b64encode(b"\xff:x").decode()],
)
def test_a_header_that_is_not_basic_is_an_invalid_client(authorization: str) -> None:
    assert refused(GRANT, authorization=authorization) == "invalid_client"


@pytest.mark.parametrize("body", [GRANT, GRANT + b"&client_id=me", GRANT + b"&client_id=&client_secret=shh"])
def test_missing_credentials_are_an_invalid_client(body: bytes) -> None:
    assert refused(body) == "invalid_client"


def test_the_grant_type_must_be_there_and_be_the_only_one_we_know() -> None:
    assert refused(b"client_id=me&client_secret=shh") == "invalid_request"
    assert refused(POSTED.replace(b"client_credentials", b"password")) == "unsupported_grant_type"


@pytest.mark.parametrize(
    "body",
    [
        POSTED + b"&grant_type=client_credentials",
        POSTED + b"&client_id=you",
        POSTED + b"&scope=\xff",
        POSTED + b"&a=1" * 30,
    ],
)
def test_a_form_that_cannot_be_trusted_is_an_invalid_request(body: bytes) -> None:
    assert refused(body) == "invalid_request"


@pytest.mark.parametrize("content_type", ["", "application/json", "multipart/form-data; boundary=x"])
def test_only_a_form_is_read(content_type: str) -> None:
    assert refused(POSTED, content_type=content_type) == "invalid_request"


def test_the_forms_media_type_may_have_parameters() -> None:
    assert read(POSTED, content_type="Application/X-WWW-Form-Urlencoded; charset=utf-8").client_id == "me"
