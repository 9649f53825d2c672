"""Simulated data say so in every place where somebody may meet them, in both languages."""

import csv
import io
import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import URL

from app.campaigns import cohort, demo
from app.main import create_app
from app.results import service
from app.sessions import entry
from tests.cohorts import Demonstration, demonstration
from tests.conftest import Clock
from tests.sittings import LearnerByApi
from tests.staff import sign_in

FORM = {"Sec-Fetch-Site": "same-origin"}
SAID = {"fr": "Données simulées", "en": "Simulated data"}
BETWEEN = {"fr": "données simulées", "en": "simulated data"}


@pytest.fixture(scope="module")
def shown(maintenance: URL, demonstrated: URL) -> Iterator[Demonstration]:
    with demonstration(maintenance, demonstrated) as made:
        made.fill(2)
        yield made


@pytest.fixture(params=["fr", "en"])
def locale(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def http(shown: Demonstration, locale: str) -> Iterator[TestClient]:
    app = create_app(shown.settings, shown.database, clock=Clock())
    with TestClient(app, follow_redirects=False, headers={"Accept-Language": locale}) as client:
        yield client


@pytest.fixture
def staff(http: TestClient) -> TestClient:
    assert sign_in(http, demo.STAFF_EMAIL, demo.STAFF_PASSWORD).status_code == 303
    return http


@pytest.fixture
def program(http: TestClient) -> TestClient:
    asked = {"grant_type": "client_credentials", "client_id": demo.CLIENT_ID, "client_secret": demo.CLIENT_SECRET}
    token = http.post("/api/v1/token", data=asked).json()["access_token"]
    http.headers["Authorization"] = f"Bearer {token}"
    return http


def row(page: str, code: str) -> str:
    return next(found[1] for found in re.finditer(r"<tr>(.*?)</tr>", page, re.DOTALL) if code in found[1])


def as_student(http: TestClient, shown: Demonstration) -> TestClient:
    """A simulated student's own pages, as staff can open them: by a new resume code."""
    campaign = shown.campaign
    with shown.database.transaction(campaign.institution_id) as tx:
        (sitting,) = service.participations(tx, campaign.id, limit=1, offset=0)
        code = entry.renew_resume_code(tx, sitting.participant_id)
    form = {"code": cohort.CODE, "resume_code": code}
    assert http.post("/resume", data=form, headers=FORM).status_code == 303
    return http


def test_in_the_list_of_campaigns(staff: TestClient, locale: str) -> None:
    page = staff.get("/team").text
    assert BETWEEN[locale] in row(page, cohort.CODE)
    assert BETWEEN[locale] not in row(page, demo.CODE)


def test_on_the_campaigns_page_and_beside_each_name(staff: TestClient, shown: Demonstration, locale: str) -> None:
    page = staff.get(f"/team/campaigns/{shown.campaign.id}").text
    assert SAID[locale] in page
    assert page.count('<th scope="row">Étudiant simulé') == 2


def test_in_the_table_and_its_name(staff: TestClient, shown: Demonstration) -> None:
    table = staff.get(f"/team/campaigns/{shown.campaign.id}/results.csv")
    assert 'filename="toise-SYNTH2-simulated.csv"' in table.headers["content-disposition"]
    text = table.text.removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";" if ";" in text.splitlines()[0] else ","))
    assert [each["simulated"] for each in rows] == ["true", "true"]


def test_on_the_profile_and_under_its_chart(http: TestClient, shown: Demonstration, locale: str) -> None:
    page = as_student(http, shown).get("/result").text
    assert f'<p class="notice">{SAID[locale]}' in page
    caption = re.search(r"<figcaption>(.*?)</figcaption>", page, re.DOTALL)
    assert caption is not None
    assert SAID[locale] in caption[1]


def test_on_the_questions_gone_through_again(http: TestClient, shown: Demonstration, locale: str) -> None:
    assert f'<p class="notice">{SAID[locale]}' in as_student(http, shown).get("/result/review").text


def test_at_its_door_which_is_closed(http: TestClient, locale: str) -> None:
    page = http.get(f"/campaigns/{cohort.CODE}").text
    assert cohort.TITLE["fr" if locale == "fr" else "en"] in page
    assert 'action="/enter"' not in page


def test_in_the_api_which_can_leave_them_out(program: TestClient) -> None:
    real = LearnerByApi(TestClient(program.app), demo.CODE)
    real.start()
    real.client.post(f"/api/v1/sessions/{real.session}/finish", headers=real.headers)
    every = program.get("/api/v1/results").json()["data"]
    people = program.get("/api/v1/results", params={"simulated": "false"}).json()["data"]
    made_up = program.get("/api/v1/results", params={"simulated": "true"}).json()["data"]
    assert real.session in {each["session"] for each in people}
    assert not any(each["simulated"] for each in people)
    assert all(each["simulated"] for each in made_up)
    assert (len(made_up), len(every)) == (2, len(people) + 2)


def test_a_cursor_of_one_kind_does_not_lead_into_the_other(program: TestClient) -> None:
    cursor = program.get("/api/v1/results", params={"simulated": "false"}).json()["next_cursor"]
    for other in ({}, {"simulated": "true"}):
        answer = program.get("/api/v1/results", params={"cursor": cursor, **other})
        assert answer.json()["code"] == "cursor-of-another-list"
    assert program.get("/api/v1/results", params={"cursor": cursor, "simulated": "false"}).status_code == 200


def test_no_body_of_the_api_says_what_is_simulated(http: TestClient) -> None:
    description = http.get("/api/v1/openapi.json").json()
    taken = {
        schema["$ref"].rsplit("/", 1)[1]
        for methods in description["paths"].values()
        for operation in methods.values()
        for content in operation.get("requestBody", {}).get("content", {}).values()
        if "$ref" in (schema := content["schema"])
    }
    assert taken
    assert not any("simulated" in description["components"]["schemas"][name].get("properties", {}) for name in taken)


def test_a_result_of_the_open_test_is_not_marked(http: TestClient) -> None:
    learner = LearnerByApi(http, demo.CODE)
    learner.start()
    http.post(f"/api/v1/sessions/{learner.session}/finish", headers=learner.headers)
    assert learner.result()["simulated"] is False
