"""Which refusal each error becomes: ours, the framework's, the database's."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.routing import Match

from app import errors
from app.errors import AppError
from app.web import problems
from app.web.body import TooLargeBody
from app.web.problems import respond

CONTRADICTIONS = {"23503", "23505", "23P01"}  # foreign key, unique, exclusion: somebody else was first
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
FRAMEWORK_ERRORS: Mapping[int, type[AppError]] = {
    400: errors.Malformed,
    401: errors.Unauthenticated,
    403: errors.Forbidden,
    404: errors.NotFound,
    405: problems.MethodNotAllowed,
    503: errors.Unavailable,
}


def install(app: FastAPI) -> None:
    """Answer every error of this app in our words."""
    app.state.render_error = problems.plain_page
    app.add_exception_handler(AppError, _refused)
    app.add_exception_handler(RequestValidationError, _not_understood)
    app.add_exception_handler(HTTPException, _said_by_the_framework)
    app.add_exception_handler(DBAPIError, _said_by_the_database)
    app.add_exception_handler(PoolTimeout, _said_by_the_database)
    app.add_exception_handler(UnicodeEncodeError, _not_text)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, AppError)
    return respond(request, error)


async def _said_by_the_framework(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if isinstance(error, TooLargeBody):
        return respond(request, errors.TooLarge(limit=error.limit), {"Connection": "close"})
    kind = FRAMEWORK_ERRORS.get(error.status_code, errors.Invalid)
    allowed = _allowed(request) if kind is problems.MethodNotAllowed else ""
    return respond(request, kind(), {**(error.headers or {}), **({"Allow": allowed} if allowed else {})})


def _allowed(request: Request) -> str:
    """Every method of the address: the framework names those of its first route only."""
    routes = request.app.router.routes
    found = [m for m in METHODS if any(r.matches({**request.scope, "method": m})[0] is Match.FULL for r in routes)]
    return ", ".join([*found, "HEAD"] if "GET" in found else found)


async def _not_understood(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    expected = _expected(request)
    if any(each["type"] == "json_invalid" for each in found):
        return respond(request, errors.Malformed())
    if expected and not _sent(request).startswith(expected["expected"]) and _about_the_body(found):
        return respond(request, errors.WrongMediaType(**expected))
    if problems.wants_page(request):  # a person can do nothing with the names of fields
        return respond(request, errors.Invalid())
    told = [{"where": ".".join(map(str, each["loc"])), "type": each["type"], "message": each["msg"]} for each in found]
    return respond(request, problems.NotUnderstood(errors=told))


def _about_the_body(found: Sequence[Any]) -> bool:
    return any(each["loc"] and each["loc"][0] == "body" for each in found)


def _sent(request: Request) -> str:
    return request.headers.get("content-type", "").lower()


def _expected(request: Request) -> dict[str, str]:
    """The media type that the matched route reads, where it reads a body."""
    body = getattr(request.scope.get("route"), "body_field", None)
    return {} if body is None else {"expected": body.field_info.media_type}


async def _said_by_the_database(request: Request, error: Exception) -> Response:
    """Say what can be done about it, and nothing of what the database said."""
    if isinstance(error, DataError):
        return respond(request, errors.Invalid())
    if isinstance(error, IntegrityError) and getattr(error.orig, "sqlstate", None) in CONTRADICTIONS:
        return respond(request, errors.Conflict())
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    if lost or isinstance(error, OperationalError | PoolTimeout):
        return respond(request, errors.Unavailable())
    raise error


async def _not_text(request: Request, _error: Exception) -> Response:
    r"""JSON may spell half a character (``\ud800``), which is text to Python and nothing to the database."""
    return respond(request, errors.Invalid())
