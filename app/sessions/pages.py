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
from app.sessions.model import EmptyAnswer, OtherSitting, StaleStep, UnreadableAnswer
from app.sessions.questions import Sitting
from app.sessions.visit import TO_TEST, Here, Visit, place_of, posting

router = APIRouter(include_in_schema=False)


class FinishForm(BaseModel):
    """``session``: the sitting whose page was sent; the cookie may have moved on to another one meanwhile."""

    session: str = ""


class AnswerForm(FinishForm):
    step: Annotated[int, Field(ge=1, le=1000)]
    choice: list[str] = []
    text: str = ""
    skip: str = ""


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
    place = place_of(here, sitting)
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
    return here.page("review.html", page_views.review_page(questions, place_of(here, sitting), here.locale))
