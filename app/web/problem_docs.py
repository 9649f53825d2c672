"""Refusals in the OpenAPI description: universities code against them."""

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict

from app import errors
from app.errors import AppError
from app.web.problems import MEDIA_TYPE, STATUSES, NotUnderstood

NAME = "Problem"
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
    """Give the description the schema that ``documented`` refers to."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        described = generate()
        schemas = described.setdefault("components", {}).setdefault("schemas", {})
        schemas.setdefault(NAME, Problem.model_json_schema())
        return described

    app.openapi = openapi  # type: ignore[method-assign]
