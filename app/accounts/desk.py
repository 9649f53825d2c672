"""What every page of the team knows: who reads it, in which institution and language."""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, TypedDict

from fastapi import Depends, Request, Response
from sqlalchemy import Connection

from app.accounts.auth import StaffCaller
from app.accounts.model import StaffSession
from app.institutions import service as institutions
from app.institutions.model import Institution
from app.web.deps import Now, Tx
from app.web.problems import locale_of
from app.web.rendering import render
from framework.model import Locale


class Common(TypedDict):
    """The fields of ``views.TeamPage``."""

    institution: str
    person: str
    timezone: str
    csrf_token: str


@dataclass(frozen=True, slots=True)
class Desk:
    """One request of a member of staff, in a transaction scoped to their institution."""

    request: Request
    tx: Connection
    now: dt.datetime
    session: StaffSession
    institution: Institution
    locale: Locale

    def common(self) -> Common:
        return Common(
            institution=self.institution.name,
            person=self.session.staff.name,
            timezone=self.institution.timezone,
            csrf_token=self.session.csrf_token,
        )

    def page(self, template: str, view: object) -> Response:
        return render(template, view, self.locale, self.request)


def _desk(request: Request, session: StaffCaller, tx: Tx, now: Now) -> Desk:
    return Desk(request, tx, now, session, institutions.current(tx), locale_of(request))


AtDesk = Annotated[Desk, Depends(_desk)]
