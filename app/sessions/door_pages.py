"""The way into a test in a browser: the code, what to know before, coming back, and leaving a shared device."""

import secrets
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from app.accounts.model import TooManyEntries, TooManyGuesses
from app.campaigns import demo
from app.campaigns.model import CampaignClosed, CampaignNotOpenYet, UnknownCode
from app.errors import AppError
from app.sessions import entry, page_views, service
from app.sessions.auth import COOKIE, BrowserToken, optional_token
from app.sessions.guard import DoorGuard
from app.sessions.model import BadIdentity, Entered, NotTheSamePerson, UnknownResumeCode
from app.sessions.visit import TO_TEST, Here, Visit, place_of, posting
from app.web import views

router = APIRouter(include_in_schema=False)

RESUME_COOKIE: Final = "toise_resume"
"""The resume code stays in the browser that was given it, so that it can be shown again."""


class EnterForm(BaseModel):
    code: str = ""
    label: str = ""
    entry_key: Annotated[str | None, Field(min_length=22, max_length=100)] = None


class LeaveForm(BaseModel):
    code: str = ""


class ResumeForm(BaseModel):
    code: str = ""
    resume_code: str = ""


@router.get("/")
def home(here: Here, code: Annotated[str, Query()] = "") -> Response:
    """One field, one button."""
    if not code.strip():
        return _home(here)
    try:
        card = entry.card_of(here.tx, code, here.now)
    except UnknownCode as unknown:
        return _home(here, code=code, refused=unknown)
    return RedirectResponse(f"/campaigns/{card.code}", 303)


def _home(here: Visit, *, code: str = "", refused: AppError | None = None) -> Response:
    view = views.HomePage(
        code=code[:100], problem=here.sentence(refused), demo_code=demo.CODE if here.settings.demo else None
    )
    return here.page("home.html", view, refused=refused)


@router.get("/campaigns/{code}")
def campaign(code: str, here: Here) -> Response:
    """What to know before the test, and the button that starts it."""
    try:
        return _campaign(here, EnterForm(code=code[:100]))
    except UnknownCode as unknown:
        return _home(here, code=code, refused=unknown)


def _campaign(here: Visit, form: EnterForm, *, refused: AppError | None = None) -> Response:
    card = entry.card_of(here.tx, form.code, here.now)
    view = page_views.campaign_page(
        card,
        here.locale,
        running=entry.running_here(here.tx, optional_token(here.request), card, here.now),
        label=form.label[: entry.LONGEST_LABEL],
        entry_key=form.entry_key or secrets.token_urlsafe(24),
        problem=here.sentence(refused),
    )
    return here.page("campaign.html", view, refused=refused)


@router.post("/enter", dependencies=posting)
def enter(here: Here, guard: DoorGuard, form: Annotated[EnterForm, Form()]) -> Response:
    """Start the test."""
    try:
        guard.count_entry()
        entered = entry.enter(
            here.tx, code=form.code, identity=form.label, entry_key=form.entry_key, locale=here.locale, now=here.now
        )
    except UnknownCode as unknown:
        return _home(here, code=form.code, refused=unknown)
    except (BadIdentity, NotTheSamePerson, CampaignClosed, CampaignNotOpenYet, TooManyEntries) as refused:
        return _campaign(here, form, refused=refused)
    return _signed_in(here, entered, "/entered")


def _signed_in(here: Visit, entered: Entered, next_page: str) -> Response:
    response = RedirectResponse(next_page, 303)
    for name, value in {COOKIE: entered.token, RESUME_COOKIE: entered.resume_code}.items():
        if value is None:  # whoever sat here before must not leave a code to the one who comes back now
            response.delete_cookie(name)
        else:
            response.set_cookie(
                name,
                value,
                max_age=int(entry.TOKEN_LIFE.total_seconds()),
                httponly=True,
                samesite="lax",
                secure=here.settings.secure_cookies,
            )
    return response


@router.post("/leave", dependencies=posting)
def leave(here: Here, form: Annotated[LeaveForm, Form()]) -> Response:
    """Make room for somebody else in this browser; the test is kept, and its resume code leads back to it."""
    entry.sign_out(here.tx, optional_token(here.request))
    response = RedirectResponse(f"/?{urlencode({'code': form.code[:100]})}", 303)
    for name in (COOKIE, RESUME_COOKIE):
        response.delete_cookie(name)
    return response


@router.get("/entered")
def entered(here: Here, token: BrowserToken) -> Response:
    """The code for coming back from another device, for this browser's eyes."""
    code = here.request.cookies.get(RESUME_COOKIE)
    if code is None:
        return RedirectResponse(TO_TEST, 303)
    place = place_of(here, service.sitting(here.tx, token, None, here.now))
    view = views.EnteredPage(
        code=place.code, title=place.title.get(here.locale), resume_code=code[:20], timezone=place.timezone
    )
    return here.page("entered.html", view)


@router.get("/resume")
def resume_form(here: Here, code: Annotated[str, Query(max_length=100)] = "") -> Response:
    """Two codes and one button."""
    return here.page("resume.html", views.ResumePage(code=code))


@router.post("/resume", dependencies=posting)
def resume(here: Here, guard: DoorGuard, form: Annotated[ResumeForm, Form()]) -> Response:
    """Come back to a test begun elsewhere."""
    try:
        with guard.guess(form.code):
            found = entry.resume(here.tx, code=form.code, resume_code=form.resume_code, now=here.now)
    except (UnknownCode, UnknownResumeCode, CampaignNotOpenYet, TooManyGuesses) as refused:
        view = views.ResumePage(
            code=form.code[:100], resume_code=form.resume_code[:100], problem=here.sentence(refused)
        )
        return here.page("resume.html", view, refused=refused)
    return _signed_in(here, found, TO_TEST)
