"""Differential functioning of the items of a file of responses between groups of persons.

REPORT.json: ``method``, ``matching`` (``score``, ``ability`` or ``anchors``), ``adjust``, ``purified``, ``groups``
(persons by name), ``without_group``, ``seconds`` and ``comparisons``, one for each group but the reference:
``reference``, ``focal``, purified also ``rounds`` and ``settled``, and ``items``. An item has ``item``, ``anchor`` (it
makes the matching), ``chi_square``, ``p``, ``p_adjusted``, ``class``, ``flagged``, and the fields of its method:

- mh: ``alpha``, ``delta``, ``delta_se``, ``mean_difference``, ``effect``, ``strata``, ``reference_persons``,
  ``focal_persons``; ``chi_square`` and ``p`` with Yates's correction, ``chi_square_uncorrected``, ``p_uncorrected``;
- std: ``p_dif``, ``se`` (and no ``chi_square``);
- logistic: ``r2`` and the parts of the test, ``uniform`` and ``non_uniform`` with ``p_`` and ``r2_``; ``log_odds``,
  ``log_odds_se``, ``persons``, ``zumbo_thomas``;
- lr: ``df``, ``signed``, ``unsigned``, ``difference`` and ``difference_se`` by transformed parameter.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

import numpy as np
from scipy.stats import norm

from app.engine.batch import Scores
from app.engine.dif import MantelHaenszel, mantel_haenszel, standardised
from app.engine.dif_likelihood import GroupParameters, likelihood_ratio_dif
from app.engine.dif_logistic import logistic_dif
from app.engine.estimators import MISSING, estimate
from app.engine.grid import Floats, Ints, make_grid
from app.engine.matching import UNMATCHED, Bools, ability_steps, ability_strata, purified, score_strata
from app.engine.multiplicity import Adjustment, adjusted
from app.engine.tables import ItemTables
from app.errors import msgid
from app.psychometrics.answers_file import AnswersFile
from app.psychometrics.bank import BankFile, BankItem
from app.psychometrics.keyed_file import NO_GROUP
from app.psychometrics.model import BadFile
from app.psychometrics.report_file import Report, plain
from app.psychometrics.shown import Stage

Method = Literal["mh", "logistic", "std", "lr"]
METHODS: Final[tuple[str, ...]] = get_args(Method)
FEWEST: Final = 20
"""Persons that each group needs in the comparison of an item; fewer in every item: the file is refused."""
CELLS: Final = 4_000_000
"""Strata that are in memory at once: persons times items."""
LEVEL: Final = 0.05
"""An item is flagged in class B or C with an adjusted p below this."""


@dataclass(frozen=True, slots=True)
class Options:
    """How items are compared."""

    method: Method
    reference: str | None
    adjust: Adjustment
    purify: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    """Answers of two groups, and how they are matched: by summed score without tables, by ability with them."""

    scores: Scores
    focal: Bools
    items: Sequence[BankItem]
    tables: ItemTables | None
    by_ability: bool


def dif_file(
    answers: AnswersFile,
    items: Sequence[BankItem],
    groups: Sequence[str],
    groups_file: Path,
    options: Options,
    *,
    stage: Stage,
) -> Report:
    """Everything ``toise dif`` reports: the reference group compared with each other group in turn.

    Parameters
    ----------
    items : the bank's items in the order of the answers; none without a bank.
    groups : each person's group, "" for persons left out.

    Raises
    ------
    BadFile
        If there are fewer than two groups, the reference is none of them, or too few persons can be compared.
    """
    counts = {name: count for name, count in Counter(groups).items() if name != NO_GROUP}
    reference = _reference(groups_file, counts, options.reference)
    tables = _tables(items) if items else None
    number = {name: place for place, name in enumerate([NO_GROUP, *counts])}
    label = np.fromiter((number[name] for name in groups), dtype=np.int32, count=len(groups))
    by_ability = tables is not None and bool((answers.scores[label > 0] == MISSING).any())
    comparisons = []
    for focal in counts:
        if focal == reference:
            continue
        stage(focal)
        who = (label == number[reference]) | (label == number[focal])
        scores = answers.scores if who.all() else answers.scores[who]
        case = _Case(scores, label[who] == number[focal], items, tables, by_ability)
        comparisons.append({"reference": reference, "focal": focal} | _compared(case, answers, options))
    report: Report = plain(
        {
            "method": options.method,
            "matching": "anchors" if options.method == "lr" else "ability" if by_ability else "score",
            "adjust": options.adjust,
            "purified": options.purify,
            "groups": counts,
            "without_group": sum(name == NO_GROUP for name in groups),
            "comparisons": comparisons,
        }
    )
    return report


def _tables(items: Sequence[BankItem]) -> ItemTables:
    return BankFile(tuple(items)).tables(make_grid())


def _reference(path: Path, counts: dict[str, int], wanted: str | None) -> str:
    """The group named, or the largest."""
    if len(counts) < 2:  # noqa: PLR2004
        cause = msgid("il faut deux groupes au moins ; reçu : %(got)s")
        raise BadFile(path.name, cause, column="group", got=", ".join(counts) or "—")
    if wanted is not None and wanted not in counts:
        cause = msgid("aucune personne du groupe « %(wanted)s » ; groupes présents : %(known)s")
        raise BadFile(path.name, cause, column="group", wanted=wanted, known=", ".join(counts))
    small = {name: count for name, count in counts.items() if count < FEWEST}
    if small:
        name, count = next(iter(small.items()))
        cause = msgid("le groupe « %(name)s » a %(count)s personnes ; il en faut %(fewest)s pour comparer")
        raise BadFile(path.name, cause, column="group", name=name, count=count, fewest=FEWEST)
    return wanted if wanted is not None else max(counts, key=lambda name: counts[name])


def _compared(case: _Case, answers: AnswersFile, options: Options) -> Report:
    size = case.scores.shape[1]
    anchors, facts = np.ones(size, dtype=np.bool_), {}
    if options.purify:
        found = purified(lambda kept: _large(_compare(case, kept, options.method)), size)
        anchors, facts = found.anchors, {"rounds": found.rounds, "settled": found.settled}
    rows = _compare(case, anchors, options.method)
    if all(row["class"] == "?" for row in rows):
        cause = msgid(
            "aucune question n'a assez de personnes comparables dans les deux groupes ;"
            " s'il manque des réponses, donnez --bank pour apparier par la capacité"
        )
        raise BadFile(answers.file, cause)
    p = adjusted(np.array([row["p"] for row in rows], dtype=np.float64), method=options.adjust)
    told = [
        {"item": name, "anchor": bool(kept)} | row | {"p_adjusted": value, "flagged": large and value < LEVEL}
        for name, kept, row, value, large in zip(answers.items, anchors, rows, p, _large(rows).tolist(), strict=True)
    ]
    return facts | {"items": told}


def _large(rows: Sequence[Report]) -> Bools:
    return np.array([row["class"] in {"B", "C"} for row in rows])


def _compare(case: _Case, anchors: Bools, method: Method) -> list[Report]:
    """One record an item; so many items at a time as their strata may take memory."""
    if method == "lr":
        return _likelihood(case, anchors)
    compared = {"mh": _mantel, "std": _standardised, "logistic": _logistic}[method]
    theta = None
    if case.by_ability and case.tables is not None:
        theta = estimate(case.tables, np.where(anchors, case.scores, MISSING)).theta
    persons, size = case.scores.shape
    step = max(1, CELLS // persons)
    rows: list[Report] = []
    for first in range(0, size, step):
        items = slice(first, first + step)
        if theta is None or case.tables is None:
            strata = score_strata(case.scores, anchors, items=items)
        else:
            banded = ability_steps if method == "logistic" else ability_strata
            strata = banded(theta[:, case.tables.domain[items]], case.scores[:, items] != MISSING)
        rows += compared(case.scores[:, items], case.focal, _with_enough(strata, case.focal))
    return rows


def _with_enough(strata: Ints, focal: Bools) -> Ints:
    """Items that too few persons of a group saw are not compared."""
    sizes = [((strata != UNMATCHED) & (focal == side)[:, None]).sum(axis=0) for side in (False, True)]
    return np.where(np.minimum(*sizes) < FEWEST, UNMATCHED, strata)


def _mantel(scores: Scores, focal: Bools, strata: Ints) -> list[Report]:
    found: MantelHaenszel = mantel_haenszel(scores, focal, strata)
    two = np.isfinite(found.p_corrected)
    return _rows(
        {
            "chi_square": np.where(two, found.chi_square_corrected, found.chi_square),
            "p": np.where(two, found.p_corrected, found.p),
            "chi_square_uncorrected": found.chi_square,
            "p_uncorrected": found.p,
            "alpha": found.alpha,
            "delta": found.delta,
            "delta_se": found.delta_se,
            "mean_difference": found.mean_difference,
            "effect": found.effect,
            "strata": found.strata,
            "reference_persons": found.reference,
            "focal_persons": found.focal,
            "class": found.classes,
        }
    )


def _standardised(scores: Scores, focal: Bools, strata: Ints) -> list[Report]:
    found = standardised(scores, focal, strata)
    with np.errstate(invalid="ignore", divide="ignore"):
        p = 2 * norm.sf(np.abs(found.p_dif / found.se))
    return _rows({"p_dif": found.p_dif, "se": found.se, "p": p, "class": found.classes})


def _logistic(scores: Scores, focal: Bools, strata: Ints) -> list[Report]:
    found = logistic_dif(scores, focal, strata)
    names = ("uniform", "p_uniform", "r2_uniform", "non_uniform", "p_non_uniform", "r2_non_uniform")
    return _rows(
        {"chi_square": found.both, "p": found.p_both, "r2": found.r2_both}
        | {name: getattr(found, name) for name in names}
        | {
            "log_odds": found.log_odds,
            "log_odds_se": found.log_odds_se,
            "persons": found.persons,
            "class": found.jodoin_gierl,
            "zumbo_thomas": found.zumbo_thomas,
        }
    )


def _likelihood(case: _Case, anchors: Bools) -> list[Report]:
    models, means = [item.model for item in case.items], [item.mean for item in case.items]
    found = likelihood_ratio_dif(_tables(case.items), case.scores, case.focal, models, means, anchors=anchors)
    return [_under_groups(item, one) for item, one in zip(case.items, found, strict=True)]


def _under_groups(item: BankItem, found: GroupParameters) -> Report:
    names = item.family.parameters(item.categories)
    return {
        "chi_square": found.test.statistic if found.test else np.nan,
        "df": found.test.df if found.test else 0,
        "p": found.test.p if found.test else np.nan,
        "signed": found.signed,
        "unsigned": found.unsigned,
        "difference": dict(zip(names, found.difference, strict=True)),
        "difference_se": dict(zip(names, found.difference_se, strict=True)),
        "class": found.letter,
    }


def _rows(columns: dict[str, Sequence[object] | Floats | Ints]) -> list[Report]:
    """One record an item."""
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
