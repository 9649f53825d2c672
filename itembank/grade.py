"""Grade one response: any JSON value either gets a score or is refused with the reason."""

import re
import unicodedata
from collections.abc import Iterable, Mapping

from framework.model import Locale
from itembank.model import Item, Match

MAX_CHARACTERS = 500
SHORTEST_WITH_TOLERANCE = 6

_NUL = "\x00"


class UnreadableResponse(ValueError):
    """The response cannot be graded: wrong shape, unknown option, NUL, too long. Says which."""


def grade(item: Item, response: object, *, locale: Locale) -> int:
    """Return the score of a response, 0 to ``item.categories - 1``; None is a skip and scores 0.

    A response is ``{"choice": "a"}`` (single choice), ``{"choices": ["a", "c"]}`` (multiple choice, order
    and emptiness allowed) or ``{"text": "..."}`` (short text). Raise ``UnreadableResponse`` for anything else.
    """
    if response is None:
        return 0
    if item.type == "short_text":
        return int(accepts(item, _text(response), locale=locale))
    if item.type == "single_choice":
        return int({_choice(item, response)} == item.correct_ids)
    return _grade_ticks(item, _choices(item, response))


def _grade_ticks(item: Item, ticked: frozenset[str]) -> int:
    if item.scoring == "all_or_nothing":
        return int(ticked == item.correct_ids)
    return max(0, len(ticked & item.correct_ids) - len(ticked - item.correct_ids))


def accepts(item: Item, text: str, *, locale: Locale) -> bool:
    """Whether a short text is one of the item's answers in this language, under the item's rules."""
    assert item.match is not None
    written = normalise(text, item.match)
    accepted = (normalise(answer, item.match) for answer in item.answers.get(locale, ()))
    return any(_same(written, answer, item.match.edit_distance) for answer in accepted if answer)


def _same(written: str, answer: str, tolerance: int) -> bool:
    if written == answer or not tolerates(answer):
        return written == answer
    return edits(written, answer, at_most=tolerance) <= tolerance


def tolerates(answer: str) -> bool:
    """Tolerance is for typing errors in words: never in short answers, codes or numbers."""
    return len(answer) >= SHORTEST_WITH_TOLERANCE and not any(character.isnumeric() for character in answer)


def normalise(text: str, match: Match) -> str:
    """Return the text as it is compared: NFKC without invisible characters, then the item's rules."""
    text = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    if match.case == "ignore":
        text = unicodedata.normalize("NFKC", text.casefold())
    if match.accents == "ignore":
        text = _without_accents(text)
    if match.punctuation == "ignore":
        text = "".join(" " if _is_punctuation(character) else character for character in text)
    if match.spaces == "exact":
        return text
    return ("" if match.spaces == "ignore" else " ").join(text.split())


def _without_accents(text: str) -> str:
    """Drop the marks that sit on a letter, and open the ligatures that Unicode does not (oe, ae)."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if unicodedata.category(c) != "Mn")
    for ligature, letters in (("œ", "oe"), ("æ", "ae"), ("Œ", "OE"), ("Æ", "AE")):
        bare = bare.replace(ligature, letters)
    return unicodedata.normalize("NFKC", bare)


def _is_punctuation(character: str) -> bool:
    return unicodedata.category(character).startswith("P")


def edits(one: str, other: str, *, at_most: int) -> int:
    """Optimal string alignment distance, or ``at_most + 1`` when it is larger.

    Insertion, deletion, substitution and swap of two neighbours each cost 1, no piece edited twice
    (Boytsov 2011, ACM JEA 16, 1.1: restricted Damerau-Levenshtein distance).

    >>> edits("rançongiciel", "rançogniciel", at_most=2), edits("ca", "abc", at_most=3)
    (1, 3)
    """
    far = at_most + 1
    if abs(len(one) - len(other)) > at_most:
        return far
    before: list[int] = []
    row = [min(j, far) for j in range(len(other) + 1)]
    for i in range(1, len(one) + 1):
        before, row = row, _next_row(one, other, i, before=before, row=row, far=far)
        if min(*row, *before) == far:
            return far
    return row[-1]


def _next_row(one: str, other: str, i: int, *, before: list[int], row: list[int], far: int) -> list[int]:
    """Row i of the distance table from rows i - 2 (``before``) and i - 1 (``row``).

    Only cells less than ``far`` from the diagonal can hold less than ``far``, so only those are computed.
    """
    following = [min(i, far)] + [far] * len(other)
    for j in range(max(1, i - far + 1), min(len(other), i + far - 1) + 1):
        cost = min(following[j - 1] + 1, row[j] + 1, row[j - 1] + (one[i - 1] != other[j - 1]), far)
        if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
            cost = min(cost, before[j - 2] + 1)
        following[j] = cost
    return following


def _only(response: object, key: str) -> object:
    if not isinstance(response, Mapping) or len(response) != 1 or key not in response:
        raise UnreadableResponse(f'response: expected an object with the one key "{key}"')
    return response[key]


def _text(response: object) -> str:
    text = _only(response, "text")
    if not isinstance(text, str):
        raise UnreadableResponse(f"text: expected a string, got {_kind(text)}")
    if len(text) > MAX_CHARACTERS:
        raise UnreadableResponse(f"text: expected at most {MAX_CHARACTERS} characters, got {len(text)}")
    if _NUL in text:
        raise UnreadableResponse("text: the character NUL (U+0000) cannot be stored")
    if re.search(r"[\ud800-\udfff]", text):
        raise UnreadableResponse("text: half of a surrogate pair is not a character")
    return text


def _choice(item: Item, response: object) -> str:
    return next(iter(_known(item, [_only(response, "choice")], "choice")))


def _choices(item: Item, response: object) -> frozenset[str]:
    choices = _only(response, "choices")
    if not isinstance(choices, list | tuple):
        raise UnreadableResponse(f"choices: expected a list of option ids, got {_kind(choices)}")
    if len(choices) > len(item.options):
        raise UnreadableResponse(f"choices: {len(choices)} ids for {len(item.options)} options")
    known = _known(item, choices, "choices")
    if len(known) < len(choices):
        raise UnreadableResponse("choices: an option is ticked twice")
    return known


def _known(item: Item, choices: Iterable[object], key: str) -> frozenset[str]:
    ids = {option.id for option in item.options}
    known: set[str] = set()
    for choice in choices:
        if not isinstance(choice, str):
            raise UnreadableResponse(f"{key}: expected option ids as strings, got {_kind(choice)}")
        if choice not in ids:
            raise UnreadableResponse(f"{key}: {choice[:40]!a} is not an option of this question")
        known.add(choice)
    return frozenset(known)


def _kind(value: object) -> str:
    return "null" if value is None else type(value).__name__
