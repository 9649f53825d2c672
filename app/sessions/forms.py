"""What a browser's form holds, read into an answer as the API would get it, or into what is missing. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.sessions.questions import Sitting
from app.web.task_views import Fault
from itembank.compare import NotOneNumber, number_of
from itembank.model import Item


@dataclass(frozen=True, slots=True)
class Entry:
    """The fields of a form: those ticked, the one typed, the parts in their order.

    ``as_it_is``: the learner has been told that parts are empty, and sends them so.
    """

    choice: Sequence[str] = ()
    text: str = ""
    parts: Sequence[str] = ()
    as_it_is: bool = False


@dataclass(frozen=True, slots=True)
class Filled:
    """``fault`` is None where ``response`` may be sent."""

    response: Mapping[str, Any] | None
    fault: Fault | None = None


EMPTY = Filled(None, "empty")


def read_form(sitting: Sitting, step: int, entry: Entry) -> Filled:
    """Read an answer to the question of this step; only what is on screen may be found wanting."""
    if 1 <= step <= len(sitting.log):
        item = sitting.course.pool.items[sitting.items[step - 1]]
        entry = Entry(entry.choice, entry.text, entry.parts, as_it_is=True)
    elif sitting.session.running:
        item = sitting.course.pool.items[sitting.pending]
    else:
        return Filled({"text": entry.text})
    return _READERS[item.type](item, entry)


def _choice(_: Item, entry: Entry) -> Filled:
    return Filled({"choice": entry.choice[0]}) if entry.choice else EMPTY


def _choices(_: Item, entry: Entry) -> Filled:
    return Filled({"choices": list(entry.choice)}) if entry.choice else EMPTY


def _text(_: Item, entry: Entry) -> Filled:
    return Filled({"text": entry.text}) if entry.text.strip() else EMPTY


def _number(item: Item, entry: Entry) -> Filled:
    try:
        number_of(entry.text, units=() if item.number is None else item.number.units)
    except NotOneNumber:
        if entry.text.strip():
            return Filled(None, "number")
    return _text(item, entry)


def _order(item: Item, entry: Entry) -> Filled:
    """Each part holds the place given to the element shown there."""
    places = list(entry.parts[: len(item.elements)])
    if not any(places):
        return EMPTY
    if sorted(places) != [str(place + 1) for place in range(len(places))]:
        return Filled(None, "places")
    return Filled({"order": [str(places.index(str(place + 1)) + 1) for place in range(len(places))]})


def _matches(item: Item, entry: Entry) -> Filled:
    return _parts("matches", len(item.prompts), entry)


def _gaps(item: Item, entry: Entry) -> Filled:
    return _parts("gaps", len(item.gaps), entry)


def _parts(key: str, count: int, entry: Entry) -> Filled:
    given = {str(place): part for place, part in enumerate(entry.parts[:count], 1) if part.strip()}
    if not given:
        return EMPTY
    missing = len(given) < count and not entry.as_it_is
    return Filled(None, "incomplete") if missing else Filled({key: given})


_READERS: Mapping[str, Callable[[Item, Entry], Filled]] = {
    "single_choice": _choice,
    "multiple_choice": _choices,
    "short_text": _text,
    "numeric": _number,
    "ordering": _order,
    "matching": _matches,
    "gap_text": _gaps,
    "inline_choice": _gaps,
}
