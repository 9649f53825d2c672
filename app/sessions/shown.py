"""How an item appears on one screen, and the answer given to that screen in the item's own terms. Pure.

Parts are named by their place on screen, in an order drawn for this sitting and step: neither names nor places say
anything about the order in which the author wrote them, which may be the right one.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

import numpy as np

from app.sessions.flow import Course, shown_order
from app.sessions.model import Question, ShownGap, ShownOption
from framework.model import LocalizedText
from itembank.grade import UnreadableResponse
from itembank.model import Choice, Element, Item, Option

ELEMENTS, CHOICES, GAPS = 2, 3, 4
"""Streams of the sitting's seed, one for each list that is drawn; 1 is that of the options."""
LETTERS: Final = "ABCDEF"
"""Names of choices: prompts have numbers, and nobody takes one for the other."""


class _Part(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def text(self) -> LocalizedText: ...


P = TypeVar("P")


@dataclass(frozen=True, slots=True, eq=False)
class Arrangement:
    """An item with every list in the order of one screen."""

    item: Item
    options: tuple[Option, ...]
    elements: tuple[Element, ...]
    choices: tuple[Choice, ...]
    gap_options: tuple[tuple[Option, ...], ...]

    def question(self, step: int, domain: str, *, again: bool) -> Question:
        """What a learner may know of it before answering."""
        item, number = self.item, self.item.number
        return Question(
            step=step,
            type=item.type,
            domain=domain,
            stem=item.stem,
            options=_shown(self.options),
            unit=None if number is None else number.unit,
            elements=_shown(self.elements),
            prompts=_shown(item.prompts),
            choices=_shown(self.choices, LETTERS),
            reuse=item.reuse,
            text=None if item.text is None else self.text(item.text),
            gaps=tuple(
                ShownGap(str(place), gap.label, _shown(options))
                for place, (gap, options) in enumerate(zip(item.gaps, self.gap_options, strict=True), 1)
            ),
            case=item.vignette,
            case_again=again,
        )

    def text(self, text: LocalizedText) -> LocalizedText:
        """The text with each gap named as on screen."""
        names = {gap.id: str(place) for place, gap in enumerate(self.item.gaps, 1)}
        return LocalizedText(*(with_gaps(each, lambda gap: f"{{{names[gap]}}}") for each in (text.fr, text.en)))

    def in_item_terms(self, response: Mapping[str, Any]) -> Mapping[str, Any]:
        """Translate names on screen into the item's own ids.

        Raise ``UnreadableResponse`` if a name is not on screen. Any other misshapen answer passes through and is
        refused by grading.
        """
        translated = dict(response)
        options = _names(self.options)
        if "choice" in translated:
            translated["choice"] = _named(options, translated["choice"])
        if isinstance(translated.get("choices"), list):
            translated["choices"] = sorted({_named(options, choice) for choice in translated["choices"]})
        if isinstance(translated.get("order"), list):
            translated["order"] = [_named(_names(self.elements), each) for each in translated["order"]]
        if isinstance(translated.get("matches"), Mapping):
            translated["matches"] = self._matches(translated["matches"])
        if isinstance(translated.get("gaps"), Mapping):
            translated["gaps"] = dict(self._gap(*given) for given in translated["gaps"].items())
        return translated

    def _matches(self, matches: Mapping[Any, object]) -> dict[str, str]:
        prompts, choices = _names(self.item.prompts), _names(self.choices, LETTERS)
        return {_named(prompts, prompt): _named(choices, choice) for prompt, choice in matches.items()}

    def _gap(self, shown: object, given: object) -> tuple[str, object]:
        own = _named(_names(self.item.gaps), shown)
        place = [gap.id for gap in self.item.gaps].index(own)
        options = self.gap_options[place]
        return own, _named(_names(options), given) if options else given


def arrange(course: Course, item: int, step: int) -> Arrangement:
    """The item of this index in the pool as it appears at this step of the sitting."""
    asked = course.pool.items[item]
    return Arrangement(
        item=asked,
        options=tuple(asked.options[place] for place in shown_order(course, item, step)),
        elements=_never_as_written(course, step, asked.elements),
        choices=_drawn(course, step, CHOICES, asked.choices),
        gap_options=tuple(_drawn(course, step, GAPS + place, gap.options) for place, gap in enumerate(asked.gaps)),
    )


def in_item_terms(course: Course, item: int, step: int, response: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Translate what a learner answered on this screen; raises as ``Arrangement.in_item_terms`` does."""
    return None if response is None else arrange(course, item, step).in_item_terms(response)


def with_gaps(text: str, filled: Callable[[str], str]) -> str:
    """Return the text with each ``{id}`` replaced by what ``filled`` says of that id."""
    return re.sub(r"\{([^{}]*)\}", lambda found: filled(found[1]), text)


def _drawn(course: Course, step: int, stream: int, parts: Sequence[P]) -> tuple[P, ...]:
    order = np.random.default_rng([course.seed, step, stream]).permutation(len(parts))
    return tuple(parts[place] for place in order)


def _never_as_written(course: Course, step: int, elements: Sequence[Element]) -> tuple[Element, ...]:
    """Any order but the right one, all the others equally likely: an order left as it was found is no answer."""
    rng = np.random.default_rng([course.seed, step, ELEMENTS])
    order = list(range(len(elements)))
    while len(elements) > 1 and order == sorted(order):
        order = rng.permutation(len(elements)).tolist()
    return tuple(elements[place] for place in order)


def _shown(parts: Sequence[_Part], letters: str = "") -> tuple[ShownOption, ...]:
    return tuple(ShownOption(name, part.text) for name, part in zip(_screen(len(parts), letters), parts, strict=True))


class _Named(Protocol):
    @property
    def id(self) -> str: ...


def _names(parts: Sequence[_Named], letters: str = "") -> dict[str, str]:
    """Name on screen → the item's own id."""
    return {name: part.id for name, part in zip(_screen(len(parts), letters), parts, strict=True)}


def _screen(count: int, letters: str) -> list[str]:
    return list(letters[:count]) if letters else [str(place + 1) for place in range(count)]


def _named(names: Mapping[str, str], shown: object) -> str:
    if not isinstance(shown, str) or shown not in names:
        raise UnreadableResponse(f"nothing called {str(shown)[:40]!a} on screen: expected one of {', '.join(names)}")
    return names[shown]
