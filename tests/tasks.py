"""A bank with every type of question, each with texts of its own, and the right answers as a person would find them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.sessions.policy import Policy, Range
from itembank.model import Item
from tests.items import (
    bank_file,
    in_case,
    make_case,
    make_gap_text,
    make_inline,
    make_item,
    make_matching,
    make_number,
    make_order,
    make_short_text,
    make_ticks,
)

EVERY_TYPE: tuple[Item, ...] = (
    *in_case(make_case(), make_number(item_id="SN1.1-101"), make_order("abcd", item_id="SN1.1-102")),
    make_matching(item_id="SN1.1-103"),
    make_inline(3, item_id="SN1.1-104"),
    make_gap_text("hameçonnage", "rançongiciel", item_id="SN1.1-105"),
    make_item("SN1.1-106"),
    make_ticks((True, True, False), item_id="SN1.1-107"),
    make_short_text("pare-feu", item_id="SN1.1-108"),
)
WHOLE = Policy(
    length=Range(at_least=8, at_most=8),
    per_domain=Range(at_least=0, at_most=8),
    per_competence=Range(at_least=0, at_most=8),
    se_target=0.1,
)
"""A test that asks all of them."""


def bank_of_every_type(folder: Path) -> list[Path]:
    """Write the bank; return its files."""
    path = folder / "SN1.1.yaml"
    path.write_bytes(bank_file(*(replace(item, shuffle=True) for item in EVERY_TYPE)))
    return [path]


def _by_text(parts: list[Mapping[str, Any]]) -> list[str]:
    return [part["id"] for part in sorted(parts, key=lambda part: str(part["text"]["fr"]))]


def _matches(question: Mapping[str, Any]) -> dict[str, Any]:
    """Object a goes with choice x, b with y, c with z."""
    choices = {choice["text"]["fr"][6]: choice["id"] for choice in question["choices"]}
    keys = {"a": "x", "b": "y", "c": "z"}
    return {"matches": {p["id"]: choices[keys[p["text"]["fr"][6]]] for p in question["prompts"]}}


def _inline(question: Mapping[str, Any]) -> dict[str, Any]:
    """The second option as written is right."""
    return {"gaps": {gap["id"]: _by_text(gap["options"])[1] for gap in question["gaps"]}}


RIGHT: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "single_choice": lambda question: {"choice": _by_text(question["options"])[1]},
    "multiple_choice": lambda question: {"choices": _by_text(question["options"])[:2]},
    "short_text": lambda _: {"text": "pare-feu"},
    "numeric": lambda _: {"text": "12,5"},
    "ordering": lambda question: {"order": _by_text(question["elements"])},
    "matching": _matches,
    "inline_choice": _inline,
    "gap_text": lambda _: {"gaps": {"1": "hameçonnage", "2": "rançongiciel"}},
}
"""The right answer to a question as the API shows it, by its type."""


def right(question: Mapping[str, Any]) -> dict[str, Any]:
    return RIGHT[question["type"]](question)
