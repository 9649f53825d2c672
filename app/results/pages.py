"""The team follows its campaigns: who began, who finished, with which levels."""

import uuid
from collections.abc import Iterator
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse

from app.accounts import audit
from app.accounts.auth import PATH, staff_form
from app.accounts.desk import AtDesk, Desk
from app.bank import pools
from app.bank.pool import Pool
from app.campaigns import service as campaigns
from app.campaigns.model import Overview
from app.results import service, sheet
from app.results.model import Participation, Wanted
from app.sessions import entry
from app.web import views
from app.web.csrf import same_origin
from app.web.deps import OwnTransactions

router = APIRouter(include_in_schema=False)

LINES: Final = 100
"""Sittings on one page of the table."""
FURTHEST_PAGE: Final = 100_000


@router.get(PATH)
def team(desk: AtDesk) -> Response:
    """Every campaign of the institution."""
    lines = tuple(_line(overview, desk) for overview in campaigns.overviews(desk.tx))
    return desk.page("team/index.html", views.TeamIndexPage(campaigns=lines, **desk.common()))


@router.get(f"{PATH}/campaigns/{{campaign_id}}")
def campaign(campaign_id: uuid.UUID, desk: AtDesk, page: Annotated[int, Query(ge=1, le=FURTHEST_PAGE)] = 1) -> Response:
    """One campaign and its sittings, the latest first."""
    overview = campaigns.overview(desk.tx, campaign_id)
    found = overview.campaign
    pool = pools.of(desk.tx, found.bank_version_id)
    total = overview.running + overview.finished
    here = f"{PATH}/campaigns/{campaign_id}"
    sittings = service.participations(desk.tx, campaign_id, limit=LINES, offset=LINES * (page - 1))
    view = views.TeamCampaignPage(
        campaign=_line(overview, desk),
        max_questions=campaigns.policy_of(desk.tx, found.policy_version_id).length.at_most,
        bank=pool.name,
        framework=pool.framework.title.get(desk.locale),
        domains=tuple(domain.label.get(desk.locale) for domain in pool.framework.domains),
        participants=tuple(_participant(sitting, pool, here) for sitting in sittings),
        total=total,
        table_href=f"{here}/results.csv",
        previous_href=f"{here}?page={page - 1}" if page > 1 else None,
        next_href=f"{here}?page={page + 1}" if total > LINES * page else None,
        **desk.common(),
    )
    return desk.page("team/campaign.html", view)


@router.get(f"{PATH}/campaigns/{{campaign_id}}/results.csv")
def table(campaign_id: uuid.UUID, desk: AtDesk, database: OwnTransactions) -> Response:
    """Every result of a campaign as a table: the API's figures, in the form the reader's spreadsheet opens."""
    found = campaigns.by_id(desk.tx, campaign_id)
    wanted = Wanted(campaign_id=found.id)
    held = service.extent(desk.tx, wanted, limit=None)
    service.note_reading(
        desk.tx,
        institution_id=found.institution_id,
        actor=desk.session.staff.actor,
        subject=f"campaign:{found.id}",
        now=desk.now,
        held=held,
    )
    domains = service.domains(desk.tx, wanted, held)
    portions = service.stream(database, found.institution_id, wanted, held)
    name = f"toise-{found.code}-simulated" if found.simulated else f"toise-{found.code}"
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    dialect = sheet.FOR_FRENCH_SPREADSHEETS if desk.locale == "fr" else sheet.FOR_PROGRAMS
    return StreamingResponse(sheet.texts(portions, domains, dialect), headers=headers, media_type=sheet.MEDIA_TYPE)


@router.post(
    f"{PATH}/campaigns/{{campaign_id}}/participants/{{participant_id}}/resume-code",
    dependencies=[Depends(same_origin), Depends(staff_form)],
)
def renew_resume_code(campaign_id: uuid.UUID, participant_id: uuid.UUID, desk: AtDesk) -> Response:
    """Give a learner who lost the resume code a new one; it is shown here and nowhere else."""
    found = campaigns.by_id(desk.tx, campaign_id)
    sitting = service.participation(desk.tx, campaign_id, participant_id)
    code = entry.renew_resume_code(desk.tx, participant_id)
    assert code is not None
    audit.record(
        desk.tx,
        institution_id=found.institution_id,
        actor=desk.session.staff.actor,
        act="participant.resume-code-renewed",
        subject=f"participant:{participant_id}",
        at=desk.now,
    )
    view = views.ResumeCodePage(
        title=found.title[desk.locale],
        label=sitting.name,
        code=found.code,
        resume_code=code,
        back_href=f"{PATH}/campaigns/{campaign_id}",
        **desk.common(),
    )
    return desk.page("team/resume_code.html", view)


def _line(overview: Overview, desk: Desk) -> views.CampaignLine:
    found = overview.campaign
    return views.CampaignLine(
        id=str(found.id),
        code=found.code,
        title=found.title[desk.locale],
        opens_at=found.opens_at,
        closes_at=found.closes_at,
        started=overview.running + overview.finished,
        finished=overview.finished,
        simulated=found.simulated,
    )


def _participant(sitting: Participation, pool: Pool, here: str) -> views.ParticipantLine:
    return views.ParticipantLine(
        label=sitting.name,
        resume_href=f"{here}/participants/{sitting.participant_id}/resume-code",
        started_at=sitting.started_at,
        finished_at=sitting.finished_at,
        answered=sitting.answered,
        levels=tuple(_levels(sitting, pool)),
    )


def _levels(sitting: Participation, pool: Pool) -> Iterator[views.LevelCell | None]:
    """One cell for each domain of the page, from the stored result; none before the end."""
    if sitting.content is None:
        return
    measured = {entry_["domain"]: entry_ for entry_ in sitting.content["domains"]}
    for domain in pool.framework.domains:
        found = measured.get(domain.id)
        yield None if found is None else views.LevelCell(found["level"], *found["level_interval"])
