import csv
import datetime as dt
import io
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.results.model import ResultRecord
from app.results.sheet import columns, texts
from tests.results.journal import Campaign, Sitting, make_document

SOME = uuid.UUID(int=7)
DOMAINS = ("SN1", "SN2", "SN3", "SN4", "SN5")
MOMENT = dt.datetime(2026, 11, 23, 12, 25, 1, tzinfo=dt.UTC)


def document(**changed: Any) -> dict[str, Any]:
    campaign = Campaign(SOME, "SN7K2P", SOME, SOME, SOME, SOME)
    return {**make_document(campaign, Sitting(SOME, SOME), label="21904417"), **changed}


def written(*documents: dict[str, Any], domains: tuple[str, ...] = DOMAINS) -> str:
    records = [ResultRecord(n, SOME, MOMENT, content) for n, content in enumerate(documents)]
    return "".join(texts([records], domains))


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_there_are_as_many_cells_in_a_row_as_columns() -> None:
    (row,) = csv.reader(written(document()).splitlines()[1:])
    assert len(row) == len(columns(DOMAINS)) == 23 + 5 * 13
    assert columns(DOMAINS)[:2] == ("session", "campaign_id")
    assert columns(("SN1",))[-13:-11] == ("SN1_theta", "SN1_se")


def test_lines_end_as_rfc_4180_says_and_no_mark_precedes_them() -> None:
    text = written(document(), document())
    assert text.count("\r\n") == 3
    assert text.startswith("session,")


def test_facts_that_are_not_numbers_are_written_as_json_writes_them() -> None:
    (row,) = read(written(document(simulated=True)))
    assert (row["simulated"], row["provisional"], row["answers"]) == ("true", "true", "23")
    assert row["updated_at"] == "2026-11-23T12:25:01Z"
    assert row["campaign_title_en"] == "Placement"
    assert row["engine"] == "1"


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_comes_back_exactly(theta: float) -> None:
    overall = {"theta": theta, "se": 0.1, "interval": [-theta, theta]}
    (row,) = read(written(document(overall=overall)))
    assert (float(row["overall_theta"]), float(row["overall_low"])) == (theta, -theta)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_label_that_would_be_computed_gets_an_apostrophe(start: str) -> None:
    participant = {"id": str(SOME), "label": f"{start}1+1"}
    (row,) = read(written(document(participant=participant)))
    assert row["participant_label"] == f"'{start}1+1"


def test_a_negative_number_gets_none() -> None:
    overall = {"theta": -1.5, "se": 0.1, "interval": [-2.5, -0.5]}
    (row,) = read(written(document(overall=overall)))
    assert row["overall_theta"] == "-1.5"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30).filter(lambda t: "\0" not in t))
def test_any_label_comes_back_whole(label: str) -> None:
    participant = {"id": str(SOME), "label": label}
    (row,) = read(written(document(participant=participant)))
    assert row["participant_label"].removeprefix("'") == label.removeprefix("'")


def test_a_person_without_a_label_has_an_empty_cell() -> None:
    (row,) = read(written(document(participant={"id": str(SOME), "label": None})))
    assert row["participant_label"] == ""


def test_a_domain_that_a_result_does_not_measure_has_empty_cells() -> None:
    (row,) = read(written(document(), domains=("SN1", "XX9")))
    assert row["SN1_theta"]
    assert not any(row[name] for name in row if name.startswith("XX9_"))


def test_a_level_that_is_withheld_is_empty_and_says_why() -> None:
    (row,) = read(written(document()))
    assert (row["SN5_level"], row["SN5_band"], row["SN5_withheld"]) == ("", "", "too_few_answers")
    assert row["SN5_theta"]
    assert row["SN5_level_low"]
