"""A response as it came, any JSON value: read into what its question asks for, or refused with the reason."""

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from itembank.compare import NotOneNumber, number_of
from itembank.model import Item

MAX_CHARACTERS = 500

_NUL = "\x00"


class UnreadableResponse(ValueError):
    """The response cannot be graded: wrong shape, unknown option, NUL, too long. Says which."""


def read_choice(item: Item, response: object) -> str:
    """``{"choice": "a"}``."""
    ids = [option.id for option in item.options]
    return _known(_only(response, "choice"), ids, "choice", "an option")


def read_choices(item: Item, response: object) -> frozenset[str]:
    """``{"choices": ["a", "c"]}``: order and emptiness allowed."""
    choices = _only(response, "choices")
    if not isinstance(choices, list | tuple):
        raise UnreadableResponse(f"choices: expected a list of option ids, got {_kind(choices)}")
    if len(choices) > len(item.options):
        raise UnreadableResponse(f"choices: {len(choices)} ids for {len(item.options)} options")
    ids = [option.id for option in item.options]
    known = frozenset(_known(choice, ids, "choices", "an option") for choice in choices)
    if len(known) < len(choices):
        raise UnreadableResponse("choices: an option is ticked twice")
    return known


def read_text(response: object) -> str:
    """``{"text": "..."}``."""
    return _typed(_only(response, "text"), "text")


def read_number(item: Item, response: object) -> Decimal:
    """``{"text": "12,5"}``: one number, as people type it, with or without its unit."""
    try:
        return number_of(read_text(response), units=() if item.number is None else item.number.units)
    except NotOneNumber as error:
        raise UnreadableResponse(f"text: {error}") from error


def read_order(item: Item, response: object) -> tuple[str, ...]:
    """``{"order": ["b", "a", "c"]}``: every element once."""
    order = _only(response, "order")
    ids = [element.id for element in item.elements]
    if not isinstance(order, list | tuple):
        raise UnreadableResponse(f"order: expected a list of element ids, got {_kind(order)}")
    if len(order) != len(ids):
        raise UnreadableResponse(f"order: {len(order)} ids for {len(ids)} elements")
    known = tuple(_known(each, ids, "order", "an element") for each in order)
    if len(set(known)) < len(known):
        raise UnreadableResponse("order: an element comes twice")
    return known


def read_matches(item: Item, response: object) -> Mapping[str, str]:
    """``{"matches": {"a": "x"}}``: prompts may be left out, a choice may serve twice."""
    ids = [choice.id for choice in item.choices]
    parts = _parts(response, "matches", [prompt.id for prompt in item.prompts], "a prompt")
    return {prompt: _known(choice, ids, f"matches.{prompt}", "a choice") for prompt, choice in parts.items()}


def read_gaps(item: Item, response: object) -> Mapping[str, str]:
    """``{"gaps": {"a": "x", "b": "..."}}``: the id of an option, or what was typed; gaps may be left out."""
    parts = _parts(response, "gaps", [gap.id for gap in item.gaps], "a gap")
    options = {gap.id: [option.id for option in gap.options] for gap in item.gaps}
    if item.type == "gap_text":
        return {gap: _typed(text, f"gaps.{gap}") for gap, text in parts.items()}
    return {gap: _known(option, options[gap], f"gaps.{gap}", "an option") for gap, option in parts.items()}


def _parts(response: object, key: str, ids: Sequence[str], kind: str) -> Mapping[str, object]:
    parts = _only(response, key)
    if not isinstance(parts, Mapping):
        raise UnreadableResponse(f"{key}: expected an object, got {_kind(parts)}")
    if len(parts) > len(ids):
        raise UnreadableResponse(f"{key}: {len(parts)} given where the question has {len(ids)}")
    return {_known(part, ids, key, kind): value for part, value in parts.items()}


def _only(response: object, key: str) -> object:
    if not isinstance(response, Mapping) or len(response) != 1 or key not in response:
        raise UnreadableResponse(f'response: expected an object with the one key "{key}"')
    return response[key]


def _typed(text: object, key: str) -> str:
    if not isinstance(text, str):
        raise UnreadableResponse(f"{key}: expected a string, got {_kind(text)}")
    if len(text) > MAX_CHARACTERS:
        raise UnreadableResponse(f"{key}: expected at most {MAX_CHARACTERS} characters, got {len(text)}")
    if _NUL in text:
        raise UnreadableResponse(f"{key}: the character NUL (U+0000) cannot be stored")
    if re.search(r"[\ud800-\udfff]", text):
        raise UnreadableResponse(f"{key}: half of a surrogate pair is not a character")
    return text


def _known(given: object, ids: Iterable[str], key: str, kind: str) -> str:
    if not isinstance(given, str):
        raise UnreadableResponse(f"{key}: expected ids as strings, got {_kind(given)}")
    if given not in ids:
        raise UnreadableResponse(f"{key}: {given[:40]!a} is not {kind} of this question")
    return given


def _kind(value: object) -> str:
    return "null" if value is None else type(value).__name__
