"""All of RESPONSES.csv at once, a byte an answer, for analyses that compare persons with each other."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.engine.batch import MISSING
from app.errors import msgid
from app.psychometrics.bank import BankFile, BankItem
from app.psychometrics.model import BadFile
from app.psychometrics.response_data import SMALL
from app.psychometrics.response_file import open_responses

Scores = NDArray[np.integer[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class AnswersFile:
    """Persons and their scores.

    Attributes
    ----------
    file : name of the file.
    persons : names, as written.
    items : names of the items, in the order of the columns.
    scores : shape (persons, items), ``MISSING`` where not seen; one byte each, two where scores exceed 127.
    """

    file: str
    persons: list[str]
    items: tuple[str, ...]
    scores: Scores


def read_answers(path: Path, bank: BankFile | None = None) -> tuple[AnswersFile, tuple[BankItem, ...]]:
    """Read every person, and the bank's items in the order of the columns (none without a bank).

    Raises
    ------
    BadFile
        For a column that the bank does not have, what ``ResponseSheet`` refuses, or a file without persons.
    """
    known = {item.id: item for item in bank.items} if bank else {}
    with open_responses(path) as sheet:
        for name in sheet.items if bank else ():
            if name not in known:
                cause = msgid("la banque n'a pas de question de ce nom ; retirez la colonne ou complétez la banque")
                raise BadFile(path.name, cause, row=1, column=name)
        taken = tuple(known[name] for name in sheet.items) if bank else ()
        highest = [item.categories - 1 for item in taken] if bank else None
        names: list[str] = []
        parts: list[Scores] = []
        for chunk in sheet.chunks(highest):
            names += chunk.names
            parts.append(_small(chunk.scores))
        items = sheet.items
    if not names:
        raise BadFile(path.name, msgid("aucune personne : il faut au moins une ligne sous l'en-tête"))
    return AnswersFile(path.name, names, items, np.concatenate(parts)), taken


def _small(scores: Scores) -> Scores:
    """A byte for each answer where that is enough."""
    return scores.astype(np.int8) if scores.max(initial=MISSING) <= SMALL else scores
