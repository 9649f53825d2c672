"""S-X2: answers to an item by summed score, beside what the model says they are.

Observed and expected score categories of an item are compared within groups of equal summed score (Orlando & Thissen
2000, Applied Psychological Measurement 24; items of several points: Kang & Chen 2008, Journal of Educational
Measurement 45). Persons are compared within the set of items they saw, as sums over different sets mean nothing
together; in an adaptive test, where hardly two persons see the same set, use the fit by posterior instead.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from app.engine.batch import MISSING, Scores
from app.engine.grid import Floats, Ints, normal_weights
from app.engine.matching import Bools
from app.engine.summed_scores import score_distribution
from app.engine.tables import ItemTables


@dataclass(frozen=True, slots=True, eq=False)
class SummedScoreFit:
    """Per item, shapes (n,); NaN where too little is left to test.

    Attributes
    ----------
    chi_square, df, p : S-X2, its degrees of freedom (cells less groups less estimated parameters), its p value.
    rmsea : ``sqrt(max(chi_square / df - 1, 0) / (persons - 1))``.
    persons : persons in the comparison.
    """

    chi_square: Floats
    df: Ints
    p: Floats
    rmsea: Floats
    persons: Ints


def summed_score_fit(
    tables: ItemTables, scores: Scores, estimated: Sequence[int], *, least: float = 1.0, fewest: int = 30
) -> SummedScoreFit:
    """S-X2 of every item, theta ~ N(0, 1).

    Sums at which a category cannot occur are joined to the nearest sum at which all can, and sums of one person to
    the next. Then cells are joined until each expects ``least`` persons: within a group the smallest category with its
    smaller neighbour, down to two; then the group with the smaller of its neighbours.

    Parameters
    ----------
    scores : shape (N, n), ``MISSING`` where not seen.
    estimated : per item, how many parameters were estimated from these very answers; 0 for parameters from elsewhere.
    fewest : sets of items seen by fewer persons are left out.

    Raises
    ------
    ValueError
        If there is not one count of parameters per item.
    """
    if len(estimated) != tables.size:
        raise ValueError(f"estimated must have one entry per item, {tables.size}, got {len(estimated)}")
    cells: list[list[tuple[Floats, Floats]]] = [[] for _ in range(tables.size)]
    persons = np.zeros(tables.size, dtype=np.intp)
    for seen, group in _forms(scores, fewest):
        for domain in np.unique(tables.domain[seen]):
            items = seen[tables.domain[seen] == domain]
            persons[items] += len(group)
            for item, table in _tables_of_form(tables, items, group[:, items]):
                cells[item] += collapsed(*table, least=least)
    return _summary(cells, np.asarray(estimated, dtype=np.intp), persons)


def _forms(scores: Scores, fewest: int) -> Iterator[tuple[Ints, Ints]]:
    """Sets of items seen together, with the answers of those who saw just these."""
    seen = scores != MISSING
    patterns, form, size = np.unique(np.packbits(seen, axis=1), axis=0, return_inverse=True, return_counts=True)
    for number in np.flatnonzero(size >= fewest):
        who = form == number
        bits = np.unpackbits(patterns[number], count=scores.shape[1])
        yield np.flatnonzero(bits), scores[who]


def _tables_of_form(tables: ItemTables, items: Ints, scores: Scores) -> Iterator[tuple[int, tuple[Floats, Floats]]]:
    """Observed and expected persons, shapes (K, C), of each item by summed score, lowest and highest sum left out."""
    p = [np.exp(tables.log_p[tables.first_row[i] : tables.first_row[i + 1]]) for i in items]
    total = scores.sum(axis=1)
    weights = normal_weights(tables.grid.theta)
    for place, item in enumerate(items):
        rest = score_distribution([block for other, block in enumerate(p) if other != place]) * weights
        joint = np.zeros((len(rest) + len(p[place]) - 1, len(p[place])))
        for category, block in enumerate(p[place]):
            joint[category : category + len(rest), category] = rest @ block
        seen = np.bincount(total * len(p[place]) + scores[:, place], minlength=joint.size).reshape(joint.shape)
        share = joint / joint.sum(axis=1, keepdims=True)
        yield int(item), (seen[1:-1].astype(np.float64), (share * seen.sum(axis=1, keepdims=True))[1:-1])


def collapsed(observed: Floats, expected: Floats, *, least: float) -> list[tuple[Floats, Floats]]:
    """Rows (observed, expected) of a table whose cells were joined until each expects ``least`` persons."""
    starts = _complete(expected.min(axis=1) > 0)
    sums = zip(np.add.reduceat(observed, starts), np.add.reduceat(expected, starts), strict=True)
    kept = [(o, e) for o, e in sums if o.sum() > 0]
    rows = [_joined(o, e, least) for o, e in _without_singles(kept)]
    while len(rows) > 1 and (small := [k for k, (_, e) in enumerate(rows) if e.min() < least]):
        worst = small[0]
        neighbours = [k for k in (worst - 1, worst + 1) if 0 <= k < len(rows)]
        into = min(neighbours, key=lambda k: float(rows[k][0].sum()))
        rows[into] = _added(rows[into], rows[worst])
        del rows[worst]
    return rows


def _complete(possible: Bools) -> Ints:
    """First rows of the groups when rows at the ends that miss a category join the nearest row that has all."""
    rows = np.arange(possible.size)
    full = rows[possible]
    return np.unique(np.clip(rows, full[0], full[-1]), return_index=True)[1] if full.size else rows


def _without_singles(rows: list[tuple[Floats, Floats]]) -> list[tuple[Floats, Floats]]:
    """Groups of one person added to the next group (the last one to the one before)."""
    out: list[tuple[Floats, Floats]] = []
    for row in rows:
        single = out and out[-1][0].sum() <= 1
        out.append(_added(out.pop(), row) if single else row)
    if len(out) > 1 and out[-1][0].sum() <= 1:
        out.append(_added(out.pop(), out.pop()))
    return out


def _joined(observed: Floats, expected: Floats, least: float) -> tuple[Floats, Floats]:
    """One group's categories, the smallest joined to its smaller neighbour until all are large or two are left."""
    while len(expected) > 2 and expected.min() < least:  # noqa: PLR2004
        k = len(expected) - 1 - int(expected[::-1].argmin())
        left = k > 0 and (k == len(expected) - 1 or expected[k - 1] <= expected[k + 1])
        start = k - 1 if left else k
        observed = np.add.reduceat(observed, [*range(start + 1), *range(start + 2, len(observed))])
        expected = np.add.reduceat(expected, [*range(start + 1), *range(start + 2, len(expected))])
    return observed, expected


def _added(one: tuple[Floats, Floats], other: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """Two groups in one; categories counted from the lowest, those of the longer group beyond the shorter kept."""
    size = max(len(one[0]), len(other[0]))
    first, second = (tuple(np.pad(x, (0, size - len(x))) for x in row) for row in (one, other))
    return first[0] + second[0], first[1] + second[1]


def _summary(cells: list[list[tuple[Floats, Floats]]], estimated: Ints, persons: Ints) -> SummedScoreFit:
    df = np.array([sum(len(e) - 1 for _, e in rows) for rows in cells], dtype=np.intp) - estimated
    raw = np.array([sum(float(((o - e) ** 2 / e).sum()) for o, e in rows) for rows in cells])
    chi_square = np.where(df > 0, raw, np.nan)
    df = np.maximum(df, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        rmsea = np.sqrt(np.maximum(chi_square / df - 1, 0) / (persons - 1))
    return SummedScoreFit(chi_square, df, chi2.sf(chi_square, df), rmsea, persons)
