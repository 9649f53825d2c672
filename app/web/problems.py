"""Refusals as HTTP: the one table from kinds to statuses, and problem documents (RFC 9457).

Programs get ``application/problem+json``; browsers that ask for a page get one, with the same words.
"""

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request, Response
from fastapi.encoders import jsonable_encoder
from fastapi.responses import HTMLResponse, JSONResponse

from app import errors
from app.errors import AppError, msgid
from app.web import i18n
from framework.model import Locale

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = 5  # seconds, where the error knows no better
MACHINE_PATHS = ("/api/", "/healthz", "/readyz", "/metrics", "/static/")


class MethodNotAllowed(errors.Invalid):
    code = "method-not-allowed"
    title = msgid("Méthode refusée")
    message = msgid("Cette adresse n'accepte pas cette méthode.")


class Unexpected(AppError):
    code = "unexpected"
    title = msgid("Erreur inattendue")
    message = msgid("Une erreur de notre côté a interrompu la demande. Ce qui était enregistré le reste.")


class NotUnderstood(errors.Invalid):
    """``errors`` says where and why, never what was sent."""

    code = "not-understood"
    message = msgid("La demande n'a pas la forme attendue ; « errors » dit où et pourquoi.")
    shown = ("errors",)


STATUSES: Mapping[type[AppError], int] = {
    errors.NotFound: 404,
    errors.Forbidden: 403,
    errors.Unauthenticated: 401,
    errors.Conflict: 409,
    errors.Invalid: 422,
    errors.Malformed: 400,
    errors.TooLarge: 413,
    errors.WrongMediaType: 415,
    errors.Unavailable: 503,
    errors.TooMany: 429,
    MethodNotAllowed: 405,
    Unexpected: 500,
}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is told of a refusal. ``answered``: how many answers are kept, where that reassures."""

    status: int
    code: str
    title: str
    detail: str
    instance: str
    request_id: str | None
    locale: Locale
    answered: int | None = None
    members: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        told = {
            "type": f"urn:toise:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": self.instance,
            "code": self.code,
            "request_id": self.request_id,
        }
        kept = {} if self.answered is None else {"kept": _kept(self.answered, self.locale)}
        return {**dict(jsonable_encoder(self.members)), **told, **kept}


def _kept(answered: int, locale: Locale) -> str:
    sentence = i18n.words(locale).ngettext(
        "Rien n'est perdu : votre réponse est enregistrée.",
        "Rien n'est perdu : vos %(num)d réponses sont enregistrées.",
        answered,
    )
    return sentence % {"num": answered}


def status_of(error: AppError) -> int:
    """The status of the nearest kind in the error's ancestry."""
    return next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)


def locale_of(request: Request) -> Locale:
    cookie, wish = request.cookies.get(i18n.COOKIE), request.headers.get("accept-language")
    return i18n.choose(cookie=cookie, bound=None, accept_language=wish)


def problem_of(request: Request, error: AppError) -> Problem:
    """Put an error into the reader's words."""
    locale = locale_of(request)
    headers = headers_of(error)
    facts = {"retry_after": headers.get("Retry-After"), **error.facts}
    answered = facts.get("answered")
    return Problem(
        status=status_of(error),
        code=error.code,
        title=i18n.translate(locale, error.title),
        detail=i18n.translate(locale, error.message, facts),
        instance=request.url.path,
        request_id=getattr(request.state, "request_id", None),
        locale=locale,
        answered=answered if isinstance(answered, int) else None,
        members={name: facts[name] for name in error.shown if name in facts},
        headers=headers,
    )


def headers_of(error: AppError) -> dict[str, str]:
    """Headers that belong to the refusal itself: how to sign in, when to come back."""
    challenge = getattr(error, "challenge", None)
    if challenge is not None:  # 401 always has one; 403 where another token would do (RFC 6750, section 3.1)
        return {"WWW-Authenticate": challenge}
    if isinstance(error, errors.Unavailable):
        return {"Retry-After": str(error.facts.get("retry_after", RETRY_AFTER))}
    return {}


def respond(request: Request, error: AppError, headers: Mapping[str, str] | None = None) -> Response:
    """The response to a refusal: a page for a browser, a problem document for a program."""
    problem = problem_of(request, error)
    if wants_page(request):
        response: Response = request.app.state.render_error(request, problem)
    else:
        response = JSONResponse(problem.document(), problem.status, media_type=MEDIA_TYPE)
        response.headers["Content-Language"] = problem.locale
    for name, value in {**problem.headers, **(headers or {})}.items():
        response.headers[name] = value
    return response


def wants_page(request: Request) -> bool:
    machine = request.url.path.startswith(MACHINE_PATHS)
    return not machine and "text/html" in request.headers.get("accept", "")


def plain_page(_request: Request, problem: Problem) -> Response:
    """An error page that needs nothing but its words."""
    lines = [problem.detail] if problem.answered is None else [problem.detail, _kept(problem.answered, problem.locale)]
    told = "".join(f"<p>{html.escape(line)}</p>" for line in lines)
    title = html.escape(problem.title)
    return HTMLResponse(
        f'<!doctype html><html lang="{problem.locale}"><head><meta charset="utf-8"><title>{title}</title></head>'
        f'<body><main><h1>{title}</h1>{told}<p><a href="/">Toise</a></p></main></body></html>',
        problem.status,
        headers={"Content-Language": problem.locale},
    )
