"""Wright map: where persons are, beside where questions separate them, on one scale (Wright & Stone 1979)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from app.console import told
from app.engine.grid import Floats
from app.errors import msgid
from app.psychometrics.plot_style import ABILITY, FILL, HUES, INK, SOFT, new_figure, number, numbered, short, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NAMED: Final = 40
"""More questions than this are counted, as the persons are, instead of named."""
BIN: Final = 0.25
FARTHEST: Final = 6.0
"""Nothing farther from 0 is drawn: it is counted in the outermost bar."""


COUNTED: Final = "#8fb0c4"


@dataclass(frozen=True, slots=True, eq=False)
class Location:
    """Where an item separates persons: its difficulty, or its steps or thresholds, shape (m,), logits."""

    name: str
    steps: Floats


def wright_map(abilities: Floats, items: Sequence[Location], *, title: str = "") -> "Figure":
    """Draw persons' abilities on the left and items on the right, easiest first; steps carry their number.

    Parameters
    ----------
    abilities : shape (N,), logits; those that are not finite are left out and counted below.
    """
    finite = abilities[np.isfinite(abilities)]
    low, high = _range(np.concatenate([finite, *(item.steps for item in items)]))
    with style():
        wide = len(items) if len(items) <= NAMED else 10
        figure = new_figure(3.4 + max(2.4, 0.24 * wide), 6.0)
        persons, questions = figure.subplots(1, 2, sharey=True, width_ratios=[1, max(1.0, 0.1 * wide)])
        _bars(persons, finite, low, high, color=FILL)
        persons.invert_xaxis()
        persons.set_ylabel(told(ABILITY))
        persons.set_xlabel(told(msgid("Personnes (%(count)s)"), {"count": number(finite.size)}))
        if len(items) <= NAMED:
            _named(questions, items)
        else:
            _bars(questions, np.concatenate([item.steps for item in items]), low, high, color=COUNTED)
        questions.set_xlabel(_questions(items))
        questions.set_ylim(low, high)
        for axes in (persons, questions):
            numbered(axes)
        if len(items) <= NAMED:
            questions.set_xticks(range(len(items)), [short(item.name) for item in _easiest_first(items)], rotation=90)
        figure.suptitle(_heading(title, abilities.size - finite.size), x=0.02, ha="left", fontsize=9.5)
    return figure


def _questions(items: Sequence[Location]) -> str:
    steps = sum(item.steps.size for item in items)
    facts: dict[str, object] = {"count": number(len(items)), "steps": number(steps)}
    if len(items) <= NAMED or steps == len(items):
        return told(msgid("Questions (%(count)s)"), facts)
    return told(msgid("Seuils (%(steps)s, de %(count)s questions)"), facts)


def _heading(title: str, left_out: int) -> str:
    if not left_out:
        return title
    missing = told(msgid("personnes sans niveau fini, non dessinées : %(count)s"), {"count": number(left_out)})
    return f"{title} — {missing}" if title else missing


def _range(values: Floats) -> tuple[float, float]:
    """Whole logits around everything, at least two either way."""
    inside = np.clip(values, -FARTHEST, FARTHEST)
    return min(-2.0, float(np.floor(inside.min(initial=0)))), max(2.0, float(np.ceil(inside.max(initial=0))))


def _bars(axes: "Axes", values: Floats, low: float, high: float, *, color: str) -> None:
    edges = np.arange(low, high + BIN / 2, BIN)
    counts, _ = np.histogram(np.clip(values, low, high), edges)
    axes.barh(edges[:-1], counts, height=BIN, align="edge", color=color, edgecolor="white", linewidth=0.5)
    axes.grid(visible=False, axis="x")


def _easiest_first(items: Sequence[Location]) -> list[Location]:
    return sorted(items, key=lambda item: (float(np.mean(item.steps)) if item.steps.size else 0.0, item.name))


def _named(axes: "Axes", items: Sequence[Location]) -> None:
    for place, item in enumerate(_easiest_first(items)):
        steps = np.clip(item.steps, -FARTHEST, FARTHEST)
        if steps.size < 2:  # noqa: PLR2004
            axes.plot(np.full(steps.size, place), steps, marker="o", markersize=5, color=HUES[0], linestyle="none")
            continue
        axes.vlines(place, steps.min(), steps.max(), color=SOFT, linewidth=0.8)
        for step, value in enumerate(steps, 1):
            box = {"boxstyle": "circle,pad=0.18", "facecolor": "white", "edgecolor": HUES[0], "linewidth": 0.8}
            axes.text(place, value, number(step), ha="center", va="center", fontsize=7, color=INK, bbox=box)
    axes.set_xlim(-0.7, len(items) - 0.3)
