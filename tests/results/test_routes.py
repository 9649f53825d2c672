import uuid
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

import framework
from app.db.connection import Database
from app.db.tables.accounts import AuditRow
from app.results.schemas import Result
from tests.builders import make_institution
from tests.results.journal import Campaign, finish_many
from tests.results.reading import sessions, table
from tests.university import University, make_university


def test_an_institution_without_results_has_an_empty_page_with_a_cursor(university: University) -> None:
    page = university.get("/results").json()
    assert (page["data"], page["has_more"]) == ([], False)
    assert university.get("/results", cursor=page["next_cursor"]).json() == page


def test_a_university_reads_every_result_page_by_page_and_each_once(
    university: University, database: Database, campaign: Campaign
) -> None:
    made = finish_many(database, campaign, 7)
    pages = list(university.pages(limit=3))
    assert [len(page["data"]) for page in pages] == [3, 3, 1]
    assert [page["has_more"] for page in pages] == [True, True, False]
    assert sessions([result for page in pages for result in page["data"]]) == made


def test_a_result_is_the_stored_document_with_the_moment_of_its_change(
    university: University, database: Database, campaign: Campaign
) -> None:
    (session,) = finish_many(database, campaign, 1, label="21904417")
    (told,) = university.get("/results").json()["data"]
    assert told == university.get(f"/results/{session}").json()
    assert told["updated_at"].endswith("Z")
    assert Result.model_validate(told).model_dump(mode="json", exclude={"updated_at"}) == {
        **{name: value for name, value in told.items() if name != "updated_at"},
        "started_at": "2026-11-23T12:00:00Z",
        "finished_at": "2026-11-23T12:25:00Z",
    }


def test_while_results_wait_the_answer_links_to_the_next_page(
    university: University, database: Database, campaign: Campaign
) -> None:
    made = finish_many(database, campaign, 3)
    first = university.get("/results", limit=2, campaign=campaign.code)
    link = urlsplit(first.links["next"]["url"])
    query = {name: value for name, (value,) in parse_qs(link.query).items()}
    assert query == {"limit": "2", "campaign": campaign.code, "cursor": first.json()["next_cursor"]}
    second = university.http.get(first.links["next"]["url"], headers={"Authorization": f"Bearer {university.token}"})
    assert sessions(second.json()["data"]) == made[2:]
    assert "next" not in second.links


def test_the_cursor_is_also_a_header(university: University, database: Database, campaign: Campaign) -> None:
    finish_many(database, campaign, 1)
    for form in ("json", "csv"):
        answer = university.get("/results", format=form)
        assert answer.headers["Toise-Next-Cursor"] == university.get("/results").json()["next_cursor"]


def test_an_unchanged_answer_is_not_sent_again(university: University, database: Database, campaign: Campaign) -> None:
    (session,) = finish_many(database, campaign, 1)
    for path, query in (("/results", {}), ("/results", {"format": "csv"}), (f"/results/{session}", {})):
        first = university.get(path, **query)
        again = university.get(path, headers={"If-None-Match": first.headers["ETag"]}, **query)
        assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
        assert again.headers["Cache-Control"] == "private, no-cache"


def test_a_new_result_changes_the_tag(university: University, database: Database, campaign: Campaign) -> None:
    for form in ("json", "csv"):
        before = university.get("/results", format=form).headers["ETag"]
        finish_many(database, campaign, 1)
        assert university.get("/results", format=form).headers["ETag"] != before


def test_a_page_and_a_table_have_different_tags(university: University) -> None:
    page, sheet_ = (university.get("/results", format=form).headers["ETag"] for form in ("json", "csv"))
    assert page != sheet_


def test_another_institutions_token_sees_nothing_even_by_guessing(
    university: University, database: Database, http: TestClient, campaign: Campaign
) -> None:
    (session,) = finish_many(database, campaign, 1)
    stranger = make_university(http, database, make_institution(database).id)
    assert stranger.everything() == []
    assert table(stranger.get("/results", format="csv").text) == []
    foreign, missing = stranger.get(f"/results/{session}"), stranger.get(f"/results/{uuid.uuid4()}")
    assert foreign.status_code == missing.status_code == 404
    assert foreign.json()["code"] == missing.json()["code"] == "unknown-result"
    assert foreign.json()["detail"] == missing.json()["detail"]
    assert university.get(f"/results/{session}").status_code == 200


@pytest.mark.parametrize(
    "query", [{"limit": 0}, {"limit": 501}, {"limit": "many"}, {"format": "xml"}, {"cursor": "A" * 401}]
)
def test_a_query_out_of_bounds_is_refused_with_the_place(university: University, query: dict[str, object]) -> None:
    answer = university.get("/results", **query)
    assert (answer.status_code, answer.json()["code"]) == (422, "not-understood")
    assert answer.json()["errors"][0]["where"] == f"query.{next(iter(query))}"


def test_a_session_that_is_no_id_is_refused(university: University) -> None:
    assert university.get("/results/mine").status_code == 422


def test_what_left_for_whom_is_written_down_and_empty_answers_are_not(
    university: University, database: Database, campaign: Campaign
) -> None:
    (session,) = finish_many(database, campaign, 1)
    read = university.get("/results")
    university.get("/results", headers={"If-None-Match": read.headers["ETag"]})
    university.get("/results", cursor=read.json()["next_cursor"])
    university.get("/results", format="csv", campaign=campaign.code)
    university.get(f"/results/{session}")
    with database.transaction(university.institution_id) as tx:
        written = tx.execute(
            select(AuditRow.subject, AuditRow.actor, AuditRow.detail).where(AuditRow.act == "results.read")
        ).all()
    actor, detail = f"client:{university.client_id}", {"results": 1, "last_position": 1}
    subjects = ["results", f"campaign:{campaign.id}", f"session:{session}"]
    assert sorted(map(tuple, written)) == sorted((subject, actor, detail) for subject in subjects)


@pytest.mark.usefixtures("campaign")
def test_the_framework_that_results_speak_of_can_be_read(university: University) -> None:
    shipped = framework.load()
    answer = university.get(f"/frameworks/{shipped.id}/{shipped.version}")
    assert answer.json() == shipped.to_data()
    again = university.get(
        f"/frameworks/{shipped.id}/{shipped.version}", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert again.status_code == 304


@pytest.mark.parametrize("path", ["fr-socle-numerique-sante/1999.1", "nothing/2026.1"])
def test_an_unknown_framework_is_said_to_be_unknown(university: University, path: str) -> None:
    answer = university.get(f"/frameworks/{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown-framework")


def test_a_framework_name_that_cannot_be_one_is_refused(university: University) -> None:
    assert university.get("/frameworks/a%00b/1").status_code == 422


def test_every_refusal_and_form_is_in_the_description(http: TestClient) -> None:
    paths = http.get("/api/v1/openapi.json").json()["paths"]
    listed = paths["/api/v1/results"]["get"]
    assert set(listed["responses"]) == {"200", "304", "400", "401", "403", "404", "422", "503"}
    assert set(listed["responses"]["200"]["content"]) == {"application/json", "text/csv"}
    refusals = listed["responses"]["400"]["content"]["application/problem+json"]["examples"]
    assert set(refusals) == {"bad-cursor", "cursor-of-another-list", "bad-updated-since"}
    assert paths["/api/v1/results/{session}"]["get"]["operationId"] == "readResult"
    assert paths["/api/v1/frameworks/{framework}/{version}"]["get"]["operationId"] == "readFramework"
