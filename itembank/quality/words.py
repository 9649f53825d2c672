"""Words, sentences and syllables of plain French and English."""

import re
import unicodedata
from collections.abc import Iterator

from framework.model import Locale

SHORTEST_THAT_TELLS = 5
"""Letters of a word that may give something away: shorter ones are mostly grammar."""
_ROOT = 7

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SENTENCE_END = re.compile(r"[.!?…:;](?:\s|$)|\n")
_ELIDED = re.compile(r"^(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)['’]", re.IGNORECASE)
_VOWELS: dict[Locale, re.Pattern[str]] = {
    "fr": re.compile(r"[aeiouyàâäéèêëîïôöùûüœæ]+"),
    "en": re.compile(r"[aeiouy]+"),
}
_GRAMMAR = (
    "quelle quelles comment pourquoi laquelle lesquelles lequel lesquels celle celles cette votre leurs cela faites "
    "faire convient avant après depuis pendant entre parmi selon toutes toute autre autres chaque plusieurs which "
    "where there their these those would should could about before after other others between during every"
)


def words(text: str) -> list[str]:
    """Words in their order, without elided articles (« l'hôpital » is « hôpital »)."""
    return [_ELIDED.sub("", word) for word in _WORD.findall(text)]


def telling(text: str) -> dict[str, str]:
    """Words that carry meaning, by a rough root that plural and accents do not change."""
    found = {root(word): word for word in words(text) if len(word) >= SHORTEST_THAT_TELLS}
    return {each: word for each, word in found.items() if each not in _ROOTS_OF_GRAMMAR}


def root(word: str) -> str:
    """A word without case, accents, plural and ending.

    >>> root("Hameçonnages"), root("rançongiciels")
    ('hamecon', 'rancong')
    """
    bare = "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if unicodedata.category(c) != "Mn")
    return bare.rstrip("sx")[:_ROOT]


_ROOTS_OF_GRAMMAR = frozenset(map(root, _GRAMMAR.split()))


def sentences(text: str) -> Iterator[str]:
    """Pieces between full stops, question marks, colons, semicolons and line ends."""
    return (piece for piece in _SENTENCE_END.split(text) if _WORD.search(piece))


def syllables(word: str, locale: Locale) -> int:
    """About how many syllables: groups of vowels, a mute e at the end aside.

    >>> [syllables(word, "fr") for word in ("hameçonnage", "santé")], syllables("secure", "en")
    ([4, 2], 2)
    """
    bare = re.sub(r"(?:e|es|ent)$" if locale == "fr" else r"(?:e|ed)$", "", word.casefold())
    return max(1, len(_VOWELS[locale].findall(bare)))
