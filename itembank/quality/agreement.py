"""Grammatical agreement between a stem and its options: a cue where only the right one agrees."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from framework.model import Locale

Form = tuple[Literal["m", "f", ""], Literal["s", "p", ""]]
"""Gender and number, empty where the word does not tell."""

Fits = Callable[[str], bool]
"""Whether an option agrees with a word."""

_ASKED: Mapping[str, Form] = {
    "quel": ("m", "s"), "quelle": ("f", "s"), "quels": ("m", "p"), "quelles": ("f", "p"),
    "lequel": ("m", "s"), "laquelle": ("f", "s"), "lesquels": ("m", "p"), "lesquelles": ("f", "p"),
}  # fmt: skip
_DETERMINED: Mapping[str, Form] = {
    "le": ("m", "s"), "la": ("f", "s"), "un": ("m", "s"), "une": ("f", "s"), "du": ("m", "s"), "au": ("m", "s"),
    "les": ("", "p"), "des": ("", "p"), "ces": ("", "p"), "aux": ("", "p"), "l": ("", "s"),
    "ce": ("m", "s"), "cette": ("f", "s"),
}  # fmt: skip
_VOWEL = re.compile(r"[aeiouyhàâéèêëîïôùûœæ]", re.IGNORECASE)
_FIRST = re.compile(r"[^\W\d_]+")
_LAST = re.compile(r"([^\W\d_]+)\s*['’]?\s*(?:…|\.\.\.|:)?\s*$")


def only_the_key_agrees(stem: str, key: str, distractors: Sequence[str], locale: Locale) -> str | None:
    """Return the word of the stem with which the key alone agrees, None where there is none.

    An open stem ends with an article that some options cannot follow (« a / an », « l' »); a question asks with a
    word (« quelle ») whose gender or number only one option's article has.
    """
    if not distractors:
        return None
    for word, fits in (_ending(stem, locale), _asking(stem, locale)):
        if word and fits(key) and not any(fits(each) for each in distractors):
            return word
    return None


def _ending(stem: str, locale: Locale) -> tuple[str, Fits]:
    found = _LAST.search(stem)
    word = found[1].casefold() if found else ""
    if locale == "en" and word in {"a", "an"}:
        return word, lambda text: bool(re.match(r"[aeiou]", text, re.IGNORECASE)) == (word == "an")
    if locale == "fr" and word in {"l", "d"} and stem.rstrip(" :…").endswith(("'", "’")):
        return word, lambda text: bool(_VOWEL.match(text))
    if locale == "fr" and word in {"les", "des", "ces"}:
        return word, lambda text: (_FIRST.search(text) or [""])[0].endswith(("s", "x"))
    return "", lambda _: False


def _asking(stem: str, locale: Locale) -> tuple[str, Fits]:
    """Every option has to begin with an article for the comparison to mean anything."""
    question = stem.rstrip().rpartition(".")[2]
    asked = next((word for word in map(str.casefold, _FIRST.findall(question)) if word in _ASKED), "")
    if locale != "fr" or not asked:
        return "", lambda _: False
    gender, number = _ASKED[asked]

    def fits(text: str) -> bool:
        form = _DETERMINED.get((_FIRST.search(text) or [""])[0].casefold())
        return form is None or (form[0] in {"", gender} and form[1] in {"", number})

    return asked, fits
