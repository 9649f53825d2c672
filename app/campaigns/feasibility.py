"""Whether a campaign's rules can be kept with its bank, said by name before anybody starts."""

import datetime as dt
from collections.abc import Iterator
from typing import Final

import numpy as np

from app.bank.pool import Pool
from app.campaigns.model import ExposureCapTooLow, InfeasibleBlueprint, MissingLoading, UnknownLevel, UnknownNode
from app.engine.content import Blueprint, Mask, Outlook
from app.engine.plan import Plan
from app.engine.prospect import look_ahead, together
from app.engine.rest import rest_of
from app.engine.shortfall import Shortfall, shortfall
from app.sessions.flow import plan_for
from app.sessions.policy import Policy
from framework.model import Framework

NOTHING: Final = np.empty(0, dtype=np.intp)
"""No item given yet."""


def refuse_unkeepable(pool: Pool, policy: Policy, *, opens: dt.date, closes: dt.date | None) -> None:
    """Raise the refusal that names what cannot be kept.

    Raises
    ------
    UnknownNode, UnknownLevel, MissingLoading
        If the rules name what the framework does not have, or leave out a domain.
    InfeasibleBlueprint
        If on some day of the campaign no test keeps every rule.
    ExposureCapTooLow
        If the tests need their questions more often than the cap allows.
    """
    refuse_unknown_nodes(policy, pool.framework)
    plan = plan_for(pool, policy)
    for day in _days_of_change(pool, opens, closes):
        serving = in_service(pool, day)
        ahead = outlook_with(plan, serving)
        if ahead.broken is not None:
            raise _infeasible(plan, pool, serving, ahead, day)
        if policy.exposure_cap is not None:
            _refuse_low_cap(policy.exposure_cap, plan.blueprint, pool, serving, longest=ahead.possible)


def refuse_unknown_nodes(policy: Policy, framework: Framework) -> None:
    domains = [domain.id for domain in framework.domains]
    limited = {*domains, *(competence.id for competence in framework.competences)}
    for node in policy.limits:
        if node not in limited:
            raise UnknownNode(field=f"limits.{node}", node=node, framework=framework.name)
    for level in policy.cut_levels:
        if level not in framework.levels:
            raise UnknownLevel(level=level, highest=framework.levels[-1], framework=framework.name)
    if isinstance(policy.loading, dict):
        for node in policy.loading:
            if node not in domains:
                raise UnknownNode(field=f"loading.{node}", node=node, framework=framework.name)
        for node in domains:
            if node not in policy.loading:
                raise MissingLoading(node=node)


def in_service(pool: Pool, day: dt.date) -> Mask:
    """Which items of the pool may be asked on this day, shape (n,)."""
    return np.array([item.in_service(day) for item in pool.items], dtype=np.bool_)


def outlook_with(plan: Plan, allowed: Mask) -> Outlook:
    """What the rules ask for and allow at the start of a test with these items."""
    return look_ahead(plan, rest_of(plan, allowed, NOTHING))


def _days_of_change(pool: Pool, opens: dt.date, closes: dt.date | None) -> Iterator[dt.date]:
    """The opening day, and each later day of the campaign on which an item enters or leaves service.

    Without an end only the opening counts: every item leaves one day, to be reviewed.
    """
    yield opens
    if closes is not None:
        after = {item.review_by + dt.timedelta(days=1) for item in pool.items if item.review_by < dt.date.max}
        changes = {item.valid_from for item in pool.items} | after
        yield from sorted(day for day in changes if opens < day <= closes)


def _infeasible(plan: Plan, pool: Pool, allowed: Mask, ahead: Outlook, day: dt.date) -> InfeasibleBlueprint:
    short = None if plan.on_tree else shortfall(plan, rest_of(plan, allowed, NOTHING))
    found = short if short is not None and short.rule == ahead.broken else _counted(plan, allowed, ahead)
    kind, _, number = found.rule.partition(" ")
    names = {"competence": pool.competences, "domain": tuple(domain.id for domain in pool.framework.domains)}
    rule = names[kind][int(number)] if kind in names else "length"
    return InfeasibleBlueprint(rule=rule, needed=found.needed, possible=found.possible, day=day.isoformat())


def _counted(plan: Plan, allowed: Mask, ahead: Outlook) -> Shortfall:
    """What the broken rule asks for, with all that lies below it, and what the bank has for it."""
    blueprint, rule = plan.blueprint, ahead.broken or ""
    room = np.minimum(blueprint.competence[:, 1], together(plan, allowed))
    kind, _, number = rule.partition(" ")
    if kind == "competence":
        needed, possible = blueprint.competence[int(number), 0], room[int(number)]
    elif kind == "domain":
        members = blueprint.domain_of == int(number)
        needed = max(blueprint.domain[int(number), 0], blueprint.competence[members, 0].sum())
        possible = min(blueprint.domain[int(number), 1], room[members].sum())
    else:
        needed, possible = ahead.needed, ahead.possible
    return Shortfall(rule, int(needed), int(possible))


def _refuse_low_cap(cap: float, blueprint: Blueprint, pool: Pool, allowed: Mask, *, longest: int) -> None:
    """Shares of sittings add up to the number of questions given: n items under a cap give at most cap * n."""
    for rule, needed, size in _demands(blueprint, pool, allowed, longest):
        if needed > cap * size:
            least = f"{np.ceil(100 * needed / size) / 100:.2f}"
            raise ExposureCapTooLow(rule=rule, cap=cap, needed=needed, size=size, least=least)


def _demands(blueprint: Blueprint, pool: Pool, allowed: Mask, longest: int) -> Iterator[tuple[str, int, int]]:
    """Each rule, how many questions it takes (the longest test; the minimum of a part), and the items it has."""
    per_competence = np.bincount(pool.competence[allowed], minlength=len(pool.competences))
    yield "length", longest, int(per_competence.sum())
    for index, domain in enumerate(pool.framework.domains):
        size = int(per_competence[blueprint.domain_of == index].sum())
        yield domain.id, int(blueprint.domain[index, 0]), size
    for index, competence in enumerate(pool.competences):
        yield competence, int(blueprint.competence[index, 0]), int(per_competence[index])
