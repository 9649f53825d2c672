"""Answers given too fast to have been thought about, against each item's own times."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from app.engine.grid import Floats
from app.engine.matching import Bools

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


def response_times(seconds: Floats, *, share: float = SHARE, longest: float = LONGEST) -> ResponseTimes:
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
    timed = ~np.isnan(seconds)
    if not np.isfinite(seconds[timed]).all() or (seconds[timed] < 0).any():
        raise ValueError("seconds must be finite and not negative, or NaN")
    threshold = np.full(seconds.shape[1], np.nan)
    for item in np.flatnonzero(timed.any(axis=0)):
        threshold[item] = min(share * float(np.median(seconds[timed[:, item], item])), longest)
    rapid = timed & (np.nan_to_num(seconds) < threshold)
    count = timed.sum(axis=1)
    effort = np.where(count > 0, 1 - rapid.sum(axis=1) / np.maximum(count, 1), np.nan)
    return ResponseTimes(threshold, rapid, effort, effort < ENOUGH)
