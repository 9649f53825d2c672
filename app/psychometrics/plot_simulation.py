"""A simulation's report drawn: length, error by ability, exposure, coverage."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from app.console import told
from app.engine.grid import Floats, Ints
from app.errors import msgid
from app.psychometrics.plot_style import ABILITY, FILL, HERE, HUES, SOFT, hue, new_figure, number, numbered, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NOMINAL: Final = 0.95
TWO_SIDED: Final = 1.96


@dataclass(frozen=True, slots=True, eq=False)
class SimulationFigures:
    """What is drawn of a simulation; the first four arrays speak of L groups of simulated students.

    Attributes
    ----------
    ability : shape (L,), the groups' abilities, logits, increasing.
    bias, rmse, mean_se : shape (L,), logits.
    coverage, coverage_error : shape (L,), share of 95 % intervals that contain the truth, and its Monte-Carlo error.
    lengths : shape (T + 1,), sittings by number of items.
    exposure : shape (n,), share of the sittings that saw each item.
    cap : the largest share allowed; None where there is none.
    """

    ability: Floats
    bias: Floats
    rmse: Floats
    mean_se: Floats
    coverage: Floats
    coverage_error: Floats
    lengths: Ints
    exposure: Floats
    cap: float | None = None


def simulation_report(found: SimulationFigures) -> "Figure":
    """Draw the four panels of a simulation's report."""
    with style():
        figure = new_figure(8.4, 6.2)
        panels = figure.subplots(2, 2).ravel()
        for axes, draw in zip(panels, (_length, _errors, _exposure, _coverage), strict=True):
            draw(axes, found)
            numbered(axes)
    return figure


def _length(axes: "Axes", found: SimulationFigures) -> None:
    seen = np.flatnonzero(found.lengths)
    axes.bar(np.arange(found.lengths.size), found.lengths / found.lengths.sum(), width=0.9, color=FILL)
    mean = float(found.lengths @ np.arange(found.lengths.size) / found.lengths.sum())
    axes.axvline(mean, color=HERE, linewidth=1.2, linestyle=(0, (4, 2)))
    axes.set_xlim(seen[0] - 1, seen[-1] + 1)
    axes.locator_params(axis="x", integer=True)
    axes.set_title(told(msgid("Longueur")))
    axes.set_xlabel(told(msgid("Questions posées (en moyenne %(mean)s)"), {"mean": number(round(mean, 1))}))
    axes.set_ylabel(told(msgid("Part des passations")))
    axes.grid(visible=False, axis="x")


def _errors(axes: "Axes", found: SimulationFigures) -> None:
    axes.axhline(0, color=SOFT, linewidth=0.8)
    for index, (values, name) in enumerate(
        (
            (found.rmse, told(msgid("racine de l'erreur quadratique moyenne"))),
            (found.mean_se, told(msgid("erreur type annoncée"))),
            (found.bias, told(msgid("biais"))),
        )
    ):
        axes.plot(found.ability, values, marker="o", markersize=3.5, label=name, **hue(index))
    low, high = min(0.0, float(found.bias.min())), max(float(found.rmse.max()), float(found.mean_se.max()))
    axes.set_ylim(low - 0.08 * (high - low), high + 0.45 * (high - low))
    axes.set_title(told(msgid("Erreur")))
    axes.set_xlabel(told(ABILITY))
    axes.set_ylabel(told(msgid("Erreur (logits)")))
    axes.legend(loc="upper left", handlelength=3.2)


def _exposure(axes: "Axes", found: SimulationFigures) -> None:
    shares = np.sort(found.exposure)[::-1]
    axes.fill_between(np.arange(shares.size + 1), np.append(shares, 0), step="post", color=FILL)
    axes.step(np.arange(shares.size + 1), np.append(shares, 0), where="post", color=HUES[0], linewidth=1.2)
    if found.cap is not None:
        axes.axhline(found.cap, color=HERE, linewidth=1.2, linestyle=(0, (4, 2)))
        axes.annotate(
            told(msgid("plafond %(cap)s"), {"cap": number(found.cap)}),
            (shares.size, found.cap),
            xytext=(-3, 3),
            textcoords="offset points",
            ha="right",
            color=HERE,
            fontsize=8,
        )
    unused = int((shares == 0).sum())
    axes.set_ylim(0, 1.15 * max(float(shares.max()), found.cap or 0))
    axes.set_xlim(0, shares.size)
    axes.set_title(told(msgid("Exposition")))
    axes.set_xlabel(
        told(msgid("Questions, de la plus vue à la moins vue (%(unused)s jamais)"), {"unused": number(unused)})
    )
    axes.set_ylabel(told(msgid("Part des passations")))


def _coverage(axes: "Axes", found: SimulationFigures) -> None:
    axes.axhline(NOMINAL, color=HERE, linewidth=1.2, linestyle=(0, (4, 2)))
    axes.errorbar(
        found.ability,
        found.coverage,
        yerr=TWO_SIDED * found.coverage_error,
        color=HUES[0],
        marker="o",
        markersize=3.5,
        linewidth=1.2,
        capsize=2.5,
    )
    lowest = float((found.coverage - TWO_SIDED * found.coverage_error).min())
    axes.set_ylim(min(0.9, np.floor(lowest * 50) / 50), 1.0)
    axes.set_title(told(msgid("Couverture des intervalles à 95 %%")))
    axes.set_xlabel(told(ABILITY))
    axes.set_ylabel(told(msgid("Part qui contient le vrai niveau")))
