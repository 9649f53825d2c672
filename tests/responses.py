"""Responses in the terms of a question: the right one, and any readable one."""

from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from itembank.compare import normalise
from itembank.model import Item


def right_response(item: Item) -> dict[str, Any]:
    """The response that deserves the full score, in French."""
    right: dict[str, Callable[[], dict[str, Any]]] = {
        "single_choice": lambda: {"choice": min(item.correct_ids)},
        "multiple_choice": lambda: {"choices": sorted(item.correct_ids)},
        "short_text": lambda: {"text": item.answers["fr"][0]},
        "numeric": lambda: {"text": str(item.number and item.number.value)},
        "ordering": lambda: {"order": [element.id for element in item.elements]},
        "matching": lambda: {"matches": {prompt.id: prompt.choice for prompt in item.prompts}},
        "inline_choice": lambda: {"gaps": {gap.id: min(gap.correct_ids) for gap in item.gaps}},
        "gap_text": lambda: {"gaps": {gap.id: gap.answers["fr"][0] for gap in item.gaps}},
    }
    return right[item.type]()


def answerable(item: Item) -> bool:
    """Whether something is left of every answer to type, under its own rules."""
    typed = [item] if item.type == "short_text" else item.gaps if item.type == "gap_text" else ()
    return all(asked.match is not None and normalise(asked.answers["fr"][0], asked.match) for asked in typed)


def responses(item: Item) -> SearchStrategy[dict[str, Any]]:
    """Any readable response."""
    typed = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=500)
    options, choices = (st.sampled_from(ids or [""]) for ids in (_ids(item.options), _ids(item.choices)))
    readable: dict[str, SearchStrategy[dict[str, Any]]] = {
        "single_choice": st.fixed_dictionaries({"choice": options}),
        "multiple_choice": st.fixed_dictionaries({"choices": st.lists(options, unique=True)}),
        "short_text": st.fixed_dictionaries({"text": typed}),
        "numeric": st.fixed_dictionaries({"text": st.sampled_from(("0", "12,5", "-1 250.75", " 3 "))}),
        "ordering": st.fixed_dictionaries({"order": st.permutations(_ids(item.elements))}),
        "matching": _left_out("matches", dict.fromkeys(_ids(item.prompts), choices)),
        "inline_choice": _left_out("gaps", {gap.id: st.sampled_from(_ids(gap.options) or [""]) for gap in item.gaps}),
        "gap_text": _left_out("gaps", dict.fromkeys(_ids(item.gaps), typed)),
    }
    return readable[item.type]


def _ids(parts: Sequence[Any]) -> list[str]:
    return [part.id for part in parts]


def _left_out(key: str, parts: dict[str, SearchStrategy[str]]) -> SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({key: st.fixed_dictionaries({}, optional=parts)})
