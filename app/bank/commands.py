"""``toise bank``: check files, publish them as a version, list and export versions."""

import datetime as dt
import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from app.bank import service
from app.bank.files import inspect
from app.bank.model import BankName, BankVersion, ImportReport
from app.bank.quality import judge, print_quality, quality_data
from app.bank.shown import outcome, print_problems, problem_data, summary, version_data
from app.console import REFUSED, refuse, say, told
from app.db.connection import Database
from app.errors import msgid
from app.institutions import service as institutions
from app.workplace import OPERATOR, refusals, workplace
from framework.model import Framework
from itembank.quality.coverage import placed, table

commands = typer.Typer(
    name="bank", help="Banques de questions : vérifier, publier, lister, exporter.", no_args_is_help=True
)

Files = Annotated[
    list[Path],
    typer.Argument(exists=True, help="Fichiers .yaml d’une banque, ou dossiers qui les contiennent.", metavar="FILE…"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Écrire le compte rendu en JSON.")]


@commands.command()
def check(
    files: Files,
    *,
    quality: Annotated[bool, typer.Option("--quality", help="Juger aussi la qualité des questions bonnes.")] = False,
    as_json: AsJson = False,
) -> None:
    """Vérifier des fichiers, sans serveur : chaque problème avec sa ligne, sa cause et sa réparation."""
    with refusals():
        found = inspect(files)
    judged = judge(found, files) if quality else None
    if as_json:
        facts: dict[str, object] = {"bank": found.bank, "good": len(found.good), "refused": found.refused}
        facts["problems"] = problem_data(found.problems)
        _print_json(facts if judged is None else {**facts, "quality": quality_data(judged)})
    else:
        console = Console()
        print_problems(console, found.problems)
        if judged is not None:
            print_quality(console, judged)
        console.print(summary(found), markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(REFUSED if found.errors or (judged is not None and judged.errors) else 0)


@commands.command()
def coverage(
    files: Files,
    *,
    write: Annotated[
        Path | None, typer.Option(help="Page Markdown où remplacer le tableau entre ses deux repères.", dir_okay=False)
    ] = None,
) -> None:
    """Dire ce que couvrent des questions : capacité, palier et type, en tableau Markdown."""
    with refusals():
        found = inspect(files)
    if found.framework is None:
        refuse(msgid("Ces fichiers ne disent pas quel référentiel ils suivent."))
    written = table(found.good, found.framework)
    if write is None:
        typer.echo(written, nl=False)
        return
    try:
        page = placed(write.read_text(encoding="utf-8"), written)
    except (OSError, ValueError) as error:
        refuse(
            msgid("Le tableau n’a pas pu être écrit dans %(page)s : %(reason)s"), facts={"page": write, "reason": error}
        )
    write.write_text(page, encoding="utf-8")


@commands.command("import")
def import_(
    files: Files,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tout faire, sauf écrire.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Ne rien publier s’il reste une seule erreur.")] = False,
    institution: Annotated[str | None, typer.Option(help="Établissement au nom duquel on importe.")] = None,
    as_json: AsJson = False,
) -> None:
    """Publier les questions bonnes comme une nouvelle version de la banque, qui ne changera plus.

    Le même contenu importé deux fois ne fait qu’une version. Sort en 1 si une question est refusée.
    """
    with workplace() as place:
        slug = place.slug(institution)
        now = dt.datetime.now(dt.UTC)
        found = inspect(files, find=lambda name, version: _framework(place.database, name, version))
        with place.database.transaction() as tx:
            owner = None if slug is None else institutions.open_scope(tx, slug)
            report = service.publish_bank(
                tx,
                found,
                imported_by=OPERATOR,
                now=now,
                institution_id=None if owner is None else owner.id,
                dry_run=dry_run,
                strict=strict,
            )
    _print_report(report, as_json=as_json, strict=strict)
    raise typer.Exit(REFUSED if report.errors or not report.accepted else 0)


def _framework(database: Database, framework_id: str, version: str) -> Framework | None:
    """Look the framework up in a transaction of its own: none stays open while files are read."""
    with database.transaction() as tx:
        return service.find_framework(tx, framework_id, version)


def _print_report(report: ImportReport, *, as_json: bool, strict: bool) -> None:
    if as_json:
        version = None if report.version is None else version_data(report.version)
        facts = {"bank": report.bank, "version": version, "unchanged": report.unchanged}
        counts = {"accepted": report.accepted, "refused": report.refused}
        _print_json({**facts, **counts, "problems": problem_data(report.problems)})
        return
    console = Console()
    print_problems(console, report.problems)
    for sentence in (summary(report), outcome(report, strict=strict)):
        console.print(sentence, markup=False, highlight=False, soft_wrap=True)


@commands.command("list")
def list_(*, as_json: AsJson = False) -> None:
    """Lister les versions publiées."""
    with workplace() as place, place.database.transaction() as tx:
        versions = service.list_versions(tx)
    if as_json:
        _print_json([version_data(version) for version in versions])
        return
    if not versions:
        say(msgid("Aucune banque n’est publiée. Importez-en une : toise bank import FILE…"))
        return
    listed = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for head in (msgid("Version"), msgid("Questions"), msgid("Référentiel"), msgid("Publiée le")):
        listed.add_column(told(head), overflow="fold")
    for version in versions:
        listed.add_row(*_cells(version))
    Console().print(listed)


def _cells(version: BankVersion) -> tuple[str, str, str, str]:
    published = f"{version.created_at.astimezone():%Y-%m-%d %H:%M}"
    return version.name, str(version.item_count), version.framework, published


@commands.command()
def export(
    name: Annotated[str, typer.Argument(metavar="BANK@N", help="Version, ou banque (sa dernière version).")],
    *,
    out: Annotated[Path, typer.Option(help="Dossier à créer.", file_okay=False)],
) -> None:
    """Écrire une version en fichiers, un par compétence ; les importer redonne la même version."""
    with workplace() as place, place.database.transaction() as tx:
        version = service.version_named(tx, BankName.read(name))
        files = service.export_bank(tx, version)
        _refuse_used(out)
        out.mkdir(parents=True, exist_ok=True)
        for file, text in files.items():
            (out / file).write_text(text, encoding="utf-8")
    facts = {"version": version.name, "items": version.item_count, "files": len(files), "folder": out}
    say(msgid("%(version)s : %(items)s questions dans %(files)s fichiers de %(folder)s"), **facts)


def _refuse_used(folder: Path) -> None:
    """An export into files of another one could not be imported as it was."""
    if folder.is_dir() and any(folder.iterdir()):
        refuse(msgid("Le dossier %(folder)s n’est pas vide : choisissez-en un autre."), facts={"folder": folder})


def _print_json(data: object) -> None:
    typer.echo(json.dumps(data, ensure_ascii=False, indent=2))
