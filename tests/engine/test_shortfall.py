"""The rule that cannot be kept is named, with what it needs and what there is."""

from typing import Any

import pytest

from app.engine.plan import Plan
from app.engine.prospect import look_ahead
from app.engine.rest import rest_of
from app.engine.shortfall import Shortfall, shortfall
from tests.engine.plans import everything, ints, plan_of, rules


def short(plan: Plan, *given: int) -> Shortfall | None:
    return shortfall(plan, rest_of(plan, everything(plan), ints(*given)))


TWO = [(1, 2), (0, 2)]
STAR = [(0, 2), (0, 3), (1, 2), (1, 3)]


@pytest.mark.parametrize(
    ("bounds", "rest", "found"),
    [
        ({"competence": [(2, 4), (1, 4)]}, {"pairs": STAR}, Shortfall("competence 1", 1, 0)),
        ({"length": (3, 4)}, {"pairs": STAR}, Shortfall("length", 3, 2)),
        ({"domain": [(3, 4)]}, {"pairs": STAR}, Shortfall("domain 0", 3, 2)),
        (
            {"competence": [(0, 1), (0, 1)], "length": (2, 2)},
            {"sets": [0, 0, 0, 0], "set_size": (3, 4)},
            Shortfall("length", 2, 0),
        ),
    ],
)
def test_the_rule_that_has_to_give_way_is_named(bounds: dict[str, Any], rest: dict[str, Any], found: Shortfall) -> None:
    plan = plan_of(rules([0, 0], **bounds), [0, 0, 1, 1], **rest)
    named = short(plan)
    assert named == found
    assert look_ahead(plan, rest_of(plan, everything(plan), ints())).broken == found.rule


def test_rules_that_can_be_kept_fall_short_of_nothing() -> None:
    assert short(plan_of(rules([0, 0], competence=TWO), [0, 0, 1, 1], pairs=STAR)) is None


def test_what_was_given_counts() -> None:
    plan = plan_of(rules([0, 0], competence=[(2, 4), (2, 4)]), [0, 0, 1, 1], pairs=[(1, 2), (1, 3)])
    assert short(plan, 0) == Shortfall("competence 0", 2, 1)
    lengthy = plan_of(rules([0, 0], length=(4, 4)), [0, 0, 1, 1], pairs=[(1, 2), (1, 3)])
    assert short(lengthy, 0) == Shortfall("length", 4, 3)
    broad = plan_of(rules([0, 0], domain=[(4, 4)]), [0, 0, 1, 1], pairs=[(1, 2), (1, 3)])
    assert short(broad, 0) == Shortfall("domain 0", 4, 3)


def test_a_set_that_cannot_be_finished_is_named() -> None:
    plan = plan_of(rules([0], length=(0, 6)), [0] * 4, sets=[5, 5, -1, -1], set_size=(3, 3))
    assert short(plan, 0) == Shortfall("set 5", 2, 1)
    assert look_ahead(plan, rest_of(plan, everything(plan), ints(0))).broken == "set 5"


def test_maximums_overstepped_already_are_refused() -> None:
    plan = plan_of(rules([0], length=(0, 1)), [0, 0], sets=[-1, -1])
    with pytest.raises(ValueError, match="rest must not hold more items than a rule allows"):
        short(plan, 0, 1)
