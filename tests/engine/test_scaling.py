"""The scale of abilities is put where the expected abilities and the priors of the items together are likeliest."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from app.engine.beliefs import Belief, Role
from app.engine.grid import Floats
from app.engine.scaling import Abilities, best_scale, pull_of

Items = dict[Role, Floats]


def objective(at: Floats, group: Abilities, items: Items, beliefs: dict[Role, Belief], lift: float) -> float:
    """What is to be greatest, written down item by item, at m and t = log s."""
    m, t = at
    moved = {
        Role.SLOPE: lambda x: x + t,
        Role.GAP: lambda x: x - t,
        Role.LOCATION: lambda x: (x - m) * np.exp(-t),
    }
    spread = group.variance + (group.mean - m) ** 2
    found = group.size * (-t - spread * np.exp(-2 * t) / 2) - lift * t
    for role, belief in beliefs.items():
        found -= 0.5 * np.sum(((moved[role](items[role]) - belief.mean) / belief.sd) ** 2)
    return float(found)


@given(
    seed=st.integers(0, 10_000),
    size=st.sampled_from([30.0, 500.0, 20_000.0]),
    roles=st.sets(st.sampled_from([Role.SLOPE, Role.GAP, Role.LOCATION])),
)
def test_no_other_scale_is_likelier(seed: int, size: float, roles: set[Role]) -> None:
    rng = np.random.default_rng(seed)
    items = {role: rng.normal(rng.normal(0, 0.3), rng.uniform(0.2, 1.5), int(rng.integers(1, 80))) for role in roles}
    beliefs = {role: Belief(float(rng.normal(0, 0.5)), float(rng.uniform(0.3, 2))) for role in roles}
    group = Abilities(size, float(rng.normal(0, 0.4)), float(rng.uniform(0.4, 2)))
    lift = float(rng.uniform(0, 0.3)) * items[Role.SLOPE].size if Role.SLOPE in roles else 0.0

    m, s = best_scale(group, {role: pull_of(items[role], beliefs[role]) for role in roles}, lift=lift)

    def loss(at: Floats) -> float:
        return -objective(at, group, items, beliefs, lift)

    other = minimize(loss, [group.mean, np.log(group.variance) / 2], method="Nelder-Mead", options={"maxiter": 2000})
    assert loss(np.array([m, np.log(s)])) <= other.fun + 1e-6 * (1 + abs(other.fun))


def test_without_priors_the_scale_is_that_of_the_abilities() -> None:
    assert best_scale(Abilities(300.0, 0.3, 1.44), {}) == pytest.approx((0.3, 1.2))


def test_a_strong_prior_of_the_items_holds_the_scale_where_it_is() -> None:
    slopes, places = np.full(40, 0.2), np.linspace(-1, 1, 40)
    pulls = {
        Role.SLOPE: pull_of(slopes, Belief(0.2, 1e-4)),
        Role.LOCATION: pull_of(places, Belief(0.0, float(np.sqrt(np.mean(places**2))))),
    }

    assert best_scale(Abilities(100.0, 0.0, 2.0), pulls)[1] == pytest.approx(1.0, abs=1e-4)


def test_where_mean_and_spread_hang_together_the_search_ends_on_its_way_and_higher_than_it_began() -> None:
    group, belief = Abilities(30.0, 0.5, 2.0), Belief(3.0, 0.1)
    items, beliefs = {Role.LOCATION: np.linspace(2.3, 4.3, 60)}, {Role.LOCATION: belief}

    m, s = best_scale(group, {Role.LOCATION: pull_of(items[Role.LOCATION], belief)})

    start = np.array([group.mean, 0.5 * np.log(group.variance)])
    reached = objective(np.array([m, np.log(s)]), group, items, beliefs, 0.0)
    assert reached > objective(start, group, items, beliefs, 0.0) + 1
