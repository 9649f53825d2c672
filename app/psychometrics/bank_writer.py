"""BANK.csv written: what ``bank_file.read_bank`` reads back."""

import csv
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Final

import numpy as np

from app.engine.grid import Floats
from app.psychometrics.bank import BankFile, BankItem
from app.psychometrics.bank_columns import NORMAL, UNIT_SLOPE, Metric, slope_indices
from app.psychometrics.files import replacing

FIRST: Final = ("item", "domain", "model", "metric")


def write_bank(path: Path, bank: BankFile, *, metric: Metric = "logistic") -> None:
    """Write a bank, slopes in the metric asked for; the file appears whole or not at all.

    Rows of models whose slope is one per logit by definition (rasch, 1pl, pcm) are in the logistic metric whatever
    is asked, and say so.

    Raises
    ------
    BadFile
        If the place cannot be written.
    """
    rows = [dict(_cells(item, "logistic" if item.model in UNIT_SLOPE else metric)) for item in bank.items]
    names = sorted({name for row in rows for name in row} - {*FIRST}, key=_order)
    with replacing(path) as stream:
        writer = csv.DictWriter(stream, [*FIRST, *names], restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _cells(item: BankItem, metric: Metric) -> Iterator[tuple[str, str]]:
    yield from zip(FIRST, (item.id, item.domain, item.model, metric), strict=True)
    names = item.family.natural_parameters(item.categories)
    slopes = slope_indices(names)
    scale = np.array([1 / NORMAL if metric == "normal" and k in slopes else 1.0 for k in range(len(names))])
    yield from _figures(names, item.family.natural(item.mean) * scale)
    if item.covariance is None:
        return
    by_transformed = scale[:, None] * item.family.jacobian(item.mean)
    covariance = by_transformed @ item.covariance @ by_transformed.T
    yield from _figures([f"se_{name}" for name in names], np.sqrt(np.diagonal(covariance)))
    for (i, one), (j, other) in combinations(enumerate(names), 2):
        if covariance[i, j]:
            yield f"cov_{one}_{other}", repr(float(covariance[i, j]))


def _figures(names: Sequence[str], values: Floats) -> Iterator[tuple[str, str]]:
    """Every digit of each number."""
    return ((name, repr(float(value))) for name, value in zip(names, values, strict=True))


def _order(column: str) -> tuple[int, list[tuple[int, int, int]]]:
    """Parameters, then standard deviations, then covariances; a to d, then steps, then the nominal item's."""
    *kind, names = column.split("_", 1)
    return ([], ["se"], ["cov"]).index(kind), [_place(name) for name in names.split("_")]


def _place(name: str) -> tuple[int, int, int]:
    letter, number = name[0], int(name[1:] or 0)
    return (1, "bac".index(letter), number) if number else (0, "abcd".index(letter), 0)
