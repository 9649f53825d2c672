"""BANK.csv read: item parameters and their uncertainty, one row an item.

Columns: ``item`` (required), ``domain`` (default "1"), ``model`` (rasch, 1pl, 2pl, 3pl, 4pl, pcm, gpcm, grm, nrm;
without it gpcm where ``b1`` is filled, else 2pl), ``metric`` (logistic, the default, or normal: the row's slopes are
then multiplied by 1.7), and the parameters:

- ``a``, ``b``, ``c``, ``d``: slope, difficulty, lower and upper asymptote;
- ``b1``, ``b2``, …: steps of pcm and gpcm, thresholds of grm (increasing);
- ``a1``, ``a2``, … and ``c1``, ``c2``, …: slopes and intercepts of the categories 1, 2, … of nrm; category 0 has none;
- ``se_`` and a parameter's name: its posterior standard deviation; ``cov_x_y``: the covariance of two.

A 1pl row with ``a`` has that slope, common to the test. The metric may differ between rows. Standard deviations and
covariances are those of the parameters as written; the engine holds those of the transformed parameters, to first
order.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from app.engine.families import FAMILIES
from app.engine.grid import Floats
from app.errors import msgid
from app.psychometrics.bank import BankFile, BankItem
from app.psychometrics.bank_cells import Cells
from app.psychometrics.bank_columns import Header
from app.psychometrics.bank_row import Known, known
from app.psychometrics.files import not_commas, open_text, rows_of
from app.psychometrics.model import BadFile

__all__ = ["BankFile", "BankItem", "not_commas", "open_text", "read_bank", "rows_of"]

WIDEST = 10.0
"""A standard deviation beyond this, on the transformed scale, says that nothing is known of the parameter."""


def read_bank(path: Path) -> BankFile:
    """Read a bank.

    Raises
    ------
    BadFile
        At the first value that cannot be used: where it is, what was expected, what came.
    """
    with open_text(path) as stream:
        lines = rows_of(path, stream)
        header = _header(path, lines)
        read = [known(Cells(path, header, number, cells)) for number, cells in lines]
    if not read:
        raise BadFile(path.name, msgid("aucune question : il faut au moins une ligne sous l'en-tête"))
    _refuse_twice(read)
    return BankFile(tuple(_items(read)))


def _header(path: Path, lines: Iterator[tuple[int, list[str]]]) -> Header:
    _, cells = next(lines, (1, []))
    names = [cell.strip() for cell in cells]
    if "item" not in names:
        raise BadFile(path.name, not_commas(names) or msgid("l'en-tête doit avoir une colonne nommée item"), row=1)
    twice = [name for name in names if name and names.count(name) > 1]
    if twice:
        raise BadFile(path.name, msgid("cette colonne figure deux fois"), row=1, column=twice[0])
    return Header.of(names)


def _refuse_twice(read: Sequence[Known]) -> None:
    seen: dict[str, int] = {}
    for one in read:
        first = seen.setdefault(one.id, one.cells.row)
        if first != one.cells.row:
            cause = msgid("l'identifiant « %(id)s » sert déjà ligne %(first)s ; donnez-en un autre à l'une des deux")
            raise one.cells.refused("item", cause, id=one.id, first=first)


def _items(read: Sequence[Known]) -> list[BankItem]:
    """The items in the file's order; items of one shape are transformed together."""
    groups: dict[tuple[str, int], list[int]] = {}
    for index, one in enumerate(read):
        groups.setdefault((one.model, len(one.natural)), []).append(index)
    found: list[BankItem | None] = [None] * len(read)
    for (model, _), members in groups.items():
        group = [read[index] for index in members]
        family = FAMILIES[model]
        mean = family.transformed(np.array([one.natural for one in group]))
        covariance = _covariances(group, family.jacobian(mean))
        for place, (index, one) in enumerate(zip(members, group, strict=True)):
            found[index] = BankItem(one.id, one.domain, model, mean[place], covariance[place] if any(one.sd) else None)
    return [item for item in found if item is not None]


def _covariances(group: Sequence[Known], jacobian: Floats) -> Floats:
    """Posterior covariances of the transformed parameters, to first order, shape (n, p, p)."""
    sd = np.array([one.sd for one in group])
    natural = np.zeros_like(jacobian)
    natural[:, range(sd.shape[1]), range(sd.shape[1])] = sd**2
    for index, one in enumerate(group):
        for i, j, value in one.covariances:
            if value:
                natural[index, i, j] = natural[index, j, i] = value
    if (wrong := np.linalg.eigvalsh(natural)[:, 0] < -1e-9 * natural.max(axis=(1, 2))).any():
        cause = msgid("les colonnes se_ et cov_ ne forment pas une matrice de covariance")
        raise group[int(wrong.argmax())].cells.refused(None, cause)
    inverse = np.linalg.inv(jacobian)
    found: Floats = inverse @ natural @ np.swapaxes(inverse, 1, 2)
    for index, k in np.argwhere(np.diagonal(found, axis1=1, axis2=2) > WIDEST**2):
        one = group[index]
        cause = msgid(
            "un écart type si grand dit que ce paramètre n'est pas connu ; calibrez la question sur plus de réponses,"
            " ou prenez un modèle sans lui ; reçu : %(got)s"
        )
        raise one.cells.refused(one.layout.sd[k], cause, got=one.cells.text(one.layout.sd[k]))
    return found
