"""How drawings look: calm, readable in grey, the same to the byte for the same figures.

matplotlib is an extra and is imported only when something is drawn.
"""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from app.console import locale
from app.errors import msgid
from app.psychometrics.model import BadFile

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.typing import RcKeyType

INK: Final = "#1b2224"
SOFT: Final = "#5b6365"
LINE: Final = "#d8d1c1"
FILL: Final = "#c9d4da"
HERE: Final = "#8a3a10"
"""Limits and targets."""
HUES: Final = ("#27335f", "#b27d1d", "#40722f", "#7a3265", "#3480b5")
"""Those of the result pages: apart in lightness too, so that they stay apart to any eye and in print."""
DASHES: Final = ("-", (0, (5, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)), (0, (3, 1, 1, 1, 1, 1)), (0, (9, 3)), (0, (2, 3)))
ABILITY: Final = msgid("Niveau θ (logits)")
FORMATS: Final = {".svg": {"Date": None, "Creator": "Toise"}, ".png": {"Software": "Toise"}}
"""Endings of files, and what is said in them of their making: no date, no version."""
LONGEST: Final = 24
FRENCH: Final = str.maketrans({",": "\N{NARROW NO-BREAK SPACE}", ".": ","})
RULES: "Final[dict[RcKeyType, Any]]" = {
    "font.family": ["DejaVu Sans", "sans-serif"],
    "font.size": 9,
    "text.color": INK,
    "axes.edgecolor": SOFT,
    "axes.labelcolor": INK,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": LINE,
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.6,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "text.parse_math": False,  # a name with two dollars is a name
    "svg.fonttype": "none",
    "svg.hashsalt": "toise",
    "savefig.dpi": 160,
}


@contextmanager
def style() -> Iterator[None]:
    """The rules under which everything is drawn and saved."""
    import matplotlib as mpl  # noqa: PLC0415

    with mpl.rc_context():
        mpl.rcdefaults()  # whatever a person's own matplotlibrc says
        mpl.rcParams.update(RULES)
        yield


def new_figure(width: float, height: float) -> "Figure":
    """An empty figure of so many inches."""
    from matplotlib.figure import Figure  # noqa: PLC0415

    return Figure(figsize=(width, height), layout="constrained")


def hue(index: int) -> dict[str, Any]:
    """Colour and dash of the lines of one of several things."""
    return {"color": HUES[index % len(HUES)], "linestyle": DASHES[index % len(DASHES)]}


def number(value: float, _place: object = None) -> str:
    """A short number in the reader's language, for ticks and labels."""
    text = f"{value:,.6g}".replace("-", "\N{MINUS SIGN}")
    return text.translate(FRENCH) if locale() == "fr" else text


def short(name: str) -> str:
    """A name that fits where names stand."""
    return name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"


def numbered(axes: "Axes", *, x: bool = True, y: bool = True) -> None:
    """Write the ticks' numbers in the reader's language."""
    for axis in ([axes.xaxis] if x else []) + ([axes.yaxis] if y else []):
        axis.set_major_formatter(number)


def ready(path: Path) -> None:
    """Refuse a drawing that could not be made, before anything is computed for it.

    Raises
    ------
    BadFile
        If the file's ending is none of ``FORMATS``, or matplotlib is not installed.
    """
    if path.suffix.lower() not in FORMATS:
        cause = msgid("un dessin se termine par %(known)s ; reçu : « %(got)s »")
        raise BadFile(path.name, cause, known=", ".join(FORMATS), got=path.suffix)
    try:
        import matplotlib  # noqa: F401, ICN001, PLC0415
    except ImportError as error:
        cause = msgid('dessiner demande matplotlib ; installez-le par : pip install "toise[plot]"')
        raise BadFile(path.name, cause) from error


def save(figures: Sequence["Figure"], path: Path) -> list[Path]:
    """Write a figure to ``path``, or several to ``name-1.svg``, ``name-2.svg`` …; the files written.

    Raises
    ------
    BadFile
        If a file cannot be written.
    """
    digits = len(str(len(figures)))
    names = [path.with_stem(f"{path.stem}-{page:0{digits}}") for page in range(1, len(figures) + 1)]
    paths = names if len(figures) > 1 else [path]
    kind = path.suffix.lower()
    for figure, out in zip(figures, paths, strict=True):
        drawn = BytesIO()
        with style(), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Glyph .* missing")  # a viewer's fonts may have it
            figure.savefig(drawn, format=kind[1:], metadata=FORMATS[kind])
        try:
            out.write_bytes(drawn.getvalue())
        except OSError as error:
            raise BadFile(out.name, msgid("impossible à écrire (%(said)s)"), said=error.strerror) from error
    return paths
