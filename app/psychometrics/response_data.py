"""RESPONSES.csv as a whole, for calibration: every answer, one byte or less each."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from app.engine.batch import MISSING
from app.engine.responses import DENSE_FROM
from app.psychometrics.response_file import open_responses

BLOCK: Final = 1 << 20
SMALL: Final = 127


@dataclass(frozen=True, slots=True, eq=False)
class ResponseData:
    """All answers.

    Attributes
    ----------
    persons, items : names, in the order of the file.
    scores : shape (persons, items), ``MISSING`` where not seen; sparse (category plus one) where most are.
    sha256 : of the file's bytes.
    """

    persons: tuple[str, ...]
    items: tuple[str, ...]
    scores: NDArray[np.integer[Any]] | sparse.csr_matrix
    sha256: str


def read_all(path: Path, progress: Callable[[int, int | None], None] = lambda *_: None) -> ResponseData:
    """Read a file of responses.

    Raises
    ------
    BadFile
        At the first cell that is neither a score nor empty.
    """
    names: list[str] = []
    parts: list[sparse.csr_matrix | NDArray[np.integer[Any]]] = []
    filled = cells = 0
    with open_responses(path) as sheet:
        for persons in sheet.chunks():
            names += persons.names
            seen = int(np.count_nonzero(persons.scores != MISSING))
            filled, cells = filled + seen, cells + persons.scores.size
            parts.append(_small(persons.scores, dense=seen >= DENSE_FROM * persons.scores.size))
            progress(sheet.bytes_read, sheet.bytes)
        items = sheet.items
    return ResponseData(
        tuple(names), items, _together(parts, len(items), dense=filled >= DENSE_FROM * cells), _hash(path)
    )


def _small(scores: NDArray[np.int16], *, dense: bool) -> NDArray[np.integer[Any]] | sparse.csr_matrix:
    plus_one = scores + 1
    small = plus_one.astype(np.int8) if plus_one.max(initial=0) <= SMALL else plus_one
    return small if dense else sparse.csr_matrix(small)


def _together(
    parts: list[NDArray[np.integer[Any]] | sparse.csr_matrix], items: int, *, dense: bool
) -> NDArray[np.integer[Any]] | sparse.csr_matrix:
    if not parts:
        return np.empty((0, items), dtype=np.int8)
    if dense:
        return np.concatenate([part.toarray() if sparse.issparse(part) else part for part in parts]) - np.int8(1)
    rows: sparse.csr_matrix = sparse.vstack([sparse.csr_matrix(part) for part in parts], format="csr")
    return rows


def _hash(path: Path) -> str:
    """SHA-256 of the file."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()
