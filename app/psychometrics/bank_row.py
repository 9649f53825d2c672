"""What one row of BANK.csv says of an item: numbers, each judged where it stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, get_args

from app.engine.families import FAMILIES
from app.errors import msgid
from app.psychometrics.bank_cells import Cells
from app.psychometrics.bank_columns import FIXED, NORMAL, NUMBERED, UNIT_SLOPE, Layout, Metric

SMALLEST_SLOPE: Final = 1e-4
"""A flatter item tells nobody from anybody, and the logarithm of its slope is far from everything."""
EDGE: Final = 1e-9
"""An asymptote closer than this to where it ends is there."""
LOWER: Final = msgid("une asymptote basse est entre 0 et 1 (2pl s'il n'y en a pas) ; reçu : %(got)s")
UPPER: Final = msgid("une asymptote haute est entre c = %(c)s et 1 (3pl s'il n'y en a pas) ; reçu : %(got)s")
POSITIVE: Final = msgid(
    "une pente est positive, %(least)s au moins ; reçu : %(got)s ; une question que les plus capables manquent plus"
    " souvent que les autres a peut-être une clé fausse"
)
ORDERED: Final = msgid(
    "les seuils du modèle grm vont en croissant ; reçu : %(one)s = %(low)s puis %(other)s = %(high)s ; des pas dans"
    " un autre ordre sont ceux du modèle gpcm"
)
SLOPE_AND_INTERCEPT: Final = msgid(
    "a1 et d sont une pente et une ordonnée à l'origine ; attendu : a = a1 et b = -d / a1, comme les écrit"
    " coef(fit, IRTpars = TRUE) dans R mirt"
)
UNIT: Final = msgid(
    "le modèle %(model)s a une pente de 1 par logit : laissez cette case vide, ou prenez le modèle %(sloped)s et"
    " donnez la pente dans la colonne a"
)
FILLED: Final = msgid("les colonnes %(letter)s1, %(letter)s2, … se remplissent sans trou depuis la première")
AS_MANY: Final = msgid("il faut autant de pentes a1, a2, … que d'ordonnées c1, c2, … ; reçu : %(a)s et %(c)s")
ONE_OF: Final = msgid("attendu : %(known)s ; reçu : « %(got)s »")


@dataclass(frozen=True, slots=True)
class Known:
    """An item in natural parameters and the logistic metric.

    Attributes
    ----------
    cells : the row, for what is found wrong later.
    sd : posterior standard deviations, in the order of ``natural``.
    covariances : pairs of indices and their covariance; other pairs have none.
    """

    cells: Cells
    id: str
    domain: str
    model: str
    layout: Layout
    natural: Sequence[float]
    sd: Sequence[float]
    covariances: Sequence[tuple[int, int, float]]


def known(cells: Cells) -> Known:
    """Read a row.

    Raises
    ------
    BadFile
        At the first cell that cannot be used: where it is, what was expected, what came.
    """
    if len(cells.cells) > len(cells.header.position):
        cause = msgid("%(cells)s cases pour %(columns)s colonnes")
        raise cells.refused(None, cause, cells=len(cells.cells), columns=len(cells.header.position))
    model = _model(cells)
    factor = _factor(cells, model)
    layout = cells.header.layout(model, _categories(cells, model))
    _refuse_ignored(cells, model, layout)
    natural = [cells.number(name) for name in layout.names]
    _judge(cells, model, dict(zip(layout.names, natural, strict=True)))
    scale = [factor if index in layout.slopes else 1.0 for index in range(len(natural))]
    return Known(
        cells,
        cells.required("item"),
        cells.text("domain") or "1",
        model,
        layout,
        [x * s for x, s in zip(natural, scale, strict=True)],
        [_sd(cells, name) * s for name, s in zip(layout.sd, scale, strict=True)],
        [(i, j, cells.number_or_zero(name) * scale[i] * scale[j]) for i, j, name in layout.covariances],
    )


def _model(cells: Cells) -> str:
    model = (cells.text("model") or ("gpcm" if cells.text("b1") else "2pl")).lower()
    if model not in FAMILIES:
        raise cells.refused("model", ONE_OF, known=", ".join(FAMILIES), got=model)
    if model != "nrm" and cells.text("a1") and (cells.text("d") or cells.text("d1")):
        raise cells.refused("a1", SLOPE_AND_INTERCEPT)
    return "2pl" if model == "1pl" and cells.text("a") else model


def _factor(cells: Cells, model: str) -> float:
    """What the row's slopes are multiplied by to be in the logistic metric."""
    metric = (cells.text("metric") or "logistic").lower()
    if metric not in get_args(Metric):
        raise cells.refused("metric", ONE_OF, known=", ".join(get_args(Metric)), got=metric)
    if metric == "normal" and model in UNIT_SLOPE:
        raise cells.refused("metric", UNIT, model=model, sloped="gpcm" if model == "pcm" else "1pl")
    return NORMAL if metric == "normal" else 1.0


def _categories(cells: Cells, model: str) -> int:
    """By the numbered columns that are filled."""
    counts = [_filled(cells, letter) for letter in NUMBERED.get(model, "")]
    if not counts:
        return 2
    if len(set(counts)) > 1:
        raise cells.refused(f"c{counts[1] + 1}", AS_MANY, a=counts[0], c=counts[1])
    return counts[0] + 1


def _filled(cells: Cells, letter: str) -> int:
    filled = [name for name in cells.header.numbered[letter] if cells.text(name)]
    if not filled or filled[-1] != f"{letter}{len(filled)}":
        raise cells.refused(f"{letter}1", FILLED, letter=letter)
    return len(filled)


def _refuse_ignored(cells: Cells, model: str, layout: Layout) -> None:
    """No value of a parameter that the model does not have is passed over in silence."""
    for name in layout.others:
        if not cells.text(name):
            continue
        fixed = 0.0 if "_" in name else FIXED.get(name)
        if fixed is None:
            raise cells.refused(name, msgid("le modèle %(model)s n'a pas ce paramètre : videz cette case"), model=model)
        if cells.number(name) != fixed:
            cause = msgid("avec le modèle %(model)s, cette case est vide ou vaut %(fixed)s ; reçu : « %(got)s »")
            raise cells.refused(name, cause, model=model, fixed=f"{fixed:g}", got=cells.text(name))


def _judge(cells: Cells, model: str, value: dict[str, float]) -> None:
    if "a" in value and value["a"] < SMALLEST_SLOPE:
        raise cells.refused("a", POSITIVE, least=f"{SMALLEST_SLOPE:g}", got=cells.text("a"))
    if "c" in value and not EDGE <= value["c"] <= 1 - EDGE:
        raise cells.refused("c", LOWER, got=cells.text("c"))
    if "d" in value and not value["c"] + EDGE <= value["d"] <= 1 - EDGE:
        raise cells.refused("d", UPPER, c=cells.text("c"), got=cells.text("d"))
    if model == "grm":
        for (one, low), (other, high) in pairwise(list(value.items())[1:]):
            if not low < high:
                raise cells.refused(other, ORDERED, one=one, low=f"{low:g}", other=other, high=f"{high:g}")


def _sd(cells: Cells, column: str) -> float:
    value = cells.number_or_zero(column)
    if value < 0:
        raise cells.refused(column, msgid("un écart type ne peut pas être négatif"))
    return value
