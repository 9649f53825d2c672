"""Pages that belong to no feature: what the service says of itself, the language, errors, static files."""

import os
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, FastAPI, Form, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel
from starlette.types import Scope
from typing_extensions import override

from app.errors import msgid
from app.web import i18n, views
from app.web.csrf import same_origin
from app.web.deps import AppSettings
from app.web.problems import Problem, locale_of
from app.web.rendering import STATIC, STATIC_PATH, render
from framework.model import Locale

router = APIRouter(include_in_schema=False)

ONE_YEAR: Final = 365 * 24 * 3600
FOR_EVER: Final = f"public, max-age={ONE_YEAR}, immutable"
NOT_SIGNED_IN: Final = 401
LEARNER_COOKIE: Final = "toise_learner"


class LanguageForm(BaseModel):
    locale: Locale
    next: str = "/"


@router.get("/about/{subject}")
def about(subject: Literal["measure", "privacy", "accessibility"], request: Request) -> Response:
    """How one measures, what is kept, what is accessible."""
    return render(f"about/{subject}.html", views.AboutPage(), locale_of(request), request)


@router.post("/language", dependencies=[Depends(same_origin)])
def language(form: Annotated[LanguageForm, Form()], settings: AppSettings) -> Response:
    """Remember the reader's language and go back to where they were."""
    response = RedirectResponse(_own_path(form.next), 303)
    response.set_cookie(
        i18n.COOKIE, form.locale, max_age=ONE_YEAR, httponly=True, samesite="lax", secure=settings.secure_cookies
    )
    return response


def _own_path(asked: str) -> str:
    """A path of this site; anything that would lead elsewhere leads home."""
    ours = asked.startswith("/") and not asked.startswith(("//", "/\\")) and asked.isprintable()
    return asked if ours else "/"


def render_error(request: Request, problem: Problem) -> Response:
    """A refusal as a page: what happened, what is kept, what to do."""
    view = views.ErrorPage(
        status=problem.status,
        title=problem.title,
        problem=problem.detail,
        answered=problem.answered,
        action=_way_on(request, problem),
        request_id=problem.request_id,
    )
    return render("error.html", view, problem.locale, request, status=problem.status)


def _way_on(request: Request, problem: Problem) -> views.Link | None:
    """Who has a test under way goes back to it; who is not signed in goes in by a code; anybody else goes home."""
    if problem.status == NOT_SIGNED_IN:
        return views.Link(i18n.translate(problem.locale, msgid("Entrer un code")), "/")
    if LEARNER_COOKIE in request.cookies:
        return views.Link(i18n.translate(problem.locale, msgid("Revenir à mon test")), "/test")
    return None


class StampedFiles(StaticFiles):
    """Static files under addresses that change with their content (``rendering.asset``): kept for a year."""

    @override
    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        stamped = b"v=" in scope["query_string"]
        response.headers["Cache-Control"] = FOR_EVER if stamped else "no-cache"
        return response


def install(app: FastAPI) -> None:
    """Give the app its static files and its error pages."""
    app.mount(STATIC_PATH, StampedFiles(directory=STATIC), name="static")
    app.state.render_error = render_error
