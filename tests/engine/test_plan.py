"""What a test is run by: built once, checked, and with room for every rule."""

from typing import Any

import numpy as np
import pytest

from app.engine.plan import ALONE, Plan, make_plan
from app.engine.prior import second_order_prior
from app.engine.sitting import decide
from tests.engine.bank import random_items, tables_of
from tests.engine.plans import everything, ints, plan_of, rules

FREE = rules([0, 0], length=(1, 5))


def made(**changes: Any) -> Plan:
    tables = tables_of(random_items(np.random.default_rng(1), 3, domains=1), domains=1)
    rest: dict[str, Any] = {"competence": ints(0, 0, 1), "se_target": 0.4, **changes}
    return make_plan(tables, second_order_prior(tables.grid, (0.0,)), FREE, **rest)


def test_what_is_left_out_is_as_in_a_test_without_it() -> None:
    plan = made()
    assert (plan.size, plan.longest, plan.on_tree) == (3, 5, True)
    assert plan.stimulus.tolist() == [ALONE] * 3
    assert plan.hostile.size == plan.bands.shape[0] == 0
    assert (plan.criterion, plan.certainty, plan.choose_among, plan.progressive, plan.shadow) == (
        "variance",
        None,
        1,
        0.0,
        False,
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"competence": ints(0, 0)}, r"competence must have one entry per item \(3\), got 2"),
        ({"enemies": (ints(),)}, r"enemies must have one entry per item \(3\), got 1"),
        ({"stimulus": ints(0, 0, 0, 0)}, r"stimulus must have one entry per item \(3\), got 4"),
        ({"se_target": 0.0}, "se_target must be positive, got 0.0"),
        ({"se_target": float("nan")}, "se_target must be positive, got nan"),
        ({"certainty": 0.0, "cuts": (0.0,)}, r"certainty must be in \(0, 1\], got 0.0"),
        ({"certainty": 1.1, "cuts": (0.0,)}, r"certainty must be in \(0, 1\], got 1.1"),
        ({"choose_among": 0}, "choose_among must be at least 1, got 0"),
        ({"progressive": -0.1}, r"progressive must be in \[0, 1\], got -0.1"),
        ({"progressive": 1.1}, r"progressive must be in \[0, 1\], got 1.1"),
        ({"set_size": (3, 2)}, r"set_size must be a minimum and a maximum, got \(3, 2\)"),
        ({"criterion": "luck"}, "criterion must be one of variance, .*, random, got 'luck'"),
        ({"criterion": "classification"}, "cuts must hold at least one cut point"),
        ({"certainty": 0.9}, "cuts must hold at least one cut point"),
        ({"cuts": (1.0, 0.0)}, "cuts must be strictly increasing"),
    ],
)
def test_what_cannot_be_run_is_refused_by_name(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        made(**changes)


def test_a_set_that_owes_nothing_owes_the_item_it_was_opened_with() -> None:
    assert made(set_size=(0, 3)).set_size == (1, 3)


@pytest.mark.parametrize(
    ("pairs", "sets", "on_tree"),
    [
        ([], None, True),
        ([(0, 1)], None, True),
        ([(0, 1), (1, 2), (0, 2)], None, True),
        ([(0, 1), (1, 2)], None, False),
        ([(0, 3)], None, False),
        ([(0, 1), (3, 4)], None, True),
        ([], [0, 0, -1, -1, -1], False),
    ],
)
def test_counting_is_exact_for_enemies_in_groups_of_one_competence_and_no_sets(
    pairs: list[tuple[int, int]], sets: list[int] | None, *, on_tree: bool
) -> None:
    assert plan_of(FREE, [0, 0, 0, 1, 1], pairs=pairs, sets=sets).on_tree is on_tree


@pytest.mark.parametrize("bad", [-0.1, np.inf, np.nan])
def test_prices_are_finite_and_not_negative(bad: float) -> None:
    with pytest.raises(ValueError, match="price must be finite and not negative, got"):
        plan_of(rules([0]), [0, 0], price=np.array([0.0, bad]))


def test_a_price_for_every_item_is_wanted() -> None:
    with pytest.raises(ValueError, match=r"price must have one entry per item \(2\), got 3"):
        plan_of(rules([0]), [0, 0], price=np.zeros(3))


def test_equal_prices_change_nothing() -> None:
    free, dear = plan_of(rules([0]), [0] * 5), plan_of(rules([0]), [0] * 5, price=np.full(5, 0.7))
    one, other = (decide(plan, everything(plan), 1, [], []).pick for plan in (free, dear))
    assert one is not None
    assert other is not None
    assert (one.item, one.gain, one.rank) == (other.item, other.gain, other.rank)
