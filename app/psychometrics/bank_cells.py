"""The cells of one row of BANK.csv, by column, and refusals that say where."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.errors import msgid
from app.psychometrics.bank_columns import Header
from app.psychometrics.model import BadFile

FARTHEST: Final = 1_000.0
"""No logit and no slope per logit is larger: what is has been computed wrongly."""


@dataclass(frozen=True, slots=True)
class Cells:
    """A row while it is read."""

    path: Path
    header: Header
    row: int
    cells: Sequence[str]

    def text(self, column: str) -> str:
        """What stands in a column; empty where the file or the row has no such cell."""
        index = self.header.position.get(column, len(self.cells))
        return self.cells[index].strip() if index < len(self.cells) else ""

    def required(self, column: str) -> str:
        text = self.text(column)
        if not text:
            raise self.refused(column, msgid("cette case est vide"))
        return text

    def number(self, column: str) -> float:
        text = self.required(column)
        try:
            value = float(text.replace("_", "?"))  # 1_000 is a number to Python alone
        except ValueError:
            cause = msgid("attendu : un nombre à point décimal ; reçu : « %(got)s »")
            raise self.refused(column, cause, got=text) from None
        if not math.isfinite(value):
            cause = msgid("attendu : un nombre fini, ou rien si le modèle n'a pas ce paramètre ; reçu : « %(got)s »")
            raise self.refused(column, cause, got=text)
        if abs(value) > FARTHEST:
            cause = msgid("attendu : un nombre entre -%(most)s et %(most)s ; reçu : « %(got)s »")
            raise self.refused(column, cause, most=f"{FARTHEST:g}", got=text)
        return value

    def number_or_zero(self, column: str) -> float:
        return self.number(column) if self.text(column) else 0.0

    def refused(self, column: str | None, cause: str, **facts: object) -> BadFile:
        """A refusal of this row, to be raised."""
        return BadFile(self.path.name, cause, row=self.row, column=column, **facts)
