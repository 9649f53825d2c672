"""What is believed about an item before anybody has answered it, and after calibration."""

import numpy as np
import pytest

from app.bank.provisional import judged, level_centre, measured
from app.engine.grid import make_grid
from app.engine.tables import item_rows
from framework import load
from itembank.model import Item, Parameters
from tests.builders import make_item
from tests.engine.brute import Array, curve
from tests.items import make_gap_text, make_inline, make_matching, make_number, make_order

FRAMEWORK = load()
GRID = make_grid()


def test_level_centres_lie_in_the_middle_of_their_levels() -> None:
    centres = [level_centre(level, FRAMEWORK) for level in FRAMEWORK.levels]
    assert centres == [-2.625, -1.875, -1.125, -0.375, 0.375, 1.125, 1.875, 2.625]


def test_a_single_choice_is_guessed_with_seven_tenths_of_chance() -> None:
    model, mean, covariance = judged(make_item(level=5, options=4), FRAMEWORK)
    assert model == "3pl"
    assert mean == pytest.approx([0, 0.3, np.log(0.175 / 0.825)])
    assert covariance == pytest.approx(np.diag([0.35**2, 0.64, 0.25]))


@pytest.mark.parametrize("kind", ["short_text", "multiple_choice"])
def test_an_answer_that_cannot_be_guessed_is_two_parametric(kind: str) -> None:
    model, mean, covariance = judged(make_item(level=8, type=kind, correct=2), FRAMEWORK)  # type: ignore[arg-type]
    assert model == "2pl"
    assert mean == pytest.approx([0, 2.1])
    assert covariance == pytest.approx(np.diag([0.35**2, 0.64]))


def partial(correct: int) -> Item:
    return make_item(level=4, type="multiple_choice", scoring="partial_credit", options=7, correct=correct)


def test_partial_credit_has_steps_around_its_difficulty_that_move_together() -> None:
    model, mean, covariance = judged(partial(3), FRAMEWORK)
    assert model == "gpcm"
    assert mean == pytest.approx([-0.35, -1.1, -0.3, 0.5])
    assert covariance[1:, 1:] == pytest.approx(np.full((3, 3), 0.64) + 0.16 * np.eye(3))
    assert covariance[0] == pytest.approx([0.35**2, 0, 0, 0])


def test_partial_credit_with_one_right_option_is_scored_right_or_wrong() -> None:
    assert judged(partial(1), FRAMEWORK)[0] == "2pl"


@pytest.mark.parametrize("item", [make_item(), make_item(type="short_text"), partial(2), partial(5)])
def test_the_expected_score_rises_with_ability(item: Item) -> None:
    rows = np.exp(item_rows(GRID, *judged(item, FRAMEWORK)))
    assert rows.shape == (item.categories, 61)
    assert np.all(np.diff(np.arange(item.categories) @ rows) > 0)


def test_an_untried_item_says_less_than_a_measured_one() -> None:
    judged_rows = np.exp(item_rows(GRID, *judged(make_item(type="short_text"), FRAMEWORK)))
    exact = curve(GRID.theta, a=1.0, b=[-0.3])
    information = [(np.gradient(p[1], 0.2) ** 2 / (p[0] * p[1])).max() for p in (judged_rows, exact)]
    assert information[0] < 0.85 * information[1]


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (Parameters("rasch", 1.0, (0.4,), 0.0, None), curve(GRID.theta, a=1.0, b=[0.4])),
        (Parameters("1pl", 1.3, (0.4,), 0.0, None), curve(GRID.theta, a=1.3, b=[0.4])),
        (Parameters("2pl", 0.8, (-1.0,), 0.0, None), curve(GRID.theta, a=0.8, b=[-1.0])),
        (Parameters("3pl", 1.5, (0.4,), 0.2, None), curve(GRID.theta, a=1.5, b=[0.4], c=0.2)),
        (Parameters("3pl", 1.5, (0.4,), 0.0, None), curve(GRID.theta, a=1.5, b=[0.4])),
        (Parameters("gpcm", 0.7, (0.4, -0.2, 1.0), 0.0, None), curve(GRID.theta, a=0.7, b=[0.4, -0.2, 1.0])),
    ],
    ids=["rasch", "1pl", "2pl", "3pl", "3pl without guessing", "gpcm"],
)
def test_a_measured_item_is_its_model(known: Parameters, expected: Array) -> None:
    rows = item_rows(GRID, *measured(make_item(parameters=known)))
    np.testing.assert_allclose(np.exp(rows), expected, atol=1e-13)


@pytest.mark.parametrize(
    ("model", "c", "covariance", "kept"),
    [
        ("rasch", 0.0, ((0.04,),), [[0, 0], [0, 0.04]]),
        ("1pl", 0.0, ((0.0,),), [[0, 0], [0, 0]]),
        ("2pl", 0.0, ((0.01, 0.0), (0.0, 0.04)), [[0.01, 0], [0, 0.04]]),
        ("3pl", 0.0, ((0.01, 0.0, 0.0), (0.0, 0.04, 0.0), (0.0, 0.0, 0.3)), [[0.01, 0], [0, 0.04]]),
    ],
)
def test_the_covariance_speaks_of_log_slope_and_difficulty(
    model: str, c: float, covariance: tuple[tuple[float, ...], ...], kept: list[list[float]]
) -> None:
    known = Parameters(model, 1.0, (0.4,), c, covariance)  # type: ignore[arg-type]
    found = measured(make_item(parameters=known))
    assert found[2] is not None
    assert found[2].tolist() == kept
    assert np.all(np.isfinite(item_rows(GRID, *found)))


def test_an_item_without_parameters_has_not_been_measured() -> None:
    with pytest.raises(ValueError, match=r"item SN1\.1-001 has no calibrated parameters"):
        measured(make_item())


@pytest.mark.parametrize(
    ("item", "chance"),
    [
        (make_order("abcd", scoring="all_or_nothing"), 1 / 24),
        (make_matching("xyz", scoring="all_or_nothing"), 1 / 24),
        (make_matching("xyx", scoring="all_or_nothing", reuse=True), 1 / 64),
        (make_inline(2, scoring="all_or_nothing"), 1 / 9),
    ],
)
def test_an_order_a_match_or_gaps_are_guessed_whole_as_rarely_as_chance_has_it(item: Item, chance: float) -> None:
    model, mean, _ = judged(item, FRAMEWORK)
    assert model == "3pl"
    assert mean[2] == pytest.approx(np.log(0.7 * chance / (1 - 0.7 * chance)))


@pytest.mark.parametrize("item", [make_order(), make_matching(), make_inline(), make_gap_text("un", "deux")])
def test_parts_with_partial_credit_have_two_steps(item: Item) -> None:
    model, mean, covariance = judged(item, FRAMEWORK)
    assert (model, mean.shape, covariance.shape) == ("gpcm", (3,), (3, 3))


@pytest.mark.parametrize("item", [make_number(), make_gap_text("un", "deux", scoring="all_or_nothing")])
def test_what_has_to_be_typed_is_not_guessed(item: Item) -> None:
    assert judged(item, FRAMEWORK)[0] == "2pl"
