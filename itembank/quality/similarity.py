"""Questions that may make the same point: how alike their words are."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from framework.model import Locale
from itembank.model import Item

SIMILAR, SAME = 0.45, 0.7
"""Cosines from which two questions are worth reading side by side, and from which they are taken for one."""
_SHORTEST, _LONGEST = 3, 5
_NOT_WORDS = re.compile(r"[^\w]+")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two questions and the cosine of their words, 0 to 1."""

    one: Item
    other: Item
    cosine: float

    @property
    def declared(self) -> bool:
        """Whether they are never asked together."""
        return self.other.id in self.one.enemies or self.one.id in self.other.enemies


def similar(items: Sequence[Item], locale: Locale, *, least: float = SIMILAR) -> tuple[Pair, ...]:
    """Return the pairs at least this alike in stem, key and fact, the most alike first.

    Cosine of tf-idf weights of character 3- to 5-grams within words (Manning, Raghavan & Schütze 2008, Introduction
    to Information Retrieval, ch. 6): plurals and word families count, and no dictionary is needed.
    """
    weights = _weights([_grams(" ".join(_said(item, locale))) for item in items])
    cosines = (weights @ weights.T).tocoo()
    cells = zip(cosines.row.tolist(), cosines.col.tolist(), cosines.data.tolist(), strict=True)
    pairs = (Pair(items[i], items[j], min(value, 1.0)) for i, j, value in cells if i < j and value >= least)
    return tuple(sorted(pairs, key=lambda pair: (-pair.cosine, pair.one.id, pair.other.id)))


def _said(item: Item, locale: Locale) -> Iterator[str]:
    """The point of a question: what is asked, what is right, the fact behind."""
    yield item.stem.get(locale)
    yield from (option.text.get(locale) for option in item.options if option.correct)
    yield from (word for word in item.answers.get(locale, ())[:1])
    yield from (element.text.get(locale) for element in item.elements)
    yield from (prompt.text.get(locale) for prompt in item.prompts)
    yield from () if item.text is None else (item.text.get(locale),)
    if locale == "fr":  # facts are written in French
        yield item.fact.statement


def _grams(text: str) -> Counter[str]:
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if unicodedata.category(c) != "Mn")
    words = [f" {word} " for word in _NOT_WORDS.split(bare) if word]
    sizes = range(_SHORTEST, _LONGEST + 1)
    return Counter(word[i : i + n] for word in words for n in sizes for i in range(len(word) - n + 1))


def _weights(documents: Sequence[Counter[str]]) -> "csr_array[np.float64]":
    """Rows of unit length: (1 + log tf) × log(1 + N / df)."""
    names = {gram: column for column, gram in enumerate(sorted({gram for each in documents for gram in each}))}
    frequency = Counter(gram for each in documents for gram in each)
    rows, columns, values = [], [], []
    for row, each in enumerate(documents):
        weight = {g: (1 + np.log(n)) * np.log(1 + len(documents) / frequency[g]) for g, n in each.items()}
        length = np.sqrt(sum(value * value for value in weight.values())) or 1.0
        rows += [row] * len(weight)
        columns += [names[gram] for gram in weight]
        values += [value / length for value in weight.values()]
    return csr_array((values, (rows, columns)), shape=(len(documents), max(len(names), 1)))
