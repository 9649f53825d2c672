"""Answers that nobody gave: a response of the kind people give that earns a wanted score. Pure, for simulated cohorts.

A response is built in the item's own terms, graded like any other, and turned into the names on screen, so that it
goes the way of every answer.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import numpy as np

from app.sessions.flow import score_of
from app.sessions.model import Question, ShownOption
from app.sessions.shown import Arrangement
from framework.model import Locale
from itembank.model import Gap, Item
from itembank.parts import Option, Quantity, plain_decimal

Response = dict[str, Any]

TRIES: Final = 50
"""Wrong answers drawn before one gives up: some are right by chance."""
AT_A_LOSS: Final[Mapping[Locale, str]] = {"fr": "je ne sais pas", "en": "no idea"}


def response_scoring(item: Item, score: int, rng: np.random.Generator, locale: Locale) -> Response:
    """Return a response, in the item's own terms, that is graded with exactly this score.

    Raises
    ------
    ValueError
        If the item has no such score, or nothing a person would answer was found to earn it.
    """
    if not 0 <= score < item.categories:
        raise ValueError(f"score must be from 0 to {item.categories - 1} for item {item.id}, got {score}")
    for _ in range(TRIES):
        response = _MAKERS[item.type](item, score, rng, locale)
        if score_of(item, response) == score:
            return response
    raise ValueError(f"no response of item {item.id} was found that scores {score}")


def on_screen(arranged: Arrangement, shown: Question, response: Mapping[str, Any]) -> Response:
    """Return a response of the item's own terms as a learner sends it: by the names on this screen."""
    options = _names(arranged.options, shown.options)
    if "choice" in response:
        return {"choice": options[response["choice"]]}
    if "choices" in response:
        return {"choices": [options[each] for each in response["choices"]]}
    if "order" in response:
        elements = _names(arranged.elements, shown.elements)
        return {"order": [elements[each] for each in response["order"]]}
    if "matches" in response:
        prompts, choices = _names(arranged.item.prompts, shown.prompts), _names(arranged.choices, shown.choices)
        return {"matches": {prompts[prompt]: choices[choice] for prompt, choice in response["matches"].items()}}
    return {"gaps": _gaps_on_screen(arranged, shown, response["gaps"])} if "gaps" in response else dict(response)


def _gaps_on_screen(arranged: Arrangement, shown: Question, given: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for gap, on_page, options in zip(arranged.item.gaps, shown.gaps, arranged.gap_options, strict=True):
        if gap.id in given:
            found[on_page.id] = _names(options, on_page.options).get(given[gap.id], given[gap.id])
    return found


def _names(parts: Sequence[Any], shown: Sequence[ShownOption]) -> dict[str, str]:
    return {part.id: each.id for part, each in zip(parts, shown, strict=True)}


def _drawn(rng: np.random.Generator, parts: Sequence[Any], count: int) -> list[Any]:
    return [parts[place] for place in rng.permutation(len(parts))[:count]]


def _ids(options: Sequence[Option], *, right: bool) -> list[str]:
    return [option.id for option in options if option.correct is right]


def _choice(item: Item, score: int, rng: np.random.Generator, _: Locale) -> Response:
    return {"choice": _drawn(rng, _ids(item.options, right=score > 0), 1)[0]}


def _choices(item: Item, score: int, rng: np.random.Generator, _: Locale) -> Response:
    """All of the key for the full score, some of it for part; else at least as much wrong as right."""
    right, wrong = _ids(item.options, right=True), _ids(item.options, right=False)
    if score > 0:
        full = score == item.categories - 1
        return {"choices": sorted(_drawn(rng, right, len(right) if full else score))}
    ticked = int(rng.integers(min(len(right), len(wrong)) + 1))
    extra = int(rng.integers(max(ticked, 1), len(wrong) + 1)) if wrong else 0
    return {"choices": sorted(_drawn(rng, right, ticked) + _drawn(rng, wrong, extra))}


def _text(item: Item, score: int, rng: np.random.Generator, locale: Locale) -> Response:
    return {"text": _words(item, score > 0, rng, locale)}


def _words(asked: Item | Gap, right: bool, rng: np.random.Generator, locale: Locale) -> str:  # noqa: FBT001
    """What people type: the author's examples of what is accepted, or of what is not."""
    if right:
        return str(_drawn(rng, asked.answers[locale], 1)[0])
    return str(_drawn(rng, (*asked.refused_examples.get(locale, ()), AT_A_LOSS[locale]), 1)[0])


def _number(item: Item, score: int, rng: np.random.Generator, locale: Locale) -> Response:
    assert item.number is not None
    number = item.number.value if score > 0 else _drawn(rng, _slips(item.number), 1)[0]
    text = plain_decimal(number)
    return {"text": text.replace(".", ",") if locale == "fr" else text}


def _slips(number: Quantity) -> tuple[Decimal, ...]:
    """A decimal point in the wrong place, twice or half as much, and a little too far off."""
    value, beyond = number.value, 2 * number.tolerance + 1
    return tuple(slip for slip in (value * 10, value / 10, value * 2, value / 2, value + beyond) if slip >= 0)


def _order(item: Item, score: int, rng: np.random.Generator, _: Locale) -> Response:
    right = [element.id for element in item.elements]
    if score == item.categories - 1:
        return {"order": right}
    if score == 0:
        return {"order": _drawn(rng, right, len(right))}
    place = int(rng.integers(len(right) - 1))
    right[place], right[place + 1] = right[place + 1], right[place]
    return {"order": right}


def _wrong_parts(item: Item, parts: Sequence[Any], score: int, rng: np.random.Generator) -> set[str]:
    """Which parts to answer wrong: none for the full score, at most half for part of it, else more (or any at all)."""
    if score == item.categories - 1:
        return set()
    half = len(parts) // 2
    least = 1 if score > 0 or item.categories == 2 else half + 1  # noqa: PLR2004 - all or nothing
    most = half if score > 0 else len(parts)
    return {part.id for part in _drawn(rng, parts, int(rng.integers(least, max(least, most) + 1)))}


def _matches(item: Item, score: int, rng: np.random.Generator, _: Locale) -> Response:
    """Where a choice serves once, wrong prompts take what right ones leave, or stay empty."""
    wrong = _wrong_parts(item, item.prompts, score, rng)
    matches = {prompt.id: prompt.choice for prompt in item.prompts if prompt.id not in wrong}
    free = [choice.id for choice in item.choices if item.reuse or choice.id not in matches.values()]
    for prompt in _drawn(rng, item.prompts, len(item.prompts)):
        open_to = [choice for choice in free if choice != prompt.choice]
        if prompt.id in wrong and open_to:
            matches[prompt.id] = _drawn(rng, open_to, 1)[0]
            if not item.reuse:
                free.remove(matches[prompt.id])
    return {"matches": matches}


def _gaps(item: Item, score: int, rng: np.random.Generator, locale: Locale) -> Response:
    wrong = _wrong_parts(item, item.gaps, score, rng)
    return {"gaps": {gap.id: _gap(gap, gap.id not in wrong, rng, locale) for gap in item.gaps}}


def _gap(gap: Gap, right: bool, rng: np.random.Generator, locale: Locale) -> str:  # noqa: FBT001
    if gap.options:
        return str(_drawn(rng, _ids(gap.options, right=right), 1)[0])
    return _words(gap, right, rng, locale)


_MAKERS: Final[Mapping[str, Callable[[Item, int, np.random.Generator, Locale], Response]]] = {
    "single_choice": _choice,
    "multiple_choice": _choices,
    "short_text": _text,
    "numeric": _number,
    "ordering": _order,
    "matching": _matches,
    "gap_text": _gaps,
    "inline_choice": _gaps,
}
