"""Files of comma-separated values: read with the place of what is wrong, written whole or not at all."""

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from app.errors import msgid
from app.psychometrics.model import BadFile


def open_text(path: Path) -> TextIO:
    """Open a UTF-8 file (with or without a byte-order mark).

    Raises
    ------
    BadFile
        If it cannot be opened.
    """
    try:
        return path.open(encoding="utf-8-sig", newline="")
    except OSError as error:
        raise BadFile(path.name, msgid("impossible à ouvrir (%(said)s)"), said=error.strerror) from error


def rows_of(path: Path, stream: TextIO) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of each row that is not empty; other encodings and stray NULs are refused."""
    reader = csv.reader(stream, strict=True)
    try:
        for cells in reader:
            if any(cells):
                yield reader.line_num, cells
    except UnicodeDecodeError as error:
        cause = msgid("ce n'est pas de l'UTF-8 (octet %(byte)s) ; enregistrez le fichier en UTF-8")
        byte = f"0x{error.object[error.start]:02x}"
        lines_before = error.object[: error.start].count(b"\n")  # text is decoded in blocks, ahead of the rows
        raise BadFile(path.name, cause, row=reader.line_num + 1 + lines_before, byte=byte) from error
    except csv.Error as error:
        raise BadFile(path.name, msgid("ligne illisible (%(said)s)"), row=reader.line_num, said=str(error)) from error


def not_commas(header: Sequence[str]) -> str | None:
    """What to say of a header that another separator cuts, as spreadsheets in French write."""
    if any(separator in cell for cell in header for separator in (";", "\t")):
        return msgid("les colonnes sont séparées par des points-virgules ou des tabulations ; attendu : des virgules")
    return None


@contextmanager
def replacing(out: Path) -> Iterator[TextIO]:
    """A stream that becomes ``out`` if all goes well, and nothing otherwise.

    Raises
    ------
    BadFile
        If the place cannot be written.
    """
    partial = out.with_name(out.name + ".part")
    try:
        with partial.open("w", encoding="utf-8", newline="") as stream:
            yield stream
        partial.replace(out)
    except OSError as error:
        raise BadFile(out.name, msgid("impossible à écrire (%(said)s)"), said=error.strerror) from error
    finally:
        partial.unlink(missing_ok=True)
