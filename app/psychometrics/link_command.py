"""``toise link``: a bank on another bank's scale, and which questions changed in between."""

import json
import time
from pathlib import Path
from typing import Annotated, Final

import typer

from app.console import say
from app.engine.linking import Method
from app.errors import msgid
from app.psychometrics.bank_file import read_bank
from app.psychometrics.bank_writer import write_bank
from app.psychometrics.link_file import link_files
from app.psychometrics.report_file import Report, plain, write_report
from app.psychometrics.shown import cell, refusals, refuse_overwriting, show

MOST: Final = 10
"""Rows of a table at a terminal; the report has all."""


def link(
    *,
    origin: Annotated[Path, typer.Option("--from", help="BANK.csv à porter sur l'autre échelle.")],
    target: Annotated[Path, typer.Option("--to", help="BANK.csv dont l'échelle est gardée.")],
    out: Annotated[Path, typer.Option(help="BANK.csv à écrire : les questions de --from sur l'échelle de --to.")],
    report: Annotated[Path, typer.Option(help="REPORT.json à écrire.")],
    method: Annotated[Method, typer.Option(help="Comment trouver les constantes.")] = "stocking-lord",
    keep_all: Annotated[
        bool, typer.Option("--keep-all", help="Lier par toutes les questions communes, même celles qui ont dérivé.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Le rapport en JSON.")] = False,
) -> None:
    """Porter une banque sur l'échelle d'une autre et chercher les questions qui ont dérivé."""
    refuse_overwriting((out, report), read=(origin, target))
    started = time.perf_counter()
    with refusals():
        found = link_files(read_bank(origin), origin, read_bank(target), target, method=method, keep_all=keep_all)
        told_all: Report = plain(found.report | {"seconds": round(time.perf_counter() - started, 3)})
        write_bank(out, found.bank)
        write_report(report, told_all)
    if as_json:
        typer.echo(json.dumps(told_all, ensure_ascii=False))
        return
    for domain in told_all["domains"]:
        _tell(domain, method, out)


def _tell_errors(domain: Report) -> None:
    """The jackknife's first: the delta method's leave out what the bank does not say.

    The jackknife's leave out what all items of a calibration have in common, and may be the smaller where few items
    agree by chance. The truth is above both.
    """
    say(
        msgid("Erreurs types, par jackknife sur les questions communes : %(slope)s et %(intercept)s"),
        slope=cell(domain["slope_item_se"]),
        intercept=cell(domain["intercept_item_se"]),
    )
    if not domain["slope_se"] and not domain["intercept_se"]:
        say(msgid("Par la méthode delta : inconnues, car les banques ne donnent pas d'erreurs types"))
        return
    least = msgid(
        "Par la méthode delta : %(slope)s et %(intercept)s au moins, car BANK.csv ne donne pas les covariances entre"
        " questions ; retenez la plus grande des deux"
    )
    bare = msgid(
        "Par la méthode delta : %(slope)s et %(intercept)s à peu près, car BANK.csv ne donne ni les covariances entre"
        " questions ni, pour certaines, celles de leurs paramètres ; retenez la plus grande des deux"
    )
    facts = {name: cell(domain[f"{name}_se"]) for name in ("slope", "intercept")}
    say(least if domain["covariances_within_items"] else bare, **facts)


def _tell(domain: Report, method: Method, out: Path) -> None:
    say(
        msgid(
            "%(domain)s : theta' = %(slope)s theta + %(intercept)s (%(method)s, %(anchors)s questions sur %(common)s"
            " communes) → %(out)s"
        ),
        domain=domain["domain"],
        method=method,
        anchors=sum(row["anchor"] for row in domain["drift"]),
        common=domain["common"],
        out=out,
        **{name: f"{domain[name]:.3f}" for name in ("slope", "intercept")},
    )
    _tell_errors(domain)
    drifted = sorted((row for row in domain["drift"] if row["drifted"]), key=lambda row: -row["rmsd"])
    if not drifted:
        say(msgid("Aucune question commune n'a dérivé."))
        return
    names = ("item", "displacement", "displacement_se", "robust_z", "p", "rmsd")
    columns = [msgid("question"), msgid("déplacement"), msgid("erreur type"), msgid("z robuste"), "p", "RMSD"]
    rows = [[row[name] for name in names] for row in drifted[:MOST]]
    show(msgid("Questions qui ont dérivé, la plus éloignée d'abord"), columns, rows)
    harder = msgid("« %(item)s » est devenue plus difficile : relisez-la d'abord.")
    easier = msgid("« %(item)s » est devenue plus facile : relisez-la d'abord.")
    say(harder if drifted[0]["displacement"] > 0 else easier, item=drifted[0]["item"])
