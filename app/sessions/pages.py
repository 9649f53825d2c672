"""A learner's test in a browser: every page works by form and redirect alone, scripts only add comfort."""

from typing import Annotated

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from app.errors import AppError
from app.institutions import service as institutions
from app.results.report import result_page
from app.sessions import page_views, service
from app.sessions.auth import BrowserToken
from app.sessions.forms import Entry, Filled, read_form
from app.sessions.model import EmptyAnswer, OtherSitting, StaleStep, UnreadableAnswer
from app.sessions.questions import Sitting
from app.sessions.visit import TO_TEST, Here, Visit, place_of, posting
from app.web.task_views import Fault

router = APIRouter(include_in_schema=False)


class FinishForm(BaseModel):
    """``session``: the sitting whose page was sent; the cookie may have moved on to another one meanwhile."""

    session: str = ""


class AnswerForm(FinishForm):
    step: Annotated[int, Field(ge=1, le=1000)]
    choice: list[str] = []
    text: str = ""
    part1: str = ""
    part2: str = ""
    part3: str = ""
    part4: str = ""
    part5: str = ""
    part6: str = ""
    incomplete: str = ""
    skip: str = ""

    def entry(self) -> Entry:
        """What the learner put in."""
        parts = (self.part1, self.part2, self.part3, self.part4, self.part5, self.part6)
        return Entry(tuple(self.choice), self.text, parts, as_it_is=bool(self.incomplete))


@router.get(TO_TEST)
def test(here: Here, token: BrowserToken) -> Response:
    """The question on screen, or the end."""
    return _test(here, service.sitting(here.tx, token, None, here.now))


def _test(
    here: Visit,
    sitting: Sitting,
    *,
    refused: AppError | None = None,
    fault: Fault | None = None,
    unsent: Entry | None = None,
) -> Response:
    place = place_of(here, sitting)
    if not sitting.session.running:
        return here.page("finished.html", page_views.finished_page(sitting, place, here.locale), refused=refused)
    notice = here.sentence(refused)
    page = page_views.question_page(sitting, place, here.locale, now=here.now, notice=notice, fault=fault)
    if unsent is not None:
        page = page_views.with_unsent(page, unsent)
    return here.page("question.html", page, refused=refused if fault is None else EmptyAnswer())


@router.post("/test/answers", dependencies=posting)
def answer(here: Here, token: BrowserToken, form: Annotated[AnswerForm, Form()]) -> Response:
    """Keep one answer, then show what follows."""
    sitting = service.sitting(here.tx, token, None, here.now)
    if form.session != str(sitting.session.id):
        return _test(here, sitting, refused=OtherSitting())
    filled = Filled(None) if form.skip else read_form(sitting, form.step, form.entry())
    on_screen = form.entry() if form.step == sitting.session.step else None
    if filled.fault is not None:
        return _test(here, sitting, fault=filled.fault, unsent=on_screen)
    response = filled.response
    try:
        service.submit_answer(here.tx, token, sitting.session.id, step=form.step, response=response, now=here.now)
    except StaleStep as stale:
        return _test(here, service.sitting(here.tx, token, None, here.now), refused=stale)
    except UnreadableAnswer as unreadable:
        return _test(here, sitting, refused=unreadable, unsent=on_screen)
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
    return here.page("review.html", page_views.review_page(questions, place_of(here, sitting), here.locale))
