"""Items written in the native format; reading them back gives the same items."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

import yaml

from itembank.model import CHOICES, Item
from itembank.parts import plain_decimal

FORMAT = "toise-items/1"

_ONE_LINE = 1_000_000
_BARE_GAP: dict[bool, tuple[str, ...]] = {
    True: ("answers", "match", "accepted_examples", "refused_examples", "why"),
    False: ("options",),
}
"""What a gap does not say, by whether it is one to choose in."""


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Writes decimal numbers as numbers."""


def _number(dumper: yaml.SafeDumper, number: Decimal) -> yaml.ScalarNode:
    text = plain_decimal(number)
    return dumper.represent_scalar(f"tag:yaml.org,2002:{'float' if '.' in text else 'int'}", text)


_Dumper.add_representer(Decimal, _number)


def write(items: Iterable[Item], *, bank: str, framework_id: str, framework_version: str) -> str:
    """Return one file; the competence stands in its head when all items share it, else in each item."""
    items = tuple(items)
    competences = {item.competence for item in items}
    shared = competences.pop() if len(competences) == 1 else None
    header: dict[str, Any] = {
        "format": FORMAT,
        "bank": bank,
        "framework": {"id": framework_id, "version": framework_version},
    }
    if shared is not None:
        header["competence"] = shared
    vignettes = {item.vignette.id: item.vignette.to_data() for item in items if item.vignette is not None}
    if vignettes:
        header["stimuli"] = list(vignettes.values())
    data = {**header, "items": [_item(item, shared=shared) for item in items]}
    return str(yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=_ONE_LINE))


def _item(item: Item, *, shared: str | None) -> dict[str, Any]:
    """What the item is, less what the format takes for granted; its case stands once in the head of the file."""
    data = {**item.to_data(), **_typed(item)}
    for option in _options(data):
        if not option["correct"]:
            del option["correct"]
    for gap in data.get("gaps", ()):
        for key in _BARE_GAP[item.type == "inline_choice"]:
            del gap[key]
    left_out = _left_out(item) | ({"competence"} if shared is not None else set())
    return {key: value for key, value in data.items() if key not in left_out}


def _typed(item: Item) -> dict[str, Any]:
    """A number to give, in the keys of the format."""
    number = item.number
    if number is None:
        return {}
    unit = {} if number.unit is None else {"unit": {"fr": number.unit.fr, "en": number.unit.en}}
    return {
        **unit,
        "answer": {"value": number.value, "tolerance": number.tolerance},
        "accepted_examples": list(number.accepted_examples),
        "refused_examples": list(number.refused_examples),
    }


def _options(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from data["options"]
    for gap in data.get("gaps", ()):
        yield from gap["options"]


def _left_out(item: Item) -> set[str]:
    left_out = {key for key in ("enemies", "parameters") if not getattr(item, key)} | {"number", "vignette"}
    if item.type not in CHOICES:
        left_out |= {"options", "shuffle"}
    if item.shuffle:
        left_out.add("shuffle")
    if item.type in {"single_choice", "short_text", "numeric"}:
        left_out.add("scoring")
    if item.type != "short_text":
        left_out |= {"answers", "match"} | (set() if item.number else {"accepted_examples", "refused_examples"})
    return left_out
