"""The team signs in and out."""

from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, FastAPI, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from app.accounts import service
from app.accounts.auth import COOKIE, PATH, StaffForm
from app.accounts.model import LONGEST_PASSWORD, SESSION_LONGEST, BadCredentials, SignInNeeded
from app.accounts.service import Attempt
from app.errors import TooMany
from app.settings import Settings
from app.web import views
from app.web.csrf import same_origin
from app.web.deps import AppSettings, Now, OwnTransactions, Tx, client_address
from app.web.problems import locale_of, problem_of
from app.web.rendering import render

router = APIRouter(include_in_schema=False)

SIGN_IN: Final = f"{PATH}/sign-in"
SEE_OTHER: Final = 303


class SignInForm(BaseModel):
    email: Annotated[str, Field(max_length=1000)]
    password: Annotated[str, Field(max_length=LONGEST_PASSWORD + 1)]
    next: Annotated[str, Field(max_length=1000)] = PATH


@router.get(SIGN_IN)
def sign_in_page(request: Request, tx: Tx, now: Now, next_: Annotated[str, Query(alias="next")] = PATH) -> Response:
    """Ask for the password, unless this browser is signed in already."""
    try:
        service.session_of(tx, request.cookies.get(COOKIE), now)
    except SignInNeeded:
        return render("team/sign_in.html", views.SignInPage(next=own_path(next_)), locale_of(request), request)
    return RedirectResponse(own_path(next_), SEE_OTHER)


@router.post(SIGN_IN, dependencies=[Depends(same_origin)])
def sign_in(
    request: Request,
    form: Annotated[SignInForm, Form()],
    database: OwnTransactions,
    settings: AppSettings,
    now: Now,
) -> Response:
    """Open a session, or say on the same page why not."""
    attempt = Attempt(form.email, form.password, client_address(request), request.cookies.get(COOKIE))
    try:
        signed_in = service.sign_in(database, attempt, secret=settings.derive("sign-in throttle"), now=now)
    except (BadCredentials, TooMany) as refused:
        return _refused(request, form, refused)
    response = RedirectResponse(own_path(form.next), SEE_OTHER)
    _give_cookie(response, signed_in.token, settings)
    return response


def _refused(request: Request, form: SignInForm, refused: BadCredentials | TooMany) -> Response:
    problem = problem_of(request, refused)
    view = views.SignInPage(email=form.email, problem=problem.detail, next=own_path(form.next))
    response = render("team/sign_in.html", view, problem.locale, request, status=problem.status)
    response.headers.update(problem.headers)
    return response


@router.post(f"{PATH}/sign-out", dependencies=[Depends(same_origin)])
def sign_out(request: Request, _session: StaffForm, tx: Tx) -> Response:
    """End this browser's session; the person's others stay."""
    service.sign_out(tx, request.cookies.get(COOKIE))
    response = RedirectResponse(SIGN_IN, SEE_OTHER)
    response.delete_cookie(COOKIE, path=PATH)
    return response


def _give_cookie(response: Response, token: str, settings: Settings) -> None:
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(SESSION_LONGEST.total_seconds()),
        path=PATH,
        httponly=True,
        samesite="lax",
        secure=settings.secure_cookies,
    )


def own_path(asked: str) -> str:
    """Return where to go after signing in: a page of the team, whatever an address or form asks for."""
    ours = asked.startswith(f"{PATH}/") and asked.isascii() and asked.isprintable() and not asked.startswith(SIGN_IN)
    return asked if ours else PATH


async def to_sign_in(request: Request, _error: Exception) -> Response:
    """Ask whoever is not signed in to do so, then bring them back to the page they asked for."""
    wish = {"next": request.url.path} if request.method == "GET" and request.url.path != PATH else {}
    return RedirectResponse(f"{SIGN_IN}?{urlencode(wish)}" if wish else SIGN_IN, SEE_OTHER)


def install(app: FastAPI) -> None:
    """Send those who are not signed in to the door, instead of a refusal."""
    app.add_exception_handler(SignInNeeded, to_sign_in)
