"""What an author reads in a terminal after a check or an import; plain lines where there is no terminal."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from app.bank.files import Inspection
from app.bank.model import BankVersion, ImportReport
from app.console import locale, told
from app.errors import msgid
from app.web.i18n import words
from app.web.typography import typeset
from itembank.problem import Problem, shown

STYLES = {"error": "bold red", "warning": "yellow"}


def print_problems(console: Console, problems: Sequence[Problem]) -> None:
    """Print every problem: a table a file in a terminal, one line a problem elsewhere."""
    if not console.is_terminal:
        for problem in problems:
            console.print(Text(_line(problem)), soft_wrap=True)
        return
    for file, found in groupby(problems, key=lambda problem: problem.file):
        console.print(Text(file or "—", style="bold"), soft_wrap=True)
        console.print(Padding(_table(tuple(found)), (0, 0, 1, 2)))


def _line(problem: Problem) -> str:
    """As compilers write, so that editors find the place: ``file:line:column: error: item where: cause. repair``."""
    cause, repair = problem.told(locale())
    subject = " ".join(part for part in (shown(problem.item), problem.where) if part)
    parts = (problem.place, _severity(problem), subject, f"{cause} {repair}")
    return ": ".join(part for part in parts if part)


def _table(problems: Sequence[Problem]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(told(msgid("Ligne")), justify="right", no_wrap=True)
    table.add_column(told(msgid("Question")), overflow="fold", max_width=16)
    table.add_column(told(msgid("Ce qui ne va pas, et la réparation")), overflow="fold")
    for problem in problems:
        cause, repair = (typeset(sentence, locale()) for sentence in problem.told(locale()))
        where = f"{problem.where} : " if problem.where else ""
        text = Text.assemble(
            (f"{_severity(problem)}  ", STYLES[problem.severity]),
            (where, "dim"),
            cause,
            "\n→ ",
            (repair, "italic"),
        )
        table.add_row(_position(problem), Text(shown(problem.item)), text)
    return table


def _position(problem: Problem) -> str:
    return "" if problem.line is None else f"{problem.line}:{problem.column}"


def _severity(problem: Problem) -> str:
    return told(msgid("erreur") if problem.severity == "error" else msgid("avertissement"))


def summary(result: Inspection | ImportReport) -> str:
    """One line: ``socle-sante : 102 questions bonnes, 1 laissée de côté, 1 erreur``."""
    accepted = len(result.good) if isinstance(result, Inspection) else result.accepted
    errors = len(result.errors)
    ngettext = words(locale()).ngettext
    parts = [ngettext("%(num)d question bonne", "%(num)d questions bonnes", accepted) % {"num": accepted}]
    if refused := len(result.refused):
        parts.append(ngettext("%(num)d laissée de côté", "%(num)d laissées de côté", refused) % {"num": refused})
    if errors:
        parts.append(ngettext("%(num)d erreur", "%(num)d erreurs", errors) % {"num": errors})
    if warnings := len(result.problems) - errors:
        parts.append(ngettext("%(num)d avertissement", "%(num)d avertissements", warnings) % {"num": warnings})
    facts: dict[str, object] = {"bank": shown(result.bank) or "—", "counts": ", ".join(parts)}
    return told(msgid("%(bank)s : %(counts)s"), facts)


def outcome(report: ImportReport, *, strict: bool) -> str:
    """One sentence: what became of the import."""
    if report.version is not None:
        name: dict[str, object] = {"version": report.version.name}
        if report.unchanged:
            return told(msgid("Rien de nouveau : %(version)s contient déjà exactement ces questions."), name)
        return told(msgid("Version publiée : %(version)s."), name)
    if strict and report.errors:
        return told(msgid("Rien n’a été publié : --strict refuse l’import tant qu’il reste une erreur."))
    if report.accepted:
        return told(msgid("Essai : rien n’a été écrit. L’import publierait une nouvelle version."))
    return told(msgid("Rien n’a été publié : aucune question n’est bonne."))


def problem_data(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """Return the problems as JSON-able data."""
    sentences = ((problem, *problem.told(locale())) for problem in problems)
    return [
        {
            "severity": problem.severity,
            "code": problem.code,
            "file": problem.file,
            "line": problem.line,
            "column": problem.column,
            "item": problem.item,
            "where": problem.where,
            "message": message,
            "repair": repair,
        }
        for problem, message, repair in sentences
    ]


def version_data(version: BankVersion) -> dict[str, Any]:
    """Return a version as JSON-able data."""
    return {
        "id": str(version.id),
        "bank": version.bank,
        "number": version.number,
        "framework": version.framework,
        "items": version.item_count,
        "sha256": version.sha256,
        "imported_by": version.imported_by,
        "created_at": version.created_at.isoformat(),
    }
