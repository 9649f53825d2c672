"""Curves of items: the probability of each category by ability, small multiples, twelve a page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from app.console import told
from app.engine.grid import Floats
from app.errors import msgid
from app.psychometrics.plot_style import ABILITY, hue, new_figure, numbered, short, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS: Final = 3
A_PAGE: Final = 12


@dataclass(frozen=True, slots=True, eq=False)
class ItemCurve:
    """One item.

    Attributes
    ----------
    name : as in the bank.
    p : shape (C, Q), probability of each category.
    at, observed : shapes (B,) and (B, C), abilities and shares observed there; None to draw the model alone.
    persons : shape (B,), how many persons stand behind each share.
    """

    name: str
    p: Floats
    at: Floats | None = None
    observed: Floats | None = None
    persons: Floats | None = None


def item_curves(theta: Floats, curves: Sequence[ItemCurve]) -> "Iterator[Figure]":
    """Draw pages of item curves.

    An item scored 0 or 1 is the one curve of a right answer; one of more categories has a curve for each, with its
    score beside its top. Observed shares are circles, larger for more persons.

    Parameters
    ----------
    theta : shape (Q,), logits.
    """
    for first in range(0, len(curves), A_PAGE):
        yield _page(theta, curves[first : first + A_PAGE])


def _page(theta: Floats, curves: Sequence[ItemCurve]) -> "Figure":
    columns = min(COLUMNS, len(curves))
    rows = -(-len(curves) // columns)
    with style():
        figure = new_figure(1.2 + 2.5 * columns, 0.7 + 2.0 * rows)
        panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
        for axes, curve in zip(panels, curves, strict=False):
            _panel(axes, theta, curve)
        for axes in panels[len(curves) :]:
            axes.set_visible(False)
        for axes in panels[max(0, len(curves) - columns) : len(curves)]:
            axes.tick_params(labelbottom=True)
        figure.supxlabel(told(ABILITY), fontsize=9)
        figure.supylabel(told(_what(curves)), fontsize=9)
    return figure


def _what(curves: Sequence[ItemCurve]) -> str:
    several = [len(curve.p) > 2 for curve in curves]  # noqa: PLR2004
    if not any(several):
        return msgid("Probabilité d'une bonne réponse")
    return msgid("Probabilité de chaque score") if all(several) else msgid("Probabilité (0/1 : d'une bonne réponse)")


def _panel(axes: "Axes", theta: Floats, curve: ItemCurve) -> None:
    shown = range(1, 2) if len(curve.p) == 2 else range(len(curve.p))  # noqa: PLR2004
    for place, category in enumerate(shown):
        line = hue(place)
        axes.plot(theta, curve.p[category], **line)
        if curve.at is not None and curve.observed is not None:
            size = 14.0 if curve.persons is None else 4 + 26 * curve.persons / curve.persons.max()
            axes.scatter(
                curve.at, curve.observed[:, category], s=size, facecolor="white", edgecolor=line["color"], zorder=3
            )
    if len(shown) > 1:
        _name_categories(axes, theta, curve.p)
    axes.set_title(short(curve.name))
    axes.set_xlim(theta[0], theta[-1])
    axes.set_xticks(np.arange(np.ceil(theta[0]) + 1, theta[-1]))  # none at the edges, where two panels meet
    axes.set_ylim(-0.02, 1.16)
    axes.set_yticks([0, 0.5, 1])
    numbered(axes)


def _name_categories(axes: "Axes", theta: Floats, p: Floats) -> None:
    """Each score beside the top of its curve, inside the frame."""
    margin = 0.04 * (theta[-1] - theta[0])
    for category, row in enumerate(p):
        top = int(np.argmax(row))
        where = float(np.clip(theta[top], theta[0] + margin, theta[-1] - margin))
        axes.annotate(
            str(category),
            (where, float(row[top])),
            xytext=(0, 3),
            textcoords="offset points",
            color=hue(category)["color"],
            ha="center",
            va="bottom",
            fontsize=8,
            fontweight="bold",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.4, "alpha": 0.8},
        )
