"""Fit of a bank to a file of responses: items, pairs of items, persons.

REPORT.json: ``persons``, ``answers``, ``seconds``; ``items``, one record each with the fields and flags that the guide
for psychometricians explains, and ``curve``, one record a band: ``theta``, ``persons``, and by score ``observed``,
``expected``, ``se``; ``local_dependence``: ``mean_q3``, ``threshold``, ``pairs``; ``person_fit``: ``judged``,
``level``, ``flagged``, ``expected_by_chance``, and with times ``timed`` and ``hasty``.
"""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from app.engine.empirical_curves import EmpiricalCurve
from app.engine.estimators import MISSING, item_information
from app.engine.grid import Floats, Grid, make_grid
from app.engine.local_dependence import dependent_pairs
from app.engine.matching import Bools
from app.engine.multiplicity import adjusted
from app.engine.person_fit import PersonFit
from app.engine.response_time import ResponseTimes, Seconds, response_times
from app.engine.summed_score_fit import summed_score_fit
from app.errors import msgid
from app.psychometrics.answers_file import AnswersFile
from app.psychometrics.bank import BankFile, BankItem
from app.psychometrics.files import replacing
from app.psychometrics.fit_sums import Abilities, ItemsInSums, abilities, dependence, items_in_sums, persons_in_chunks
from app.psychometrics.prior_file import PriorFile
from app.psychometrics.report_file import Report, plain
from app.psychometrics.shown import Stage

NOISY, SMOOTH, CERTAIN = 1.2, 0.8, 3.0
"""Mean squares from which an item is too noisy or too regular, where their z is beyond three."""
FAR: Final = 0.05
BEYOND: Final = 4.0
"""A curve is off where its mean difference reaches .05 of the score and one band lies four standard errors away."""
RISKY: Final = 0.01
"""Adjusted p value of S-X2 below which an item is flagged."""
DEPENDENT: Final = 0.2
LEVEL: Final = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """The report, and person fit for PERSONS.csv.

    Attributes
    ----------
    curves : what was observed, by item. theta : shape (N, D), posterior means, logits: both for drawings.
    """

    report: Report
    persons: PersonFit
    times: ResponseTimes | None
    curves: dict[str, EmpiricalCurve]
    theta: Floats


def fit_file(
    answers: AnswersFile,
    items: tuple[BankItem, ...],
    prior: PriorFile,
    *,
    known: bool,
    seconds: Seconds | None,
    stage: Stage,
) -> Fitted:
    """Everything ``toise fit`` reports.

    Parameters
    ----------
    known : the parameters come from other answers, so that S-X2 loses no degree of freedom for them.
    seconds : shape (persons, items), response times, NaN where there is none.
    """
    stage(msgid("capacités"))
    judged = _judged(answers, items, prior)
    stage(msgid("questions"))
    sums = items_in_sums(judged)
    curves = {item.id: curve for item, curve in zip(items, sums.curves, strict=True) if curve is not None}
    rows = _items(judged, items, sums, known=known)
    stage(msgid("dépendances"))
    pairs = _pairs(judged, answers.items)
    stage(msgid("personnes"))
    persons = persons_in_chunks(judged)
    times = None if seconds is None else response_times(seconds)
    report = {
        "persons": len(answers.persons),
        "answers": int((answers.scores != MISSING).sum()),
        "items": rows,
        "local_dependence": pairs,
        "person_fit": _persons(persons, times),
    }
    return Fitted(plain(report), persons, times, curves, judged.estimates.theta)


def _judged(answers: AnswersFile, items: tuple[BankItem, ...], prior: PriorFile) -> Abilities:
    bank = BankFile(items)
    grid = _grid(bank, answers.scores != MISSING, prior)
    return abilities(bank.tables(grid), prior.on(grid), answers.scores)


def _grid(bank: BankFile, seen: Bools, prior: PriorFile) -> Grid:
    """Nodes closer together than the sharpest posterior that so many answers of one domain could give."""
    tables = bank.tables(make_grid())
    information, most = item_information(tables), 0.0
    for members in tables.members:
        answered = int(seen[:, members].sum(axis=1).max())
        best = np.sort(information[members], axis=0)[members.size - answered :]
        most = max(most, float(best.sum(axis=0).max()))
    sharpest = min(prior.narrowest, float(1 / np.sqrt(1 + most)))
    low, high = prior.reach(-6.0, 6.0)
    return make_grid(low=low, high=high, size=1 + int(np.ceil((high - low) / min(0.2, 0.8 * sharpest))))


def _items(judged: Abilities, items: tuple[BankItem, ...], found: ItemsInSums, *, known: bool) -> list[Report]:
    scores, squares, at_points = judged.scores, found.squares, found.at_points
    sums = summed_score_fit(judged.tables, scores, [0 if known else item.mean.size for item in items])
    p = adjusted(sums.p)
    rows = []
    for place, (item, curve) in enumerate(zip(items, found.curves, strict=True)):
        seen = scores[:, place][scores[:, place] != MISSING]
        row: Report = {
            "item": item.id,
            "domain": item.domain,
            "model": item.model,
            "persons": int(seen.size),
            "mean_score": float(seen.mean()) if seen.size else None,
            "outfit": squares.outfit[place],
            "outfit_z": squares.outfit_z[place],
            "infit": squares.infit[place],
            "infit_z": squares.infit_z[place],
            "outfit_eap": at_points.outfit[place],
            "infit_eap": at_points.infit[place],
            "s_x2": sums.chi_square[place],
            "s_x2_df": int(sums.df[place]),
            "s_x2_p": sums.p[place],
            "s_x2_p_adjusted": p[place],
            "s_x2_rmsea": sums.rmsea[place],
            "rmsd": curve.rmsd if curve else None,
            "curve": _curve(curve) if curve else [],
        }
        rows.append(row | {"flags": _flags(row, curve)})
    return rows


def _curve(curve: EmpiricalCurve) -> list[Report]:
    names = ("theta", "persons", "observed", "expected", "se")
    bands = zip(curve.theta, curve.persons, curve.observed, curve.expected, curve.se, strict=True)
    return [dict(zip(names, band, strict=True)) for band in bands]


def _flags(row: dict[str, Any], curve: EmpiricalCurve | None) -> list[str]:
    """What is wrong with an item: ``noisy``, ``regular``, ``curve``, ``s_x2``."""
    flags = []
    for name in ("outfit", "infit"):
        size, z = row[name], row[f"{name}_z"]
        if size > NOISY and z > CERTAIN and "noisy" not in flags:
            flags.append("noisy")
        if size < SMOOTH and z < -CERTAIN and "regular" not in flags:
            flags.append("regular")
    if curve and curve.rmsd >= FAR:
        with np.errstate(invalid="ignore", divide="ignore"):
            away = np.nan_to_num(np.abs(curve.observed - curve.expected) / curve.se)
        flags += ["curve"] if away.max() >= BEYOND else []
    if row["s_x2_p_adjusted"] < RISKY:
        flags.append("s_x2")
    return flags


def _pairs(judged: Abilities, names: tuple[str, ...]) -> Report:
    found = dependence(judged)
    pairs = [
        {
            "first": names[pair.first],
            "second": names[pair.second],
            "q3": pair.q3,
            "adjusted": pair.adjusted,
            "persons": pair.persons,
        }
        for pair in dependent_pairs(found, above=DEPENDENT)
    ]
    return {"mean_q3": found.mean, "threshold": DEPENDENT, "pairs": pairs}


def _persons(found: PersonFit, times: ResponseTimes | None) -> Report:
    judged = int(np.isfinite(found.p).sum())
    report: Report = {
        "judged": judged,
        "level": LEVEL,
        "flagged": int((found.p < LEVEL).sum()),
        "expected_by_chance": LEVEL * judged,
    }
    if times is not None:
        report |= {"timed": int(np.isfinite(times.effort).sum()), "hasty": int(times.hasty.sum())}
    return report


def write_persons(path: Path, answers: AnswersFile, fitted: Fitted) -> None:
    """PERSONS.csv: ``person,answers,lz,lz_star,p,effort``; empty where nothing can be said.

    Raises
    ------
    BadFile
        If the place cannot be written.
    """
    found = fitted.persons
    effort = np.full(len(answers.persons), np.nan) if fitted.times is None else fitted.times.effort
    columns = (found.lz, found.lz_star, found.p, effort)
    with replacing(path) as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["person", "answers", "lz", "lz_star", "p", "effort"])
        for person, (name, count) in enumerate(zip(answers.persons, found.answers, strict=True)):
            values = [float(column[person]) for column in columns]
            writer.writerow([name, int(count), *("" if np.isnan(value) else value for value in values)])
