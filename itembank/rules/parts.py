"""Rules about elements to order, prompts to match and gaps to fill."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from framework.model import LOCALES
from itembank.model import Gap, Item
from itembank.problem import shown
from itembank.rules.options import ID, Named, alike
from itembank.rules.rule import Context, Finding, Rule

ELEMENTS, CHOICES, PROMPTS = (3, 6), (2, 6), (3, 6)
GAPS, OPTIONS = (2, 5), (2, 5)

_PLACE = re.compile(r"\{([^{}]*)\}")


def places(text: str) -> tuple[str, ...]:
    """Return the ids in braces, in their order.

    >>> places("Le {a}, puis le {b}.")
    ('a', 'b')
    """
    return tuple(_PLACE.findall(text))


def _ordering(item: Item, _: Context) -> Iterator[Finding]:
    if item.type == "ordering":
        yield from _list("elements", item.elements, ELEMENTS)


def _matching(item: Item, _: Context) -> Iterator[Finding]:
    if item.type != "matching":
        return
    yield from _list("choices", item.choices, CHOICES)
    yield from _list("prompts", item.prompts, PROMPTS)
    known = {choice.id for choice in item.choices}
    served = Counter(prompt.choice for prompt in item.prompts)
    for index, prompt in enumerate(item.prompts):
        facts = {"id": shown(prompt.choice), "allowed": ", ".join(sorted(map(shown, known)))}
        if prompt.choice not in known:
            yield Finding("unknown-choice", f"prompts[{index}].choice", facts)
        elif served[prompt.choice] > 1 and not item.reuse:
            yield Finding("choice-reused", f"prompts[{index}].choice", facts)


def _list(where: str, parts: Sequence[Named], bounds: tuple[int, int]) -> Iterator[Finding]:
    yield from _count(where, len(parts), bounds)
    yield from _ids(where, [part.id for part in parts])
    yield from alike(where, parts, "same-part-text")


def _count(where: str, count: int, bounds: tuple[int, int]) -> Iterator[Finding]:
    lowest, highest = bounds
    if not lowest <= count <= highest:
        key = where.rpartition(".")[2]
        yield Finding("part-count", where, {"key": key, "count": count, "lowest": lowest, "highest": highest})


def _ids(where: str, ids: Sequence[str]) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, name in enumerate(ids):
        if not ID.fullmatch(name):
            yield Finding("bad-part-id", f"{where}[{index}].id", {"value": shown(name)})
        if name in seen:
            yield Finding("duplicate-part-id", f"{where}[{index}].id", {"id": shown(name)})
        seen.add(name)


def _gaps(item: Item, _: Context) -> Iterator[Finding]:
    if item.text is None:
        return
    yield from _count("gaps", len(item.gaps), GAPS)
    yield from _ids("gaps", [gap.id for gap in item.gaps])
    for locale in LOCALES:
        held = Counter(places(item.text.get(locale)))
        where, names = f"text.{locale}", [gap.id for gap in item.gaps]
        for name in names:
            if held[name] != 1:
                yield Finding("missing-gap" if not held[name] else "repeated-gap", where, {"id": shown(name)})
        for name in held.keys() - set(names):
            yield Finding("unknown-gap", where, {"id": shown(name)})


def _gap_options(item: Item, _: Context) -> Iterator[Finding]:
    if item.type != "inline_choice":
        return
    for index, gap in enumerate(item.gaps):
        where = f"gaps[{index}].options"
        yield from _list(where, gap.options, OPTIONS)
        yield from _one_key(where, gap)


def _one_key(where: str, gap: Gap) -> Iterator[Finding]:
    """By position: ids may be wrong too."""
    count = sum(option.correct for option in gap.options)
    if gap.options and count != 1:
        yield Finding("gap-keys", where, {"id": shown(gap.id), "count": count})


RULES = (
    Rule(_ordering, needs=("type", "elements[].id")),
    Rule(_matching, needs=("type", "choices[].id", "prompts[].id", "prompts[].choice", "reuse")),
    Rule(_gaps, needs=("type", "text", "gaps[].id")),
    Rule(_gap_options, needs=("type", "gaps[].options[].correct", "gaps[].options[].id")),
)
