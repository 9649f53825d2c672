"""``toise dif``: items that favour one of two groups of equally able persons."""

import json
import time
from pathlib import Path
from typing import Annotated, Final

import typer
from threadpoolctl import threadpool_limits

from app.console import refuse, say
from app.engine.multiplicity import Adjustment
from app.errors import msgid
from app.psychometrics.answers_file import read_answers
from app.psychometrics.bank_file import read_bank
from app.psychometrics.dif_file import Method, Options, dif_file
from app.psychometrics.keyed_file import read_groups
from app.psychometrics.report_file import Report, write_report
from app.psychometrics.shown import refusals, refuse_overwriting, show, stages

MOST: Final = 10
"""Rows of a table at a terminal; the report has all."""
SIZES: Final = {
    "mh": ("delta", "effect"),
    "std": ("p_dif",),
    "logistic": ("r2", "log_odds"),
    "lr": ("signed", "unsigned"),
}
"""What tells the size of an effect, by method; the first decides what is shown first."""


def dif(
    responses: Annotated[
        Path, typer.Argument(help="RESPONSES.csv : une ligne par personne, une colonne par question, vide = non vue.")
    ],
    *,
    groups: Annotated[Path, typer.Option(help="GROUPS.csv : person,group.")],
    report: Annotated[Path, typer.Option(help="REPORT.json à écrire.")],
    reference: Annotated[str | None, typer.Option(help="Le groupe de référence ; sans lui, le plus nombreux.")] = None,
    method: Annotated[
        Method, typer.Option(help="mh : Mantel-Haenszel ; logistic ; std : standardisation ; lr : vraisemblance.")
    ] = "mh",
    bank: Annotated[Path | None, typer.Option(help="BANK.csv, pour lr ou si des réponses manquent.")] = None,
    adjust: Annotated[Adjustment, typer.Option(help="Ajuster les p au nombre de questions.")] = "bh",
    purify: Annotated[bool, typer.Option("--purify", help="Retirer de l'appariement les questions signalées.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Le rapport en JSON.")] = False,
) -> None:
    """Chercher les questions qui avantagent un groupe à capacité égale."""
    if method == "lr" and bank is None:
        refuse(msgid("--method lr compare des paramètres : donnez --bank"))
    refuse_overwriting((report,), read=(responses, groups, bank))
    started = time.perf_counter()
    options = Options(method, reference, adjust, purify)
    with refusals(), threadpool_limits(1):
        answers, items = read_answers(responses, read_bank(bank) if bank else None)
        named = read_groups(groups, answers)
        with stages() as stage:
            found = dif_file(answers, items, named, groups, options, stage=stage)
        found |= {"seconds": round(time.perf_counter() - started, 3)}
        write_report(report, found)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    for comparison in found["comparisons"]:
        _tell(comparison, found, report)


def _tell(comparison: Report, found: Report, report: Path) -> None:
    rows = comparison["items"]
    say(
        msgid("%(focal)s (%(few)s) face à %(reference)s (%(many)s), %(items)s questions (%(method)s) → %(out)s"),
        focal=comparison["focal"],
        few=found["groups"][comparison["focal"]],
        reference=comparison["reference"],
        many=found["groups"][comparison["reference"]],
        items=len(rows),
        method=found["method"],
        out=report,
    )
    sizes = SIZES[found["method"]]
    flagged = [row for row in rows if row["flagged"]]
    flagged.sort(key=lambda row: (row["class"] != "C", -abs(row[sizes[0]] or row[sizes[-1]] or 0)))
    if not flagged:
        say(msgid("Aucune question n'avantage nettement un groupe."))
        return
    columns = [msgid("question"), msgid("classe"), *sizes, "p", msgid("p ajusté")]
    cells = [
        [row["item"], row["class"], *(row[name] for name in sizes), row["p"], row["p_adjusted"]] for row in flagged
    ]
    show(msgid("Questions à regarder, C d'abord"), columns, cells[:MOST])
    _tell_side(flagged[0], comparison)


def _tell_side(first: Report, comparison: Report) -> None:
    """Whom the first item favours, in words."""
    signs = [first.get(name) for name in ("effect", "p_dif", "log_odds", "signed")]
    sign = next((value for value in signs if value), 0.0)
    harder = msgid("À capacité égale, « %(item)s » est plus difficile pour %(focal)s : relisez-la d'abord.")
    easier = msgid("À capacité égale, « %(item)s » est plus facile pour %(focal)s : relisez-la d'abord.")
    say(harder if sign < 0 else easier, item=first["item"], focal=comparison["focal"])
