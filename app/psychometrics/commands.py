"""``toise score``: the engine on files, for people who have no server."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.progress import Progress
from threadpoolctl import threadpool_limits

from app.console import err, refuse, say
from app.engine.estimators import Method
from app.engine.grid import Floats
from app.errors import msgid
from app.psychometrics.bank import BankFile
from app.psychometrics.bank_file import read_bank
from app.psychometrics.plot_option import INFORMATION, ITEMS, WRIGHT, OfBank, draw_bank, tell_drawn, wanted_drawings
from app.psychometrics.prior_file import PriorFile, read_prior
from app.psychometrics.scoring import Plausible, Scored, score_file
from app.psychometrics.shown import refusals


def score(
    responses: Annotated[
        Path, typer.Argument(help="RESPONSES.csv : une ligne par personne, une colonne par question, vide = non vue.")
    ],
    *,
    bank: Annotated[Path, typer.Option(help="BANK.csv : item, domain, model, a, b, c, b1 …, se_*, cov_*.")],
    out: Annotated[Path, typer.Option(help="SCORES.csv à écrire.")],
    method: Annotated[Method, typer.Option(help="Estimateur.")] = "eap",
    prior: Annotated[Path | None, typer.Option(help="PRIOR.json : ce qui lie les domaines entre eux.")] = None,
    plausible: Annotated[int, typer.Option(min=0, help="Nombre de valeurs plausibles à tirer par personne.")] = 0,
    seed: Annotated[int, typer.Option(min=0, help="Graine des valeurs plausibles.")] = 1,
    plot: Annotated[list[str] | None, OfBank] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Le résumé en JSON.")] = False,
) -> None:
    """Estimer des niveaux et leur erreur type depuis un fichier de réponses, sans serveur."""
    _refuse_contradictions(method, prior, plausible, out, read=(responses, bank))
    drawings = wanted_drawings(plot, kinds=(WRIGHT, ITEMS, INFORMATION), files=(responses, bank, prior, out))
    started = time.perf_counter()
    theta: list[Floats] = []  # for a Wright map alone: scoring itself keeps nobody
    keep = theta.append if any(drawing.kind == WRIGHT for drawing in drawings) else None
    with refusals():
        items = read_bank(bank)
        population = None if prior is None else read_prior(prior, items.domains)
        drawn = Plausible(plausible, seed) if plausible else None
        done = _score_in_sight(responses, items, out, method=method, prior=population, plausible=drawn, estimated=keep)
        written = draw_bank(drawings, items, theta=lambda: np.concatenate(theta))
    seconds = time.perf_counter() - started
    if as_json:
        facts = {"persons": done.persons, "answers": done.answers, "method": method, "seconds": round(seconds, 3)}
        facts |= {"plausible": plausible, "seed": seed} if plausible else {}
        typer.echo(json.dumps(facts))
        return
    say(
        msgid("%(persons)s personnes, %(answers)s réponses, %(domains)s domaines (%(method)s) → %(out)s"),
        persons=done.persons,
        answers=done.answers,
        domains=len(items.domains),
        method=method,
        out=out,
    )
    tell_drawn(written)


def _score_in_sight(
    responses: Path,
    bank: BankFile,
    out: Path,
    *,
    method: Method,
    prior: PriorFile | None,
    plausible: Plausible | None,
    estimated: Callable[[Floats], None] | None,
) -> Scored:
    """``score_file`` with a bar on standard error, where that is a terminal."""
    bar = Progress(console=err, transient=True, disable=not err.is_terminal)
    with bar, threadpool_limits(1):  # chunks are small: threads inside a product would cost more than they bring
        task = bar.add_task(responses.name, total=None)
        return score_file(
            responses,
            bank,
            out,
            method=method,
            prior=prior,
            plausible=plausible,
            estimated=estimated,
            progress=lambda read, size: bar.update(task, completed=read, total=size),
        )


def _refuse_contradictions(
    method: Method, prior: Path | None, plausible: int, out: Path, *, read: tuple[Path, ...]
) -> None:
    if prior is not None and method in {"ml", "wle"}:
        cause = msgid("--prior ne sert qu'aux méthodes eap et map : %(method)s n'a pas de loi a priori")
        refuse(cause, facts={"method": method})
    if plausible and method in {"ml", "wle"}:
        cause = msgid("--plausible ne sert qu'aux méthodes eap et map : %(method)s n'a pas de loi a priori")
        refuse(cause, facts={"method": method})
    if out.resolve() in {path.resolve() for path in (*read, prior) if path}:
        refuse(msgid("%(out)s est un des fichiers à lire : donnez un autre nom à --out"), facts={"out": out})
