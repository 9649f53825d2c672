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
from framework.model import Locale
from itembank.problem import Problem, shown

SEVERITIES = {"fr": {"error": "erreur", "warning": "avertissement"}, "en": {"error": "error", "warning": "warning"}}
STYLES = {"error": "bold red", "warning": "yellow"}
HEADS = {
    "fr": ("Ligne", "Question", "Ce qui ne va pas, et la réparation"),
    "en": ("Line", "Item", "Problem and repair"),
}
WORDS = {
    "fr": {
        "good": ("question bonne", "questions bonnes"),
        "refused": ("laissée de côté", "laissées de côté"),
        "error": ("erreur", "erreurs"),
        "warning": ("avertissement", "avertissements"),
    },
    "en": {
        "good": ("good item", "good items"),
        "refused": ("left out", "left out"),
        "error": ("error", "errors"),
        "warning": ("warning", "warnings"),
    },
}
OUTCOMES = {
    "fr": {
        "unchanged": "Rien de nouveau : %s contient déjà exactement ces questions.",
        "published": "Version publiée : %s.",
        "dry": "Essai : rien n’a été écrit. L’import publierait une nouvelle version.",
        "strict": "Rien n’a été publié : --strict refuse l’import tant qu’il reste une erreur.",
        "nothing": "Rien n’a été publié : aucune question n’est bonne.",
    },
    "en": {
        "unchanged": "Nothing new: %s already holds exactly these items.",
        "published": "Version published: %s.",
        "dry": "Dry run: nothing was written. The import would publish a new version.",
        "strict": "Nothing was published: --strict refuses the import while an error is left.",
        "nothing": "Nothing was published: no item is good.",
    },
}


def print_problems(console: Console, problems: Sequence[Problem], locale: Locale) -> None:
    """Print every problem: a table a file in a terminal, one line a problem elsewhere."""
    if not console.is_terminal:
        for problem in problems:
            console.print(Text(_line(problem, locale)), soft_wrap=True)
        return
    for file, found in groupby(problems, key=lambda problem: problem.file):
        console.print(Text(shown(file) if file else "—", style="bold"))
        console.print(Padding(_table(tuple(found), locale), (0, 0, 1, 2)))


def _line(problem: Problem, locale: Locale) -> str:
    """As compilers write, so that editors find the place: ``file:line:column: error: item where: cause. repair``."""
    cause, repair = problem.told(locale)
    subject = " ".join(part for part in (shown(problem.item), problem.where) if part)
    parts = (problem.place, SEVERITIES[locale][problem.severity], subject, f"{cause} {repair}")
    return ": ".join(part for part in parts if part)


def _table(problems: Sequence[Problem], locale: Locale) -> Table:
    line, item, what = HEADS[locale]
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(line, justify="right", no_wrap=True)
    table.add_column(item, overflow="fold", max_width=16)
    table.add_column(what, overflow="fold")
    for problem in problems:
        cause, repair = problem.told(locale)
        where = f"{problem.where} : " if problem.where else ""
        text = Text.assemble(
            (f"{SEVERITIES[locale][problem.severity]}  ", STYLES[problem.severity]),
            (where, "dim"),
            cause,
            "\n→ ",
            (repair, "italic"),
        )
        table.add_row(_position(problem), Text(shown(problem.item)), text)
    return table


def _position(problem: Problem) -> str:
    return "" if problem.line is None else f"{problem.line}:{problem.column}"


def summary(result: Inspection | ImportReport, locale: Locale) -> str:
    """One line: ``socle-sante : 102 questions bonnes, 1 laissée de côté, 1 erreur``."""
    accepted = len(result.good) if isinstance(result, Inspection) else result.accepted
    errors = len(result.errors)
    counts = {"good": accepted, "refused": len(result.refused), "error": errors}
    counts["warning"] = len(result.problems) - errors
    parts = (_count(number, *WORDS[locale][word]) for word, number in counts.items() if number or word == "good")
    colon = " : " if locale == "fr" else ": "
    return f"{shown(result.bank) or '—'}{colon}{', '.join(parts)}"


def _count(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"


def outcome(report: ImportReport, locale: Locale, *, strict: bool) -> str:
    """One sentence: what became of the import."""
    sentences = OUTCOMES[locale]
    if report.version is not None:
        return sentences["unchanged" if report.unchanged else "published"] % report.version.name
    if strict and report.errors:
        return sentences["strict"]
    return sentences["dry" if report.accepted else "nothing"]


def problem_data(problems: Sequence[Problem], locale: Locale) -> list[dict[str, Any]]:
    """Return the problems as JSON-able data."""
    told = ((problem, *problem.told(locale)) for problem in problems)
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
        for problem, message, repair in told
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
