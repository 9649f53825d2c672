"""The quality of a bank: every finding, and the figures they come from."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from framework.model import LOCALES, Framework, Locale
from itembank.model import Item
from itembank.problem import Fact, Problem, ordered, problem, shown
from itembank.quality.counts import Counts, count
from itembank.quality.cues import cues
from itembank.quality.guess import MOST_ABOVE, Guesses, guesses
from itembank.quality.keys import FEWEST_TO_JUDGE, LEAST_CHANCE, KeyPositions, LongestKeys, key_positions, longest_keys
from itembank.quality.readability import Reading, hard_to_read, typical
from itembank.quality.sets import sets_of
from itembank.quality.similarity import SAME, Pair, similar
from itembank.quality.words import telling
from itembank.reading import Draft, Place
from itembank.rules.rule import Finding

MOST_SINGLE = 0.6
"""Largest share of single choice questions."""
FEWEST_EXAMPLES = 2
_COMMON = 0.05
"""Share of questions from which a word of their stems says nothing about any one of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Quality:
    """``problems`` say what to repair; the rest are the figures behind them, by language where there is one."""

    problems: tuple[Problem, ...]
    counts: Counts
    positions: KeyPositions
    longest: tuple[LongestKeys, ...]
    guesses: tuple[Guesses, ...]
    readings: Mapping[Locale, Reading]
    pairs: Mapping[Locale, tuple[Pair, ...]]

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(found for found in self.problems if found.severity == "error")


def assess(drafts: Sequence[Draft], framework: Framework, *, today: date) -> Quality:
    """Judge the questions of one bank, which the check has found well formed."""
    items = [draft.item for draft in drafts]
    sets = [each for item in items for each in sets_of(item)]
    longest, positions = longest_keys(sets), key_positions(sets)
    counts, guessed = count(items, framework), guesses(items)
    pairs = {locale: similar(items, locale) for locale in LOCALES}
    common = {locale: _common(items, locale) for locale in LOCALES}
    own = (_placed(draft, found) for draft in drafts for found in _of_one(draft.item, common, today))
    judged = [*_of_all(counts, positions, longest, len(sets)), *_given_away(guessed)]
    whole = (problem(found.code, facts=found.facts) for found in judged)
    return Quality(
        problems=ordered([*own, *_alike(drafts, pairs), *whole]),
        counts=counts,
        positions=positions,
        longest=longest,
        guesses=guessed,
        readings={locale: typical(items, locale) for locale in LOCALES},
        pairs=pairs,
    )


def _placed(draft: Draft, found: Finding) -> Problem:
    place: Place = draft.place
    at = place.of(found.where)
    return problem(found.code, file=place.file, at=at, item=draft.item.id, where=found.where, facts=found.facts)


def _common(items: Sequence[Item], locale: Locale) -> frozenset[str]:
    held = Counter(root for item in items for root in telling(item.stem.get(locale)))
    return frozenset(root for root, number in held.items() if number > max(_COMMON * len(items), 1))


def _of_one(item: Item, common: Mapping[Locale, frozenset[str]], today: date) -> Iterator[Finding]:
    yield from cues(item, common=common)
    yield from hard_to_read(item)
    if item.review_by <= today:
        yield Finding("due-for-review", "review_by", {"review_by": item.review_by.isoformat()})
    for index, source in enumerate(item.sources):
        if (source.date or "") > item.written.isoformat():
            facts = {"value": source.date or "", "written": item.written.isoformat()}
            yield Finding("source-younger", f"sources[{index}].date", facts)
    yield from _examples(item)


def _examples(item: Item) -> Iterator[Finding]:
    """One example of each kind proves little."""
    for where, asked in [("", item), *((f"gaps[{index}].", gap) for index, gap in enumerate(item.gaps))]:
        for name in ("accepted_examples", "refused_examples"):
            for locale, listed in getattr(asked, name).items():
                if len(listed) < FEWEST_EXAMPLES:
                    yield Finding("few-examples", f"{where}{name}.{locale}", {"count": len(listed)})


def _alike(drafts: Sequence[Draft], pairs: Mapping[Locale, tuple[Pair, ...]]) -> Iterator[Problem]:
    """Each pair once, in the language that is most alike; questions declared enemies are never asked together."""
    places = {draft.item.id: draft for draft in drafts}
    best: dict[tuple[str, str], Pair] = {}
    for pair in (pair for found in pairs.values() for pair in found if not pair.declared):
        key = (pair.one.id, pair.other.id)
        best[key] = max(best.get(key, pair), pair, key=lambda each: each.cosine)
    for pair in best.values():
        facts: dict[str, Fact] = {"id": shown(pair.one.id), "percent": _percent(pair.cosine)}
        code = "same-point" if pair.cosine >= SAME else "similar-point"
        yield _placed(places[pair.other.id], Finding(code, "stem", facts))


def _of_all(counts: Counts, positions: KeyPositions, longest: Sequence[LongestKeys], sets: int) -> Iterator[Finding]:
    """What only the whole bank shows; a handful of questions shows nothing."""
    if counts.total >= FEWEST_TO_JUDGE and counts.single_share > MOST_SINGLE:
        facts = {"percent": _percent(counts.single_share), "limit": _percent(MOST_SINGLE)}
        yield Finding("too-many-single", "", facts)
    if sets < FEWEST_TO_JUDGE:
        return
    if positions.chance < LEAST_CHANCE:
        yield Finding("key-position", "", {"counts": ", ".join(map(str, positions.counts))})
    for each in longest:
        code = "longest-key" if each.chance < LEAST_CHANCE else "never-longest-key"
        if min(each.chance, each.chance_fewer) < LEAST_CHANCE:
            numbers: dict[str, Fact] = {"count": each.count, "total": each.total, "expected": round(each.expected)}
            yield Finding(code, "", {**numbers, "language": each.locale})


def _given_away(guessed: Sequence[Guesses]) -> Iterator[Finding]:
    """The form of the options tells the key, more often than chance would."""
    for each in guessed:
        if each.above > MOST_ABOVE:
            numbers: dict[str, Fact] = {
                "count": round(each.count),
                "total": each.total,
                "expected": round(each.expected),
            }
            named = {"for_keys": each.for_keys, "for_others": each.for_others, "questions": each.surest}
            listed: dict[str, Fact] = {name: ", ".join(found) or "–" for name, found in named.items()}
            yield Finding("form-tells-key", "", {**numbers, **listed, "language": each.locale})


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
