"""``toise bank check --quality`` and ``toise bank coverage``: the questions judged, and the report people read."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.bank.files import Inspection, contents
from app.bank.shown import print_problems, problem_data
from app.console import told
from app.errors import msgid
from itembank.formats import native
from itembank.model import ITEM_TYPES
from itembank.quality.assess import Quality, assess
from itembank.quality.guess import Guesses
from itembank.quality.keys import KeyPositions, LongestKeys
from itembank.quality.readability import Reading
from itembank.quality.similarity import Pair
from itembank.reading import Draft

PAIRS_SHOWN: Final = 10


def judge(found: Inspection, files: Sequence[Path], *, today: dt.date | None = None) -> Quality | None:
    """Judge the good questions of these files; None where their framework is not known."""
    if found.framework is None:
        return None
    drafts: dict[str, Draft] = {}
    for draft in native.read(contents(files)).drafts:
        drafts.setdefault(draft.item.id, draft)
    good = [drafts[item.id] for item in found.good]
    return assess(good, found.framework, today=today or dt.datetime.now(dt.UTC).date())


def print_quality(console: Console, quality: Quality) -> None:
    """Print what to repair, then the figures."""
    print_problems(console, quality.problems)
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for name, value in _figures(quality):
        table.add_row(Text(name, style="bold"), Text(value))
    console.print(table)


def _figures(quality: Quality) -> list[tuple[str, str]]:
    counts = quality.counts
    types = ", ".join(f"{kind} {counts.types[kind]}" for kind in ITEM_TYPES if counts.types[kind])
    settings = ", ".join(f"{name} {number}" for name, number in sorted(counts.settings.items())) or "–"
    lines = [
        (told(msgid("Questions par type")), types),
        (told(msgid("Choix unique")), f"{100 * counts.single_share:.0f} %"),
        (told(msgid("Cas")), f"{counts.cases} ({settings})"),
        (told(msgid("Questions dans un cas")), str(counts.in_cases)),
        (told(msgid("Rang de la bonne réponse")), _positions(quality.positions)),
        *(
            (told(msgid("Bonne réponse la plus longue (%(language)s)"), {"language": each.locale}), _longest(each))
            for each in quality.longest
        ),
        *(
            (
                told(msgid("Bonne réponse trouvée à la forme des options (%(language)s)"), {"language": each.locale}),
                _guessed(each),
            )
            for each in quality.guesses
        ),
    ]
    for locale, read in quality.readings.items():
        facts: dict[str, object] = {
            "ease": round(read.ease),
            "words": round(read.sentence),
            "long": round(100 * read.long_words),
        }
        sentence = told(msgid("facilité %(ease)s, %(words)s mots par phrase, %(long)s %% de mots longs"), facts)
        lines.append((told(msgid("Lecture, question médiane (%(language)s)"), {"language": locale}), sentence))
    closest = "; ".join(map(_pair, _closest(quality))) or "–"
    return [*lines, (told(msgid("Questions les plus proches")), closest)]


def _positions(positions: KeyPositions) -> str:
    return f"{' '.join(map(str, positions.counts))} (p = {positions.chance:.2f})"


def _longest(each: LongestKeys) -> str:
    facts: dict[str, object] = {
        "count": each.count,
        "total": each.total,
        "expected": f"{each.expected:.0f}",
        "chance": f"{each.chance:.2f}",
    }
    return told(msgid("%(count)s sur %(total)s ; le hasard en donnerait %(expected)s (p = %(chance)s)"), facts)


def _guessed(each: Guesses) -> str:
    facts: dict[str, object] = {
        "count": f"{each.count:.0f}",
        "total": each.total,
        "expected": f"{each.expected:.0f}",
        "error": f"{each.error:.1f}",
    }
    return told(msgid("%(count)s sur %(total)s ; le hasard en donnerait %(expected)s ± %(error)s"), facts)


def _pair(pair: Pair) -> str:
    sign = " ≠" if pair.declared else ""
    return f"{pair.one.id}–{pair.other.id} {100 * pair.cosine:.0f} %{sign}"


def _closest(quality: Quality) -> Sequence[Pair]:
    """The closest pairs in French, in which facts are written."""
    return quality.pairs["fr"][:PAIRS_SHOWN]


def quality_data(quality: Quality) -> dict[str, Any]:
    """Return the report as JSON-able data."""
    counts = quality.counts
    return {
        "problems": problem_data(quality.problems),
        "types": {kind: counts.types[kind] for kind in ITEM_TYPES},
        "single_choice_share": counts.single_share,
        "cases": counts.cases,
        "questions_in_cases": counts.in_cases,
        "settings": dict(sorted(counts.settings.items())),
        "cells": [
            {"capacity": capacity, "band": band, "type": kind, "count": number}
            for (capacity, band, kind), number in sorted(counts.cells.items())
        ],
        "key_positions": _plain(quality.positions),
        "guesses": [{**_plain(each), "standard_errors_above": each.above} for each in quality.guesses],
        "longest_keys": [_plain(each) for each in quality.longest],
        "readability": {locale: _plain(read) for locale, read in quality.readings.items()},
        "pairs": {locale: [_pair_data(pair) for pair in pairs] for locale, pairs in quality.pairs.items()},
    }


def _plain(figures: Guesses | KeyPositions | LongestKeys | Reading) -> Mapping[str, Any]:
    return asdict(figures)


def _pair_data(pair: Pair) -> dict[str, Any]:
    return {"one": pair.one.id, "other": pair.other.id, "cosine": pair.cosine, "enemies": pair.declared}
