"""One item of the native format: from its node to a draft."""

from typing import get_args

from framework.model import Source
from itembank.formats.fields import Fields
from itembank.formats.marked import Node
from itembank.model import (
    ITEM_TYPES,
    MODELS,
    SCORINGS,
    CaseRule,
    Fact,
    Item,
    ItemType,
    Match,
    Option,
    Parameters,
    Scoring,
    SpaceRule,
    Words,
)
from itembank.reading import Draft, Place

_ALWAYS = (
    *("id", "capacity", "level", "level_reason", "type", "stem"),
    *("explanation", "fact", "sources", "written", "valid_from", "review_by"),
)
_SOMETIMES = ("competence", "enemies", "parameters")
_SHORT_TEXT = ("answers", "match", "accepted_examples", "refused_examples")
_REQUIRED: dict[ItemType, tuple[str, ...]] = {
    "single_choice": ("options",),
    "multiple_choice": ("options", "scoring"),
    "short_text": _SHORT_TEXT,
}
_CHOICE_EXTRAS = ("shuffle",)
_OF_SOME_TYPE = ("options", "scoring", *_CHOICE_EXTRAS, *_SHORT_TEXT)

_RULES: tuple[CaseRule, ...] = get_args(CaseRule)
_SPACES: tuple[SpaceRule, ...] = get_args(SpaceRule)


def read_item(node: Node, *, file: str, competence: str) -> Draft:
    """Read one item; ``competence`` is the file's, used unless the item names its own."""
    fields = Fields(file)
    values = _values(fields, node)
    fields.marks[""] = node.at
    if not competence and values and "competence" not in values:
        fields.note("missing-key", node.at, "competence", key="competence")
    item = Item(
        id=fields.item,
        competence=fields.text(values["competence"], "competence") if "competence" in values else competence,
        capacity=fields.text(values.get("capacity"), "capacity"),
        level=fields.integer(values.get("level"), "level"),
        level_reason=fields.text(values.get("level_reason"), "level_reason"),
        type=fields.one_of(values.get("type"), "type", ITEM_TYPES) or "single_choice",
        stem=fields.localized(values.get("stem"), "stem"),
        options=_options(fields, values.get("options")),
        shuffle=fields.boolean(values.get("shuffle"), "shuffle", default=True),
        scoring=_scoring(fields, values.get("scoring")),
        answers=_words(fields, values, "answers"),
        match=_match(fields, values.get("match")),
        accepted_examples=_words(fields, values, "accepted_examples"),
        refused_examples=_words(fields, values, "refused_examples"),
        explanation=fields.localized(values.get("explanation"), "explanation"),
        fact=_fact(fields, values.get("fact")),
        sources=_sources(fields, values.get("sources")),
        written=fields.day(values.get("written"), "written"),
        valid_from=fields.day(values.get("valid_from"), "valid_from"),
        review_by=fields.day(values.get("review_by"), "review_by"),
        enemies=_enemies(fields, values.get("enemies")),
        parameters=_parameters(fields, values.get("parameters")),
    )
    return Draft(item, Place(file, fields.marks), tuple(fields.problems))


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
    allowed = {*_REQUIRED[item_type], *(() if item_type == "short_text" else _CHOICE_EXTRAS)}
    misplaced = [key for key in _OF_SOME_TYPE if key in values and key not in allowed]
    for key in misplaced:
        fields.note("misplaced-key", fields.marks[key], key, key=key, type=item_type)
    return {key: node for key, node in values.items() if key not in misplaced}


def _options(fields: Fields, node: Node | None) -> tuple[Option, ...]:
    return tuple(_option(fields, element, path) for path, element in fields.listing(node, "options"))


def _option(fields: Fields, node: Node, where: str) -> Option:
    values = fields.table(node, where, required=("id", "text", "why"), optional=("correct",))
    return Option(
        id=fields.text(values.get("id"), f"{where}.id"),
        text=fields.localized(values.get("text"), f"{where}.text"),
        correct=fields.boolean(values.get("correct"), f"{where}.correct", default=False),
        why=fields.localized(values.get("why"), f"{where}.why"),
    )


def _scoring(fields: Fields, node: Node | None) -> Scoring:
    return fields.one_of(node, "scoring", SCORINGS) or "all_or_nothing"


def _words(fields: Fields, values: dict[str, Node], key: str) -> Words:
    return fields.words(values[key], key) if key in values else {}


def _match(fields: Fields, node: Node | None) -> Match | None:
    if node is None:
        return None
    values = fields.table(node, "match", required=("case", "accents", "punctuation", "spaces", "edit_distance"))
    return Match(
        case=fields.one_of(values.get("case"), "match.case", _RULES) or "exact",
        accents=fields.one_of(values.get("accents"), "match.accents", _RULES) or "exact",
        punctuation=fields.one_of(values.get("punctuation"), "match.punctuation", _RULES) or "exact",
        spaces=fields.one_of(values.get("spaces"), "match.spaces", _SPACES) or "exact",
        edit_distance=fields.integer(values.get("edit_distance"), "match.edit_distance"),
    )


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
