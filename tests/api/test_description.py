"""The OpenAPI description is complete, its examples are true, and a change of it is seen."""

from collections.abc import Callable, Iterator
from typing import Any

import jsonschema
import pytest
from fastapi import FastAPI

from app import __version__
from app.web.problems import MEDIA_TYPE
from tests.api import contract

JSON = "application/json"
OPEN = {"readCampaign", "startSession", "resumeSession", "issueToken", "checkLife", "checkReadiness", "readMetrics"}
OF_LEARNERS = {"readSession", "submitAnswer", "finishSession", "readOwnResult", "readReview"}


@pytest.fixture
def described(make_app: Callable[..., FastAPI]) -> dict[str, Any]:
    return make_app().openapi()


def operations(described: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in described["paths"].values():
        yield from methods.values()


def refusals(described: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    for operation in operations(described):
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                yield int(status), response


def test_the_public_contract_has_not_changed_unseen(make_app: Callable[..., FastAPI]) -> None:
    told = "the public contract changed: look at the difference, then run: python -m tests.api.contract"
    assert contract.text(make_app()) == contract.KEPT.read_text(encoding="utf-8"), told


def test_every_operation_says_what_it_is(described: dict[str, Any]) -> None:
    tags = {tag["name"] for tag in described["tags"]}
    names = [operation["operationId"] for operation in operations(described)]
    assert len(set(names)) == len(names)
    for operation in operations(described):
        assert all(operation[part] for part in ("summary", "description")), operation["operationId"]
        (tag,) = operation["tags"]
        assert tag in tags


def test_every_parameter_is_described_or_its_name_says_all(described: dict[str, Any]) -> None:
    plain = {"session_id", "session", "framework", "version"}
    for operation in operations(described):
        for parameter in operation.get("parameters", ()):
            assert parameter.get("description") or parameter["name"] in plain, parameter


def test_the_service_says_who_it_is_and_where(make_app: Callable[..., FastAPI]) -> None:
    described = make_app(public_url="https://toise.example.org").openapi()
    info = described["info"]
    assert (info["title"], info["version"]) == ("Toise", __version__)
    assert info["license"]["identifier"] == "Apache-2.0"
    assert all((info["description"], info["contact"]["name"]))
    assert [server["url"] for server in described["servers"]] == ["https://toise.example.org"]


def test_two_kinds_of_token_open_what_they_should_and_nothing_else(described: dict[str, Any]) -> None:
    schemes = described["components"]["securitySchemes"]
    assert {name: scheme["type"] for name, scheme in schemes.items()} == {"learner": "http", "client": "oauth2"}
    for operation in operations(described):
        name = operation["operationId"]
        wanted = set() if name in OPEN else {"learner"} if name in OF_LEARNERS else {"client"}
        assert {scheme for needed in operation.get("security", ()) for scheme in needed} == wanted, name
        assert ("401" in operation["responses"]) == (bool(wanted) or name == "issueToken"), name


def test_every_refusal_has_an_example_that_is_a_problem_document(described: dict[str, Any]) -> None:
    problem = described["components"]["schemas"]["Problem"]
    for status, response in refusals(described):
        if JSON in response["content"]:  # the token route speaks RFC 6749
            assert response["content"][JSON]["examples"]
            continue
        for code, example in response["content"][MEDIA_TYPE]["examples"].items():
            jsonschema.validate(example["value"], problem)
            assert (example["value"]["status"], example["value"]["code"]) == (status, code)


def test_who_may_come_back_later_is_told_when(described: dict[str, Any]) -> None:
    for status, response in refusals(described):
        assert ("Retry-After" in response.get("headers", {})) == (status in {429, 503})


def test_every_body_has_an_example_that_its_schema_takes(described: dict[str, Any]) -> None:
    for name, media in bodies(described):
        found = list(examples(described, media))
        assert found, f"{name}: no example"
        for example in found:
            jsonschema.validate(
                example,
                {**media["schema"], "components": described["components"]},
                format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
            )


def bodies(described: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every body sent or received with success."""
    for operation in operations(described):
        given = {"request": operation.get("requestBody", {}), **operation["responses"]}
        for where, body in given.items():
            if where == "request" or int(where) < 300:
                for media in body.get("content", {}).values():
                    yield f"{operation['operationId']} {where}", media


def examples(described: dict[str, Any], media: dict[str, Any]) -> Iterator[Any]:
    """The examples beside a body or in its schema; where the fields have them, the body they make together."""
    yield from (each["value"] for each in media.get("examples", {}).values())
    if "example" in media:
        yield media["example"]
    schema = media["schema"]
    if "$ref" in schema:
        schema = described["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    yield from schema.get("examples", ())
