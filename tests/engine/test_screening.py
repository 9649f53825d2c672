"""Answers from which nothing can be calibrated are named before any iteration."""

import numpy as np
import pytest

from app.engine.calibration import calibrate
from app.engine.responses import arrange
from app.engine.screening import (
    Finding,
    GroupFinding,
    GroupTrouble,
    HopelessData,
    Trouble,
    screen,
    screen_groups,
)

GOOD = np.array([[0, 1], [1, 0], [1, 1], [0, 0]])


def found(*columns: list[int], model: str = "2pl") -> tuple[Finding, ...]:
    scores = np.column_stack([GOOD, *columns])
    return screen(arrange(scores), [model] * scores.shape[1])


def test_good_answers_have_no_finding() -> None:
    assert found() == ()


def test_an_item_that_nobody_answered_is_named() -> None:
    assert found([-1, -1, -1, -1]) == (Finding(2, Trouble.EMPTY),)


@pytest.mark.parametrize("score", [0, 1])
def test_an_item_on_which_all_score_the_same_is_named_with_the_score(score: int) -> None:
    assert found([score] * 4) == (Finding(2, Trouble.CONSTANT, score),)


def test_a_category_that_nobody_reached_is_named() -> None:
    assert found([0, 2, 0, 3], model="gpcm") == (Finding(2, Trouble.UNUSED_CATEGORY, 1),)


def test_more_categories_than_the_model_has_are_named_with_the_highest() -> None:
    assert found([0, 1, 2, 0]) == (Finding(2, Trouble.TOO_MANY_CATEGORIES, 2),)


def test_items_apart_from_the_largest_part_of_the_design_are_named() -> None:
    scores = np.full((6, 3), -1)
    scores[:4, :2] = GOOD
    scores[4:, 2] = [0, 1]

    assert screen(arrange(scores), ["2pl"] * 3) == (Finding(2, Trouble.APART),)


def test_where_items_are_known_the_scale_is_theirs_and_not_that_of_the_largest_part() -> None:
    scores = np.full((8, 5), -1)
    scores[:4, :2] = GOOD
    scores[4:, 3:] = GOOD
    responses = arrange(scores)

    assert screen(responses, ["2pl"] * 5, known={0, 3}) == (Finding(2, Trouble.EMPTY),)
    assert screen(responses, ["2pl"] * 5, known={3})[:2] == (Finding(0, Trouble.APART), Finding(1, Trouble.APART))


def test_known_items_that_nobody_answered_hold_no_scale() -> None:
    scores = np.column_stack([GOOD, [-1] * 4])

    assert screen(arrange(scores), ["2pl"] * 3, known={2})[:2] == (Finding(0, Trouble.APART), Finding(1, Trouble.APART))


def test_people_of_little_weight_are_people() -> None:
    assert screen(arrange(GOOD, weight=np.full(4, 0.1)), ["2pl"] * 2) == ()


def test_calibration_refuses_with_every_finding() -> None:
    scores = np.column_stack([GOOD, [1, 1, 1, 1], [-1, -1, -1, -1]])

    with pytest.raises(HopelessData, match="item 2: constant; item 3: empty") as refused:
        calibrate(arrange(scores), ["2pl"] * 4)

    assert [finding.item for finding in refused.value.findings] == [2, 3]


def groups_found(*rows: list[int], group: list[int], domain: list[int] | None = None) -> tuple[GroupFinding, ...]:
    return screen_groups(arrange(np.array(rows), group=group, domain=domain))


@pytest.mark.parametrize("unseen", [-1, 0])
def test_a_group_of_one_person_is_named(unseen: int) -> None:
    found = groups_found([0, 1], [1, 0], [1, unseen], group=[0, 0, 1])

    assert found == (GroupFinding(1, 0, GroupTrouble.ALONE, 1.0),)


def test_persons_of_a_group_who_answered_alike_are_counted() -> None:
    found = groups_found([0, 1], [1, 0], [1, 1], [1, 1], [1, 1], group=[0, 0, 1, 1, 1])

    assert found == (GroupFinding(1, 0, GroupTrouble.ALIKE, 3.0),)


def test_two_persons_who_differ_in_one_answer_are_a_group() -> None:
    assert groups_found([0, 1], [1, 0], [1, 1], [1, 0], group=[0, 0, 1, 1]) == ()
    assert groups_found([0, 1], [1, 0], [1, 1], [1, -1], group=[0, 0, 1, 1]) == ()


def test_a_group_is_judged_by_domain_and_passes_where_it_saw_nothing() -> None:
    rows = [0, 1, 1, 0], [1, 0, 0, 1], [1, 0, -1, -1], [0, 0, -1, -1], [1, 1, 0, -1], [1, 0, 0, -1]

    found = groups_found(*rows, group=[0, 0, 1, 1, 2, 2], domain=[0, 0, 1, 1])

    assert found == (GroupFinding(2, 1, GroupTrouble.ALIKE, 2.0),)


def test_people_of_a_group_in_several_chunks_are_one_group() -> None:
    scores = np.array([[0, 1], [1, 0]] + [[1, 1]] * 3 + [[1, 0]])
    group = np.array([0, 0, 1, 1, 1, 1])

    assert screen_groups(arrange(scores, group=group, chunk=1)) == ()
    assert screen_groups(arrange(scores[:5], group=group[:5], chunk=1))[0].people == 3


def test_a_heavy_row_is_several_people_with_the_same_answers() -> None:
    responses = arrange(np.array([[0, 1], [1, 0], [1, 1]]), group=[0, 0, 1], weight=np.array([1.0, 1.0, 7.0]))

    assert screen_groups(responses) == (GroupFinding(1, 0, GroupTrouble.ALIKE, 7.0),)


def test_calibration_refuses_groups_once_the_items_are_good() -> None:
    rows = np.array([[0, 1], [1, 0], [1, 1], [0, 0], [1, 1]])
    group = [0, 0, 0, 0, 1]

    with pytest.raises(HopelessData, match="group 1, domain 0: alone") as refused:
        calibrate(arrange(rows, group=group), ["2pl"] * 2)
    assert refused.value.findings == ()
    with pytest.raises(HopelessData, match="item 2: constant") as refused:
        calibrate(arrange(np.column_stack([rows, np.ones(5, int)]), group=group), ["2pl"] * 3)
    assert refused.value.groups == ()
