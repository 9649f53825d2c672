"""Grade one response: any JSON value either gets a score or is refused with the reason. Pure."""

from collections.abc import Mapping, Sequence

from framework.model import Locale
from itembank.compare import accepts
from itembank.model import OF_PARTS, Item
from itembank.responses import (
    UnreadableResponse,
    read_choice,
    read_choices,
    read_gaps,
    read_matches,
    read_number,
    read_order,
    read_text,
)

__all__ = ["UnreadableResponse", "grade", "right_parts"]


def grade(item: Item, response: object, *, locale: Locale) -> int:
    """Return the score of a response, 0 to ``item.categories - 1``; None is a skip and scores 0.

    A response has one key: ``{"choice": "a"}`` (single choice), ``{"choices": ["a", "c"]}`` (multiple choice),
    ``{"text": "..."}`` (short text, numeric), ``{"order": ["b", "a", "c"]}`` (ordering), ``{"matches": {"a": "x"}}``
    (matching), ``{"gaps": {"a": "x"}}`` (gap_text, inline_choice). Raise ``UnreadableResponse`` for anything else.
    """
    if response is None:
        return 0
    if item.type == "single_choice":
        return int({read_choice(item, response)} == item.correct_ids)
    if item.type == "multiple_choice":
        return _grade_ticks(item, read_choices(item, response))
    if item.type == "ordering":
        return _grade_order(item, read_order(item, response))
    if item.type in OF_PARTS:
        return _grade_parts(item, right_parts(item, response, locale=locale))
    return _grade_typed(item, response, locale=locale)


def _grade_typed(item: Item, response: object, *, locale: Locale) -> int:
    if item.number is None:
        return int(accepts(item, read_text(response), locale=locale))
    return int(abs(read_number(item, response) - item.number.value) <= item.number.tolerance)


def _grade_ticks(item: Item, ticked: frozenset[str]) -> int:
    if item.scoring == "all_or_nothing":
        return int(ticked == item.correct_ids)
    return max(0, len(ticked & item.correct_ids) - len(ticked - item.correct_ids))


def _grade_order(item: Item, order: Sequence[str]) -> int:
    """With partial credit: 2 in order, 1 where one exchange of two neighbours repairs it, else 0."""
    right = tuple(element.id for element in item.elements)
    if item.scoring == "all_or_nothing":
        return int(tuple(order) == right)
    if tuple(order) == right:
        return 2
    wrong = [place for place, (one, other) in enumerate(zip(order, right, strict=True)) if one != other]
    return int(len(wrong) == 2 and wrong[1] == wrong[0] + 1)  # noqa: PLR2004 - two neighbours


def right_parts(item: Item, response: object, *, locale: Locale) -> Mapping[str, bool]:
    """Return which prompts or gaps are answered right, those left out among the wrong ones.

    Raise ``UnreadableResponse`` for a response that has not the form of the question.
    """
    if item.type == "matching":
        matches = read_matches(item, response)
        return {prompt.id: matches.get(prompt.id) == prompt.choice for prompt in item.prompts}
    given = read_gaps(item, response)
    if item.type == "inline_choice":
        return {gap.id: {given.get(gap.id)} == gap.correct_ids for gap in item.gaps}
    return {gap.id: accepts(gap, given.get(gap.id, ""), locale=locale) for gap in item.gaps}


def _grade_parts(item: Item, right: Mapping[str, bool]) -> int:
    """With partial credit: 2 all right, 1 at least half of them, else 0."""
    count = sum(right.values())
    if item.scoring == "all_or_nothing" or not right:
        return int(bool(right) and count == len(right))
    return 2 if count == len(right) else int(2 * count >= len(right))
