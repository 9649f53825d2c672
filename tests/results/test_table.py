"""The results as a table."""

import uuid

import pytest

from app.db.connection import Database
from app.results import sheet
from tests.results.journal import Campaign, finish_many
from tests.results.reading import sessions, table
from tests.university import University


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
