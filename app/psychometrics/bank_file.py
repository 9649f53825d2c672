"""BANK.csv: item parameters and their uncertainty, one row an item.

Columns: ``item`` (required), ``domain`` (default "1"), ``model`` (rasch, 1pl, 2pl, 3pl, pcm, gpcm), ``a``, ``b``,
``c``, ``b1``, ``b2`` …, ``se_*`` and ``cov_*_*`` (posterior standard deviations and covariances).
A 1pl row with ``a`` has that slope, common to the test; without, it is a rasch row. Metric: logistic without the
1.7 constant.
"""

import csv
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

import numpy as np

from app.engine.grid import Floats, Grid
from app.engine.tables import ItemTables, item_rows, make_tables
from app.errors import msgid
from app.psychometrics.model import BadFile

DICHOTOMOUS: Final = {"rasch": ("b",), "1pl": ("b",), "2pl": ("a", "b"), "3pl": ("a", "b", "c")}
STEPPED: Final = {"pcm", "gpcm"}
FIXED: Final = {"a": 1.0, "c": 0.0, "d": 1.0}
"""Values of the parameters that a model leaves out; any other value in such a column would be ignored in silence."""


@dataclass(frozen=True, slots=True, eq=False)
class BankItem:
    """One item: transformed parameters (engine, ``tables.MODELS``) with their covariance, or None where exact."""

    id: str
    domain: str
    model: str
    mean: Floats
    covariance: Floats | None


@dataclass(frozen=True, slots=True)
class BankFile:
    """A bank as read; domains in order of first appearance."""

    items: tuple[BankItem, ...]

    @property
    def domains(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(item.domain for item in self.items))

    def tables(self, grid: Grid) -> ItemTables:
        """The bank on a grid."""
        number = {domain: index for index, domain in enumerate(self.domains)}
        rows = [item_rows(grid, item.model, item.mean, item.covariance) for item in self.items]
        return make_tables(grid, rows, [number[item.domain] for item in self.items], domains=len(number))


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
        raise BadFile(path.name, cause, row=reader.line_num + 1, byte=byte) from error
    except csv.Error as error:
        raise BadFile(path.name, msgid("ligne illisible (%(said)s)"), row=reader.line_num, said=str(error)) from error


def not_commas(header: Sequence[str]) -> str | None:
    """What to say of a header that another separator cuts, as spreadsheets in French write."""
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        return msgid("les colonnes sont séparées par des points-virgules ou des tabulations ; attendu : des virgules")
    return None


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
        read = [(number, _Row(path, number, header, cells).item()) for number, cells in lines]
    rows, items = [number for number, _ in read], [item for _, item in read]
    if not items:
        raise BadFile(path.name, msgid("aucune question : il faut au moins une ligne sous l'en-tête"))
    seen: dict[str, int] = {}
    for index, item in enumerate(items):
        if seen.setdefault(item.id, index) != index:
            raise BadFile(
                path.name, msgid("l'identifiant « %(id)s » sert deux fois"), row=rows[index], column="item", id=item.id
            )
    return BankFile(tuple(items))


def _header(path: Path, lines: Iterator[tuple[int, list[str]]]) -> list[str]:
    _, cells = next(lines, (1, []))
    header = [cell.strip() for cell in cells]
    if "item" not in header:
        raise BadFile(path.name, not_commas(header) or msgid("l'en-tête doit avoir une colonne nommée item"), row=1)
    twice = [name for name in header if header.count(name) > 1]
    if twice:
        raise BadFile(path.name, msgid("cette colonne figure deux fois"), row=1, column=twice[0])
    return header


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of the bank while it is read."""

    path: Path
    number: int
    header: Sequence[str]
    cells: Sequence[str]

    def item(self) -> BankItem:
        if len(self.cells) > len(self.header):
            raise self._refused(
                None,
                msgid("%(cells)s cases pour %(columns)s colonnes"),
                cells=len(self.cells),
                columns=len(self.header),
            )
        model = self._model()
        names = self._parameters(model)
        self._refuse_ignored(model, names)
        natural = [self._value(name) for name in names]
        mean, slopes = self._transformed(names, natural)
        covariance = self._covariance(names, slopes)
        engine_model, mean, covariance = _with_unit_slope(model, mean, covariance)
        return BankItem(self._required("item"), self._text("domain") or "1", engine_model, mean, covariance)

    def _model(self) -> str:
        model = (self._text("model") or ("gpcm" if self._text("b1") else "2pl")).lower()
        return "2pl" if model == "1pl" and self._text("a") else model

    def _refuse_ignored(self, model: str, names: Sequence[str]) -> None:
        for name, fixed in FIXED.items():
            if name not in names and self._text(name) and self._number(name) != fixed:
                cause = msgid("avec le modèle %(model)s, cette case est vide ou vaut %(fixed)s ; reçu : « %(got)s »")
                raise self._refused(name, cause, model=model, fixed=f"{fixed:g}", got=self._text(name))

    def _parameters(self, model: str) -> tuple[str, ...]:
        if model in DICHOTOMOUS:
            return DICHOTOMOUS[model]
        if model not in STEPPED:
            known = ", ".join([*DICHOTOMOUS, *sorted(STEPPED)])
            raise self._refused("model", msgid("attendu : %(known)s ; reçu : « %(got)s »"), known=known, got=model)
        steps = [f"b{number}" for number in range(1, 100) if self._text(f"b{number}")]
        if steps != [f"b{number}" for number in range(1, len(steps) + 1)] or not steps:
            raise self._refused("b1", msgid("les seuils b1, b2, … doivent se suivre sans trou"))
        return ("a", *steps) if model == "gpcm" else tuple(steps)

    def _value(self, name: str) -> float:
        value = self._number(name)
        if name == "a" and value <= 0:
            raise self._refused(name, msgid("une pente est positive ; reçu : %(got)s"), got=value)
        if name == "c" and not 0 < value < 1:
            raise self._refused(
                name, msgid("une asymptote basse est entre 0 et 1 (2pl s'il n'y en a pas) ; reçu : %(got)s"), got=value
            )
        return value

    def _transformed(self, names: Sequence[str], natural: Sequence[float]) -> tuple[Floats, Floats]:
        """Transformed parameters and d(transformed)/d(natural): log a, b, logit c."""
        pairs = [_transform(name, value) for name, value in zip(names, natural, strict=True)]
        return np.array([mean for mean, _ in pairs]), np.array([slope for _, slope in pairs])

    def _covariance(self, names: Sequence[str], slopes: Floats) -> Floats | None:
        """Posterior covariance of the transformed parameters from ``se_*`` and ``cov_*`` (first-order)."""
        sd = np.array([self._number(f"se_{name}") if self._text(f"se_{name}") else 0.0 for name in names])
        if np.any(sd < 0):
            raise self._refused(f"se_{names[int(np.argmax(sd < 0))]}", msgid("un écart type ne peut pas être négatif"))
        if not sd.any():
            return None
        covariance = np.diag(sd**2)
        for i, one in enumerate(names):
            for j, other in enumerate(names[:i]):
                found = [c for c in (f"cov_{one}_{other}", f"cov_{other}_{one}") if self._text(c)]
                if found:
                    covariance[i, j] = covariance[j, i] = self._number(found[0])
        if np.linalg.eigvalsh(covariance).min() < -1e-9 * covariance.max():
            raise self._refused(None, msgid("les colonnes se_ et cov_ ne forment pas une matrice de covariance"))
        return covariance * np.outer(slopes, slopes)

    def _text(self, column: str) -> str:
        index = self.header.index(column) if column in self.header else len(self.cells)
        return self.cells[index].strip() if index < len(self.cells) else ""

    def _required(self, column: str) -> str:
        if not self._text(column):
            raise self._refused(column, msgid("cette case est vide"))
        return self._text(column)

    def _number(self, column: str) -> float:
        text = self._required(column)
        try:
            value = float(text)
        except ValueError:
            raise self._refused(
                column, msgid("attendu : un nombre à point décimal ; reçu : « %(got)s »"), got=text
            ) from None
        if not math.isfinite(value):
            raise self._refused(column, msgid("attendu : un nombre fini ; reçu : « %(got)s »"), got=text)
        return value

    def _refused(self, column: str | None, cause: str, **facts: object) -> BadFile:
        return BadFile(self.path.name, cause, row=self.number, column=column, **facts)


def _transform(name: str, value: float) -> tuple[float, float]:
    """The transformed parameter and its derivative by the natural one."""
    if name == "a":
        return math.log(value), 1 / value
    if name == "c":
        return math.log(value / (1 - value)), 1 / (value * (1 - value))
    return value, 1.0


def _with_unit_slope(model: str, mean: Floats, covariance: Floats | None) -> tuple[str, Floats, Floats | None]:
    """Rasch, 1PL and PCM as the models with a slope, here known to be one."""
    if model in {"2pl", "3pl", "gpcm"}:
        return model, mean, covariance
    wider = None if covariance is None else np.pad(covariance, ((1, 0), (1, 0)))
    return ("gpcm" if model == "pcm" else "2pl"), np.concatenate([[0.0], mean]), wider
