"""``toise calibrate``: item parameters from a file of responses."""

import json
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from app.console import err, out, refuse, say, told
from app.engine.calibration import Progress as Iterated
from app.engine.responses import Responses
from app.engine.spread import Spread
from app.errors import msgid
from app.psychometrics.bank_columns import Metric
from app.psychometrics.bank_writer import write_bank
from app.psychometrics.calibrated_abilities import calibrated_abilities
from app.psychometrics.calibrating import COMMON, Calibrated, Wish, calibrate_data, prepare
from app.psychometrics.calibration_doubts import DOUBTS, NEGATIVE, doubt_facts, negative_relations
from app.psychometrics.calibration_report import WARNINGS, report, warnings_of
from app.psychometrics.calibration_wish import Given, read_wish
from app.psychometrics.execution import cluster, processors, workers
from app.psychometrics.files import replacing
from app.psychometrics.plot_option import INFORMATION, ITEMS, WRIGHT, OfBank, draw_bank, tell_drawn, wanted_drawings
from app.psychometrics.prior_file import HIGHEST_LOADING, PriorFile, write_prior
from app.psychometrics.refusals import refusing
from app.psychometrics.response_data import ResponseData, read_all

Model = Literal["rasch", "1pl", "2pl", "3pl", "4pl", "grm", "pcm", "gpcm", "nrm"]
SHOWN = 10
"""Warnings told on the terminal; all are in the report."""


def calibrate(
    responses: Annotated[
        Path, typer.Argument(help="RESPONSES.csv : une ligne par personne, une colonne par question, vide = non vue.")
    ],
    *,
    model: Annotated[Model, typer.Option(help="Modèle de réponse des questions.")],
    bank: Annotated[Path, typer.Option("--out", help="BANK.csv à écrire.")],
    report_file: Annotated[Path | None, typer.Option("--report", help="REPORT.json à écrire.")] = None,
    prior: Annotated[Path | None, typer.Option(help="PRIOR.json à écrire, pour toise score.")] = None,
    domains: Annotated[Path | None, typer.Option(help="MAP.csv : item, domain, et model au besoin.")] = None,
    groups: Annotated[Path | None, typer.Option(help="GROUPS.csv : person, group.")] = None,
    reference: Annotated[str | None, typer.Option(help="Groupe de moyenne 0 et d'écart type 1.")] = None,
    anchors: Annotated[Path | None, typer.Option(help="BANK.csv des questions dont les paramètres sont tenus.")] = None,
    no_priors: Annotated[bool, typer.Option("--no-priors", help="Maximum de vraisemblance.")] = False,
    priors: Annotated[Path | None, typer.Option(help="PRIORS.json : lois a priori des paramètres.")] = None,
    metric: Annotated[Metric, typer.Option(help="Métrique des pentes de BANK.csv.")] = "logistic",
    threads: Annotated[int, typer.Option(min=0, help="Fils de calcul ; 0 : un par processeur.")] = 0,
    scheduler: Annotated[str | None, typer.Option(help="Adresse d'un ordonnanceur Dask (extra scale).")] = None,
    max_iterations: Annotated[int, typer.Option(min=1, help="Itérations au plus.")] = 500,
    plot: Annotated[list[str] | None, OfBank] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Le rapport en JSON.")] = False,
) -> None:
    """Estimer les paramètres des questions depuis un fichier de réponses, avec leur incertitude."""
    given = Given(responses, domains, groups, reference, anchors, None if no_priors else priors)
    _refuse_contradictions(given, bank, report_file, prior, both=no_priors and priors is not None)
    files = (*given.files, bank, report_file, prior)
    drawings = wanted_drawings(plot, kinds=(ITEMS, INFORMATION, WRIGHT), files=files)
    with refusing():
        data = _read_in_sight(responses)
        wish = read_wish(given, data, model, flat=no_priors, max_iterations=max_iterations)
        started = time.perf_counter()
        done = _calibrate_in_sight(responses, data, wish, threads=threads, scheduler=scheduler)
        negative = negative_relations(done, data, wish)
        facts = report(done, negative, sha256=data.sha256, seconds=time.perf_counter() - started)
        _write(done, facts, bank=bank, report_file=report_file, prior=prior, metric=metric)
        drawn = draw_bank(drawings, done.bank, theta=lambda: calibrated_abilities(done, data, wish))
    _tell(done, facts, bank, drawn, as_json=as_json)


def _refuse_contradictions(given: Given, *written: Path | None, both: bool) -> None:
    places = [path.resolve() for path in (*given.files, *written) if path]
    for path in written:
        if path and places.count(path.resolve()) > 1:
            refuse(msgid("%(out)s sert deux fois : donnez un autre nom au fichier à écrire"), facts={"out": path})
    if both:
        refuse(msgid("--no-priors et --priors s'excluent"))
    if given.reference is not None and given.groups is None:
        refuse(msgid("--reference ne sert qu'avec --groups"))


def _read_in_sight(path: Path) -> ResponseData:
    with Progress(console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(path.name, total=None)
        return read_all(path, lambda read, size: bar.update(task, completed=read, total=size))


def _calibrate_in_sight(
    path: Path, data: ResponseData, wish: Wish, *, threads: int, scheduler: str | None
) -> Calibrated:
    prepared = prepare(path, data, wish)
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    with (
        Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar,
        _spread(prepared.responses, threads=threads, scheduler=scheduler) as spread,
    ):
        task = bar.add_task("", total=None)
        return calibrate_data(path, prepared, wish, spread, progress=_telling(bar.update, task))


def _telling(update: Callable[..., None], task: int) -> Callable[[Iterated], None]:
    def tell(now: Iterated) -> None:
        facts: dict[str, object] = {
            "iteration": now.iteration,
            "log_likelihood": f"{now.log_likelihood:.4f}",
            "remaining": f"{now.remaining:.1e}",
        }
        message = msgid("itération %(iteration)s, log-vraisemblance %(log_likelihood)s, reste %(remaining)s")
        update(task, description=told(message, facts))

    return tell


def _spread(responses: Responses, *, threads: int, scheduler: str | None) -> AbstractContextManager[Spread]:
    if scheduler is not None:
        return cluster(responses.chunks, scheduler=scheduler)
    return workers(responses.chunks, threads=threads or processors())


def _write(
    done: Calibrated,
    facts: dict[str, object],
    *,
    bank: Path,
    report_file: Path | None,
    prior: Path | None,
    metric: Metric,
) -> None:
    write_bank(bank, done.bank, metric=metric)
    if report_file is not None:
        with replacing(report_file) as stream:
            json.dump(facts, stream, indent=2)
            stream.write("\n")
    if prior is not None:
        write_prior(prior, done.prepared.domains, prior_of(done))


def prior_of(done: Calibrated) -> PriorFile:
    """The reference group as a prior for scoring; after ``1pl`` its spread is in the items' common slope."""
    population = done.calibration.estimate.population
    common = {item.domain for item, asked in zip(done.bank.items, done.asked, strict=True) if asked == COMMON}
    own = zip(done.prepared.domains, population.sd[0].tolist(), strict=True)
    return PriorFile(
        loading=tuple(min(value, HIGHEST_LOADING) for value in population.loading.tolist()),
        mean=tuple(population.mean[0].tolist()),
        sd=tuple(1.0 if domain in common else sd for domain, sd in own),
    )


def _tell(done: Calibrated, facts: dict[str, object], bank: Path, drawn: list[Path], *, as_json: bool) -> None:
    """The report, or a summary with what to look at first; exit code 1 where nothing is settled."""
    if as_json:
        typer.echo(json.dumps(facts))
    else:
        _summarise(done, facts, bank)
        tell_drawn(drawn)
    if not done.calibration.converged:
        cause = msgid("les paramètres bougent encore après %(iterations)s itérations (converged : false)")
        refuse(cause, facts={"iterations": done.calibration.iterations})


def _summarise(done: Calibrated, facts: dict[str, Any], bank: Path) -> None:
    found = done.calibration
    say(
        msgid(
            "%(persons)s personnes, %(answers)s réponses, %(items)s questions : log-vraisemblance %(value)s en"
            " %(iterations)s itérations → %(bank)s"
        ),
        persons=round(done.prepared.responses.persons),
        answers=round(done.prepared.responses.answers),
        items=len(done.prepared.items),
        value=f"{found.log_likelihood:.3f}",
        iterations=found.iterations,
        bank=bank,
    )
    population = [(DOUBTS[code], doubt_facts(row)) for row in facts["population"] for code in row["warnings"]]
    negative = [(NEGATIVE, row | {"correlation": f"{row['correlation']:.2f}"}) for row in facts["negatively_related"]]
    items = [
        (msgid("%(item)s : %(warning)s"), {"item": item.id, "warning": told(WARNINGS[code])})
        for item in done.bank.items
        for code in warnings_of(item)
    ]
    warned = [*population, *negative, *items]
    for sentence, about in warned[:SHOWN]:
        out.print(told(sentence, about), style="yellow", markup=False)
    if len(warned) > SHOWN:
        say(msgid("… et %(more)s autres avertissements dans le rapport"), more=len(warned) - SHOWN)
