"""What was typed against what is accepted: texts under their rules, numbers within their tolerance."""

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from typing import Protocol

from framework.model import Locale
from itembank.parts import Match, Words

SHORTEST_WITH_TOLERANCE = 6

_MINUS = str.maketrans("−–‐‑", "----")
_NUMBER = re.compile(r"([+-]?)(\d{1,15}|\d{1,3}(?: \d{3}){1,4})(?:[.,](\d{1,15}))?", re.ASCII)
_AMBIGUOUS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}", re.ASCII)


class NotOneNumber(ValueError):
    """The text is no number, or may be read as two different ones. Says which."""


class Typed(Protocol):
    """What a typed text is compared with: a short text question, or a gap."""

    @property
    def answers(self) -> Words: ...
    @property
    def match(self) -> Match | None: ...


def accepts(asked: Typed, text: str, *, locale: Locale) -> bool:
    """Whether a text is one of the answers in this language, under their rules."""
    assert asked.match is not None
    written = normalise(text, asked.match)
    accepted = (normalise(answer, asked.match) for answer in asked.answers.get(locale, ()))
    return any(_same(written, answer, asked.match.edit_distance) for answer in accepted if answer)


def number_of(text: str, *, units: Iterable[str] = ()) -> Decimal:
    """Read a number as people type it: a comma or a point before the decimals, spaces between thousands.

    One of ``units`` may follow it: the page shows the unit, and some type it all the same.

    ``1,250`` is 1.25 for a French reader and 1250 for an English one, so it is refused rather than guessed.
    Raise ``NotOneNumber``.

    >>> number_of("12,5"), number_of(" 1 250.0 "), number_of("−3")
    (Decimal('12.5'), Decimal('1250.0'), Decimal('-3.0'))
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).translate(_MINUS).split())
    for unit in units:
        if not _NUMBER.fullmatch(plain):  # or a unit of digits would take the number away
            plain = _without(plain, " ".join(unicodedata.normalize("NFKC", unit).split()))
    if _AMBIGUOUS.fullmatch(plain):
        raise NotOneNumber("a comma before three digits may separate decimals or thousands")
    found = _NUMBER.fullmatch(plain)
    if found is None:
        raise NotOneNumber("expected one number in digits")
    sign, whole, decimals = found.groups(default="")
    return Decimal(f"{sign}{whole.replace(' ', '')}.{decimals or 0}")


def _without(text: str, unit: str) -> str:
    """The text without a unit at its end."""
    return text[: -len(unit)].rstrip() if unit and text.casefold().endswith(unit.casefold()) else text


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
