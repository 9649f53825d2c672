"""``toise score``: the engine on files, for people who have no server."""

import json
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from app.psychometrics.bank_file import read_bank
from app.psychometrics.model import BadFile
from app.psychometrics.scoring import Method, read_loadings, score_file

Responses = Annotated[
    Path, typer.Argument(help="RESPONSES.csv: one row a person, one column an item, empty = not seen.")
]


def score(
    responses: Responses,
    *,
    bank: Annotated[Path, typer.Option(help="BANK.csv: item, domain, model, a, b, c, b1 …, se_*, cov_*.")],
    out: Annotated[Path, typer.Option(help="SCORES.csv to write.")],
    method: Annotated[Method, typer.Option(help="Estimator.")] = "eap",
    prior: Annotated[Path | None, typer.Option(help="PRIOR.json: the loadings that tie the domains together.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Estimate abilities and their standard errors from a file of responses."""
    started = time.perf_counter()
    try:
        items = read_bank(bank)
        loadings = None if prior is None else read_loadings(prior, items)
        done = score_file(responses, items, out, method=method, loadings=loadings)
    except BadFile as error:
        Console(stderr=True).print(f"[bold]Refused[/bold] {error}", highlight=False, soft_wrap=True)
        raise typer.Exit(1) from error
    seconds = time.perf_counter() - started
    if as_json:
        facts = {"persons": done.persons, "answers": done.answers, "method": method, "seconds": round(seconds, 3)}
        typer.echo(json.dumps(facts))
        return
    Console().print(
        f"{done.persons} persons, {done.answers} answers, {len(items.domains)} domains ({method}) "
        f"in {seconds:.1f} s → {out}",
        highlight=False,
        soft_wrap=True,
    )
