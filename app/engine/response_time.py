"""Answers given too fast to have been thought about, against each item's own times."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.engine.grid import Floats
from app.engine.matching import Bools

Seconds = NDArray[np.floating[Any]]
SHARE: Final = 0.10
LONGEST: Final = 10.0
ENOUGH: Final = 0.90


@dataclass(frozen=True, slots=True, eq=False)
class ResponseTimes:
    """How much of a test was answered with effort.

    Attributes
    ----------
    threshold : shape (n,), seconds below which an answer is rapid; NaN for an item without times.
    rapid : shape (N, n), answers below it.
    effort : shape (N,), share of a person's timed answers that were not rapid (Wise & Kong 2005); NaN without times.
    hasty : shape (N,), effort below 0.90: the answers may say little about ability.
    """

    threshold: Floats
    rapid: Bools
    effort: Floats
    hasty: Bools


def response_times(seconds: Seconds, *, share: float = SHARE, longest: float = LONGEST) -> ResponseTimes:
    """Normative threshold: a tenth of the item's median time, at most ten seconds (Wise & Ma 2012).

    The median, and not the mean of the source, as long pauses would otherwise raise the threshold for everybody.

    Parameters
    ----------
    seconds : shape (N, n), NaN where not seen or not timed.

    Raises
    ------
    ValueError
        If a time is negative or infinite.
    """
    threshold = np.full(seconds.shape[1], np.nan)
    rapid = np.zeros(seconds.shape, dtype=np.bool_)
    count = np.zeros(len(seconds), dtype=np.intp)
    for item, column in enumerate(seconds.T):
        timed = ~np.isnan(column)
        count += timed
        if not timed.any():
            continue
        if not np.isfinite(column[timed]).all() or column[timed].min() < 0:
            raise ValueError("seconds must be finite and not negative, or NaN")
        threshold[item] = min(share * float(np.median(column[timed])), longest)
        rapid[:, item] = timed & (column < threshold[item])
    effort = np.where(count > 0, 1 - rapid.sum(axis=1) / np.maximum(count, 1), np.nan)
    return ResponseTimes(threshold, rapid, effort, effort < ENOUGH)
