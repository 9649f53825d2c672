"""Score a file of responses with a bank: no server, constant memory."""

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.engine.batch import MISSING, answers_by_domain, batch_log_likelihood
from app.engine.estimators import Estimates, Method, estimate
from app.engine.grid import Floats, Grid, Ints, make_grid
from app.engine.plausible import plausible_values
from app.engine.prior import SecondOrderPrior
from app.engine.tables import ItemTables
from app.errors import msgid
from app.psychometrics.bank import BankFile
from app.psychometrics.files import replacing
from app.psychometrics.model import BadFile
from app.psychometrics.prior_file import PriorFile, reference_prior
from app.psychometrics.response_file import ResponseSheet, Scores, open_responses

Progress = Callable[[int, int | None], None]
"""Told after every chunk: bytes read, and of how many (None where the file has no size)."""


@dataclass(frozen=True, slots=True)
class Scored:
    """What was done: persons read and answers used."""

    persons: int
    answers: int


@dataclass(frozen=True, slots=True)
class Plausible:
    """How many plausible values to draw for each person and domain, and the seed they come from."""

    draws: int
    seed: int


def score_file(
    responses: Path,
    bank: BankFile,
    out: Path,
    *,
    method: Method = "eap",
    prior: PriorFile | None = None,
    plausible: Plausible | None = None,
    progress: Progress = lambda *_: None,
    estimated: Callable[[Floats], None] | None = None,
) -> Scored:
    """Write SCORES.csv (``person,domain,theta,se,answers[,pv1 …]``), one row per person and domain.

    ``estimated`` is called with every chunk's abilities, shape (persons, domains).

    Raises
    ------
    BadFile
        At the first response that cannot be used; ``out`` is then left as it was.
    """
    scorer = _Scorer.of(bank, method, prior or reference_prior(len(bank.domains)), plausible)
    persons = answers = 0
    with open_responses(responses) as sheet, replacing(out) as stream:
        writer = csv.writer(stream)
        writer.writerow(["person", "domain", "theta", "se", "answers", *scorer.drawn])
        for names, scores in _in_bank_order(responses, sheet, bank, scorer.tables):
            seen = answers_by_domain(scorer.tables, scores)
            found = scorer.estimate(scores)
            writer.writerows(_lines(names, bank.domains, found, seen, scorer.draw(scores)))
            if estimated is not None:
                estimated(found.theta)
            persons, answers = persons + len(names), answers + int(seen.sum())
            progress(sheet.bytes_read, sheet.bytes)
    return Scored(persons, answers)


def _lines(
    names: Sequence[str], domains: Sequence[str], found: Estimates, seen: Ints, drawn: Floats
) -> Iterator[tuple[object, ...]]:
    """Rows with numbers in full precision; empty where there is nothing to say."""
    values = np.concatenate([found.theta[..., None], found.se[..., None], drawn], axis=-1).tolist()
    for name, of_person, answers in zip(names, values, seen.tolist(), strict=True):
        for domain, (theta, se, *draws), count in zip(domains, of_person, answers, strict=True):
            yield name, domain, _cell(theta), _cell(se), count, *draws


def _cell(value: float) -> float | str:
    return "" if value != value else value  # noqa: PLR0124 - NaN alone differs from itself


@dataclass(frozen=True, slots=True, eq=False)
class _Scorer:
    method: Method
    tables: ItemTables
    prior: SecondOrderPrior
    draws: int
    rng: np.random.Generator

    @classmethod
    def of(cls, bank: BankFile, method: Method, prior: PriorFile, plausible: Plausible | None) -> "_Scorer":
        grid = grid_for(bank, method, prior)
        wanted = plausible or Plausible(draws=0, seed=0)
        return cls(method, bank.tables(grid), prior.on(grid), wanted.draws, np.random.default_rng(wanted.seed))

    @property
    def drawn(self) -> list[str]:
        """Names of the columns of plausible values."""
        return [f"pv{number}" for number in range(1, self.draws + 1)]

    def estimate(self, scores: Scores) -> Estimates:
        return estimate(self.tables, scores, method=self.method, prior=self.prior)

    def draw(self, scores: Scores) -> Floats:
        """Plausible values, shape (persons, domains, draws)."""
        if not self.draws:
            return np.empty((len(scores), self.tables.domains, 0))
        likelihood = batch_log_likelihood(self.tables, scores)
        values = plausible_values(self.prior, likelihood, draws=self.draws, rng=self.rng).theta
        return np.swapaxes(values, 1, 2)


def grid_for(bank: BankFile, method: Method, prior: PriorFile) -> Grid:
    """Nodes closer together than the sharpest posterior the whole bank could give.

    They reach to 6 logits, to 10 for modes and maxima, and farther where the population does.
    """
    coarse = make_grid(low=-10, high=10, size=201)
    tables = bank.tables(coarse)
    p = np.exp(tables.log_p)
    item = np.add.reduceat(np.gradient(p, coarse.spacing, axis=1) ** 2 / p, tables.first_row[:-1], axis=0)
    sharpest = min(prior.narrowest, *(1 / np.sqrt(1 + item[m].sum(axis=0).max()) for m in tables.members))
    end, spacing = (6.0, min(0.2, 0.8 * sharpest)) if method == "eap" else (10.0, min(0.05, 0.25 * sharpest))
    low, high = prior.reach(-end, end)
    return make_grid(low=low, high=high, size=1 + int(np.ceil((high - low) / spacing)))


def _in_bank_order(
    path: Path, sheet: ResponseSheet, bank: BankFile, tables: ItemTables
) -> Iterator[tuple[list[str], Scores]]:
    """Names and scores of the persons, a chunk at a time, items as in the bank.

    Raises
    ------
    BadFile
        For an item that the bank does not have, or what ``ResponseSheet`` refuses.
    """
    position = {item.id: index for index, item in enumerate(bank.items)}
    for name in sheet.items:
        if name not in position:
            cause = msgid("la banque n'a pas de question de ce nom ; retirez la colonne ou complétez la banque")
            raise BadFile(path.name, cause, row=1, column=name)
    columns = np.array([position[name] for name in sheet.items])
    for persons in sheet.chunks([tables.categories(column) - 1 for column in columns]):
        scores = np.full((len(persons.names), tables.size), MISSING, dtype=np.int16)
        scores[:, columns] = persons.scores
        yield persons.names, scores
