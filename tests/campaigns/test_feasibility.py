"""Rules that no test can keep are refused by name, and no others, whatever excludes what."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from app.bank.pool import Pool
from app.campaigns.feasibility import refuse_unkeepable
from app.campaigns.model import InfeasibleBlueprint, UnknownLevel
from itembank.model import Item
from tests.builders import make_item, make_policy, make_pool

DAY = dt.date(2026, 11, 2)
FREE: dict[str, Any] = {"length": {"at_most": 8}, "per_domain": {"at_most": 8}, "per_competence": {"at_most": 8}}


def refuse(pool: Pool, **rules: Any) -> None:
    refuse_unkeepable(pool, make_policy(**{**FREE, **rules}), opens=DAY, closes=None)


def refused(pool: Pool, **rules: Any) -> tuple[object, object, object]:
    with pytest.raises(InfeasibleBlueprint) as found:
        refuse(pool, **rules)
    facts = found.value.facts
    return facts["rule"], facts["needed"], facts["possible"]


def star() -> list[Item]:
    """One question that excludes the two others, of other competences; counting takes it as the first of the bank."""
    others = ("SN1.2-001", "SN2.1-001")
    return [make_item("SN1.1-001", enemies=others), *(make_item(other) for other in others)]


def test_enemies_across_competences_that_need_not_meet_are_no_reason_to_refuse() -> None:
    limits = {"SN1.2": {"at_least": 1}, "SN2.1": {"at_least": 1}}
    refuse(make_pool(star()), limits=limits)


def test_a_bank_in_which_every_choice_leaves_too_few_is_refused_though_each_rule_alone_could_be_kept() -> None:
    """Four questions in a ring, each excluding its neighbours: two at most."""
    names = ("SN1.1-001", "SN1.2-001", "SN1.1-002", "SN1.2-002")
    ring = [make_item(name, enemies=(names[(place + 1) % 4],)) for place, name in enumerate(names)]
    limits = {"SN1.1": {"at_least": 1}, "SN1.2": {"at_least": 1}}
    assert refused(make_pool(ring), limits=limits) == ("SN1.1", 1, 0)
    assert refused(make_pool(ring), length={"at_least": 3, "at_most": 8}) == ("length", 3, 2)
    assert refused(make_pool(ring), limits={"SN1": {"at_least": 3}}) == ("SN1", 3, 2)
    refuse(make_pool(ring), limits={"SN1.1": {"at_least": 2}})


def case(*numbers: int) -> list[Item]:
    """Questions of one competence; those named are about one case."""
    items = [make_item(f"SN1.1-00{number}") for number in range(1, 6)]
    return [replace(item, stimulus="SN1.1-cas") if place in numbers else item for place, item in enumerate(items)]


def test_a_case_that_has_to_be_opened_but_cannot_be_given_enough_of_is_refused() -> None:
    """Three questions stand alone, and the two of the case are too few to be opened."""
    assert refused(
        make_pool(case(0, 1)), length={"at_least": 4, "at_most": 8}, per_set={"at_least": 3, "at_most": 4}
    ) == (
        "length",
        4,
        3,
    )
    refuse(make_pool(case(0, 1)), length={"at_least": 4, "at_most": 8}, per_set={"at_least": 2, "at_most": 4})


def test_a_case_whose_questions_overshoot_a_maximum_is_refused() -> None:
    """All five are about the case: at least four of them, and no more than three may be of the competence."""
    rules: dict[str, Any] = {
        "limits": {"SN1.1": {"at_least": 1, "at_most": 3}},
        "per_set": {"at_least": 4, "at_most": 5},
    }
    assert refused(make_pool(case(0, 1, 2, 3, 4)), **rules) == ("SN1.1", 1, 0)


@pytest.mark.parametrize("level", [9, 20])
def test_a_level_that_the_framework_does_not_have_is_refused(level: int) -> None:
    with pytest.raises(UnknownLevel) as found:
        refuse(make_pool(case()), cut_levels=[4, level])
    assert (found.value.facts["level"], found.value.facts["highest"]) == (level, 8)


def test_a_level_of_the_framework_is_taken() -> None:
    refuse(make_pool(case()), cut_levels=[2, 8])
