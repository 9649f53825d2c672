"""When a test has measured enough.

"One more answer lowers the standard error" is false in general, so nothing here assumes it: every rule looks at
the posterior as it is now.
"""

from enum import StrEnum

import numpy as np

from app.engine.content import Outlook
from app.engine.grid import Floats


class StopReason(StrEnum):
    """Why a test ended."""

    PRECISION = "precision"
    CLASSIFIED = "classified"
    MAX_ITEMS = "max_items"
    NO_ITEM = "no_item"
    TIME = "time"
    LEARNER = "learner"


def stop(
    *,
    sd: Floats,
    se_target: float,
    ahead: Outlook,
    given: int,
    max_items: int,
    certainty: Floats | None = None,
    certainty_target: float | None = None,
) -> StopReason | None:
    """Say whether, and why, the test ends now.

    Parameters
    ----------
    sd : shape (D,), posterior standard deviations, logits.
    se_target : every domain at or below this has been measured well enough, logits.
    ahead : what the content rules still need and allow.
    certainty : shape (D,), probability of the most probable side of the cut, or level, in each domain, for decisions.
    certainty_target : the test may end when every certainty reaches this.
    """
    if given >= max_items:
        return StopReason.MAX_ITEMS
    if not ahead.open.any():
        return StopReason.NO_ITEM
    if ahead.needed > 0:
        return None
    return measured(sd=sd, se_target=se_target, certainty=certainty, certainty_target=certainty_target)


def measured(
    *, sd: Floats, se_target: float, certainty: Floats | None = None, certainty_target: float | None = None
) -> StopReason | None:
    """Say whether, and why, every domain is known well enough; parameters as in ``stop``."""
    if np.all(sd <= se_target):
        return StopReason.PRECISION
    if certainty is not None and certainty_target is not None and np.all(certainty >= certainty_target):
        return StopReason.CLASSIFIED
    return None
