"""A learner's test in a browser: every page works by form and redirect alone, scripts only add comfort."""

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from app.accounts.model import TooManyEntries, TooManyGuesses
from app.campaigns import demo
from app.campaigns import service as campaigns
from app.campaigns.model import CampaignClosed, CampaignNotOpenYet, UnknownCode
from app.errors import AppError
from app.institutions import service as institutions
from app.results.report import result_page
from app.sessions import entry, page_views, service
from app.sessions.auth import COOKIE, BrowserToken, optional_token
from app.sessions.guard import DoorGuard
from app.sessions.model import (
    BadIdentity,
    EmptyAnswer,
    Entered,
    NotTheSamePerson,
    OtherSitting,
    StaleStep,
    UnknownResumeCode,
    UnreadableAnswer,
)
from app.sessions.questions import Sitting
from app.settings import Settings
from app.web import i18n, views
from app.web.csrf import same_origin
from app.web.deps import AppSettings, Now, Tx
from app.web.problems import headers_of, locale_of, status_of
from app.web.rendering import render
from framework.model import Locale, LocalizedText

router = APIRouter(include_in_schema=False)
posting = [Depends(same_origin)]

RESUME_COOKIE: Final = "toise_resume"
"""The resume code stays in the browser that was given it, so that it can be shown again."""
TO_TEST: Final = "/test"


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of a browser: what every page needs."""

    request: Request
    tx: Connection
    now: dt.datetime
    settings: Settings
    locale: Locale

    def page(self, template: str, view: object, *, refused: AppError | None = None) -> Response:
        """Render a page; a refusal told on it gives its status."""
        status = 200 if refused is None else status_of(refused)
        response = render(template, view, self.locale, self.request, status=status)
        response.headers.update({} if refused is None else headers_of(refused))
        return response

    def sentence(self, refused: AppError | None) -> str | None:
        return None if refused is None else i18n.translate(self.locale, refused.message, refused.facts)


def _visit(request: Request, tx: Tx, now: Now, settings: AppSettings) -> Visit:
    return Visit(request, tx, now, settings, locale_of(request))


Here = Annotated[Visit, Depends(_visit)]


class EnterForm(BaseModel):
    code: str = ""
    label: str = ""
    entry_key: Annotated[str | None, Field(min_length=22, max_length=100)] = None


class LeaveForm(BaseModel):
    code: str = ""


class ResumeForm(BaseModel):
    code: str = ""
    resume_code: str = ""


class FinishForm(BaseModel):
    """``session``: the sitting whose page was sent; the cookie may have moved on to another one meanwhile."""

    session: str = ""


class AnswerForm(FinishForm):
    step: Annotated[int, Field(ge=1, le=1000)]
    choice: list[str] = []
    text: str = ""
    skip: str = ""


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
    place = _place(here, service.sitting(here.tx, token, None, here.now))
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


@router.get(TO_TEST)
def test(here: Here, token: BrowserToken) -> Response:
    """The question on screen, or the end."""
    return _test(here, service.sitting(here.tx, token, None, here.now))


def _test(
    here: Visit,
    sitting: Sitting,
    *,
    refused: AppError | None = None,
    empty: bool = False,
    unsent: AnswerForm | None = None,
) -> Response:
    place = _place(here, sitting)
    if not sitting.session.running:
        return here.page("finished.html", page_views.finished_page(sitting, place, here.locale), refused=refused)
    notice = here.sentence(refused)
    page = page_views.question_page(sitting, place, here.locale, now=here.now, notice=notice, empty=empty)
    if unsent is not None:
        page = page_views.with_unsent(page, unsent.choice, unsent.text)
    return here.page("question.html", page, refused=EmptyAnswer() if empty else refused)


@router.post("/test/answers", dependencies=posting)
def answer(here: Here, token: BrowserToken, form: Annotated[AnswerForm, Form()]) -> Response:
    """Keep one answer, then show what follows."""
    sitting = service.sitting(here.tx, token, None, here.now)
    if form.session != str(sitting.session.id):
        return _test(here, sitting, refused=OtherSitting())
    response = None if form.skip else page_views.response_of(sitting, form.step, form.choice, form.text)
    if not form.skip and response is None:
        return _test(here, sitting, empty=True)
    try:
        service.submit_answer(here.tx, token, sitting.session.id, step=form.step, response=response, now=here.now)
    except StaleStep as stale:
        return _test(here, service.sitting(here.tx, token, None, here.now), refused=stale)
    except UnreadableAnswer as unreadable:
        return _test(here, sitting, refused=unreadable, unsent=form)
    return RedirectResponse(TO_TEST, 303)


@router.post("/test/finish", dependencies=posting)
def finish(here: Here, token: BrowserToken, form: Annotated[FinishForm, Form()]) -> Response:
    """End the test now."""
    own = service.sitting(here.tx, token, None, here.now)
    if form.session != str(own.session.id):
        return _test(here, own, refused=OtherSitting())
    service.finish(here.tx, token, own.session.id, here.now)
    return RedirectResponse(TO_TEST, 303)


@router.get("/result")
def result(here: Here, token: BrowserToken) -> Response:
    """The profile: five domains with their uncertainty, and what to work on."""
    sitting = service.sitting(here.tx, token, None, here.now)
    if sitting.session.running:
        return RedirectResponse(TO_TEST, 303)
    view = result_page(
        service.result_of(here.tx, token, sitting.session.id, here.now),
        sitting.course.pool.framework,
        here.locale,
        review_href="/result/review" if sitting.course.policy.feedback == "end" else None,
        timezone=institutions.current(here.tx).timezone,
    )
    return here.page("result.html", view)


@router.get("/result/review")
def review(here: Here, token: BrowserToken) -> Response:
    """Every question again, with its key and why it was asked."""
    sitting = service.sitting(here.tx, token, None, here.now)
    if sitting.session.running:
        return RedirectResponse(TO_TEST, 303)
    questions = service.review(here.tx, token, sitting.session.id, here.now)
    return here.page("review.html", page_views.review_page(questions, _place(here, sitting), here.locale))


def _place(here: Visit, sitting: Sitting) -> page_views.Place:
    """Where the test is held: its campaign's name and the institution's clock."""
    found = campaigns.by_id(here.tx, sitting.session.campaign_id)
    return page_views.Place(
        code=found.code,
        title=LocalizedText(found.title["fr"], found.title["en"]),
        timezone=institutions.current(here.tx).timezone,
        framework=sitting.course.pool.framework,
    )
