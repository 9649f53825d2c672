"""What a simulation reads of BANK.csv besides parameters: competences and enemies.

Columns: ``competence`` (without it, or where empty, the domain stands for it) and ``enemies``: the ids of items that
exclude this one, separated by spaces; enmity is mutual whichever side states it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.engine.grid import Ints
from app.errors import msgid
from app.psychometrics.bank import BankFile
from app.psychometrics.files import open_text, rows_of
from app.psychometrics.model import BadFile


@dataclass(frozen=True, slots=True, eq=False)
class BankContent:
    """What the items are about.

    Attributes
    ----------
    competences : names, in order of first appearance. home : the domain of each.
    competence : shape (n,), index into ``competences``.
    named : whether the file has competences; otherwise domains stand for them.
    enemies : per item, the items it excludes.
    """

    competences: tuple[str, ...]
    home: tuple[str, ...]
    competence: Ints
    named: bool
    enemies: tuple[Ints, ...]


def read_content(path: Path, bank: BankFile) -> BankContent:
    """Read them from the file that this bank was read from.

    Raises
    ------
    BadFile
        If a competence lies in two domains or an enemy is no item of the bank.
    """
    with open_text(path) as stream:
        lines = list(rows_of(path, stream))
    header = [cell.strip() for cell in lines[0][1]]
    rows = [
        (number, _cell(header, cells, "competence"), _cell(header, cells, "enemies")) for number, cells in lines[1:]
    ]
    named = any(competence for _, competence, _ in rows)
    names = [competence or item.domain for (_, competence, _), item in zip(rows, bank.items, strict=True)]
    home: dict[str, str] = {}
    for (number, _, _), name, item in zip(rows, names, bank.items, strict=True):
        if home.setdefault(name, item.domain) != item.domain:
            cause = msgid("la compétence « %(name)s » est dans le domaine %(one)s et dans le domaine %(other)s")
            one = home[name]
            raise BadFile(path.name, cause, row=number, column="competence", name=name, one=one, other=item.domain)
    order = {name: index for index, name in enumerate(home)}
    return BankContent(
        competences=tuple(home),
        home=tuple(home.values()),
        competence=np.array([order[name] for name in names], dtype=np.intp),
        named=named,
        enemies=_enemies(path, bank, [(number, enemies) for number, _, enemies in rows]),
    )


def _cell(header: Sequence[str], cells: Sequence[str], column: str) -> str:
    index = header.index(column) if column in header else len(cells)
    return cells[index].strip() if index < len(cells) else ""


def _enemies(path: Path, bank: BankFile, rows: Sequence[tuple[int, str]]) -> tuple[Ints, ...]:
    position = {item.id: index for index, item in enumerate(bank.items)}
    found: list[set[int]] = [set() for _ in rows]
    for index, (number, text) in enumerate(rows):
        for name in text.split():
            if name not in position:
                cause = msgid("la banque n'a pas de question « %(name)s »")
                raise BadFile(path.name, cause, row=number, column="enemies", name=name)
            found[index].add(position[name])
            found[position[name]].add(index)
    return tuple(np.array(sorted(group - {index}), dtype=np.intp) for index, group in enumerate(found))
