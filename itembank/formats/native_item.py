"""One item of the native format: from its node to a draft."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from framework.model import Source
from itembank.formats.fields import Fields
from itembank.formats.marked import Node
from itembank.formats.native_parts import (
    read_choices,
    read_elements,
    read_gaps,
    read_match,
    read_number,
    read_options,
    read_prompts,
    read_words,
)
from itembank.formats.native_vignette import ReadVignette
from itembank.model import ITEM_TYPES, MODELS, SCORINGS, Fact, Item, ItemType, Parameters, Scoring
from itembank.problem import shown
from itembank.reading import Draft, Place

_ALWAYS = (
    *("id", "capacity", "level", "level_reason", "type", "stem"),
    *("explanation", "fact", "sources", "written", "valid_from", "review_by"),
)
_SOMETIMES = ("competence", "enemies", "parameters", "stimulus")
_EXAMPLES = ("accepted_examples", "refused_examples")
_REQUIRED: dict[ItemType, tuple[str, ...]] = {
    "single_choice": ("options",),
    "multiple_choice": ("options", "scoring"),
    "short_text": ("answers", "match", *_EXAMPLES),
    "numeric": ("answer", *_EXAMPLES),
    "ordering": ("scoring", "elements"),
    "matching": ("scoring", "choices", "prompts"),
    "gap_text": ("scoring", "text", "gaps"),
    "inline_choice": ("scoring", "text", "gaps"),
}
_EXTRAS: dict[ItemType, tuple[str, ...]] = {
    "single_choice": ("shuffle",),
    "multiple_choice": ("shuffle",),
    "numeric": ("unit",),
    "matching": ("reuse",),
}
_OF_SOME_TYPE = tuple(dict.fromkeys(key for table in (_REQUIRED, _EXTRAS) for keys in table.values() for key in keys))


def read_item(node: Node, *, file: str, competence: str, vignettes: Mapping[str, ReadVignette] | None = None) -> Draft:
    """Read one item; ``competence`` is the file's, used unless the item names its own, as are its vignettes."""
    fields = Fields(file)
    values = _values(fields, node)
    fields.marks[""] = node.at
    if not competence and values and "competence" not in values:
        fields.note("missing-key", node.at, "competence", key="competence")
    kind = fields.one_of(values.get("type"), "type", ITEM_TYPES) or "single_choice"
    words = {} if kind == "numeric" else values  # the examples of a number are of no language
    case = _case(fields, values.get("stimulus"), vignettes or {})
    item = Item(
        id=fields.item,
        competence=fields.text(values["competence"], "competence") if "competence" in values else competence,
        capacity=fields.text(values.get("capacity"), "capacity"),
        level=fields.integer(values.get("level"), "level"),
        level_reason=fields.text(values.get("level_reason"), "level_reason"),
        type=kind,
        stem=fields.localized(values.get("stem"), "stem"),
        options=read_options(fields, values["options"], "options") if "options" in values else (),
        shuffle=fields.boolean(values.get("shuffle"), "shuffle", default=True),
        scoring=_scoring(fields, values.get("scoring")),
        answers=read_words(fields, values, "answers"),
        match=read_match(fields, values.get("match"), "match"),
        accepted_examples=read_words(fields, words, "accepted_examples"),
        refused_examples=read_words(fields, words, "refused_examples"),
        explanation=fields.localized(values.get("explanation"), "explanation"),
        fact=_fact(fields, values.get("fact")),
        sources=_sources(fields, values.get("sources")),
        written=fields.day(values.get("written"), "written"),
        valid_from=fields.day(values.get("valid_from"), "valid_from"),
        review_by=fields.day(values.get("review_by"), "review_by"),
        enemies=_enemies(fields, values.get("enemies")),
        parameters=_parameters(fields, values.get("parameters")),
        **_parts(fields, values, kind),
        stimulus=None if case is None else case.name,
        vignette=None if case is None else case.vignette,
    )
    return _with_case(Draft(item, Place(file, fields.marks), tuple(fields.problems)), case)


def _parts(fields: Fields, values: dict[str, Node], kind: ItemType) -> dict[str, Any]:
    """What only questions made of parts, or of a number, have."""
    return {
        "number": read_number(fields, values) if kind == "numeric" else None,
        "elements": read_elements(fields, values.get("elements")),
        "choices": read_choices(fields, values.get("choices")),
        "prompts": read_prompts(fields, values.get("prompts")),
        "reuse": fields.boolean(values.get("reuse"), "reuse", default=False),
        "text": fields.localized(values["text"], "text") if "text" in values else None,
        "gaps": read_gaps(fields, values.get("gaps"), kind),
    }


def _case(fields: Fields, node: Node | None, vignettes: Mapping[str, ReadVignette]) -> ReadVignette | None:
    """The case the item names; one that the file does not describe is a fault of the item."""
    if node is None:
        return None
    name = fields.text(node, "stimulus").strip()
    if name not in vignettes:
        fields.note("unknown-stimulus", node.at, "stimulus", value=shown(name))
        return ReadVignette(name, None, {}, ())
    return vignettes[name]


def _with_case(draft: Draft, case: ReadVignette | None) -> Draft:
    """The item with what is known of its case: where the parts stand, and what is wrong with them."""
    if case is None or case.vignette is None:
        return draft
    place = replace(draft.place, marks={**draft.place.marks, **case.marks})
    return replace(draft, place=place, problems=(*draft.problems, *case.problems))


def _values(fields: Fields, node: Node) -> dict[str, Node]:
    """The item's entries by key. Which keys belong depends on the type, so the type is looked at first."""
    quiet = Fields(fields.file)
    everything = quiet.table(node, "", optional=(*_ALWAYS, *_SOMETIMES, *_OF_SOME_TYPE))
    fields.item = quiet.text(everything.get("id"), "id").strip()
    item_type = quiet.one_of(everything.get("type"), "type", ITEM_TYPES)
    required = _REQUIRED[item_type] if item_type else ()
    values = fields.table(
        node, "", required=(*_ALWAYS, *required), optional=(*_SOMETIMES, *(set(_OF_SOME_TYPE) - set(required)))
    )
    if item_type:
        values = _without_misplaced(fields, values, item_type)
    return values


def _without_misplaced(fields: Fields, values: dict[str, Node], item_type: ItemType) -> dict[str, Node]:
    allowed = {*_REQUIRED[item_type], *_EXTRAS.get(item_type, ())}
    misplaced = [key for key in _OF_SOME_TYPE if key in values and key not in allowed]
    for key in misplaced:
        fields.note("misplaced-key", fields.marks[key], key, key=key, type=item_type)
    return {key: node for key, node in values.items() if key not in misplaced}


def _scoring(fields: Fields, node: Node | None) -> Scoring:
    return fields.one_of(node, "scoring", SCORINGS) or "all_or_nothing"


def _fact(fields: Fields, node: Node | None) -> Fact:
    values = fields.table(node, "fact", required=("id", "statement"))
    return Fact(
        id=fields.text(values.get("id"), "fact.id"),
        statement=fields.text(values.get("statement"), "fact.statement"),
    )


def _sources(fields: Fields, node: Node | None) -> tuple[Source, ...]:
    return tuple(_source(fields, element, path) for path, element in fields.listing(node, "sources"))


def _source(fields: Fields, node: Node, where: str) -> Source:
    values = fields.table(node, where, required=("title", "url", "date"))
    return Source(
        title=fields.text(values.get("title"), f"{where}.title"),
        url=fields.text(values.get("url"), f"{where}.url"),
        date=fields.source_date(values.get("date"), f"{where}.date"),
    )


def _enemies(fields: Fields, node: Node | None) -> frozenset[str]:
    """Enemies are a set, so their marks go by name: the checks cannot know the order they were written in."""
    enemies = {fields.text(element, path): element.at for path, element in fields.listing(node, "enemies")}
    fields.marks.update((f"enemies.{name}", at) for name, at in enemies.items())
    return frozenset(enemies)


def _parameters(fields: Fields, node: Node | None) -> Parameters | None:
    if node is None:
        return None
    values = fields.table(node, "parameters", required=("model", "a", "b", "c"), optional=("covariance",))
    return Parameters(
        model=fields.one_of(values.get("model"), "parameters.model", MODELS) or "rasch",
        a=fields.number(values.get("a"), "parameters.a"),
        b=_numbers(fields, values.get("b"), "parameters.b"),
        c=fields.number(values.get("c"), "parameters.c"),
        covariance=_matrix(fields, values.get("covariance")),
    )


def _numbers(fields: Fields, node: Node | None, where: str) -> tuple[float, ...]:
    return tuple(fields.number(element, path) for path, element in fields.listing(node, where))


def _matrix(fields: Fields, node: Node | None) -> tuple[tuple[float, ...], ...] | None:
    if node is None:
        return None
    rows = fields.listing(node, "parameters.covariance")
    return tuple(_numbers(fields, row, path) for path, row in rows)
