"""Results as a table: one row a session, the same columns for every row, RFC 4180 in plain UTF-8.

Numbers are written as Python and JSON write them (the shortest digits that give the same float back), so they
equal the API's. Texts that a spreadsheet would take for a formula get an apostrophe in front.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.results.model import ResultRecord

MEDIA_TYPE: Final = "text/csv; charset=utf-8; header=present"
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""First characters that make a spreadsheet compute a cell (OWASP, CSV injection)."""

_WHO: Final = (
    "session",
    "campaign_id",
    "campaign_code",
    "campaign_title_fr",
    "campaign_title_en",
    "participant_id",
    "participant_label",
)
_COURSE: Final = (
    "simulated",
    "provisional",
    "started_at",
    "finished_at",
    "updated_at",
    "stop_reason",
    "answers",
    "skipped",
)
_VERSIONS: Final = ("framework", "bank", "policy", "engine")
_OVERALL: Final = ("overall_theta", "overall_se", "overall_low", "overall_high")
_DOMAIN: Final = (
    "theta",
    "se",
    "low",
    "high",
    "level",
    "level_probability",
    "level_low",
    "level_high",
    "band",
    "band_probability",
    "own_share",
    "own_answers",
    "withheld",
)


_EMPTY: Final = [None] * len(_DOMAIN)

Cell = str | bool | int | float | None


def columns(domains: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the columns: those of the session, then thirteen for each domain (``SN1_theta`` …)."""
    return (*_WHO, *_COURSE, *_VERSIONS, *_OVERALL, *(f"{domain}_{name}" for domain in domains for name in _DOMAIN))


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a table is written: for programs, or for the spreadsheet of a country."""

    delimiter: str = ","
    decimal: str = "."
    mark: str = ""
    """What comes first, so that the spreadsheet knows the encoding."""


FOR_PROGRAMS: Final = Dialect()
FOR_FRENCH_SPREADSHEETS: Final = Dialect(delimiter=";", decimal=",", mark="\ufeff")


def texts(
    portions: Iterable[Sequence[ResultRecord]], domains: Sequence[str], dialect: Dialect = FOR_PROGRAMS
) -> Iterator[str]:
    """Yield the table in pieces: the header, then the lines of each portion of records."""
    yield dialect.mark + _lines([columns(domains)], dialect)
    for records in portions:
        yield _lines((row(record.document(), domains) for record in records), dialect)


def row(document: Mapping[str, Any], domains: Sequence[str]) -> list[Cell]:
    """Return one result document as cells; a domain it does not measure has empty ones."""
    measured = {entry["domain"]: entry for entry in document["domains"]}
    cells = [_cell(value) for value in _session_cells(document)]
    for domain in domains:
        entry = measured.get(domain)
        cells += _EMPTY if entry is None else map(_cell, _domain_cells(entry))
    return cells


def _session_cells(document: Mapping[str, Any]) -> Iterator[Cell]:
    campaign, participant, overall = document["campaign"], document["participant"], document["overall"]
    yield document["session"]
    yield from (campaign["id"], campaign["code"], campaign["title"]["fr"], campaign["title"]["en"])
    yield from (participant["id"], participant["label"])
    yield from (document[name] for name in _COURSE)
    yield from (document["versions"][name] for name in _VERSIONS)
    yield from (overall["theta"], overall["se"], *overall["interval"])


def _domain_cells(entry: Mapping[str, Any]) -> list[Cell]:
    low, high = entry["interval"]
    level_low, level_high = entry["level_interval"]
    split = {**entry, "low": low, "high": high, "level_low": level_low, "level_high": level_high}
    return [split[name] for name in _DOMAIN]


def _cell(value: Cell) -> Cell:
    """Make texts harmless and write truth values as JSON does.

    The writer does the rest as we want it: nothing for null, and floats by ``repr``.
    """
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA) else value
    if isinstance(value, bool):
        return "true" if value else "false"
    return value


def _lines(rows: Iterable[Sequence[Cell]], dialect: Dialect) -> str:
    text = io.StringIO()
    if dialect.decimal != ".":
        rows = ([_with_decimal(cell, dialect.decimal) for cell in cells] for cells in rows)
    csv.writer(text, delimiter=dialect.delimiter, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def _with_decimal(cell: Cell, decimal: str) -> Cell:
    return repr(cell).replace(".", decimal) if isinstance(cell, float) else cell
