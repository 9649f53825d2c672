"""A campaign before it opens: simulated students of every level under its rules, with its bank version."""

import datetime as dt

import numpy as np

from app.bank.pool import Pool
from app.bank.provisional import judged, measured
from app.campaigns.feasibility import in_service, refuse_unkeepable
from app.engine.grid import Floats
from app.engine.simulation import Study
from app.engine.simulation_truth import BankBelief, ItemBelief, abilities_at_level, bank_belief
from app.sessions.flow import plan_for
from app.sessions.policy import Policy
from framework.model import Framework
from itembank.model import Item


def preflight_study(pool: Pool, policy: Policy, *, today: dt.date) -> Study:
    """What to simulate: as many students of each level, with the questions in service on this day.

    Raises
    ------
    UnknownNode, UnknownLevel, MissingLoading, InfeasibleBlueprint, ExposureCapTooLow
        As when a campaign is created: rules that cannot be kept need no simulation.
    """
    refuse_unkeepable(pool, policy, opens=today, closes=None)
    serving = in_service(pool, today)
    return Study(
        plan_for(pool, policy),
        belief_about(pool),
        np.array(pool.framework.cuts),
        serving=None if serving.all() else serving,
        exposure_cap=policy.exposure_cap,
        abilities=_EveryLevel(np.array(pool.framework.cuts), len(pool.framework.domains)),
    )


def belief_about(pool: Pool) -> BankBelief:
    """What is known of the pool's items, from which simulations draw how they truly are."""
    return bank_belief([_belief(item, pool.framework) for item in pool.items])


def _belief(item: Item, framework: Framework) -> ItemBelief:
    return ItemBelief(*(judged(item, framework) if item.parameters is None else measured(item)))


class _EveryLevel:
    """Students of the levels in turn: level 1, 2, …, and again."""

    def __init__(self, cuts: Floats, domains: int) -> None:
        self._cuts, self._domains = cuts, domains

    def __call__(self, first: int, size: int, rng: np.random.Generator) -> Floats:
        count = self._cuts.size + 1
        level = (first + np.arange(size)) % count + 1
        drawn = np.empty((size, self._domains))
        for one in range(1, count + 1):
            mine = level == one
            drawn[mine] = abilities_at_level(self._cuts, one, domains=self._domains, size=int(mine.sum()), rng=rng)
        return drawn
