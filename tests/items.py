"""Questions for tests: well-formed unless a test says otherwise."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from framework import LocalizedText, Source
from itembank.formats import native
from itembank.model import Fact, Item
from itembank.parts import Choice, Element, Gap, Match, Option, Prompt, Quantity
from itembank.vignette import Document, Passage, Table, Vignette

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


def make_number(value: str = "12.5", tolerance: str = "0.05", **changes: Any) -> Item:
    """A number to give, in millilitres an hour."""
    number = Quantity(Decimal(value), Decimal(tolerance), both("mL/h"), (value.replace(".", ","), value), ("7777",))
    return make_item(**{"type": "numeric", "options": (), "number": number, **changes})


def make_order(letters: str = "abc", *, scoring: str = "partial_credit", **changes: Any) -> Item:
    """Elements to put in the order of their letters."""
    elements = tuple(Element(letter, both(f"Étape {letter}"), both(f"Pourquoi {letter}")) for letter in letters)
    return make_item(**{"type": "ordering", "options": (), "scoring": scoring, "elements": elements, **changes})


def make_matching(keys: str = "xyz", *, choices: str = "wxyz", scoring: str = "partial_credit", **changes: Any) -> Item:
    """Prompts a, b, c… that go with the choices named by ``keys``."""
    prompts = tuple(
        Prompt(p, key, both(f"Objet {p}"), both(f"Pourquoi {p}")) for p, key in zip("abcdef", keys, strict=False)
    )
    fields: dict[str, Any] = {
        "type": "matching",
        "options": (),
        "scoring": scoring,
        "choices": tuple(Choice(letter, both(f"Choix {letter}")) for letter in choices),
        "prompts": prompts,
    }
    return make_item(**{**fields, **changes})


def make_inline(count: int = 2, *, scoring: str = "partial_credit", **changes: Any) -> Item:
    """Gaps a, b… in a text, each with three options of which the second is right."""
    made = tuple(
        Gap(letter, both(f"Lacune {letter}"), make_options((False, True, False))) for letter in "abcde"[:count]
    )
    fields: dict[str, Any] = {"type": "inline_choice", "options": (), "scoring": scoring, "gaps": made}
    fields |= changes
    return make_item(**{"text": text_with(fields["gaps"]), **fields})


LONG = 5
"""Letters of a word in which no typing error is forgiven."""


def make_gap_text(*answers: str, match: Match = TOLERANT, scoring: str = "partial_credit", **changes: Any) -> Item:
    """A gap to type for each answer, the same in both languages."""
    made = tuple(
        Gap(
            letter,
            both(f"Lacune {letter}"),
            answers={"fr": (answer,), "en": (answer,)},
            match=match if len(answer) > LONG else EXACT,
            accepted_examples={"fr": (answer,), "en": (answer,)},
            refused_examples={"fr": ("autre chose",), "en": ("something else",)},
            why=both(f"Pourquoi {letter}"),
        )
        for letter, answer in zip("abcde", answers, strict=False)
    )
    fields: dict[str, Any] = {"type": "gap_text", "options": (), "scoring": scoring, "gaps": made}
    fields |= changes
    return make_item(**{"text": text_with(fields["gaps"]), **fields})


def text_with(gaps: Sequence[Gap]) -> LocalizedText:
    """Gaps stand in another order in English."""
    return LocalizedText(
        fr=", ".join(f"lacune {{{gap.id}}}" for gap in gaps),
        en=", ".join(f"gap {{{gap.id}}}" for gap in reversed(gaps)),
    )


def make_case(name: str = "SN1.1-V01", **changes: Any) -> Vignette:
    """A paragraph, an e-mail and a table."""
    lines = ("De : le service", "", "Bonjour")
    case = Vignette(
        id=name,
        setting="ward",
        title=both("Une entrée de nuit"),
        blocks=(
            Passage(both("Une personne arrive à 2 h.")),
            Document(both("Courriel"), {"fr": lines, "en": lines}),
            Table(both("Accès"), (both("Heure"), both("Compte")), ((both("2 h"), both("a")), (both("3 h"), both("b")))),
        ),
    )
    return replace(case, **changes)


def in_case(case: Vignette, *items: Item) -> tuple[Item, ...]:
    """The same questions, of one case."""
    return tuple(replace(item, stimulus=case.id, vignette=case) for item in items)
