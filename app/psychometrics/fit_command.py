"""``toise fit``: items, pairs of items and persons beside what the bank says of them."""

import json
import time
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from threadpoolctl import threadpool_limits

from app.console import say, told
from app.errors import msgid
from app.psychometrics.answers_file import AnswersFile, read_answers
from app.psychometrics.bank import BankFile
from app.psychometrics.bank_file import read_bank
from app.psychometrics.fit_file import Fitted, fit_file, write_persons
from app.psychometrics.keyed_file import read_times
from app.psychometrics.plot_option import INFORMATION, ITEMS, WRIGHT, OfBank, draw_bank, tell_drawn, wanted_drawings
from app.psychometrics.prior_file import read_prior, reference_prior
from app.psychometrics.report_file import Report, write_report
from app.psychometrics.shown import refusals, refuse_overwriting, show, stages

MOST: Final = 10
"""Rows of a table at a terminal; the report has all."""
WORDS: Final = {
    "noisy": msgid("trop de hasard"),
    "regular": msgid("trop régulière"),
    "curve": msgid("courbe décalée"),
    "s_x2": "S-X2",
}


def fit(
    responses: Annotated[
        Path, typer.Argument(help="RESPONSES.csv : une ligne par personne, une colonne par question, vide = non vue.")
    ],
    *,
    bank: Annotated[Path, typer.Option(help="BANK.csv : item, domain, model, a, b, c, b1 …, se_*, cov_*.")],
    report: Annotated[Path, typer.Option(help="REPORT.json à écrire.")],
    persons: Annotated[Path | None, typer.Option(help="PERSONS.csv à écrire : une ligne par personne.")] = None,
    prior: Annotated[Path | None, typer.Option(help="PRIOR.json : ce qui lie les domaines entre eux.")] = None,
    times: Annotated[Path | None, typer.Option(help="TIMES.csv : les secondes de chaque réponse.")] = None,
    known: Annotated[
        bool, typer.Option("--known", help="Les paramètres viennent d'autres réponses que celles-ci.")
    ] = False,
    plot: Annotated[list[str] | None, OfBank] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Le rapport en JSON.")] = False,
) -> None:
    """Comparer des réponses à ce que la banque en prédit : questions, paires, personnes."""
    refuse_overwriting((report, persons), read=(responses, bank, prior, times))
    files = (responses, bank, prior, times, report, persons)
    drawings = wanted_drawings(plot, kinds=(ITEMS, INFORMATION, WRIGHT), files=files)
    started = time.perf_counter()
    with refusals(), threadpool_limits(1):
        items = read_bank(bank)
        answers, taken = read_answers(responses, items)
        domains = tuple(dict.fromkeys(item.domain for item in taken))
        population = read_prior(prior, domains) if prior else reference_prior(len(domains))
        seconds = read_times(times, answers) if times else None
        with stages() as stage:
            found = fit_file(answers, taken, population, known=known, seconds=seconds, stage=stage)
        told_all = found.report | {"seconds": round(time.perf_counter() - started, 3)}
        write_report(report, told_all)
        if persons:
            write_persons(persons, answers, found)
        drawn = draw_bank(drawings, BankFile(taken), theta=lambda: found.theta, observed=found.curves)
    if as_json:
        typer.echo(json.dumps(told_all, ensure_ascii=False))
    else:
        _tell(answers, found, report)
        tell_drawn(drawn)


def _tell(answers: AnswersFile, found: Fitted, report: Path) -> None:
    say(
        msgid("%(persons)s personnes, %(answers)s réponses, %(items)s questions → %(out)s"),
        persons=found.report["persons"],
        answers=found.report["answers"],
        items=len(answers.items),
        out=report,
    )
    flagged = sorted((row for row in found.report["items"] if row["flags"]), key=_worst)
    if flagged:
        show(msgid("Questions à regarder, la plus éloignée d'abord"), *_item_table(flagged[:MOST]))
    else:
        say(msgid("Aucune question ne s'écarte nettement du modèle."))
    pairs = found.report["local_dependence"]["pairs"]
    if pairs:
        show(msgid("Paires dont les réponses se ressemblent trop"), *_pair_table(pairs[:MOST]))
    _tell_persons(found.report["person_fit"])


def _worst(row: dict[str, Any]) -> float:
    return -float(row["rmsd"] or 0)


def _item_table(rows: list[Report]) -> tuple[list[str], list[list[object]]]:
    columns = [msgid("question"), msgid("personnes"), "outfit", "infit", "S-X2 p", "RMSD", msgid("ce qui frappe")]
    cells = [
        [
            row["item"],
            row["persons"],
            row["outfit"],
            row["infit"],
            row["s_x2_p"],
            row["rmsd"],
            ", ".join(told(WORDS[flag]) for flag in row["flags"]),
        ]
        for row in rows
    ]
    return columns, cells


def _pair_table(pairs: list[Report]) -> tuple[list[str], list[list[object]]]:
    columns = [msgid("question"), msgid("question"), "Q3", "Q3*", msgid("personnes")]
    return columns, [[pair[k] for k in ("first", "second", "q3", "adjusted", "persons")] for pair in pairs]


def _tell_persons(found: Report) -> None:
    say(
        msgid(
            "Personnes aux réponses inattendues : %(flagged)s sur %(judged)s ; le hasard seul en donnerait %(chance)s."
        ),
        flagged=found["flagged"],
        judged=found["judged"],
        chance=round(found["expected_by_chance"]),
    )
    if "hasty" in found:
        say(msgid("Personnes trop rapides : %(hasty)s sur %(timed)s."), hasty=found["hasty"], timed=found["timed"])
