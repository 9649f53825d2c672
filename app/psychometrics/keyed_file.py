"""Files whose rows name persons of RESPONSES.csv: GROUPS.csv and TIMES.csv."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.errors import msgid
from app.psychometrics.answers_file import AnswersFile
from app.psychometrics.files import not_commas, open_text, rows_of
from app.psychometrics.model import BadFile

NO_GROUP = ""


def read_groups(path: Path, answers: AnswersFile) -> list[str]:
    """Group of each person, in the order of the answers; "" for persons that the file does not name.

    Raises
    ------
    BadFile
        If the columns are not ``person,group``, a person is unknown, named twice, or without a group.
    """
    places = _places(path, answers)
    groups, words = [NO_GROUP] * len(answers.persons), dict[str, str]()
    for line, cells in _rows(path, ("person", "group")):
        if len(cells) != 2:  # noqa: PLR2004
            cause = msgid("%(cells)s cases pour %(columns)s colonnes")
            raise BadFile(path.name, cause, row=line, cells=len(cells), columns=2)
        place, group = _known(path, line, cells[0], places), cells[1].strip()
        if groups[place]:
            cause = msgid("« %(person)s » a déjà un groupe ; gardez une seule de ces lignes")
            raise BadFile(path.name, cause, row=line, column="person", person=cells[0])
        if not group:
            cause = msgid("cette case est vide ; donnez un groupe à cette personne ou retirez la ligne")
            raise BadFile(path.name, cause, row=line, column="group")
        groups[place] = words.setdefault(group, group)
    return groups


def read_times(path: Path, answers: AnswersFile) -> NDArray[np.float32]:
    """Seconds that each answer took, shape (persons, items), NaN where the file has none.

    Raises
    ------
    BadFile
        If a person or an item is unknown, or a cell is neither empty nor a number of seconds.
    """
    places = _places(path, answers)
    columns: list[int] = []
    seconds = np.full(answers.scores.shape, np.nan, dtype=np.float32)  # seven digits are more than a clock has
    for line, cells in _rows(path):
        if not columns:
            columns = _columns(path, cells, answers)
            continue
        if len(cells) != len(columns) + 1:
            cause = msgid("%(cells)s cases pour %(columns)s colonnes")
            raise BadFile(path.name, cause, row=line, cells=len(cells), columns=len(columns) + 1)
        place = _known(path, line, cells[0], places)
        for text, column in zip(cells[1:], columns, strict=True):
            if text.strip():
                seconds[place, column] = _seconds(path, line, answers.items[column], text.strip())
    return seconds


def _rows(path: Path, header: Sequence[str] | None = None) -> Iterator[tuple[int, list[str]]]:
    """Rows of the file, without its header where that must be this one."""
    with open_text(path) as stream:
        rows = rows_of(path, stream)
        if header is not None:
            _, cells = next(rows, (1, []))
            if [each.strip() for each in cells] != [*header]:
                cause = not_commas(cells) or msgid("l'en-tête attendu est %(header)s")
                raise BadFile(path.name, cause, row=1, header=",".join(header))
        yield from rows


def _columns(path: Path, cells: Sequence[str], answers: AnswersFile) -> list[int]:
    names = [each.strip() for each in cells[1:]]
    if not names:
        cause = msgid("il faut une colonne pour la personne et une au moins pour une question")
        raise BadFile(path.name, not_commas(cells) or cause, row=1)
    for name in names:
        if name not in answers.items:
            cause = msgid("%(answers)s n'a pas de question de ce nom")
            raise BadFile(path.name, cause, row=1, column=name, answers=answers.file)
        if names.count(name) > 1:
            raise BadFile(path.name, msgid("cette colonne figure deux fois ; gardez-en une"), row=1, column=name)
    return [answers.items.index(name) for name in names]


def _places(path: Path, answers: AnswersFile) -> dict[str, int]:
    """Where each person is among the answers; names must tell them apart."""
    places: dict[str, int] = {}
    for place, name in enumerate(answers.persons):
        if places.setdefault(name, place) != place:
            cause = msgid("« %(person)s » y figure deux fois : %(other)s ne dirait pas qui est visé")
            raise BadFile(answers.file, cause, person=name, other=path.name)
    return places


def _known(path: Path, line: int, name: str, places: dict[str, int]) -> int:
    if name not in places:
        cause = msgid("« %(person)s » n'est pas dans le fichier de réponses ; retirez la ligne ou corrigez le nom")
        raise BadFile(path.name, cause, row=line, column="person", person=name)
    return places[name]


def _seconds(path: Path, line: int, item: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= 0):
        cause = msgid("attendu : un nombre de secondes, ou rien ; reçu : « %(got)s »")
        raise BadFile(path.name, cause, row=line, column=item, got=text)
    return value
