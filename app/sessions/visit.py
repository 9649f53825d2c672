"""One request of a browser in a learner's pages: what each of them needs."""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Request, Response
from sqlalchemy import Connection

from app.campaigns import service as campaigns
from app.errors import AppError
from app.institutions import service as institutions
from app.sessions import page_views
from app.sessions.questions import Sitting
from app.settings import Settings
from app.web import i18n
from app.web.csrf import same_origin
from app.web.deps import AppSettings, Now, Tx
from app.web.problems import headers_of, locale_of, status_of
from app.web.rendering import render
from framework.model import Locale, LocalizedText

TO_TEST: Final = "/test"
posting = [Depends(same_origin)]


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


def place_of(here: Visit, sitting: Sitting) -> page_views.Place:
    """Where the test is held: its campaign's name and the institution's clock."""
    found = campaigns.by_id(here.tx, sitting.session.campaign_id)
    return page_views.Place(
        code=found.code,
        title=LocalizedText(found.title["fr"], found.title["en"]),
        timezone=institutions.current(here.tx).timezone,
        framework=sitting.course.pool.framework,
        simulated=found.simulated,
    )
