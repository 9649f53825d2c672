import datetime as dt
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.results.model import LAST_POSITION, BadCursor, BadMoment, Cursor, moment

cursors = st.builds(
    Cursor,
    st.integers(0, LAST_POSITION),
    st.uuids(),
    st.one_of(st.none(), st.uuids()),
    st.sampled_from((None, False, True)),
)


@given(cursors)
def test_a_cursor_reads_back_as_it_was(cursor: Cursor) -> None:
    assert Cursor.read(cursor.text()) == cursor


@given(cursors)
def test_a_cursor_fits_in_an_address_as_it_is(cursor: Cursor) -> None:
    assert set(cursor.text()) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@given(st.text(max_size=60))
def test_any_other_text_is_refused_and_nothing_else_happens(text: str) -> None:
    with pytest.raises(BadCursor):
        Cursor.read(text)


@given(cursors, st.data())
def test_a_cursor_that_was_changed_is_refused_or_is_another_one(cursor: Cursor, data: st.DataObject) -> None:
    text = list(cursor.text())
    text[data.draw(st.integers(0, len(text) - 1))] = data.draw(st.characters())
    changed = "".join(text)
    try:
        assert Cursor.read(changed).text() == changed
    except BadCursor as refused:
        assert refused.facts["cursor"] == changed[:100]  # noqa: PT017 - either end is right


@pytest.mark.parametrize("position", [True, 1.0, "1", None, -1, LAST_POSITION + 1])
def test_a_position_must_be_one(position: int) -> None:
    with pytest.raises(BadCursor):
        Cursor.read(Cursor(position, uuid.UUID(int=1), None).text())


@given(st.datetimes(timezones=st.timezones(), min_value=dt.datetime(1900, 1, 1), max_value=dt.datetime(2200, 1, 1)))  # noqa: DTZ001
def test_a_moment_with_an_offset_is_the_same_moment_in_utc(when: dt.datetime) -> None:
    exact = when.astimezone(dt.timezone(dt.timedelta(hours=5, minutes=30)))
    assert moment(exact.isoformat()) == exact
    assert moment(exact.isoformat()).tzinfo is dt.UTC


@pytest.mark.parametrize("text", ["2026-11-21T14:03:00z", "2026-11-21t14:03:00Z", " 2026-11-21T14:03:00.000Z"])
def test_a_moment_may_be_written_as_rfc_3339_allows(text: str) -> None:
    assert moment(text) == dt.datetime(2026, 11, 21, 14, 3, tzinfo=dt.UTC)


@given(st.text(max_size=40))
def test_other_texts_are_no_moments(text: str) -> None:
    with pytest.raises(BadMoment):
        moment(text)
