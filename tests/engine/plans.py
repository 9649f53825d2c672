"""Small plans for tests of the sitting in arrays, and every complete test of one, by plain search."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from app.engine.content import Blueprint, Mask
from app.engine.grid import Ints, make_grid
from app.engine.plan import Plan, make_plan
from app.engine.prior import second_order_prior
from tests.engine.bank import random_items, tables_of

Bounds = tuple[int, int]
WIDE = (0, 99)
MANY = max(100, settings().max_examples)
"""Small plans drawn for each property: by night, as many as the profile says."""


def ints(*values: int) -> Ints:
    return np.array(values, dtype=np.intp)


def mutual(size: int, pairs: Sequence[tuple[int, int]]) -> tuple[Ints, ...]:
    """Enemies as a plan has them."""
    foes: list[set[int]] = [set() for _ in range(size)]
    for one, other in pairs:
        foes[one].add(other)
        foes[other].add(one)
    return tuple(ints(*sorted(group)) for group in foes)


def rules(
    domain_of: Sequence[int],
    *,
    length: Bounds = WIDE,
    domain: Sequence[Bounds] | None = None,
    competence: Sequence[Bounds] | None = None,
) -> Blueprint:
    return Blueprint(
        length,
        np.array(domain or [WIDE] * (max(domain_of) + 1), dtype=np.intp),
        np.array(competence or [WIDE] * len(domain_of), dtype=np.intp),
        ints(*domain_of),
    )


def plan_of(
    blueprint: Blueprint,
    homes: Sequence[int],
    *,
    pairs: Sequence[tuple[int, int]] = (),
    sets: Sequence[int] | None = None,
    seed: int = 1,
    loading: float = 0.6,
    **rest: Any,
) -> Plan:
    """A plan of items with plausible parameters; ``homes``: each item's competence; ``sets``: its set, -1 for none."""
    competence, domains = ints(*homes), len(blueprint.domain)
    made = random_items(np.random.default_rng(seed), len(homes), domains=domains)
    items = [
        type(item)(int(blueprint.domain_of[home]), item.a, item.b, item.c, item.score)
        for item, home in zip(made, homes, strict=True)
    ]
    return make_plan(
        tables_of(items, domains=domains),
        second_order_prior(make_grid(), (loading,) * domains),
        blueprint,
        competence=competence,
        enemies=mutual(len(homes), pairs),
        stimulus=None if sets is None else ints(*sets),
        **{"se_target": 0.2, **rest},
    )


@st.composite
def plans(draw: st.DrawFn, *, most: int = 8) -> Plan:
    """A small plan with any rules, any enemies and any sets."""
    size, competences, domains = draw(st.integers(1, most)), draw(st.integers(1, 3)), draw(st.integers(1, 2))
    bounds = st.integers(0, 2).flatmap(lambda low: st.tuples(st.just(low), st.integers(low, 4)))
    low = draw(st.integers(0, 4))
    blueprint = Blueprint(
        (low, draw(st.integers(max(low, 1), 7))),
        np.array([draw(bounds) for _ in range(domains)], dtype=np.intp),
        np.array([draw(bounds) for _ in range(competences)], dtype=np.intp),
        ints(*(draw(st.integers(0, domains - 1)) for _ in range(competences))),
    )
    homes = [draw(st.integers(0, competences - 1)) for _ in range(size)]
    every = st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)).filter(lambda pair: pair[0] != pair[1])
    pairs = draw(st.lists(every, max_size=5)) if size > 1 else []
    sets = [draw(st.sampled_from([-1, -1, 0, 1])) for _ in range(size)]
    least = draw(st.integers(1, 3))
    return plan_of(
        blueprint,
        homes,
        pairs=pairs,
        sets=sets if draw(st.booleans()) else None,
        set_size=(least, draw(st.integers(least, 4))),
        se_target=draw(st.sampled_from([0.2, 0.8])),
        choose_among=draw(st.integers(1, 3)),
        shadow=draw(st.booleans()),
        progressive=draw(st.sampled_from([0.0, 0.5])),
    )


def everything(plan: Plan) -> Mask:
    return np.ones(plan.size, dtype=np.bool_)


def complete_tests(plan: Plan, allowed: Mask) -> Iterator[tuple[int, ...]]:
    """Every set of items that keeps every rule, whatever their order."""
    at_hand = np.flatnonzero(allowed).tolist()
    for count in range(plan.longest + 1):
        yield from (chosen for chosen in combinations(at_hand, count) if keeps_every_rule(plan, chosen))


def keeps_every_rule(plan: Plan, chosen: Sequence[int]) -> bool:
    bounds = plan.blueprint
    homes = [int(plan.competence[item]) for item in chosen]
    in_domain = [int(bounds.domain_of[home]) for home in homes]
    counts = [
        (len(chosen), bounds.length),
        *((in_domain.count(place), limits) for place, limits in enumerate(bounds.domain.tolist())),
        *((homes.count(place), limits) for place, limits in enumerate(bounds.competence.tolist())),
    ]
    cases = [int(plan.stimulus[item]) for item in chosen if plan.stimulus[item] >= 0]
    counts += [(cases.count(case), plan.set_size) for case in set(cases)]
    peace = not any(one in plan.enemies[other] for one, other in combinations(chosen, 2))
    return peace and all(low <= count <= high for count, (low, high) in counts)


def continuations(plan: Plan, allowed: Mask, given: Sequence[int]) -> list[tuple[int, ...]]:
    """What could still be given after these items, in every complete test that begins with them in this order."""
    last = int(plan.stimulus[given[-1]]) if given else -1
    closed = {int(plan.stimulus[item]) for item in given} - {-1, last}
    return [
        tuple(item for item in chosen if item not in given)
        for chosen in complete_tests(plan, allowed | np.isin(np.arange(plan.size), given))
        if set(given) <= set(chosen) and not any(plan.stimulus[item] in closed for item in set(chosen) - set(given))
    ]
