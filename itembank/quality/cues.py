"""What gives the right option away to somebody who does not know: words, agreement, form.

The cues are those that guides for writers warn of (Haladyna, Downing & Rodriguez 2002, Applied Measurement in
Education 15, 309-333).
"""

import re
import statistics
from collections.abc import Iterator, Mapping

from framework.model import LOCALES, Locale
from itembank.model import Item
from itembank.problem import shown
from itembank.quality.agreement import only_the_key_agrees
from itembank.quality.sets import OptionSet, sets_of
from itembank.quality.words import root, telling, words
from itembank.rules.rule import Finding

UNEVEN_RATIO, UNEVEN_CHARACTERS = 2.0, 40
MAX_STEM_WORDS = 60

_ABSOLUTE: Mapping[Locale, frozenset[str]] = {
    "fr": frozenset(
        ("toujours", "jamais", "uniquement", "exclusivement", "systématiquement", "aucun", "aucune", "forcément")
    ),
    "en": frozenset(("always", "never", "only", "exclusively", "systematically", "none", "solely", "necessarily")),
}
_NEGATIVE: Mapping[Locale, re.Pattern[str]] = {
    "fr": re.compile(
        r"\b(?:sauf|excepté|hormis|à l['’]exception d)\b"
        r"|\b(?:les?quel|laquelle|quel)\w*\b(?:(?!\bqu['’e]|\bdont\b|[,;:.?]).)*\bn(?:e |['’])\w+ (?:pas|jamais)\b",
        re.IGNORECASE,
    ),
    "en": re.compile(
        r"\bexcept(?! for)\b"
        r"|\bwhich\b(?:(?!\bthat\b|\bwho\b|[,;:.?]).)*\b(?:is|are|does|do|should|must) (?:not|never)\b",
        re.IGNORECASE,
    ),
}
_SWEEPING: Mapping[Locale, re.Pattern[str]] = {
    "fr": re.compile(
        r"\b(?:toutes|aucune) (?:de ces|ces|des|les) (?:autres )?(?:réponses|propositions|options)\b|\bci-dessus\b",
        re.IGNORECASE,
    ),
    "en": re.compile(r"\b(?:all|none|both|neither) of (?:the above|these answers|the answers)\b", re.IGNORECASE),
}


def cues(item: Item, *, common: Mapping[Locale, frozenset[str]]) -> Iterator[Finding]:
    """Yield what is wrong with the form of one question; ``common``: roots that say nothing in this bank."""
    for locale in LOCALES:
        yield from _stem(item, locale)
        for each in sets_of(item):
            yield from _sweeping(each, locale)
            yield from _uneven(each, locale)
            yield from _absolute(each, locale)
            if each.single and each.where == "options":
                yield from _shared_word(each, locale, common[locale])
                yield from _agreement(each, locale)


def _stem(item: Item, locale: Locale) -> Iterator[Finding]:
    stem = item.stem.get(locale)
    found = _NEGATIVE[locale].search(stem)
    if found:
        yield Finding("negative-stem", f"stem.{locale}", {"value": shown(found[0])})
    count = len(words(stem))
    if item.stimulus is None and count > MAX_STEM_WORDS:
        yield Finding("stem-too-long", f"stem.{locale}", {"count": count, "limit": MAX_STEM_WORDS})


def _sweeping(options: OptionSet, locale: Locale) -> Iterator[Finding]:
    for index, option in enumerate(options.options):
        found = _SWEEPING[locale].search(option.text.get(locale))
        if found:
            yield Finding("sweeping-option", f"{options.where}[{index}].text.{locale}", {"value": shown(found[0])})


def _uneven(options: OptionSet, locale: Locale) -> Iterator[Finding]:
    """One option stands out by its length, whichever it is."""
    lengths = sorted(len(option.text.get(locale)) for option in options.options)
    middle = statistics.median(lengths)
    longest = lengths[-1] - middle > UNEVEN_CHARACTERS and lengths[-1] > UNEVEN_RATIO * middle
    shortest = middle - lengths[0] > UNEVEN_CHARACTERS and middle > UNEVEN_RATIO * lengths[0]
    if longest or shortest:
        facts = {"shortest": lengths[0], "longest": lengths[-1], "language": locale}
        yield Finding("uneven-options", options.where, facts)


def _absolute(options: OptionSet, locale: Locale) -> Iterator[Finding]:
    """Half of the wrong options or more are absolute, and no right one is."""
    wrong = [_absolutes(text, locale) for text in options.distractors(locale)]
    if any(_absolutes(text, locale) for text in options.keys(locale)):
        return
    found = [word for each in wrong for word in each]
    if sum(map(bool, wrong)) * 2 >= len(wrong) and len(found) > 1:
        yield Finding(
            "absolute-distractors", options.where, {"value": ", ".join(sorted(set(found))), "language": locale}
        )


def _absolutes(text: str, locale: Locale) -> list[str]:
    return [word for word in map(str.casefold, words(text)) if word in _ABSOLUTE[locale]]


def _shared_word(options: OptionSet, locale: Locale, common: frozenset[str]) -> Iterator[Finding]:
    """A word of the stem stands in the key and in no other option."""
    asked = telling(options.item.stem.get(locale)).keys() - common
    (key,) = options.keys(locale)
    others = {root(word) for text in options.distractors(locale) for word in words(text)}
    held = {each: word for each, word in telling(key).items() if each in asked and each not in others}
    for word in sorted(held.values()):
        yield Finding("stem-word-in-key", options.where, {"value": shown(word), "language": locale})


def _agreement(options: OptionSet, locale: Locale) -> Iterator[Finding]:
    stem, (key,) = options.item.stem.get(locale), options.keys(locale)
    cue = only_the_key_agrees(stem, key, options.distractors(locale), locale)
    if cue:
        yield Finding("grammar-cue", options.where, {"value": shown(cue), "language": locale})
