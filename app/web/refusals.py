"""Refusals in the OpenAPI: every route says which problem documents it may answer with."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.errors import AppError
from app.web.problems import MEDIA_TYPE, status_of


class ProblemOut(BaseModel):
    """A problem document (RFC 9457)."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=["urn:toise:problem:stale-step"])
    title: str
    status: int
    detail: str = Field(description="A sentence for a person, in the language asked for.")
    instance: str
    code: str = Field(description="Stable name of the refusal, for programs.", examples=["stale-step"])
    request_id: str | None = None
    kept: str | None = Field(None, description="What is kept in spite of the refusal.")


def refusals(*kinds: type[AppError]) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route that may refuse in these ways, with an example of each."""
    by_status: Mapping[int, list[type[AppError]]] = _grouped(kinds)
    return {
        status: {
            "description": " · ".join(kind.code for kind in group),
            "model": ProblemOut,
            "content": {MEDIA_TYPE: {"examples": {kind.code: {"value": _example(kind)} for kind in group}}},
        }
        for status, group in by_status.items()
    }


def _grouped(kinds: tuple[type[AppError], ...]) -> dict[int, list[type[AppError]]]:
    grouped: defaultdict[int, list[type[AppError]]] = defaultdict(list)
    for kind in kinds:
        grouped[status_of_kind(kind)].append(kind)
    return dict(grouped)


def status_of_kind(kind: type[AppError]) -> int:
    """The status of an error that need not be raised to be asked about."""
    return status_of(kind.__new__(kind))


def _example(kind: type[AppError]) -> dict[str, Any]:
    return {
        "type": f"urn:toise:problem:{kind.code}",
        "title": kind.title,
        "status": status_of_kind(kind),
        "detail": kind.message,
        "instance": "/api/v1/…",
        "code": kind.code,
        "request_id": "0f7d1c2e9a",
    }
