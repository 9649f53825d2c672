"""How hard a text is to read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import mean, median

from framework.model import LOCALES, Locale
from itembank.model import Item
from itembank.quality.words import sentences, syllables, words
from itembank.rules.rule import Finding

LONGEST_SENTENCE = 40
HARDEST = 0.0
"""Reading ease below which a question is told: harder than most legal texts."""
_LONG_WORD = 7


@dataclass(frozen=True, slots=True)
class Reading:
    """``ease``: 0 very hard to 100 very easy; ``sentence``: words in one; ``long_words``: share over six letters."""

    ease: float
    sentence: float
    long_words: float


def reading(text: str, locale: Locale) -> Reading:
    """Return the reading ease of a text of at least one word.

    English: Flesch 1948 (Journal of Applied Psychology 32, 221-233), 206.835 - 1.015 w - 84.6 s, where w is words a
    sentence and s syllables a word. French: Kandel & Moles 1958 (Cahiers d'études de radio-télévision 19, 253-274),
    207 - 1.015 w - 73.6 s.
    """
    found, pieces = words(text), list(sentences(text))
    a_sentence = len(found) / max(len(pieces), 1)
    a_word = mean(syllables(word, locale) for word in found)
    ease = 207 - 1.015 * a_sentence - 73.6 * a_word if locale == "fr" else 206.835 - 1.015 * a_sentence - 84.6 * a_word
    return Reading(ease, a_sentence, mean(len(word) >= _LONG_WORD for word in found))


def hard_to_read(item: Item) -> Iterator[Finding]:
    """Yield a finding for a stem that reads badly, or a sentence of it without end."""
    for locale in LOCALES:
        stem = item.stem.get(locale)
        if not words(stem):
            continue
        longest = max(len(words(sentence)) for sentence in sentences(stem))
        if longest > LONGEST_SENTENCE:
            yield Finding("long-sentence", f"stem.{locale}", {"count": longest, "limit": LONGEST_SENTENCE})
        ease = reading(stem, locale).ease
        if ease < HARDEST:
            yield Finding("hard-to-read", f"stem.{locale}", {"value": round(ease), "limit": round(HARDEST)})


def typical(items: Sequence[Item], locale: Locale) -> Reading:
    """The middle question's, figure by figure."""
    found = [reading(item.stem.get(locale), locale) for item in items if words(item.stem.get(locale))]
    if not found:
        return Reading(0.0, 0.0, 0.0)
    return Reading(
        median(each.ease for each in found),
        median(each.sentence for each in found),
        median(each.long_words for each in found),
    )
