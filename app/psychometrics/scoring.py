"""Score a file of responses with a bank: no server, constant memory."""

import csv
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, Literal, TextIO

import numpy as np

from app.engine.estimators import (
    MISSING,
    Estimates,
    batch_log_likelihood,
    expected_a_posteriori,
    maximum_a_posteriori,
    maximum_likelihood,
    weighted_likelihood,
)
from app.engine.grid import Grid, Ints, make_grid
from app.engine.prior import SecondOrderPrior, second_order_prior
from app.engine.tables import ItemTables
from app.errors import msgid
from app.psychometrics.bank_file import BankFile, not_commas, open_text, rows_of
from app.psychometrics.model import BadFile

Method = Literal["eap", "map", "ml", "wle"]
CHUNK: Final = 2_000
"""Persons scored at a time."""
HIGHEST_LOADING: Final = 0.95
"""As in a campaign's rules: domains tied closer are one domain, and the grid would not tell them apart."""


@dataclass(frozen=True, slots=True)
class Scored:
    """What was done: persons read and answers used."""

    persons: int
    answers: int


def score_file(
    responses: Path, bank: BankFile, out: Path, *, method: Method = "eap", loadings: Sequence[float] | None = None
) -> Scored:
    """Write SCORES.csv (``person,domain,theta,se,answers``), one row per person and domain.

    Raises
    ------
    BadFile
        At the first response that cannot be used; ``out`` is then left as it was.
    """
    scorer = _Scorer.of(bank, method, loadings or [0.0] * len(bank.domains))
    persons = answers = 0
    with _replacing(out) as stream:
        writer = csv.writer(stream)
        writer.writerow(["person", "domain", "theta", "se", "answers"])
        for names, scores in read_responses(responses, bank):
            found = scorer.estimate(scores)
            seen = scorer.answered(scores)
            persons, answers = persons + len(names), answers + int(seen.sum())
            writer.writerows(_lines(names, bank.domains, found, seen))
    return Scored(persons, answers)


@contextmanager
def _replacing(out: Path) -> Iterator[TextIO]:
    """A stream that becomes ``out`` if all goes well, and nothing otherwise."""
    partial = out.with_name(out.name + ".part")
    try:
        with partial.open("w", encoding="utf-8", newline="") as stream:
            yield stream
        partial.replace(out)
    except OSError as error:
        raise BadFile(out.name, msgid("impossible à écrire (%(said)s)"), said=error.strerror) from error
    finally:
        partial.unlink(missing_ok=True)


def _lines(
    names: Sequence[str], domains: Sequence[str], found: Estimates, seen: Ints
) -> Iterator[tuple[str, str, str, str, int]]:
    for person, name in enumerate(names):
        for index, domain in enumerate(domains):
            theta, se = found.theta[person, index], found.se[person, index]
            yield name, domain, _cell(theta), _cell(se), int(seen[person, index])


def _cell(value: float) -> str:
    """Full precision; empty where there is nothing to say."""
    return "" if np.isnan(value) else repr(float(value))


@dataclass(frozen=True, slots=True, eq=False)
class _Scorer:
    method: Method
    tables: ItemTables
    prior: SecondOrderPrior

    @classmethod
    def of(cls, bank: BankFile, method: Method, loadings: Sequence[float]) -> "_Scorer":
        grid = _grid_for(bank, method)
        return cls(method, bank.tables(grid), second_order_prior(grid, loadings))

    def estimate(self, scores: Ints) -> Estimates:
        likelihood = batch_log_likelihood(self.tables, scores)
        if self.method == "eap":
            return expected_a_posteriori(self.prior, likelihood)
        if self.method == "map":
            return maximum_a_posteriori(self.prior, likelihood)
        if self.method == "ml":
            return maximum_likelihood(self.tables.grid, likelihood, answered=self.answered(scores))
        return weighted_likelihood(self.tables, likelihood, (scores != MISSING).astype(np.float64))

    def answered(self, scores: Ints) -> Ints:
        """Answers per person and domain."""
        return np.stack([(scores[:, members] != MISSING).sum(axis=1) for members in self.tables.members], axis=1)


def _grid_for(bank: BankFile, method: Method) -> Grid:
    """Nodes closer together than the sharpest posterior the whole bank could give; wide for modes and maxima."""
    coarse = make_grid(low=-10, high=10, size=201)
    tables = bank.tables(coarse)
    p = np.exp(tables.log_p)
    item = np.add.reduceat(np.gradient(p, coarse.spacing, axis=1) ** 2 / p, tables.first_row[:-1], axis=0)
    sharpest = min(1 / np.sqrt(1 + item[m].sum(axis=0).max()) for m in tables.members)
    if method == "eap":
        return make_grid(size=1 + int(np.ceil(12 / min(0.2, 0.8 * sharpest))))
    return make_grid(low=-10, high=10, size=1 + int(np.ceil(20 / min(0.05, 0.25 * sharpest))))


def read_responses(path: Path, bank: BankFile) -> Iterator[tuple[list[str], Ints]]:
    """Names and scores of the persons of RESPONSES.csv, a chunk at a time, items in the bank's order.

    Raises
    ------
    BadFile
        For an item the bank does not have, a score that is not one of its categories, a repeated column or a
        row of another length.
    """
    highest = [len(item.mean) - 1 if item.model == "gpcm" else 1 for item in bank.items]
    position = {item.id: index for index, item in enumerate(bank.items)}
    with open_text(path) as stream:
        lines = rows_of(path, stream)
        header = [cell.strip() for cell in next(lines, (1, []))[1]]
        columns = _columns(path, header, position)
        while chunk := list(islice(lines, CHUNK)):
            scores = np.full((len(chunk), len(bank.items)), MISSING, dtype=np.intp)
            for index, (number, cells) in enumerate(chunk):
                if len(cells) != len(header):
                    cause = msgid("%(cells)s cases pour %(columns)s colonnes")
                    raise BadFile(path.name, cause, row=number, cells=len(cells), columns=len(header))
                for cell, column in zip(cells[1:], columns, strict=True):
                    if cell:
                        scores[index, column] = _score(path, number, bank.items[column].id, cell, highest[column])
            yield [cells[0] for _, cells in chunk], scores


def _columns(path: Path, header: Sequence[str], position: dict[str, int]) -> list[int]:
    if len(header) < 2:  # noqa: PLR2004
        cause = msgid("il faut une colonne pour la personne et une au moins pour une question")
        raise BadFile(path.name, not_commas(header) or cause, row=1)
    for name in header[1:]:
        if name not in position:
            raise BadFile(path.name, msgid("la banque n'a pas de question de ce nom"), row=1, column=name)
        if header.count(name) > 1:
            raise BadFile(path.name, msgid("cette colonne figure deux fois"), row=1, column=name)
    return [position[name] for name in header[1:]]


def _score(path: Path, row: int, item: str, cell: str, highest: int) -> int:
    text = cell.strip()
    if not text:
        return MISSING
    if not (text.isascii() and text.isdigit() and len(text) < 4 and int(text) <= highest):  # noqa: PLR2004
        cause = msgid(
            "attendu : un entier de 0 à %(highest)s, ou rien si la question n'a pas été vue ; reçu : « %(got)s »"
        )
        raise BadFile(path.name, cause, row=row, column=item, highest=highest, got=text)
    return int(text)


def read_loadings(path: Path, bank: BankFile) -> list[float]:
    """PRIOR.json: ``{"loading": 0.8}`` for all domains, or ``{"loading": {"SN1": 0.8, …}}``.

    Raises
    ------
    BadFile
        If the file is not that, or a domain of the bank is missing.
    """
    with open_text(path) as stream:
        try:
            loading = json.load(stream)["loading"]
        except (ValueError, KeyError, TypeError) as error:
            cause = msgid('attendu : {"loading": 0.8} ou {"loading": {"SN1": 0.8, …}} (%(said)s)')
            raise BadFile(path.name, cause, said=str(error)) from error
    by_domain = loading if isinstance(loading, dict) else dict.fromkeys(bank.domains, loading)
    for domain in bank.domains:
        value = by_domain.get(domain)
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= HIGHEST_LOADING:
            cause = msgid("attendu : un nombre de 0 à %(highest)s ; reçu : %(got)s")
            raise BadFile(path.name, cause, column=f"loading.{domain}", highest=HIGHEST_LOADING, got=value)
    return [float(by_domain[domain]) for domain in bank.domains]
