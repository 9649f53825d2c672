"""``--plot [KIND=]FILE.svg|png``: which drawings a command is asked for, refused before its work, made after it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import typer

from app.console import say
from app.engine.empirical_curves import EmpiricalCurve
from app.engine.grid import Floats
from app.errors import msgid
from app.psychometrics.bank import BankFile
from app.psychometrics.model import BadFile
from app.psychometrics.plots import plot_information, plot_items, plot_wright, ready
from app.psychometrics.shown import refusals, refuse_overwriting

ITEMS, INFORMATION, WRIGHT, SIMULATION = "items", "information", "wright", "simulation"
METAVAR: Final = "[KIND=]FILE.svg|png"

OfBank = typer.Option(
    "--plot", metavar=METAVAR, help="Dessin à écrire : items=, information= ou wright= ; plusieurs fois au besoin."
)
OfSimulation = typer.Option("--plot", metavar="FILE.svg|png", help="Dessin du rapport à écrire.")


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is to be drawn, and where."""

    kind: str
    path: Path


def wanted_drawings(
    given: Sequence[str] | None, *, kinds: Sequence[str], files: Sequence[Path | None]
) -> tuple[Drawing, ...]:
    """Read the option, or leave with exit code 1 where a drawing could not be made.

    Parameters
    ----------
    kinds : those that the command makes; the first is meant where none is named.
    files : what the command reads and writes besides.
    """
    with refusals():
        found = tuple(_drawing(text, kinds) for text in given or ())
        for drawing in found:
            ready(drawing.path)
    refuse_overwriting([drawing.path for drawing in found], read=files)
    return found


def _drawing(text: str, kinds: Sequence[str]) -> Drawing:
    kind, named, name = text.partition("=")
    if not named:
        return Drawing(kinds[0], Path(text))
    if kind not in kinds:
        cause = msgid("dessin inconnu : « %(got)s » ; attendu : %(known)s")
        raise BadFile("--plot", cause, got=kind, known=", ".join(f"{known}=" for known in kinds))
    return Drawing(kind, Path(name))


def draw_bank(
    drawings: Sequence[Drawing],
    bank: BankFile,
    *,
    theta: Callable[[], Floats],
    observed: Mapping[str, EmpiricalCurve] | None = None,
) -> list[Path]:
    """Draw what was asked of a bank; the files written.

    Parameters
    ----------
    theta : gives persons' abilities, shape (N, D); called only where a Wright map is wanted.
    observed : what persons answered, by item.

    Raises
    ------
    BadFile
        If a drawing cannot be written, or would need too many pages.
    """
    written: list[Path] = []
    for drawing in drawings:
        if drawing.kind == ITEMS:
            written += plot_items(drawing.path, bank, observed=observed)
        elif drawing.kind == INFORMATION:
            written += plot_information(drawing.path, bank)
        else:
            written += plot_wright(drawing.path, bank, theta())
    return written


def tell_drawn(written: Sequence[Path]) -> None:
    """Name the drawings, since one option may make several pages."""
    if written:
        say(msgid("Dessins : %(files)s"), files=", ".join(str(path) for path in written))
