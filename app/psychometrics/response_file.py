"""RESPONSES.csv: one row a person, first column the person, one column an item, empty = not seen.

Two rows of one name are two persons. The file is read a chunk of rows at a time, whatever its length. A chunk is
translated as a whole; only where something in it is not plain is it gone through cell by cell, to say what and where.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice, repeat
from pathlib import Path
from stat import S_ISREG
from typing import Final, TextIO

import numpy as np
from numpy.typing import NDArray

from app.engine.batch import MISSING
from app.errors import msgid
from app.psychometrics.files import not_commas
from app.psychometrics.model import BadFile

HIGHEST: Final = 999
"""Highest score that is read where nobody says what an item's highest is."""
ROWS, CELLS = 4_000, 1_000_000
"""Rows at a time, and the cells that they may have together: memory stays constant for wide files too."""
UNREADABLE: Final = -2
_CODES: Final = {"": MISSING, **{str(score): score for score in range(HIGHEST + 1)}}
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_SURROGATE: Final = re.compile("[\udc80-\udcff]")
"""What a byte that is no UTF-8 becomes on reading (PEP 383)."""

Scores = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Persons:
    """Some rows: names as written, and scores of shape (persons, items), ``MISSING`` where not seen."""

    names: list[str]
    scores: Scores


class ResponseSheet:
    """An open file of responses, read from its first row to its last.

    Attributes
    ----------
    items : names of the items, in the order of the columns.
    bytes : size of the file; None where it has none, as a pipe.
    """

    def __init__(self, path: Path, stream: TextIO) -> None:
        self._path, self._stream = path, stream
        self._reader = csv.reader(stream, strict=True)
        self.bytes = _size(path)
        self.items = _header(path, self._first_row(), self._reader.line_num)

    @property
    def bytes_read(self) -> int:
        """How far the file has been read."""
        return self._stream.buffer.tell()

    def chunks(self, highest: Sequence[int] | None = None) -> Iterator[Persons]:
        """Persons in the order of the file; empty lines are passed over.

        Parameters
        ----------
        highest : highest score of each item, in the order of ``items``; 999 each without it.

        Raises
        ------
        BadFile
            At the first row of another length, unreadable text, or cell that is neither a score of its item nor
            empty.
        """
        most = np.full(len(self.items), HIGHEST) if highest is None else np.asarray(highest)
        size = max(1, min(ROWS, CELLS // (1 + len(self.items))))
        while True:
            rows: list[list[str]] = []
            before = self._reader.line_num
            more = self._extend(rows, size, highest=most)
            kept = [row for row in rows if any(row)]
            if kept:
                yield self._quick(kept, most) or self._careful(rows, before, most)
            if not more:
                return

    def _first_row(self) -> list[str]:
        """The first row with anything in it."""
        rows: list[list[str]] = [[]]
        while not any(rows[-1]) and self._extend(rows, 1):
            continue
        return rows[-1]

    def _extend(self, rows: list[list[str]], count: int, *, highest: NDArray[np.intp] | None = None) -> bool:
        """Read so many rows; whether there were any. Rows before an unreadable one are looked at first."""
        size, before = len(rows), self._reader.line_num
        try:
            rows.extend(islice(self._reader, count))
        except csv.Error as error:
            line = self._reader.line_num
            if highest is not None:
                self._careful(rows, before, highest)
            cause = msgid("ligne illisible (%(said)s) ; vérifiez les guillemets")
            raise BadFile(self._path.name, cause, row=line, said=str(error)) from error
        return len(rows) > size

    def _quick(self, rows: list[list[str]], highest: NDArray[np.intp]) -> Persons | None:
        """The rows translated as a whole; None where a cell needs a closer look."""
        width = 1 + len(self.items)
        names = [row[0] for row in rows]
        if set(map(len, rows)) != {width} or not _plain("\n".join(names)):
            return None
        codes = map(_CODES.get, chain.from_iterable(rows), repeat(UNREADABLE))
        scores = np.fromiter(codes, dtype=np.int16, count=width * len(rows)).reshape(-1, width)[:, 1:]
        if scores.min() == UNREADABLE or np.any(scores.max(axis=0) > highest):
            return None
        return Persons(names, scores)

    def _careful(self, rows: list[list[str]], line: int, highest: NDArray[np.intp]) -> Persons:
        """The same cell by cell: the first that cannot be used is refused by its place."""
        names, scores = [], []
        for row in rows:
            line += 1 + sum(len(_LINE_END.findall(cell)) for cell in row)
            if not any(row):
                continue
            names.append(self._name(row[0], line))
            self._check_length(row, line)
            scores.append([self._score(*cell, line) for cell in zip(row[1:], self.items, highest, strict=True)])
        return Persons(names, np.array(scores, dtype=np.int16))

    def _name(self, cell: str, line: int) -> str:
        if not _plain(cell):
            raise _not_text(self._path, cell, line, column=None)
        return cell

    def _check_length(self, row: list[str], line: int) -> None:
        width = 1 + len(self.items)
        if len(row) != width:
            cause = msgid("%(cells)s cases pour %(columns)s colonnes ; une question non vue garde sa case, vide")
            raise BadFile(self._path.name, cause, row=line, cells=len(row), columns=width)

    def _score(self, cell: str, item: str, highest: int, line: int) -> int:
        text = cell.strip()
        if not text:
            return MISSING
        if not _plain(text):
            raise _not_text(self._path, text, line, column=item)
        if not (text.isascii() and text.isdigit() and len(text) <= len(str(HIGHEST)) and int(text) <= highest):
            cause = msgid(
                "attendu : un entier de 0 à %(highest)s, ou rien si la question n'a pas été vue ; reçu : « %(got)s »"
            )
            raise BadFile(self._path.name, cause, row=line, column=item, highest=highest, got=text)
        return int(text)


@contextmanager
def open_responses(path: Path) -> Iterator[ResponseSheet]:
    """Open a file of responses (UTF-8, with or without a byte-order mark) and read its header.

    Raises
    ------
    BadFile
        If it cannot be opened or its header names no items, one twice, or one without a name.
    """
    try:
        stream = path.open(encoding="utf-8-sig", errors="surrogateescape", newline="")
    except OSError as error:
        raise BadFile(path.name, msgid("impossible à ouvrir (%(said)s)"), said=error.strerror) from error
    with stream:
        yield ResponseSheet(path, stream)


def _header(path: Path, cells: list[str], line: int) -> tuple[str, ...]:
    for cell in cells:
        if not _plain(cell):
            raise _not_text(path, cell, line, column=None)
    names = [cell.strip() for cell in cells]
    if len(names) < 2:  # noqa: PLR2004
        cause = msgid("il faut une colonne pour la personne et une au moins pour une question")
        raise BadFile(path.name, not_commas(names) or cause, row=max(line, 1))
    seen = {names[0]}
    for number, name in enumerate(names[1:], start=2):
        if not name:
            cause = msgid("la colonne %(number)s n'a pas de nom ; donnez-lui celui d'une question ou retirez-la")
            raise BadFile(path.name, cause, row=line, number=number)
        if name in seen:
            raise BadFile(path.name, msgid("cette colonne figure deux fois ; gardez-en une"), row=line, column=name)
        seen.add(name)
    return tuple(names[1:])


def _plain(text: str) -> bool:
    """Text without stray bytes or NULs."""
    return (text.isascii() or not _SURROGATE.search(text)) and "\0" not in text


def _not_text(path: Path, cell: str, line: int, *, column: str | None) -> BadFile:
    found = _SURROGATE.search(cell)
    if found is None:
        cause = msgid("il y a un octet nul dans ce texte ; enregistrez le fichier en UTF-8")
        return BadFile(path.name, cause, row=line, column=column)
    byte = f"0x{ord(found[0]) - 0xDC00:02x}"
    cause = msgid("ce n'est pas de l'UTF-8 (octet %(byte)s) ; enregistrez le fichier en UTF-8")
    return BadFile(path.name, cause, row=line, column=column, byte=byte)


def _size(path: Path) -> int | None:
    facts = path.stat()
    return facts.st_size if S_ISREG(facts.st_mode) else None
