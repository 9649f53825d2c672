"""The parts of questions in the native format: options, answers to type, elements, prompts, gaps."""

from typing import get_args

from itembank.formats.fields import Fields
from itembank.formats.marked import Node
from itembank.model import ItemType
from itembank.parts import (
    CaseRule,
    Choice,
    Element,
    Gap,
    Match,
    Option,
    Prompt,
    Quantity,
    SpaceRule,
    Words,
)

_RULES: tuple[CaseRule, ...] = get_args(CaseRule)
_SPACES: tuple[SpaceRule, ...] = get_args(SpaceRule)
_TYPED = ("answers", "match", "accepted_examples", "refused_examples")


def read_options(fields: Fields, node: Node | None, where: str) -> tuple[Option, ...]:
    return tuple(_option(fields, element, path) for path, element in fields.listing(node, where))


def _option(fields: Fields, node: Node, where: str) -> Option:
    values = fields.table(node, where, required=("id", "text", "why"), optional=("correct",))
    return Option(
        id=fields.text(values.get("id"), f"{where}.id"),
        text=fields.localized(values.get("text"), f"{where}.text"),
        correct=fields.boolean(values.get("correct"), f"{where}.correct", default=False),
        why=fields.localized(values.get("why"), f"{where}.why"),
    )


def read_words(fields: Fields, values: dict[str, Node], key: str, where: str = "") -> Words:
    return fields.words(values[key], where + key) if key in values else {}


def read_match(fields: Fields, node: Node | None, where: str) -> Match | None:
    if node is None:
        return None
    values = fields.table(node, where, required=("case", "accents", "punctuation", "spaces", "edit_distance"))
    return Match(
        case=fields.one_of(values.get("case"), f"{where}.case", _RULES) or "exact",
        accents=fields.one_of(values.get("accents"), f"{where}.accents", _RULES) or "exact",
        punctuation=fields.one_of(values.get("punctuation"), f"{where}.punctuation", _RULES) or "exact",
        spaces=fields.one_of(values.get("spaces"), f"{where}.spaces", _SPACES) or "exact",
        edit_distance=fields.integer(values.get("edit_distance"), f"{where}.edit_distance"),
    )


def read_number(fields: Fields, values: dict[str, Node]) -> Quantity:
    answer = fields.table(values.get("answer"), "answer", required=("value", "tolerance"))
    return Quantity(
        value=fields.decimal(answer.get("value"), "answer.value"),
        tolerance=fields.decimal(answer.get("tolerance"), "answer.tolerance"),
        unit=fields.localized(values["unit"], "unit") if "unit" in values else None,
        accepted_examples=_texts(fields, values.get("accepted_examples"), "accepted_examples"),
        refused_examples=_texts(fields, values.get("refused_examples"), "refused_examples"),
    )


def _texts(fields: Fields, node: Node | None, where: str) -> tuple[str, ...]:
    return tuple(fields.text(element, path) for path, element in fields.listing(node, where))


def read_elements(fields: Fields, node: Node | None) -> tuple[Element, ...]:
    return tuple(_element(fields, element, path) for path, element in fields.listing(node, "elements"))


def _element(fields: Fields, node: Node, where: str) -> Element:
    values = fields.table(node, where, required=("id", "text", "why"))
    return Element(
        id=fields.text(values.get("id"), f"{where}.id"),
        text=fields.localized(values.get("text"), f"{where}.text"),
        why=fields.localized(values.get("why"), f"{where}.why"),
    )


def read_choices(fields: Fields, node: Node | None) -> tuple[Choice, ...]:
    return tuple(_choice(fields, element, path) for path, element in fields.listing(node, "choices"))


def _choice(fields: Fields, node: Node, where: str) -> Choice:
    values = fields.table(node, where, required=("id", "text"))
    return Choice(fields.text(values.get("id"), f"{where}.id"), fields.localized(values.get("text"), f"{where}.text"))


def read_prompts(fields: Fields, node: Node | None) -> tuple[Prompt, ...]:
    return tuple(_prompt(fields, element, path) for path, element in fields.listing(node, "prompts"))


def _prompt(fields: Fields, node: Node, where: str) -> Prompt:
    values = fields.table(node, where, required=("id", "choice", "text", "why"))
    return Prompt(
        id=fields.text(values.get("id"), f"{where}.id"),
        choice=fields.text(values.get("choice"), f"{where}.choice"),
        text=fields.localized(values.get("text"), f"{where}.text"),
        why=fields.localized(values.get("why"), f"{where}.why"),
    )


def read_gaps(fields: Fields, node: Node | None, kind: ItemType) -> tuple[Gap, ...]:
    read = _gap_to_choose if kind == "inline_choice" else _gap_to_type
    return tuple(read(fields, element, path) for path, element in fields.listing(node, "gaps"))


def _gap_to_choose(fields: Fields, node: Node, where: str) -> Gap:
    values = fields.table(node, where, required=("id", "label", "options"))
    return Gap(
        id=fields.text(values.get("id"), f"{where}.id"),
        label=fields.localized(values.get("label"), f"{where}.label"),
        options=read_options(fields, values.get("options"), f"{where}.options"),
    )


def _gap_to_type(fields: Fields, node: Node, where: str) -> Gap:
    values = fields.table(node, where, required=("id", "label", *_TYPED, "why"))
    return Gap(
        id=fields.text(values.get("id"), f"{where}.id"),
        label=fields.localized(values.get("label"), f"{where}.label"),
        answers=read_words(fields, values, "answers", f"{where}."),
        match=read_match(fields, values.get("match"), f"{where}.match"),
        accepted_examples=read_words(fields, values, "accepted_examples", f"{where}."),
        refused_examples=read_words(fields, values, "refused_examples", f"{where}."),
        why=fields.localized(values.get("why"), f"{where}.why"),
    )
