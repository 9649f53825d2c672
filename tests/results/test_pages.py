import csv
import io
import re
import uuid

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.accounts import service as accounts
from app.accounts.model import Staff
from app.db.connection import Database
from app.db.tables.accounts import AuditRow
from app.results import service
from app.results.pages import LINES
from app.sessions import entry
from tests.builders import Institution, make_institution
from tests.conftest import NOON
from tests.results.journal import Campaign, finish, finish_many, make_campaign, sit
from tests.staff import csrf_token, make_staff, sign_in
from tests.university import University

FORM = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def staff(http: TestClient, database: Database, institution: Institution) -> Staff:
    """Signed in, in the browser of ``http``."""
    made = make_staff(database, institution.id)
    assert sign_in(http, made.email).status_code == 303
    return made


def cells(page: str) -> list[list[str]]:
    """The rows of the page's table, as text."""
    rows = re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)
    return [
        [
            " ".join(re.sub(r"<[^>]+>", " ", cell).split())
            for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        ]
        for row in rows
    ]


@pytest.mark.usefixtures("staff")
def test_a_team_sees_its_campaigns_with_their_counts(http: TestClient, database: Database, campaign: Campaign) -> None:
    finish_many(database, campaign, 2)
    with database.transaction(campaign.institution_id) as tx:
        sit(tx, campaign, finished=False)
    foreign = make_campaign(database, make_institution(database).id)
    page = http.get("/team").text
    _, row = cells(page)
    assert (row[1], row[3:]) == (campaign.code, ["3", "2"])
    assert foreign.code not in page


@pytest.mark.usefixtures("staff")
def test_a_campaigns_page_shows_who_is_where_with_levels_and_their_intervals(
    http: TestClient, database: Database, campaign: Campaign
) -> None:
    with database.transaction(campaign.institution_id) as tx:
        session = finish(tx, campaign, label="21904417")
        sit(tx, campaign, label="21904418", finished=False)
    for _ in range(2):
        make_campaign(database, campaign.institution_id)
    page = http.get(f"/team/campaigns/{campaign.id}")
    assert page.status_code == 200
    rows = {row[0]: row for row in cells(page.text)[1:]}
    assert rows["21904418"][4] == "en cours"
    with database.transaction(campaign.institution_id) as tx:
        document = service.of_session(tx, session)
    told = [
        "–"
        if entry["level"] is None
        else f"{entry['level']} ({entry['level_interval'][0]}–{entry['level_interval'][1]})"
        for entry in document["domains"]
    ]
    assert rows["21904417"][2:7] == told


@pytest.mark.usefixtures("staff")
def test_people_without_a_label_have_a_short_id(http: TestClient, database: Database, campaign: Campaign) -> None:
    with database.transaction(campaign.institution_id) as tx:
        sitting = sit(tx, campaign)
    assert sitting.participant_id.hex[:8] in http.get(f"/team/campaigns/{campaign.id}").text


@pytest.mark.usefixtures("staff")
def test_a_long_table_comes_in_pages(http: TestClient, database: Database, campaign: Campaign) -> None:
    with database.transaction(campaign.institution_id) as tx:
        for number in range(LINES + 1):
            sit(tx, campaign, label=f"n{number}")
    here = f"/team/campaigns/{campaign.id}"
    first, second = http.get(here).text, http.get(f"{here}?page=2").text
    assert (len(cells(first)), len(cells(second))) == (1 + LINES, 2)
    assert f'href="{here}?page=2"' in first
    assert f'href="{here}?page=1"' in second
    assert f'href="{here}?page=3"' not in second


@pytest.mark.usefixtures("staff")
@pytest.mark.parametrize("page", ["0", "-1", "x", "999999999999999999999"])
def test_a_page_that_cannot_be_is_refused(http: TestClient, campaign: Campaign, page: str) -> None:
    assert http.get(f"/team/campaigns/{campaign.id}?page={page}").status_code == 422


@pytest.mark.usefixtures("staff")
def test_another_institutions_campaign_is_not_there(http: TestClient, database: Database) -> None:
    foreign = make_campaign(database, make_institution(database).id)
    with database.transaction(foreign.institution_id) as tx:
        sitting = sit(tx, foreign)
    token = csrf_token(http.get("/team"))
    here = f"/team/campaigns/{foreign.id}"
    assert http.get(here).status_code == 404
    assert http.get(f"{here}/results.csv").status_code == 404
    resume = f"{here}/participants/{sitting.participant_id}/resume-code"
    assert http.post(resume, data={"csrf_token": token}, headers=FORM).status_code == 404


@pytest.mark.usefixtures("staff")
def test_a_french_reader_gets_the_table_a_french_spreadsheet_opens_with_the_apis_figures(
    http: TestClient, database: Database, campaign: Campaign, university: University
) -> None:
    finish_many(database, campaign, 3, label="21904417")
    text = http.get(f"/team/campaigns/{campaign.id}/results.csv").text
    assert text.startswith("\ufeff")
    french = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))
    programs = csv.DictReader(io.StringIO(university.get("/results", format="csv", campaign=campaign.code).text))
    for row, same in zip(french, programs, strict=True):
        assert float(row["SN1_theta"].replace(",", ".")) == float(same["SN1_theta"])
        assert "." not in row["overall_se"]
        assert row["participant_label"] == same["participant_label"] == "21904417"


@pytest.mark.usefixtures("staff")
def test_the_table_of_a_campaign_is_the_apis(
    http: TestClient, database: Database, campaign: Campaign, university: University
) -> None:
    finish_many(database, campaign, 3, label="21904417")
    finish_many(database, make_campaign(database, campaign.institution_id), 1)
    http.cookies.set("toise_locale", "en")
    answer = http.get(f"/team/campaigns/{campaign.id}/results.csv")
    assert answer.text == university.get("/results", format="csv", campaign=campaign.code).text
    assert len(list(csv.reader(io.StringIO(answer.text)))) == 4
    assert answer.headers["Content-Disposition"] == f'attachment; filename="toise-{campaign.code}.csv"'
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_table_that_was_taken_is_written_down(
    http: TestClient, database: Database, campaign: Campaign, staff: Staff
) -> None:
    finish_many(database, campaign, 2)
    http.get(f"/team/campaigns/{campaign.id}/results.csv")
    with database.transaction(campaign.institution_id) as tx:
        row = tx.execute(
            select(AuditRow.actor, AuditRow.subject, AuditRow.detail).where(AuditRow.act == "results.read")
        ).one()
    assert tuple(row) == (f"staff:{staff.id}", f"campaign:{campaign.id}", {"results": 2, "last_position": 2})


def test_a_lost_resume_code_is_replaced_shown_once_and_written_down(
    http: TestClient, database: Database, campaign: Campaign, staff: Staff
) -> None:
    with database.transaction(campaign.institution_id) as tx:
        sitting = sit(tx, campaign, label="21904417", finished=False)
    page = http.get(f"/team/campaigns/{campaign.id}")
    (action,) = re.findall(r'action="(/team/campaigns/[^"]+)"', page.text)
    answer = http.post(action, data={"csrf_token": csrf_token(page)}, headers=FORM)
    (code,) = re.findall(r'class="token">([0-9A-Z]{4}-[0-9A-Z]{4})<', answer.text)
    assert "21904417" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert code not in http.get(f"/team/campaigns/{campaign.id}").text
    with database.transaction(campaign.institution_id) as tx:
        row = tx.execute(
            select(AuditRow.actor, AuditRow.subject, AuditRow.detail).where(
                AuditRow.act == "participant.resume-code-renewed"
            )
        ).one()
    assert tuple(row) == (f"staff:{staff.id}", f"participant:{sitting.participant_id}", {})
    with database.transaction() as tx:
        entered = entry.resume(tx, code=campaign.code, resume_code=code, now=NOON)
    assert entered.session_id == sitting.session_id


@pytest.mark.usefixtures("staff")
def test_a_resume_code_is_only_renewed_by_a_form_of_the_session(
    http: TestClient, database: Database, campaign: Campaign
) -> None:
    with database.transaction(campaign.institution_id) as tx:
        sitting = sit(tx, campaign)
    action = f"/team/campaigns/{campaign.id}/participants/{sitting.participant_id}/resume-code"
    token = csrf_token(http.get("/team"))
    assert http.get(action).status_code == 405
    assert http.post(action, data={"csrf_token": "x"}, headers=FORM).status_code == 403
    foreign = http.post(action, data={"csrf_token": token}, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403


@pytest.mark.usefixtures("staff")
def test_somebody_of_another_campaign_is_not_in_this_one(
    http: TestClient, database: Database, campaign: Campaign
) -> None:
    other = make_campaign(database, campaign.institution_id)
    with database.transaction(campaign.institution_id) as tx:
        sitting = sit(tx, other)
    token = csrf_token(http.get("/team"))
    for participant in (sitting.participant_id, uuid.uuid4()):
        action = f"/team/campaigns/{campaign.id}/participants/{participant}/resume-code"
        assert http.post(action, data={"csrf_token": token}, headers=FORM).status_code == 404


@pytest.mark.usefixtures("staff")
def test_the_pages_speak_english_too(http: TestClient, database: Database, campaign: Campaign) -> None:
    finish_many(database, campaign, 1)
    http.cookies.set("toise_locale", "en")
    page = http.get(f"/team/campaigns/{campaign.id}")
    assert page.headers["Content-Language"] == "en"
    assert "Placement" in page.text


def test_without_a_session_none_of_it_is_seen(http: TestClient, database: Database, campaign: Campaign) -> None:
    finish_many(database, campaign, 1, label="21904417")
    here = f"/team/campaigns/{campaign.id}"
    for path in ("/team", here, f"{here}/results.csv"):
        answer = http.get(path)
        assert (answer.status_code, "21904417" in answer.text) == (303, False)


def test_a_disabled_person_sees_nothing_more(
    http: TestClient, database: Database, staff: Staff, campaign: Campaign
) -> None:
    with database.transaction(campaign.institution_id) as tx:
        accounts.disable_staff(tx, email=staff.email, now=NOON)
    assert http.get(f"/team/campaigns/{campaign.id}").status_code == 303
