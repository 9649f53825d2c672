import csv
import io
import threading
import time
import uuid
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

import framework
from app.db.connection import Database
from app.db.tables.accounts import AuditRow
from app.results import sheet
from app.results.model import Cursor
from app.results.schemas import Result
from tests.builders import Institution, make_institution
from tests.results.journal import Campaign, finish, finish_many, make_campaign
from tests.university import University, make_university


def sessions(results: list[dict[str, object]]) -> list[uuid.UUID]:
    return [uuid.UUID(str(result["session"])) for result in results]


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


def test_the_cursor_that_was_kept_gives_what_came_since(
    university: University, database: Database, campaign: Campaign
) -> None:
    finish_many(database, campaign, 2)
    kept = university.get("/results").json()["next_cursor"]
    assert university.get("/results", cursor=kept).json()["data"] == []
    new = finish_many(database, campaign, 2)
    assert sessions(university.get("/results", cursor=kept).json()["data"]) == new


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


def test_updated_since_leaves_out_what_changed_before(
    university: University, database: Database, campaign: Campaign
) -> None:
    finish_many(database, campaign, 1)
    (last,) = finish_many(database, campaign, 1)
    moment = university.everything()[-1]["updated_at"]
    assert sessions(university.everything(updated_since=moment)) == [last]
    assert university.everything(updated_since="2999-01-01T00:00:00+01:00") == []
    assert len(university.everything(updated_since="1999-01-01T00:00:00-11:30")) == 2


def test_a_plus_that_was_not_escaped_is_understood(university: University) -> None:
    headers = {"Authorization": f"Bearer {university.token}"}
    answer = university.http.get("/api/v1/results?updated_since=2026-11-21T15:03:00+01:00", headers=headers)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "moment",
    [
        "2026-11-21",
        "2026-11-21T14:03:00",
        "yesterday",
        "1700000000",
        "2026-13-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "",
    ],
)
def test_a_moment_without_its_offset_is_refused_and_says_how_to_write_one(university: University, moment: str) -> None:
    answer = university.get("/results", updated_since=moment)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-updated-since")
    assert "2026-11-21T14:03:00Z" in answer.json()["detail"]
    assert "%2B" in answer.json()["detail"]


def test_one_campaign_is_followed_by_its_id_or_its_code(
    university: University, database: Database, institution: Institution, campaign: Campaign
) -> None:
    other = make_campaign(database, institution.id)
    made = finish_many(database, campaign, 2)
    finish_many(database, other, 2)
    assert sessions(university.everything(campaign=campaign.code.lower())) == made
    assert sessions(university.everything(campaign=str(campaign.id))) == made


def test_an_unknown_campaign_is_said_to_be_unknown(university: University, database: Database) -> None:
    foreign = make_campaign(database, make_institution(database).id)
    for name in (foreign.code, str(foreign.id), str(uuid.uuid4()), "NOCODE", "\0", "é"):
        answer = university.get("/results", campaign=name)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown-campaign")


def test_a_cursor_stays_in_the_campaign_it_was_given_for(university: University, campaign: Campaign) -> None:
    one = university.get("/results", campaign=campaign.code).json()["next_cursor"]
    every = university.get("/results").json()["next_cursor"]
    for query in ({"cursor": one}, {"cursor": every, "campaign": campaign.code}):
        answer = university.get("/results", **query)
        assert (answer.status_code, answer.json()["code"]) == (400, "cursor-of-another-list")


def test_a_cursor_of_another_institution_is_refused(
    university: University, database: Database, http: TestClient
) -> None:
    other = make_university(http, database, make_institution(database).id)
    answer = university.get("/results", cursor=other.get("/results").json()["next_cursor"])
    assert answer.json()["code"] == "cursor-of-another-list"


@pytest.mark.parametrize("cursor", ["x", "", "W10", "bnVsbA", "\u00e9", "\0", "=", "A" * 399])
def test_a_cursor_that_we_did_not_write_is_refused_by_name(university: University, cursor: str) -> None:
    answer = university.get("/results", cursor=cursor)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-cursor")
    assert "cursor" in answer.json()["detail"]


@pytest.mark.parametrize("position", [-1, 2**63])
def test_a_cursor_beyond_every_journal_is_refused(university: University, position: int) -> None:
    forged = Cursor(position, university.institution_id, None).text()
    assert university.get("/results", cursor=forged).status_code == 400


def test_a_poller_misses_nothing_and_reads_nothing_twice_while_many_finish_at_once(
    university: University, database: Database, campaign: Campaign
) -> None:
    def write() -> None:
        for _ in range(10):
            with database.transaction(campaign.institution_id) as tx:
                finish(tx, campaign)
                time.sleep(0.002)

    writers = [threading.Thread(target=write) for _ in range(6)]
    for writer in writers:
        writer.start()
    seen: list[dict[str, object]] = []
    kept: dict[str, str] = {}
    while True:
        last_round = not any(writer.is_alive() for writer in writers)
        page = university.get("/results", limit=4, **kept).json()
        seen += page["data"]
        kept = {"cursor": page["next_cursor"]}
        if last_round and not page["has_more"]:
            break
    assert len(seen) == len(set(sessions(seen))) == 60


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


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_table_has_the_numbers_of_the_documents_digit_for_digit(
    university: University, database: Database, campaign: Campaign
) -> None:
    finish_many(database, campaign, 3, label="Zoé, « 2e »")
    documents = university.everything()
    rows = table(university.get("/results", headers={"Accept": "text/csv"}).text)
    assert len(rows) == len(documents)
    for row, document in zip(rows, documents, strict=True):
        assert row["session"] == document["session"]
        assert row["participant_label"] == document["participant"]["label"]
        assert float(row["overall_theta"]) == document["overall"]["theta"]
        assert [float(row["overall_low"]), float(row["overall_high"])] == document["overall"]["interval"]
        for entry in document["domains"]:
            name = entry["domain"]
            assert float(row[f"{name}_theta"]) == entry["theta"]
            assert float(row[f"{name}_own_share"]) == entry["own_share"]
            assert [float(row[f"{name}_low"]), float(row[f"{name}_high"])] == entry["interval"]
            assert row[f"{name}_level"] == ("" if entry["level"] is None else str(entry["level"]))
            assert row[f"{name}_withheld"] == (entry["withheld"] or "")


def test_a_table_without_a_limit_holds_everything_in_several_portions(
    university: University, database: Database, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.results.service.CHUNK", 3)
    made = finish_many(database, campaign, 8)
    answer = university.get("/results", format="csv")
    assert sessions(table(answer.text)) == made  # type: ignore[arg-type]
    assert "next" not in answer.links
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"


def test_a_table_with_a_limit_links_to_the_rest(university: University, database: Database, campaign: Campaign) -> None:
    made = finish_many(database, campaign, 5)
    first = university.get("/results", format="csv", limit=2)
    assert sessions(table(first.text)) == made[:2]  # type: ignore[arg-type]
    rest = university.get("/results", format="csv", cursor=first.headers["Toise-Next-Cursor"])
    assert sessions(table(rest.text)) == made[2:]  # type: ignore[arg-type]


def test_results_that_finish_while_a_table_is_sent_are_left_for_the_next(
    university: University, database: Database, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = finish_many(database, campaign, 4)
    monkeypatch.setattr("app.results.service.CHUNK", 2)
    late: list[uuid.UUID] = []
    cell_by_cell = sheet.row

    def slow_row(*given: object) -> list[sheet.Cell]:
        if not late:
            late.extend(finish_many(database, campaign, 1))
        return cell_by_cell(*given)  # type: ignore[arg-type]

    monkeypatch.setattr("app.results.sheet.row", slow_row)
    answer = university.get("/results", format="csv")
    assert sessions(table(answer.text)) == made  # type: ignore[arg-type]
    after = university.get("/results", cursor=answer.headers["Toise-Next-Cursor"]).json()
    assert sessions(after["data"]) == late


def test_an_empty_table_has_its_header(university: University) -> None:
    assert university.get("/results", format="csv").text.startswith("session,campaign_id,")


def test_a_name_that_a_spreadsheet_would_compute_is_made_harmless(
    university: University, database: Database, campaign: Campaign
) -> None:
    finish_many(database, campaign, 1, label='=HYPERLINK("http://x","y")')
    (row,) = table(university.get("/results", format="csv").text)
    assert row["participant_label"] == '\'=HYPERLINK("http://x","y")'


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("*/*", "application/json"),
        ("text/csv", "text/csv; charset=utf-8; header=present"),
        ("text/csv, application/json", "application/json"),
        ("application/json;q=0.5, text/csv", "text/csv; charset=utf-8; header=present"),
        ("text/html", "application/json"),
    ],
)
def test_the_form_follows_what_the_caller_accepts(university: University, accept: str, content_type: str) -> None:
    assert university.get("/results", headers={"Accept": accept}).headers["Content-Type"] == content_type


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
