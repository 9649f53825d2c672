"""Questions for tests: well-formed unless a test says otherwise."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from framework import LocalizedText, Source
from itembank.formats import native
from itembank.model import Fact, Item, Match, Option

TODAY = date(2026, 11, 23)


def both(text: str) -> LocalizedText:
    return LocalizedText(fr=f"{text} (fr)", en=f"{text} (en)")


def make_option(letter: str, *, correct: bool = False) -> Option:
    return Option(letter, both(f"Option {letter}"), correct, both(f"Pourquoi {letter}"))


def make_options(rights: Sequence[bool]) -> tuple[Option, ...]:
    return tuple(make_option(letter, correct=right) for letter, right in zip("abcdefgh", rights, strict=False))


def make_item(item_id: str = "SN1.1-001", **changes: Any) -> Item:
    """A single choice question with four options, the second right."""
    item = Item(
        id=item_id,
        competence="SN1.1",
        capacity="SN1.1.a",
        level=2,
        level_reason="Une seule règle à appliquer.",
        type="single_choice",
        stem=both("Que faites-vous ?"),
        options=make_options((False, True, False, False)),
        shuffle=True,
        scoring="all_or_nothing",
        answers={},
        match=None,
        accepted_examples={},
        refused_examples={},
        explanation=both("Parce que."),
        fact=Fact("SN1.1-F01", "Un fait."),
        sources=(Source("Une source", "https://exemple.test/page", "2024-02-29"),),
        written=date(2026, 11, 21),
        valid_from=date(2026, 11, 21),
        review_by=date(2027, 11, 21),
        enemies=frozenset(),
        parameters=None,
    )
    return replace(item, **changes)


def make_ticks(rights: Sequence[bool], *, scoring: str = "partial_credit", **changes: Any) -> Item:
    """A multiple choice question whose options are right or wrong as given."""
    return make_item(type="multiple_choice", options=make_options(rights), scoring=scoring, **changes)


TOLERANT = Match(case="ignore", accents="ignore", punctuation="ignore", spaces="collapse", edit_distance=1)
EXACT = Match(case="exact", accents="exact", punctuation="exact", spaces="exact", edit_distance=0)


def make_short_text(*answers: str, match: Match = TOLERANT, **changes: Any) -> Item:
    """A short text question with the same answers in both languages."""
    fields: dict[str, Any] = {
        "type": "short_text",
        "options": (),
        "answers": {"fr": answers, "en": answers},
        "match": match,
        "accepted_examples": {"fr": answers[:1], "en": answers[:1]},
        "refused_examples": {"fr": ("autre chose",), "en": ("something else",)},
    }
    return make_item(**{**fields, **changes})


def bank_text(*items: Item) -> str:
    """A file of the native format."""
    return native.write(items, bank="essai", framework_id="fr-socle-numerique-sante", framework_version="2026.1")


def bank_file(*items: Item) -> bytes:
    return bank_text(*items).encode()
