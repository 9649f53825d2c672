"""How often each item of a campaign has been seen, and which items the next sitting may not use."""

import datetime as dt
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from sqlalchemy import Connection

from app.bank.once import Once
from app.bank.pool import Pool
from app.campaigns import store
from app.campaigns.feasibility import in_service, outlook_with
from app.campaigns.model import Campaign
from app.engine.content import Mask
from app.engine.exposure import draw_ineligible, eligibility, readmit
from app.engine.grid import Floats, Ints
from app.engine.plan import Plan
from app.sessions.flow import plan_for
from app.sessions.policy import Policy

COUNTED_EVERY: Final = 30
"""Seconds for which counts are used again: they change little, and a crowd that starts together counts once."""
KEPT: Final = 64


@dataclass(frozen=True, slots=True)
class ExposureCounts:
    """Sittings of one campaign on one bank version.

    Attributes
    ----------
    sittings : how many have started.
    given : item id → sittings that saw the item, on screen now or answered.
    set_aside : item id → sittings for which it was not eligible.
    """

    sittings: int
    given: Mapping[str, int]
    set_aside: Mapping[str, int]

    def eligible(self, item_id: str) -> int:
        """Sittings in which the item could have been given."""
        return self.sittings - self.set_aside.get(item_id, 0)

    def arrays(self, item_ids: Iterable[str]) -> tuple[Floats, Floats]:
        """Given and eligible, each of shape (n,), in the order of the ids."""
        ids = tuple(item_ids)
        given = np.array([self.given.get(item_id, 0) for item_id in ids], dtype=np.float64)
        return given, np.array([self.eligible(item_id) for item_id in ids], dtype=np.float64)


_COUNTS: Once[tuple[uuid.UUID, uuid.UUID, int], ExposureCounts] = Once(KEPT)


def exposure_counts(
    tx: Connection, campaign: Campaign, bank_version_id: uuid.UUID, *, clock: Callable[[], float] = time.monotonic
) -> ExposureCounts:
    """Return the counts, at most ``COUNTED_EVERY`` seconds old by this clock."""
    period = int(clock() // COUNTED_EVERY)
    key = (campaign.id, bank_version_id, period)
    return _COUNTS.get(key, lambda: count(tx, campaign.id, bank_version_id))


def count(tx: Connection, campaign_id: uuid.UUID, bank_version_id: uuid.UUID) -> ExposureCounts:
    """Count now."""
    return ExposureCounts(*store.exposure(tx, campaign_id=campaign_id, bank_version_id=bank_version_id))


def ineligible_for(
    tx: Connection, campaign: Campaign, pool: Pool, policy: Policy, *, rng: np.random.Generator, today: dt.date
) -> frozenset[str]:
    """Return the ids of the items a sitting that starts now may not use.

    Items out of service today, and those that the exposure draw sets aside. Where the rules could not be kept
    without all of these, as few of the draw's as can be come back, the least seen first: everybody gets a test; the
    dates always hold.
    """
    serving = in_service(pool, today)
    aside = np.flatnonzero(~serving)
    if policy.exposure_cap is not None:
        counts = _counts_for(tx, campaign)
        given, eligible = counts.arrays(item.id for item in pool.items)
        chance = eligibility(given=given, eligible=eligible, cap=policy.exposure_cap, sittings=counts.sittings)
        drawn = np.setdiff1d(draw_ineligible(chance, rng), aside)
        plan = plan_for(pool, policy)
        aside = np.append(aside, readmit(drawn, given, lambda items: _keepable(plan, serving, items)))
    return frozenset(pool.items[index].id for index in aside)


def _counts_for(tx: Connection, campaign: Campaign) -> ExposureCounts:
    """Simulated sittings follow one another within seconds: each is counted, so that the same seed gives the same."""
    if campaign.simulated:
        return count(tx, campaign.id, campaign.bank_version_id)
    return exposure_counts(tx, campaign, campaign.bank_version_id)


def _keepable(plan: Plan, serving: Mask, aside: Ints) -> bool:
    allowed = serving.copy()
    allowed[aside] = False
    return outlook_with(plan, allowed).broken is None
