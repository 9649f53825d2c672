"""Response models against published and hand-computed values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.models import (
    generalised_partial_credit,
    graded_response,
    log_expit,
    log_expit_both,
    logistic,
    nominal_response,
)
from tests.engine.brute import curve

SEVEN = np.arange(-3.0, 4.0)


@pytest.mark.parametrize(
    ("a", "b", "c", "expected"),
    [
        # Baker 2001, The Basics of Item Response Theory, 2nd ed., chapter 2, computational examples.
        (1.0, 1.0, 0.0, [0.02, 0.05, 0.12, 0.27, 0.50, 0.73, 0.88]),
        (0.5, 1.0, 0.0, [0.12, 0.18, 0.27, 0.38, 0.50, 0.62, 0.73]),
        (1.3, 1.5, 0.2, [0.20, 0.21, 0.23, 0.30, 0.47, 0.73, 0.90]),
    ],
    ids=["Rasch", "2PL", "3PL"],
)
def test_logistic_items_equal_published_tables(a: float, b: float, c: float, expected: list[float]) -> None:
    right = np.exp(logistic(SEVEN, a=np.array(a), b=np.array(b), c=c))[1]
    np.testing.assert_allclose(right, expected, atol=0.00501)


def test_logistic_items_equal_values_by_hand() -> None:
    # 1 / (1 + e^-1.5) = 0.81757447619364366; 0.2 + 0.8 times that.
    found = logistic(np.array([1.5]), a=np.array([1.5, 1.5]), b=np.array([0.5, 0.5]), c=np.array([0.0, 0.2]))
    np.testing.assert_allclose(np.exp(found)[:, 1, 0], [0.8175744761936437, 0.8540595809549150], rtol=1e-14)


def test_partial_credit_equals_values_by_hand() -> None:
    # a = 1, steps -1 and 1, theta 0: weights 1, e, 1.
    found = np.exp(generalised_partial_credit(np.zeros(1), a=np.array(1.0), b=np.array([-1.0, 1.0])))[:, 0]
    np.testing.assert_allclose(found, [0.2119415576170855, 0.5761168847658291, 0.2119415576170855], rtol=1e-14)


def test_an_upper_asymptote_equals_values_by_hand() -> None:
    # At the difficulty half way between the asymptotes; far away they themselves.
    found = np.exp(logistic(np.array([-900.0, 0.5, 900.0]), a=np.array(1.5), b=np.array(0.5), c=0.2, d=0.9))
    np.testing.assert_allclose(found, [[0.8, 0.45, 0.1], [0.2, 0.55, 0.9]], rtol=1e-14)


def test_an_upper_asymptote_of_one_is_the_model_without_to_the_bit() -> None:
    a, b, c = np.array([0.7, 2.0]), np.array([-1.0, 0.3]), np.array([0.1, 0.25])
    np.testing.assert_array_equal(logistic(SEVEN, a=a, b=b, c=c, d=1.0), logistic(SEVEN, a=a, b=b, c=c))


def test_graded_response_equals_values_by_hand() -> None:
    # a = 1, thresholds -1 and 1, theta 0: 1 / (1 + e) below and above, the rest between.
    found = np.exp(graded_response(np.zeros(1), a=np.array(1.0), b=np.array([-1.0, 1.0])))[:, 0]
    np.testing.assert_allclose(found, [0.2689414213699951, 0.4621171572600098, 0.2689414213699951], rtol=1e-14)


def test_graded_response_of_one_threshold_is_the_two_parameter_model() -> None:
    one = graded_response(SEVEN, a=np.array(1.3), b=np.array([0.4]))
    np.testing.assert_allclose(one, logistic(SEVEN, a=np.array(1.3), b=np.array(0.4)), atol=1e-14)


def test_a_graded_category_too_rare_for_a_difference_keeps_its_logarithm() -> None:
    # S(x) - S(x - h) = S'(x) h for a small h; at x = -300 both are below 1e-130.
    found = graded_response(np.array([-300.0]), a=np.array(1.0), b=np.array([0.0, 1e-12]))
    np.testing.assert_allclose(found[1, 0], -300 + np.log(1e-12), rtol=1e-12)


@given(st.floats(0.1, 3), st.lists(st.floats(-4, 4), min_size=1, max_size=6, unique_by=lambda b: round(b, 3)))
def test_graded_response_equals_the_plain_formula(a: float, b: list[float]) -> None:
    theta, b = np.linspace(-6, 6, 61), sorted(b)
    at_least = [np.ones(61), *(1 / (1 + np.exp(-a * (theta - step))) for step in b), np.zeros(61)]
    found = np.exp(graded_response(theta, a=np.array(a), b=np.array(b)))
    np.testing.assert_allclose(found, -np.diff(at_least, axis=0), atol=1e-13)


def test_nominal_response_equals_values_by_hand() -> None:
    # Slopes 1 and 2, theta log 2: weights 1, 2, 4.
    found = np.exp(nominal_response(np.log([1.0, 2.0]), a=np.array([1.0, 2.0]), c=np.array([0.0, 0.0])))
    np.testing.assert_allclose(found, [[1 / 3, 1 / 7], [1 / 3, 2 / 7], [1 / 3, 4 / 7]], rtol=1e-14)


def test_nominal_response_with_slopes_in_steps_is_partial_credit() -> None:
    a, b = 1.2, np.array([-0.5, 0.7, 0.1])
    nominal = nominal_response(SEVEN, a=a * np.arange(1.0, 4.0), c=-a * np.cumsum(b))
    np.testing.assert_allclose(nominal, generalised_partial_credit(SEVEN, a=np.array(a), b=b), atol=1e-13)


def test_neighbouring_categories_cross_at_their_step() -> None:
    steps = np.array([-1.3, 0.2, 0.9])
    found = generalised_partial_credit(steps, a=np.array(0.8), b=steps)
    for index in range(3):
        assert found[index, index] == pytest.approx(found[index + 1, index], abs=1e-14)


@given(st.floats(0.1, 4), st.floats(-5, 5), st.sampled_from([0.0, 0.1, 0.25, 0.5]))
def test_logistic_items_equal_the_plain_formula(a: float, b: float, c: float) -> None:
    theta = np.linspace(-6, 6, 61)
    found = np.exp(logistic(theta, a=np.array(a), b=np.array(b), c=c))
    np.testing.assert_allclose(found, curve(theta, a=a, b=[b], c=c), atol=1e-14)
    np.testing.assert_allclose(found.sum(axis=0), 1, atol=1e-14)


@given(st.floats(0.1, 3), st.lists(st.floats(-4, 4), min_size=1, max_size=6))
def test_partial_credit_equals_the_plain_formula(a: float, b: list[float]) -> None:
    theta = np.linspace(-6, 6, 61)
    odds = np.exp(np.cumsum([np.zeros(61), *(a * (theta - step) for step in b)], axis=0))
    found = np.exp(generalised_partial_credit(theta, a=np.array(a), b=np.array(b)))
    np.testing.assert_allclose(found, odds / odds.sum(axis=0), atol=1e-13)


def test_partial_credit_of_one_step_is_the_two_parameter_model() -> None:
    one = generalised_partial_credit(SEVEN, a=np.array(1.3), b=np.array([0.4]))
    np.testing.assert_allclose(one, logistic(SEVEN, a=np.array(1.3), b=np.array(0.4)), atol=1e-14)


def test_log_probabilities_stay_exact_where_probabilities_underflow() -> None:
    theta = np.array([-600.0, 600.0])
    found = logistic(theta, a=np.array(3.0), b=np.array(0.0))
    np.testing.assert_allclose(found, [[0, -1800], [-1800, 0]])
    assert log_expit(np.array([-1e4]))[0] == -1e4
    np.testing.assert_array_equal(log_expit_both(np.array([-1e4, 1e4])), [[-1e4, 0], [0, -1e4]])


def test_parameters_broadcast_over_leading_axes() -> None:
    assert logistic(SEVEN, a=np.ones((4, 1)), b=np.zeros(3), c=0.1).shape == (4, 3, 2, 7)
    assert generalised_partial_credit(SEVEN, a=np.ones((4, 3)), b=np.zeros((4, 3, 5))).shape == (4, 3, 6, 7)
    assert graded_response(SEVEN, a=np.ones((4, 3)), b=np.zeros((4, 3, 5)) + np.arange(5)).shape == (4, 3, 6, 7)
    assert nominal_response(SEVEN, a=np.ones((4, 3)), c=np.zeros((4, 3))).shape == (4, 4, 7)


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"a": 0.0}, "a must be finite and positive, got array"),
        ({"a": -1.0}, "a must be finite and positive, got array"),
        ({"a": np.inf}, "a must be finite and positive, got array"),
        ({"a": np.nan}, "a must be finite and positive, got array"),
        ({"b": np.nan}, "b must be finite, got array"),
        ({"b": -np.inf}, "b must be finite, got array"),
        ({"c": 1.0}, r"c must be in \[0, 1\), got array"),
        ({"c": -0.01}, r"c must be in \[0, 1\), got array"),
        ({"c": np.nan}, r"c must be in \[0, 1\), got array"),
        ({"d": 1.01}, r"d must be in \(c, 1\], got array"),
        ({"c": 0.3, "d": 0.3}, r"d must be in \(c, 1\], got array"),
        ({"d": np.nan}, r"d must be in \(c, 1\], got array"),
    ],
)
def test_impossible_parameters_of_a_logistic_item_are_refused(parameters: dict[str, float], expected: str) -> None:
    given_ = {name: np.array(value) for name, value in {"a": 1.0, "b": 0.0, "c": 0.0, **parameters}.items()}
    with pytest.raises(ValueError, match=expected):
        logistic(SEVEN, **given_)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (0.0, [0.0], "a must be finite and positive"),
        (np.nan, [0.0], "a must be finite and positive"),
        (1.0, [0.0, np.inf], "b must be finite with one entry per step"),
        (1.0, 0.0, "b must be finite with one entry per step"),
    ],
)
def test_impossible_parameters_of_a_partial_credit_item_are_refused(a: float, b: object, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        generalised_partial_credit(SEVEN, a=np.array(a), b=np.array(b))


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (0.0, [0.0], "a must be finite and positive"),
        (1.0, [0.0, np.nan], "b must be finite with one entry per threshold"),
        (1.0, 0.0, "b must be finite with one entry per threshold"),
        (1.0, [0.0, 1.0, 0.5], "b must be strictly increasing, got b_2 = 1.0 and b_3 = 0.5$"),
        (1.0, [0.0, 0.0], "b must be strictly increasing, got b_1 = 0.0 and b_2 = 0.0$"),
        ([1.0, 1.0], [[0.0, 1.0], [2.0, 1.0]], r"got b_1 = 2.0 and b_2 = 1.0 at index \(1,\)"),
    ],
)
def test_impossible_parameters_of_a_graded_item_are_refused(a: object, b: object, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        graded_response(SEVEN, a=np.array(a), b=np.array(b))


@pytest.mark.parametrize(
    ("a", "c", "expected"),
    [
        ([np.inf], [0.0], "a must be finite with one entry per category above 0"),
        ([1.0], [np.nan], "c must be finite with one entry per category above 0"),
        (1.0, [0.0], "a must be finite with one entry per category above 0"),
    ],
)
def test_impossible_parameters_of_a_nominal_item_are_refused(a: object, c: object, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        nominal_response(SEVEN, a=np.array(a), c=np.array(c))
