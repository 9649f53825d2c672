import pytest

from app.web.conditional import is_current, prefers

JSON, CSV = "application/json", "text/csv"


@pytest.mark.parametrize("header", ['"a"', 'W/"a"', '"b", "a"', "*", ' "a" '])
def test_a_copy_that_is_named_is_current(header: str) -> None:
    assert is_current(header, '"a"')


@pytest.mark.parametrize("header", [None, "", '"b"', "a", '"b",' * 5_000 + '"a"'])
def test_a_copy_that_is_not_named_is_not(header: str | None) -> None:
    assert not is_current(header, '"a"')


@pytest.mark.parametrize("accept", [CSV, "text/*", "text/csv;q=0.9, application/json;q=0.1", "TEXT/CSV"])
def test_a_caller_who_reads_tables_best_prefers_them(accept: str) -> None:
    assert prefers(accept, CSV, over=JSON)


@pytest.mark.parametrize(
    "accept",
    [
        None,
        "",
        "*/*",
        "text/csv, */*",
        "text/html",
        "text/csv;q=0",
        "text/csv;q=high, */*;q=0.1",
        ",;,",
        f"{JSON}, {CSV}",
    ],
)
def test_others_do_not(accept: str | None) -> None:
    assert not prefers(accept, CSV, over=JSON)
