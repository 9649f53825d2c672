"""The report of a simulation: what a test measures, how surely, and what it does to its bank.

Shares come with their Monte-Carlo standard errors, from the spread between students.
"""

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from app.engine.grid import Floats, Ints
from app.engine.simulation_desk import REASONS
from app.engine.simulation_tally import Tally


@dataclass(frozen=True, slots=True)
class Length:
    """Number of items: mean, and the length that 95 % of the tests do not exceed."""

    mean: float
    p95: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What is reported of some students; None where it cannot be said of so few.

    Attributes
    ----------
    n : sittings.
    bias, rmse : mean and root mean square of estimate minus truth, logits. mean_se : mean posterior SD.
    coverage : share of the 95 % intervals that contain the truth.
    level_accuracy : share of the abilities whose most probable level is the true one.
    max_exposure : largest share of sittings that saw one item.
    exposure : the same at the 0, 25, 50, 75, 95 and 100 % points of the items, rising.
    unused_share : share of the items that nobody saw.
    overlap : expected share of common items of two students' tests (Chen, Ankenmann & Spray 2003).
    violations : sittings that broke a rule.
    stops : sittings by reason of their end.
    standard_errors : Monte-Carlo standard errors of bias, rmse, coverage, level_accuracy and max_exposure.
    """

    n: int
    length: Length
    bias: float
    rmse: float
    mean_se: float
    coverage: float
    level_accuracy: float
    max_exposure: float
    exposure: tuple[float, ...]
    unused_share: float
    overlap: float | None
    violations: int
    stops: dict[str, int]
    standard_errors: dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Report:
    """The report: overall, and by the true level of the students' mean ability (levels nobody has are left out).

    Attributes
    ----------
    referred : decisions that the one-by-one code took, because rounding left them uncertain or the plan needs it.
    counted : the sums behind the figures, for drawings; no part of what is written or compared.
    """

    overall: Figures
    by_level: dict[int, Figures]
    referred: int
    seconds: float
    counted: Tally = field(repr=False, compare=False)

    def content(self) -> dict[str, Any]:
        """The report as JSON: the overall figures at the top, levels under ``by_level``."""
        levels = {str(level): asdict(figures) for level, figures in self.by_level.items()}
        return {**asdict(self.overall), "by_level": levels, "referred": self.referred, "seconds": self.seconds}


def report(counted: Tally, *, seconds: float) -> Report:
    """Turn sums into figures.

    Raises
    ------
    ValueError
        If nobody sat.
    """
    people = counted.lengths.sum(axis=1)
    if not people.sum():
        raise ValueError("at least one sitting is needed for a report")
    levels = {int(level) + 1: figures(counted, slice(level, level + 1)) for level in np.flatnonzero(people)}
    return Report(figures(counted, slice(None)), levels, int(counted.referred.sum()), seconds, counted)


def figures(counted: Tally, levels: slice) -> Figures:
    """The figures of the students of these levels."""
    lengths, given = counted.lengths[levels].sum(axis=0), counted.given[levels].sum(axis=0)
    people = int(lengths.sum())
    bias, bias_error = _mean(counted.error[levels], counted.error_square[levels], people)
    square, square_error = _mean(counted.square[levels], counted.square_square[levels], people)
    cover, cover_error = _mean(counted.cover[levels], counted.cover_square[levels], people)
    right, right_error = _mean(counted.right[levels], counted.right_square[levels], people)
    most = float(given.max()) / people
    return Figures(
        n=people,
        length=_length(lengths),
        bias=bias,
        rmse=float(np.sqrt(square)),
        mean_se=float(counted.se[levels].sum()) / people,
        coverage=cover,
        level_accuracy=right,
        max_exposure=most,
        exposure=tuple(np.quantile(given / people, [0, 0.25, 0.5, 0.75, 0.95, 1]).tolist()),
        unused_share=float((given == 0).mean()),
        overlap=_overlap(given, lengths),
        violations=int(counted.violations[levels].sum()),
        stops={str(reason): int(n) for reason, n in zip(REASONS, counted.stops[levels].sum(axis=0), strict=True) if n},
        standard_errors={
            "bias": bias_error,
            "rmse": None if square_error is None else square_error / (2 * float(np.sqrt(square))),
            "coverage": cover_error,
            "level_accuracy": right_error,
            "max_exposure": float(np.sqrt(most * (1 - most) / people)),
        },
    )


def _mean(total: Floats, squares: Floats, people: int) -> tuple[float, float | None]:
    """Mean over students, and its standard error."""
    mean = float(total.sum()) / people
    if people < 2:  # noqa: PLR2004
        return mean, None
    variance = max(float(squares.sum()) / people - mean**2, 0.0) * people / (people - 1)
    return mean, float(np.sqrt(variance / people))


def _length(lengths: Ints) -> Length:
    reached = np.cumsum(lengths) >= 0.95 * lengths.sum()
    mean = lengths @ np.arange(lengths.size) / lengths.sum()
    return Length(float(mean), int(np.argmax(reached)))


def _overlap(given: Ints, lengths: Ints) -> float | None:
    """Common items of two different students, over the mean length; None where there are no two, or no item."""
    people, total = int(lengths.sum()), int(given.sum())
    if people < 2 or not total:  # noqa: PLR2004
        return None
    counts = given.astype(np.float64)
    return float((counts * (counts - 1)).sum() / (people - 1) / total)
