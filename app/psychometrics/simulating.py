"""A bank file and the rules of a test, as a study for the simulator."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from app.engine.content import Blueprint
from app.engine.grid import Floats, make_grid
from app.engine.plan import Plan, make_plan
from app.engine.prior import second_order_prior
from app.engine.prospect import look_ahead
from app.engine.rest import rest_of
from app.engine.simulation import Study
from app.engine.simulation_truth import ItemBelief, abilities_at_level, bank_belief
from app.errors import msgid
from app.psychometrics.bank import BankFile
from app.psychometrics.model import BadFile
from app.psychometrics.simulation_bank import BankContent
from app.sessions.policy import Policy, Range
from framework.model import Framework

UNLIMITED: Final = Range()


def default_policy(bank: BankFile) -> Policy:
    """Rules for any bank: a campaign's defaults, as long as the bank allows, each domain with its share."""
    longest = min(30, len(bank.items))
    share = 3 if len(bank.domains) > 1 else 0
    fewest = min([share, *(sum(item.domain == domain for item in bank.items) for domain in bank.domains)])
    return Policy(
        length=Range(at_least=min(20, longest), at_most=longest),
        per_domain=Range(at_least=min(fewest, longest // len(bank.domains)), at_most=longest),
        per_competence=UNLIMITED,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """What is to be simulated: the files' names are for what is refused."""

    path: Path
    bank: BankFile
    content: BankContent
    policy_path: Path | None
    policy: Policy
    framework: Framework


def study_of(wanted: Wanted, *, level: int | None) -> Study:
    """Bind bank and rules.

    ``level``: students whose abilities all lie in this level's band; None: students of the prior.

    Raises
    ------
    BadFile
        If the rules name what the bank does not have, leave out a domain, or cannot be kept with it.
    """
    _refuse_unknown(wanted)
    bank, policy, cuts = wanted.bank, wanted.policy, np.array(wanted.framework.cuts)
    plan = _plan(wanted)
    _refuse_unkeepable(wanted, plan)
    beliefs = bank_belief([ItemBelief(item.model, item.mean, item.covariance) for item in bank.items])
    abilities = None if level is None else partial(_at_level, cuts=cuts, level=level, domains=len(bank.domains))
    return Study(plan, beliefs, cuts, exposure_cap=policy.exposure_cap, abilities=abilities)


def _at_level(
    first: int,  # noqa: ARG001 - one level for all
    size: int,
    rng: np.random.Generator,
    *,
    cuts: Floats,
    level: int,
    domains: int,
) -> Floats:
    return abilities_at_level(cuts, level, domains=domains, size=size, rng=rng)


def _plan(wanted: Wanted) -> Plan:
    bank, content, policy = wanted.bank, wanted.content, wanted.policy
    grid = make_grid()
    return make_plan(
        bank.tables(grid),
        second_order_prior(grid, _loadings(bank, policy)),
        _blueprint(wanted),
        competence=content.competence,
        enemies=content.enemies,
        se_target=policy.se_target,
        cuts=policy.cuts(wanted.framework),
        certainty=policy.certainty,
        criterion=policy.criterion,
        choose_among=policy.choose_among,
        progressive=policy.progressive,
        shadow=policy.selection == "shadow",
    )


def _loadings(bank: BankFile, policy: Policy) -> list[float]:
    loading = policy.loading
    return [loading[domain] if isinstance(loading, dict) else loading for domain in bank.domains]


def _blueprint(wanted: Wanted) -> Blueprint:
    """The counts; where the bank names no competences, the rule for competences has nothing to speak of."""
    policy, content, domains = wanted.policy, wanted.content, wanted.bank.domains
    each = policy.per_competence if content.named else UNLIMITED
    own = policy.limits if content.named else {}
    return Blueprint(
        (policy.length.at_least, policy.length.at_most),
        np.array([_counts(policy.limits.get(name, policy.per_domain)) for name in domains], dtype=np.intp),
        np.array([_counts(own.get(name, each)) for name in content.competences], dtype=np.intp),
        np.array([domains.index(name) for name in content.home], dtype=np.intp),
    )


def _counts(limit: Range) -> tuple[int, int]:
    return limit.at_least, limit.at_most


def _refuse_unknown(wanted: Wanted) -> None:
    policy, domains = wanted.policy, wanted.bank.domains
    for name in policy.limits:
        if name not in {*domains, *wanted.content.competences}:
            raise _refused(wanted, msgid("la banque n'a ni domaine ni compétence de ce nom"), f"limits.{name}")
    if isinstance(policy.loading, dict):
        for name in policy.loading.keys() - set(domains):
            raise _refused(wanted, msgid("la banque n'a pas de domaine de ce nom"), f"loading.{name}")
        for name in set(domains) - policy.loading.keys():
            raise _refused(wanted, msgid("il manque la valeur du domaine %(name)s"), "loading", name=name)
    for level in policy.cut_levels:
        if level not in wanted.framework.levels[1:]:
            raise _refused(wanted, msgid("il n'y a pas de niveau %(level)s à atteindre"), "cut_levels", level=level)


def _refuse_unkeepable(wanted: Wanted, plan: Plan) -> None:
    nothing = np.empty(0, dtype=np.intp)
    ahead = look_ahead(plan, rest_of(plan, np.ones(plan.size, dtype=np.bool_), nothing))
    if ahead.broken is not None:
        kind, _, number = ahead.broken.partition(" ")
        names = {"domain": wanted.bank.domains, "competence": wanted.content.competences}
        rule = names[kind][int(number)] if kind in names else kind
        raise _refused(wanted, msgid("la banque ne permet pas de tenir la règle %(rule)s"), None, rule=rule)


def _refused(wanted: Wanted, cause: str, column: str | None, **facts: object) -> BadFile:
    return BadFile((wanted.policy_path or wanted.path).name, cause, row=None, column=column, **facts)
