"""Items written in the native format; reading them back gives the same items."""

from collections.abc import Iterable
from typing import Any

import yaml

from itembank.model import Item

FORMAT = "toise-items/1"

_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_ONE_LINE = 1_000_000


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
    data = {**header, "items": [_item(item, shared=shared) for item in items]}
    return str(yaml.dump(data, Dumper=_DUMPER, allow_unicode=True, sort_keys=False, width=_ONE_LINE))


def _item(item: Item, *, shared: str | None) -> dict[str, Any]:
    """What the item is, less what the format takes for granted."""
    data = item.to_data()
    for option in data["options"]:
        if not option["correct"]:
            del option["correct"]
    left_out = _left_out(item) | ({"competence"} if shared is not None else set())
    return {key: value for key, value in data.items() if key not in left_out}


def _left_out(item: Item) -> set[str]:
    empty = {key for key in ("enemies", "parameters") if not getattr(item, key)}
    if item.type == "short_text":
        return empty | {"options", "shuffle", "scoring"}
    single = {"scoring"} if item.type == "single_choice" else set()
    shuffled = {"shuffle"} if item.shuffle else set()
    return empty | single | shuffled | {"answers", "match", "accepted_examples", "refused_examples"}
