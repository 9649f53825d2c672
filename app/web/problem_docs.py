"""The OpenAPI description: what it says of the whole service, and of every refusal. Universities code against it."""

from collections.abc import Iterator
from typing import Any, Final

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict

from app import errors
from app.errors import AppError
from app.web.problems import MEDIA_TYPE, STATUSES, NotUnderstood

NAME = "Problem"
INFO: Final = {
    "summary": "Measures digital-health competences adaptively.",
    "description": "Learners take a test that adapts to them; their universities pull the results.\n\n"
    "Every refusal is a problem document (RFC 9457): decide on `code`, show `detail`. `Accept-Language` chooses French "
    "(the default) or English. 429 and 503 say in `Retry-After` when the same request may succeed; sending an answer "
    "again is always safe.",
    "contact": {"name": "The team that runs this service", "url": "/about/measure"},
    "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
}
TAGS: Final = [
    {"name": "Learners", "description": "A test from its start to its result, with the token of one learner."},
    {"name": "Universities", "description": "Results of an institution, with the token of one of its programs."},
    {"name": "Operation", "description": "For machines that watch this one."},
]
HEADERS: Final[dict[int, dict[str, Any]]] = {
    401: {"WWW-Authenticate": {"description": "How to sign in (RFC 6750).", "schema": {"type": "string"}}},
    429: {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "string", "pattern": "^[0-9]+$"}}},
    503: {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "string", "pattern": "^[0-9]+$"}}},
}
READING = (errors.Unavailable,)
WRITING = (*READING, errors.Malformed, errors.TooLarge, errors.WrongMediaType)


class Problem(BaseModel):
    """A refusal (RFC 9457). Decide on ``code``, which is stable; show ``title`` and ``detail``."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    request_id: str | None
    kept: str | None = None


def documented(*kinds: type[AppError], body: bool = False) -> dict[int | str, dict[str, Any]]:
    """``responses=`` of a route: these refusals, and those any route may give (``body``: one that reads a body)."""
    found: dict[int | str, dict[str, Any]] = {}
    for kind in (*kinds, NotUnderstood, *(WRITING if body else READING)):
        status = next(STATUSES[ancestor] for ancestor in kind.__mro__ if ancestor in STATUSES)
        answer = found.setdefault(status, {"description": "", "content": {MEDIA_TYPE: _content()}})
        answer["content"][MEDIA_TYPE]["examples"][kind.code] = {"value": _example(kind, status)}
        if status in HEADERS:
            answer["headers"] = HEADERS[status]
        answer["description"] = ", ".join(answer["content"][MEDIA_TYPE]["examples"])
    return found


def _content() -> dict[str, Any]:
    return {"schema": {"$ref": f"#/components/schemas/{NAME}"}, "examples": {}}


def _example(kind: type[AppError], status: int) -> dict[str, Any]:
    return {
        "type": f"urn:toise:problem:{kind.code}",
        "title": kind.title,
        "status": status,
        "detail": kind.message,
        "instance": "/api/v1/…",
        "code": kind.code,
        "request_id": "0f3c2b1a9d8e4f5a8b7c6d5e4f3a2b1c",
    }


def describe(app: FastAPI) -> None:
    """Complete the description the framework makes: the whole service, and the schema ``documented`` refers to."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        described = generate()
        described["info"] |= INFO
        described["servers"] = [{"url": app.state.service.settings.public_url or "/", "description": "This service"}]
        described["tags"] = TAGS
        schemas = described.setdefault("components", {}).setdefault("schemas", {})
        schemas.setdefault(NAME, Problem.model_json_schema())
        for name, shown in _examples(BaseModel):
            if name in schemas:
                schemas[name]["examples"] = shown
        return described

    app.openapi = openapi  # type: ignore[method-assign]


def _examples(model: type[BaseModel]) -> Iterator[tuple[str, list[Any]]]:
    """Examples of every model as written: the framework drops what is null from them, required or not."""
    for each in model.__subclasses__():
        extra = each.__dict__.get("model_config", {}).get("json_schema_extra")
        if isinstance(extra, dict) and isinstance(extra.get("examples"), list):
            yield each.__name__, extra["examples"]
        yield from _examples(each)
