"""``toise simulate``: what a bank and its rules give to thousands of simulated students."""

import json
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress
from rich.table import Table
from threadpoolctl import threadpool_limits

from app.campaigns.policy_file import BadPolicy, read_policy
from app.console import err, refuse, tabulate, told
from app.engine.simulation import Study, simulate
from app.engine.simulation_desk import runs_together
from app.engine.simulation_report import Figures, Report
from app.errors import msgid
from app.psychometrics.bank_file import read_bank
from app.psychometrics.execution import processors
from app.psychometrics.files import replacing
from app.psychometrics.model import BadFile
from app.psychometrics.plot_option import SIMULATION, OfSimulation, tell_drawn, wanted_drawings
from app.psychometrics.plots import plot_simulation
from app.psychometrics.refusals import refusing
from app.psychometrics.simulated_figures import figures_of
from app.psychometrics.simulating import Wanted, default_policy, study_of
from app.psychometrics.simulation_bank import read_content
from app.sessions.policy import Policy
from framework import load

LEVELS = load().levels
MANY = 40_000
"""Students times domains from which processes are worth their start of about a second."""


def simulate_file(
    *,
    bank: Annotated[
        Path, typer.Option(help="BANK.csv : item, domain, model, a, b …, se_*, cov_*, competence, enemies.")
    ],
    policy: Annotated[Path | None, typer.Option(help="POLICY.json : les règles du test.")] = None,
    n: Annotated[int, typer.Option("--n", min=1, help="Nombre d'étudiants simulés.")] = 10_000,
    seed: Annotated[int, typer.Option(min=0, help="Graine des tirages.")] = 1,
    level: Annotated[
        int | None,
        typer.Option(min=LEVELS[0], max=LEVELS[-1], help="Niveau vrai des étudiants dans tous les domaines."),
    ] = None,
    report: Annotated[Path | None, typer.Option(help="REPORT.json à écrire.")] = None,
    threads: Annotated[int, typer.Option(min=0, help="Calculs menés de front ; 0 : un par processeur.")] = 0,
    plot: Annotated[list[str] | None, OfSimulation] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Le rapport en JSON.")] = False,
) -> None:
    """Simuler des milliers d'étudiants sur une banque et ses règles : longueur, justesse, exposition."""
    if report is not None and report.resolve() in {path.resolve() for path in (bank, policy) if path}:
        refuse(msgid("%(out)s est un des fichiers à lire : donnez un autre nom à --report"), facts={"out": report})
    drawings = wanted_drawings(plot, kinds=(SIMULATION,), files=(bank, policy, report))
    with refusing():
        study = _study(bank, policy, level)
        found = run_in_sight(study, size=n, seed=seed, threads=threads)
        content = {**found.content(), "seed": seed}
        if report is not None:
            with replacing(report) as stream:
                json.dump(content, stream, indent=2)
                stream.write("\n")
        drawn = [path for each in drawings for path in plot_simulation(each.path, figures_of(found, study))]
    if as_json:
        typer.echo(json.dumps(content))
    else:
        tabulate(table_of(found))
        tell_drawn(drawn)


def _study(bank: Path, policy: Path | None, level: int | None) -> Study:
    items = read_bank(bank)
    rules = default_policy(items) if policy is None else read_rules(policy)
    return study_of(Wanted(bank, items, read_content(bank, items), policy, rules, load()), level=level)


def read_rules(path: Path) -> Policy:
    """Read POLICY.json, or say every value that is wrong and leave with exit code 1."""
    try:
        return read_policy(path)
    except BadPolicy as bad:
        faults = (": ".join(part for part in (field, told(cause, facts)) if part) for field, cause, facts in bad.faults)
        refuse(bad.message, said=f"{path.name}\n" + "\n".join(faults))
    except OSError as error:
        raise BadFile(path.name, msgid("impossible à ouvrir (%(said)s)"), said=error.strerror) from error


def run_in_sight(study: Study, *, size: int, seed: int, threads: int = 0) -> Report:
    """Simulate with a bar on standard error, where that is a terminal."""
    workers = threads or processors()
    if not _in_processes(study, size):
        workers = 1
    bar = Progress(console=err, transient=True, disable=not err.is_terminal)
    with bar, threadpool_limits(1), _executor(workers) as executor:
        task = bar.add_task("", total=size)
        return simulate(
            study,
            size=size,
            seed=seed,
            executor=executor,
            workers=workers,
            progress=lambda done: bar.update(task, completed=done),
        )


def _in_processes(study: Study, size: int) -> bool:
    """Whether processes pay for their start: where sittings are run one by one, and where there are many of them.

    Threads never do: the steps of a simulation are many and short, and would wait for each other.
    """
    return not runs_together(study.plan) or size * study.plan.tables.domains >= MANY


def _executor(workers: int) -> Executor:
    if workers == 1:
        return ThreadPoolExecutor(1)
    fresh = get_context("spawn")
    return ProcessPoolExecutor(workers, mp_context=fresh, initializer=threadpool_limits, initargs=(1,))


def table_of(found: Report) -> Table:
    """The report for a person: a line for everybody, and one for each level."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    heads = (
        msgid("Niveau"),
        msgid("Étudiants"),
        msgid("Questions"),
        msgid("Biais"),
        msgid("Erreur quadratique"),
        msgid("Erreur type"),
        msgid("Couverture"),
        msgid("Niveau juste"),
        msgid("Exposition maximale"),
        msgid("Inutilisées"),
        msgid("En commun"),
        msgid("Règles non tenues"),
    )
    for head in heads:
        table.add_column(told(head), justify="right", overflow="fold")
    table.add_row(told(msgid("tous")), *_cells(found.overall))
    for level, figures in found.by_level.items():
        table.add_row(str(level), *_cells(figures))
    return table


def _cells(of: Figures) -> tuple[str, ...]:
    return (
        str(of.n),
        f"{of.length.mean:.1f}",
        f"{of.bias:+.3f}",
        f"{of.rmse:.3f}",
        f"{of.mean_se:.3f}",
        f"{of.coverage:.1%}",
        f"{of.level_accuracy:.1%}",
        f"{of.max_exposure:.1%}",
        f"{of.unused_share:.1%}",
        "—" if of.overlap is None else f"{of.overlap:.1%}",
        str(of.violations),
    )
