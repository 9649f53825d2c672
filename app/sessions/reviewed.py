"""The questions of a finished sitting again, with their keys and the reason each was asked. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.sessions.flow import decide
from app.sessions.questions import Sitting
from app.sessions.shown import arrange
from framework.model import LOCALES, LocalizedText, Source
from itembank.grade import right_parts
from itembank.model import Item, ItemType, Option
from itembank.parts import Words, plain_decimal
from itembank.vignette import Vignette


@dataclass(frozen=True, slots=True)
class ReviewedOption:
    text: LocalizedText
    chosen: bool
    correct: bool
    why: LocalizedText


@dataclass(frozen=True, slots=True)
class ReviewedPart:
    """An element with its place, a prompt with its choice, or a gap with what fills it.

    ``given`` is None where nothing was answered; ``why_given`` says why a wrong choice is wrong.
    """

    text: LocalizedText
    given: LocalizedText | None
    right: LocalizedText
    correct: bool
    why: LocalizedText
    why_given: LocalizedText | None = None


@dataclass(frozen=True, slots=True)
class ReviewedQuestion:
    """One question after the end of the test, with its key and the reason it was asked.

    ``rank`` and ``candidates``: the question's place among those the rules allowed at that moment, by how much
    it was expected to sharpen the estimate of the domains not yet measured well enough.
    """

    step: int
    type: ItemType
    domain: str
    stem: LocalizedText
    score: int
    best: int
    skipped: bool
    options: tuple[ReviewedOption, ...]
    given: str | None
    accepted: tuple[str, ...]
    explanation: LocalizedText
    sources: tuple[Source, ...]
    rank: int
    candidates: int
    unit: LocalizedText | None = None
    text: LocalizedText | None = None
    parts: tuple[ReviewedPart, ...] = ()
    case: Vignette | None = None
    case_again: bool = False
    answer: LocalizedText | None = None
    """Of the texts accepted, the one the author wrote first in each language: what a page has room for."""


def review_of(sitting: Sitting) -> tuple[ReviewedQuestion, ...]:
    """Every question asked, in order."""
    return tuple(_reviewed(sitting, place) for place in range(len(sitting.log)))


def _reviewed(sitting: Sitting, place: int) -> ReviewedQuestion:
    answer, index = sitting.log[place], sitting.items[place]
    item = sitting.course.pool.items[index]
    given = answer.response or {}
    pick = decide(sitting.course, sitting.items[:place], sitting.scores[:place]).pick
    shown = arrange(sitting.course, index, answer.step)
    return ReviewedQuestion(
        step=answer.step,
        type=item.type,
        domain=sitting.course.pool.framework.domain_of(item.competence).id,
        stem=item.stem,
        score=answer.score,
        best=item.categories - 1,
        skipped=answer.response is None,
        options=_options(shown.options, given),
        given=given.get("text"),
        accepted=_accepted(item),
        answer=_first(item.answers) if item.answers else None,
        explanation=item.explanation,
        sources=item.sources,
        rank=0 if pick is None else pick.rank,
        candidates=0 if pick is None else pick.candidates,
        unit=None if item.number is None else item.number.unit,
        text=None if item.text is None else shown.text(item.text),
        parts=tuple(_parts(item, answer.response)),
        case=item.vignette,
        case_again=place > 0 and _same_case(item, sitting.course.pool.items[sitting.items[place - 1]]),
    )


def _same_case(item: Item, before: Item) -> bool:
    return item.stimulus is not None and item.stimulus == before.stimulus


def _options(options: Sequence[Option], given: Mapping[str, Any]) -> tuple[ReviewedOption, ...]:
    chosen = {given.get("choice"), *given.get("choices", ())}
    return tuple(ReviewedOption(each.text, each.id in chosen, each.correct, each.why) for each in options)


def _accepted(item: Item) -> tuple[str, ...]:
    """Texts accepted in either language, or the number with its tolerance."""
    if item.number is None:
        return tuple(dict.fromkeys(word for words in item.answers.values() for word in words))
    value, tolerance = plain_decimal(item.number.value), plain_decimal(item.number.tolerance)
    return (value if tolerance == "0" else f"{value} ± {tolerance}",)


def _first(answers: Words) -> LocalizedText:
    """The answer written first in each language."""
    return LocalizedText(*(answers[locale][0] for locale in LOCALES))


def _parts(item: Item, response: Mapping[str, Any] | None) -> Iterator[ReviewedPart]:
    """Each part of an ordering, matching or gap question, as answered and as it should be."""
    if item.type == "ordering":
        order = list((response or {}).get("order", ()))
        for place, element in enumerate(item.elements, 1):
            given = order.index(element.id) + 1 if order else None
            yield ReviewedPart(
                element.text, _told(given), LocalizedText(*[str(place)] * 2), given == place, element.why
            )
    elif item.type == "matching":
        yield from _matched(item, (response or {}).get("matches", {}))
    elif item.type in {"gap_text", "inline_choice"}:
        yield from _filled(item, (response or {}).get("gaps", {}))


def _told(given: object) -> LocalizedText | None:
    return None if given is None else LocalizedText(str(given), str(given))


def _matched(item: Item, matches: Mapping[str, str]) -> Iterator[ReviewedPart]:
    texts = {choice.id: choice.text for choice in item.choices}
    for prompt in item.prompts:
        given = matches.get(prompt.id)
        shown = None if given is None else texts[given]
        yield ReviewedPart(prompt.text, shown, texts[prompt.choice], given == prompt.choice, prompt.why)


def _filled(item: Item, gaps: Mapping[str, str]) -> Iterator[ReviewedPart]:
    """Right in either language, as the score has it."""
    right = [right_parts(item, {"gaps": gaps}, locale=locale) for locale in LOCALES]
    for gap in item.gaps:
        given, correct = gaps.get(gap.id), any(each[gap.id] for each in right)
        if gap.why is not None:
            yield ReviewedPart(gap.label, _told(given), _first(gap.answers), correct, gap.why)
            continue
        options = {option.id: option for option in gap.options}
        key, chosen = options[min(gap.correct_ids)], options.get(given or "")
        why_given = None if chosen is None or correct else chosen.why
        text = None if chosen is None else chosen.text
        yield ReviewedPart(gap.label, text, key.text, correct, key.why, why_given)
