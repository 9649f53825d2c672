"""All of RESPONSES.csv at once, for analyses that compare persons with each other."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.engine.grid import Ints
from app.errors import msgid
from app.psychometrics.bank import BankFile, BankItem
from app.psychometrics.model import BadFile
from app.psychometrics.response_file import Scores, open_responses


@dataclass(frozen=True, slots=True, eq=False)
class AnswersFile:
    """Persons and their scores.

    Attributes
    ----------
    file : name of the file.
    persons : names, as written.
    items : names of the items, in the order of the columns.
    scores : shape (persons, items), ``MISSING`` where not seen.
    """

    file: str
    persons: list[str]
    items: tuple[str, ...]
    scores: Ints


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
        chunks = list(sheet.chunks(highest))
        items = sheet.items
    if not chunks:
        raise BadFile(path.name, msgid("aucune personne : il faut au moins une ligne sous l'en-tête"))
    names = [name for chunk in chunks for name in chunk.names]
    scores: Scores = np.concatenate([chunk.scores for chunk in chunks])
    return AnswersFile(path.name, names, items, scores.astype(np.intp)), taken
