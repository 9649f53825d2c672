"""Small files that say something of each item or person: MAP.csv (``item,domain``), GROUPS.csv (``person,group``)."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from app.errors import msgid
from app.psychometrics.files import not_commas, open_text, rows_of
from app.psychometrics.model import BadFile


def read_table(
    path: Path, *, key: str, columns: Sequence[str], optional: Sequence[str] = ()
) -> dict[str, dict[str, str]]:
    """Rows by their key; other columns are ignored.

    Raises
    ------
    BadFile
        If a column is missing, a cell of a required one empty, or a key there twice.
    """
    return {values[key]: values for values in _rows(path, key, columns, optional)}


def read_pairs(path: Path, *, key: str, column: str) -> dict[str, str]:
    """One column by the key, each of its words kept once: files of persons are long, and their groups few.

    Raises
    ------
    BadFile
        As of ``read_table``.
    """
    words: dict[str, str] = {}
    rows = _rows(path, key, [column], [])
    return {values[key]: words.setdefault(values[column], values[column]) for values in rows}


def _rows(path: Path, key: str, columns: Sequence[str], optional: Sequence[str]) -> Iterator[dict[str, str]]:
    """Rows with what the columns say; a key that comes again is refused."""
    with open_text(path) as stream:
        lines = rows_of(path, stream)
        first, cells = next(lines, (1, []))
        header = [cell.strip() for cell in cells]
        place = _places(path, first, header, (key, *columns), optional)
        seen: set[str] = set()
        for number, row in lines:
            values = {name: row[index].strip() if index < len(row) else "" for name, index in place.items()}
            _require(path, number, values, (key, *columns))
            if values[key] in seen:
                cause = msgid("« %(name)s » figure deux fois ; gardez-en une ligne")
                raise BadFile(path.name, cause, row=number, column=key, name=values[key])
            seen.add(values[key])
            yield values


def _places(
    path: Path, line: int, header: list[str], required: Sequence[str], optional: Sequence[str]
) -> dict[str, int]:
    missing = [name for name in required if name not in header]
    if missing:
        cause = msgid("l'en-tête doit avoir une colonne nommée %(name)s")
        raise BadFile(path.name, not_commas(header) or cause, row=line, name=missing[0])
    return {name: header.index(name) for name in (*required, *optional) if name in header}


def _require(path: Path, line: int, values: dict[str, str], required: Sequence[str]) -> None:
    for name in required:
        if not values[name]:
            raise BadFile(path.name, msgid("cette case est vide ; remplissez-la"), row=line, column=name)
