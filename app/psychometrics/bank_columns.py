"""The columns of BANK.csv, and which of them each model reads."""

import re
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final, Literal

from app.engine.families import FAMILIES

Metric = Literal["logistic", "normal"]
"""What an exponent is: ``a (theta - b)``, or ``1.7 a (theta - b)`` as in programs that follow the normal ogive."""
NORMAL: Final = 1.7
FIXED: Final = {"a": 1.0, "c": 0.0, "d": 1.0}
"""Values of the parameters that a model leaves out; any other value in such a column would be ignored in silence."""
NUMBERED: Final = {"pcm": "b", "gpcm": "b", "grm": "b", "nrm": "ac"}
"""Letters of the numbered columns whose number says how many categories an item has."""
UNIT_SLOPE: Final = {"rasch", "1pl", "pcm"}
"""Models whose slope is one per logit by definition."""
NAME: Final = r"[a-d][0-9]*"
PARAMETER: Final = re.compile(rf"(?:se_)?{NAME}|cov_{NAME}_{NAME}")


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of one model with one number of categories, in one file.

    Attributes
    ----------
    names : the natural parameters, in the family's order, and their columns.
    sd : columns of their standard deviations.
    covariances : indices and column of the pairs of parameters that have one.
    others : columns of parameters that this model does not have.
    slopes : indices of the parameters that are in the metric.
    """

    names: tuple[str, ...]
    sd: tuple[str, ...]
    covariances: tuple[tuple[int, int, str], ...]
    others: tuple[str, ...]
    slopes: frozenset[int]


@dataclass(frozen=True, slots=True)
class Header:
    """The columns of one file.

    Attributes
    ----------
    position : place of each column by its name.
    numbered : by letter, the columns such as b1, b2, … in order of their number.
    """

    position: dict[str, int]
    numbered: dict[str, list[str]]
    layouts: dict[tuple[str, int], Layout] = field(default_factory=dict)

    @classmethod
    def of(cls, names: list[str]) -> "Header":
        numbered = {
            letter: sorted(
                (name for name in names if re.fullmatch(rf"{letter}[1-9][0-9]*", name)), key=lambda name: int(name[1:])
            )
            for letter in "abc"
        }
        return cls({name: index for index, name in enumerate(names)}, numbered)

    def layout(self, model: str, categories: int) -> Layout:
        """The layout of a model's rows, worked out once."""
        key = (model, categories)
        if key not in self.layouts:
            self.layouts[key] = self._layout(FAMILIES[model].natural_parameters(categories))
        return self.layouts[key]

    def _layout(self, names: tuple[str, ...]) -> Layout:
        sd = tuple(f"se_{name}" for name in names)
        pairs = tuple(
            (i, j, column)
            for (i, one), (j, other) in combinations(enumerate(names), 2)
            for column in (f"cov_{one}_{other}", f"cov_{other}_{one}")
            if column in self.position
        )
        own = {*names, *sd, *(column for _, _, column in pairs)}
        others = tuple(name for name in self.position if PARAMETER.fullmatch(name) and name not in own)
        return Layout(names, sd, pairs, others, slope_indices(names))


def slope_indices(names: tuple[str, ...]) -> frozenset[int]:
    """Which natural parameters are slopes: a, or those of a nominal item's categories."""
    return frozenset(index for index, name in enumerate(names) if name.startswith("a"))
