"""Sittings computed together are the sittings that production runs one by one."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

from app.engine.grid import Floats
from app.engine.levels import TIE
from app.engine.posterior import posterior
from app.engine.selection import expected_gain, influence, target_weights
from app.engine.simulation_desk import REASONS, prepared
from app.engine.simulation_sitting import sit
from app.engine.stopping import StopReason
from app.engine.tables import ItemTables, make_tables
from tests.engine.simulated import assert_equal_to_alone, class_of, run_alone, setting

POLICIES: dict[str, dict[str, object]] = {
    "one domain": {},
    "one domain, guessing, drawn among five": {"guessing": 0.2, "choose_among": 5},
    "one domain, precision": {"se_target": 0.45, "length": (4, 30)},
    "one domain, certainty": {"certainty": 0.9, "cuts": (0.0,), "length": (3, 30)},
    "one domain, partial credit": {"steps": (1, 2, 4), "choose_among": 5},
    "one domain, competences and enemies": {
        "competences": 4,
        "per_competence": (2, 4),
        "groups": 15,
        "choose_among": 5,
    },
    "one domain, precise, then what is owed": {
        "competences": 4,
        "per_competence": (3, 5),
        "se_target": 0.6,
        "length": (4, 20),
    },
    "one domain, progressive start": {"progressive": 0.5, "choose_among": 3},
    "five domains": {"domains": 5, "competences": 5, "per_domain": (1, 4)},
    "five domains, everything": {
        "domains": 5,
        "competences": 10,
        "per_domain": (2, 4),
        "per_competence": (1, 3),
        "length": (14, 18),
        "se_target": 0.62,
        "groups": 20,
        "steps": (1, 1, 2),
        "choose_among": 5,
        "progressive": 0.3,
    },
    "two domains apart": {"domains": 2, "competences": 2, "loading": 0.0, "choose_among": 2},
    "one domain, prices": {"choose_among": 5, "price": np.linspace(0, 2, 120)},
    "three domains, prices, progressive start": {
        "domains": 3,
        "competences": 3,
        "choose_among": 2,
        "progressive": 0.3,
        "steps": (1, 2),
        "price": np.linspace(0, 2, 120),
    },
    "a small bank": {"count": 14, "competences": 3, "length": (8, 14), "groups": 3, "choose_among": 5},
}


@pytest.mark.parametrize("name", POLICIES)
def test_picks_ends_and_estimates_are_those_of_production(name: str) -> None:
    rng = np.random.default_rng([7, list(POLICIES).index(name)])
    found = setting(rng, **POLICIES[name])  # type: ignore[arg-type]
    sat = assert_equal_to_alone(class_of(found, 25, rng))
    assert not sat.referred.any()


@pytest.mark.nightly
@pytest.mark.parametrize("name", POLICIES)
def test_hundreds_of_sittings_are_those_of_production(name: str) -> None:
    for seed in range(4):
        rng = np.random.default_rng([8, seed, list(POLICIES).index(name)])
        found = setting(rng, **POLICIES[name])  # type: ignore[arg-type]
        allowed = rng.random((100, found.plan.size)) < (0.8 if seed % 2 else 1.0)
        assert_equal_to_alone(class_of(found, 100, rng), allowed=allowed if seed else None)


@pytest.mark.parametrize("domains", [1, 3])
def test_items_set_aside_for_a_sitting_are_those_of_production(domains: int) -> None:
    rng = np.random.default_rng([9, domains])
    found = setting(rng, domains=domains, competences=6, per_competence=(1, 4), groups=10, choose_among=4)
    allowed = rng.random((25, found.plan.size)) < 0.7
    sat = assert_equal_to_alone(class_of(found, 25, rng), allowed=allowed)
    assert np.take_along_axis(allowed, sat.items, axis=1)[sat.items >= 0].all()


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    domains=st.integers(1, 3),
    competences=st.integers(3, 5),
    among=st.sampled_from([1, 2, 5]),
    steps=st.sampled_from([(1,), (1, 3)]),
    groups=st.integers(0, 8),
    share=st.sampled_from([0.6, 1.0]),
    se_target=st.sampled_from([0.1, 0.5, 0.8]),
)
def test_any_plan_gives_the_sittings_of_production(  # noqa: PLR0917
    seed: int,
    domains: int,
    competences: int,
    among: int,
    steps: tuple[int, ...],
    groups: int,
    share: float,
    se_target: float,
) -> None:
    rng = np.random.default_rng(seed)
    found = setting(
        rng,
        count=40,
        domains=domains,
        competences=competences,
        per_competence=(1, 5),
        length=(5, 10),
        se_target=se_target,
        choose_among=among,
        steps=steps,
        groups=groups,
    )
    allowed = rng.random((6, found.plan.size)) < share
    assert_equal_to_alone(class_of(found, 6, rng), allowed=allowed)


@pytest.mark.parametrize("domains", [1, 3])
@pytest.mark.parametrize("among", [1, 4])
def test_items_with_equal_tables_are_ranked_in_the_bank_s_order_by_both_paths(domains: int, among: int) -> None:
    rng = np.random.default_rng(10)
    found = setting(rng, count=60, domains=domains, competences=domains, length=(9, 9), choose_among=among)
    first = found.plan.tables
    blocks = [first.log_p[2 * kind : 2 * kind + 2] for kind in rng.integers(4, size=60)]
    same = replace(found.plan, tables=make_tables(first.grid, blocks, first.domain.tolist(), domains=domains))
    sat = assert_equal_to_alone(replace(class_of(found, 12, rng), plan=same))
    assert not sat.referred.any()
    if among == 1 and domains == 1:
        assert sat.items[0, 0] == np.flatnonzero(same.tables.alike == same.tables.alike[sat.items[0, 0]])[0]


@pytest.mark.parametrize(
    "rules",
    [{"criterion": "information"}, {"shadow": True}, {"stimulus": np.repeat(np.arange(-1, 39), 3)}],
    ids=["criterion", "shadow", "sets"],
)
def test_other_plans_are_run_one_by_one(rules: dict[str, object]) -> None:
    rng = np.random.default_rng(11)
    found = setting(rng, length=(4, 4), choose_among=2, **rules)  # type: ignore[arg-type]
    sat = assert_equal_to_alone(class_of(found, 3, rng), allowed=np.ones((3, 120), dtype=np.bool_))
    assert sat.referred.tolist() == [5, 5, 5]


def test_enemies_across_competences_are_run_one_by_one() -> None:
    rng = np.random.default_rng(12)
    found = setting(rng, competences=2, length=(4, 4))
    foes = [np.empty(0, dtype=np.intp)] * 120
    one, other = (int(np.flatnonzero(found.plan.competence == c)[0]) for c in (0, 1))
    foes[one], foes[other] = np.array([other]), np.array([one])
    pair = np.array([one, other])
    for on_tree in (False, True):  # stored rules may take rules that form no tree for one
        across = replace(found.plan, enemies=tuple(foes), groups=(pair,), hostile=np.sort(pair), on_tree=on_tree)
        assert prepared(across).book is None


def test_rules_that_cannot_be_kept_end_the_sitting_at_once() -> None:
    rng = np.random.default_rng(13)
    found = setting(rng, competences=2, per_competence=(3, 5), length=(4, 4))
    sat = assert_equal_to_alone(class_of(found, 2, rng))
    assert [REASONS[stop] for stop in sat.stop] == [StopReason.NO_ITEM] * 2
    assert sat.broken.all()


def test_a_target_hit_to_the_last_digit_is_judged_by_production() -> None:
    rng = np.random.default_rng(14)
    found = setting(rng, length=(2, 10))
    students = class_of(found, 4, rng)
    sd = sit(
        prepared(replace(found.plan, blueprint=replace(found.plan.blueprint, length=(5, 5)))),
        students.answer,
        seeds=students.seeds,
    ).sd[2, 0]
    exact = replace(students, plan=replace(found.plan, se_target=float(sd)))
    assert assert_equal_to_alone(exact).referred[2] > 0


def test_no_sittings_give_nothing() -> None:
    found = setting(np.random.default_rng(15))
    students = class_of(found, 0, np.random.default_rng(1))
    assert sit(prepared(found.plan), students.answer, seeds=students.seeds).items.shape == (0, 12)


def test_allowed_items_of_another_shape_are_refused() -> None:
    found = setting(np.random.default_rng(16))
    students = class_of(found, 2, np.random.default_rng(1))
    with pytest.raises(ValueError, match=r"allowed must have shape \(2, 120\), got \(2, 3\)"):
        sit(prepared(found.plan), students.answer, seeds=students.seeds, allowed=np.ones((2, 3), dtype=np.bool_))


def test_curves_that_fall_have_the_sittings_of_production() -> None:
    rng = np.random.default_rng(17)
    found = setting(rng)
    grid = found.plan.tables.grid
    rows = [found.plan.tables.log_p[2 * item : 2 * item + 2] for item in range(120)]
    rows[0] = rows[0][::-1]
    fallen = replace(found.plan, tables=make_tables(grid, rows, [0] * 120, domains=1))
    assert prepared(fallen).screen is not None
    assert_equal_to_alone(replace(class_of(found, 5, rng), plan=fallen))


def test_a_long_test_of_weak_items_is_bounded_by_its_tails() -> None:
    rng = np.random.default_rng(18)
    found = setting(rng, count=300, length=(80, 80))
    assert not assert_equal_to_alone(class_of(found, 3, rng)).referred.any()


def test_a_difference_at_the_edge_of_a_tie_is_judged_by_production() -> None:
    rng = np.random.default_rng(19)
    found = setting(rng, length=(2, 2))
    grid, prior = found.plan.tables.grid, found.plan.prior

    def steep(slope: float) -> Floats:
        return np.stack([-np.logaddexp(0, slope * grid.theta), -np.logaddexp(0, -slope * grid.theta)])

    def with_slopes(*slopes: float) -> ItemTables:
        rows = [found.plan.tables.log_p[2 * item : 2 * item + 2] for item in range(120)]
        return make_tables(grid, [*map(steep, slopes), *rows[len(slopes) :]], [0] * 120, domains=1)

    def gain(slope: float) -> float:
        tables = with_slopes(slope)
        post = posterior(prior, np.zeros((1, grid.size)))
        worth = expected_gain(tables, post, influence(prior, post), target_weights(post, se_target=0.05))
        return float(worth[0])

    wider = brentq(lambda slope: (gain(slope) / gain(3.0) - 1) / TIE - 1, 3.0, 3.001, xtol=1e-14)
    plan = replace(found.plan, tables=with_slopes(3.0, wider))
    assert assert_equal_to_alone(replace(class_of(found, 1, rng), plan=plan)).referred.tolist() == [1]


CROWDS: dict[str, dict[str, object]] = {
    "two parameters": {},
    "guessing, drawn among five": {"guessing": 0.2, "choose_among": 5},
    "prices": {"choose_among": 2, "price": np.linspace(0, 2, 400)},
    "competences and enemies": {"competences": 4, "per_competence": (2, 4), "groups": 15, "choose_among": 3},
    "progressive start": {"progressive": 0.1},
}


def assert_some_equal_to_alone(name: str, *, size: int, compared: int, share: float) -> None:
    """So many students at once that short lists are made; some of them are run alone, too."""
    rng = np.random.default_rng([20, list(CROWDS).index(name)])
    found = setting(rng, count=400, **CROWDS[name])  # type: ignore[arg-type]
    students = class_of(found, size, rng)
    allowed = None if share == 1 else rng.random((size, 400)) < share
    sat = sit(prepared(found.plan), students.answer, seeds=students.seeds, allowed=allowed)
    for person in rng.choice(size, compared, replace=False).tolist():
        items, scores, _ = run_alone(students, person, allowed)
        assert sat.items[person, : sat.length[person]].tolist() == items
        assert sat.scores[person, : sat.length[person]].tolist() == scores


@pytest.mark.parametrize("share", [1, 0.7])
@pytest.mark.parametrize("name", CROWDS)
def test_students_in_a_crowd_have_the_sittings_of_production(name: str, share: float) -> None:
    assert_some_equal_to_alone(name, size=1000, compared=20, share=share)


@pytest.mark.nightly
@pytest.mark.parametrize("share", [1, 0.7])
@pytest.mark.parametrize("name", CROWDS)
def test_hundreds_of_students_in_a_crowd_have_the_sittings_of_production(name: str, share: float) -> None:
    assert_some_equal_to_alone(name, size=5000, compared=400, share=share)
