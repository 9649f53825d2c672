"""The form of options, apart from what they say: words, length, commas, likeness. As numbers, one row an option."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from framework.model import Locale
from itembank.quality.sets import OptionSet

SHAPES = ("#length", "#longest", "#shortest", "#commas", "#likeness")
"""What is seen of an option beside its words; a word never begins so."""
FEWEST_HOLDING = 6
"""Questions in whose options a word has to stand to be a form that returns, and not one question's subject."""
_ALIKE = 1e-9
_WORD = re.compile(r"\w+")

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Forms:
    """``rows``: one an option, question after question; a column a name of ``names``, words first, then ``SHAPES``.

    ``starts``: shape (N,), the first row of each question. ``keys``: shape (N,), the row of each key. ``of``: shape
    (rows,), the question of each row.
    """

    rows: "csr_array[np.float64]"
    names: tuple[str, ...]
    starts: NDArray[np.intp]
    keys: NDArray[np.intp]
    of: NDArray[np.intp]


def forms(sets: Sequence[OptionSet], locale: Locale) -> Forms:
    """Describe the options of single choices by their form: 1 for each word held, then each of ``SHAPES``."""
    texts = [[option.text.get(locale) for option in each.options] for each in sets]
    held = [[frozenset(_WORD.findall(text.casefold())) for text in options] for options in texts]
    common = Counter(word for options in held for word in frozenset[str]().union(*options))
    names = (*sorted(word for word, count in common.items() if count >= FEWEST_HOLDING), *SHAPES)
    sizes = np.array([len(options) for options in texts], dtype=np.intp)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.intp)
    places = [next(place for place, option in enumerate(each.options) if option.correct) for each in sets]
    return Forms(
        rows=_rows(texts, held, names),
        names=names,
        starts=starts,
        keys=starts + np.array(places, dtype=np.intp),
        of=np.repeat(np.arange(len(texts)), sizes),
    )


def _rows(
    texts: Sequence[Sequence[str]], held: Sequence[Sequence[frozenset[str]]], names: Sequence[str]
) -> "csr_array[np.float64]":
    columns = {name: column for column, name in enumerate(names)}
    filled: list[dict[int, float]] = []
    for options, words in zip(texts, held, strict=True):
        for shape, own in zip(_shapes(options, words), words, strict=True):
            seen = {columns[name]: value for name, value in zip(SHAPES, shape, strict=True) if value}
            filled.append({columns[word]: 1.0 for word in own if word in columns} | seen)
    row = [number for number, cells in enumerate(filled) for _ in cells]
    column = [place for cells in filled for place in cells]
    values = [value for cells in filled for value in cells.values()]
    return csr_array((values, (row, column)), shape=(len(filled), len(names)))


def _shapes(texts: Sequence[str], words: Sequence[frozenset[str]]) -> list[tuple[float, ...]]:
    """Each option beside the others of its question; likeness is the mean share of words in common (Jaccard 1901).

    Length and likeness are standardised within the question, so that both weigh as much as a word does.
    """
    lengths = np.array([len(text) for text in texts], dtype=np.float64)
    alike = [
        float(np.mean([_shared(own, each) for place, each in enumerate(words) if place != here] or [0.0]))
        for here, own in enumerate(words)
    ]
    commas = [float(text.count(",")) for text in texts]
    columns = (_standard(lengths), lengths == lengths.max(), lengths == lengths.min(), commas, _standard(alike))
    return [tuple(map(float, row)) for row in zip(*columns, strict=True)]


def _standard(values: Sequence[float] | Floats) -> Floats:
    """Less the mean, in standard deviations; zeros where there is no difference to speak of."""
    apart = np.asarray(values, dtype=np.float64) - np.mean(values)
    spread = float(apart.std())
    return apart / spread if spread > _ALIKE else np.zeros_like(apart)


def _shared(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(1, len(one | other))
