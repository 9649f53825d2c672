"""Families: gradients against complex steps, parameters there and back, extremes, and what is refused."""

import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.families import FAMILIES
from tests.engine.families import BINARY, NAMES, by_complex_step, parameters

THETA = np.linspace(-4, 4, 9)
items = st.sampled_from(NAMES).flatmap(
    lambda name: st.tuples(st.just(name), st.integers(1, 5).flatmap(lambda above: parameters(name, above=above)))
)
extreme = st.sampled_from(NAMES).flatmap(
    lambda name: st.tuples(st.just(name), parameters(name, above=4, slope=20.0, place=6.0))
)


def central(function: Any, xi: np.ndarray) -> np.ndarray:
    """Fourth-order central differences by each parameter, on a new last axis."""
    h, found = 1e-3, []
    for step in np.eye(xi.size) * h:
        near, far = function(xi + step) - function(xi - step), function(xi + 2 * step) - function(xi - 2 * step)
        found.append((8 * near - far) / (12 * h))
    return np.stack(found, axis=-1)


def test_every_model_has_its_family() -> None:
    assert tuple(FAMILIES) == NAMES
    assert [family.name for family in FAMILIES.values()] == list(NAMES)


@given(items)
def test_values_and_gradients_equal_complex_steps_through_the_plain_formula(item: tuple[str, np.ndarray]) -> None:
    name, xi = item
    values, gradient = by_complex_step(name, THETA, xi)
    found_values, found_gradient = FAMILIES[name].evaluate(THETA, xi)
    np.testing.assert_allclose(np.exp(found_values), np.exp(values), rtol=0, atol=1e-13)
    likely = np.broadcast_to(values > -12, gradient.shape)  # below, the plain formula itself has no digits left
    np.testing.assert_allclose(found_gradient[likely], gradient[likely], rtol=1e-8, atol=1e-7)


@given(items)
def test_the_two_ways_to_the_log_probabilities_agree(item: tuple[str, np.ndarray]) -> None:
    name, xi = item
    found, expected = FAMILIES[name].evaluate(THETA, xi)[0], FAMILIES[name].log_p(THETA, xi)
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-12)
    np.testing.assert_array_equal(FAMILIES[name].gradient(THETA, xi), FAMILIES[name].evaluate(THETA, xi)[1])


@given(extreme)
def test_steep_items_far_away_keep_finite_values_and_unbiased_gradients(item: tuple[str, np.ndarray]) -> None:
    """The expected gradient is zero at every ability: probabilities go on summing to one."""
    name, xi = item
    theta = np.linspace(-10, 10, 81)
    values, gradient = FAMILIES[name].evaluate(theta, xi)
    assert np.isfinite(values).all()
    assert np.isfinite(gradient).all()
    np.testing.assert_allclose(np.exp(values).sum(axis=0), 1, atol=1e-12)
    np.testing.assert_allclose((np.exp(values) * gradient).sum(axis=1), 0, atol=1e-9)
    np.testing.assert_allclose(FAMILIES[name].log_p(theta, xi), values, rtol=1e-9, atol=1e-12)


@given(extreme)
def test_steep_items_far_away_have_the_gradient_of_their_values(item: tuple[str, np.ndarray]) -> None:
    """Central differences of the log-probabilities themselves, in steps small against the curve's."""
    name, xi = item
    family = FAMILIES[name]
    theta = np.linspace(-10, 10, 21)
    scale = 1e-3 / (1 + np.abs(family.natural(xi)).max() * 20)
    for k, step in enumerate(np.eye(xi.size) * scale):
        near = family.evaluate(theta, xi + step)[0] - family.evaluate(theta, xi - step)[0]
        expected = family.gradient(theta, xi)[k]
        np.testing.assert_allclose(near / (2 * scale), expected, rtol=2e-5, atol=2e-5)


@given(items)
def test_parameters_go_there_and_back(item: tuple[str, np.ndarray]) -> None:
    name, xi = item
    family = FAMILIES[name]
    np.testing.assert_allclose(family.transformed(family.natural(xi)), xi, rtol=1e-9, atol=1e-9)


@given(items)
def test_the_jacobian_is_the_slope_of_the_natural_parameters(item: tuple[str, np.ndarray]) -> None:
    name, xi = item
    family = FAMILIES[name]
    np.testing.assert_allclose(family.jacobian(xi), central(family.natural, xi), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_items_of_one_family_go_through_together(name: str) -> None:
    family, rng = FAMILIES[name], np.random.default_rng(5)
    xi = rng.normal(size=(2, 3, len(family.parameters(2 if name in BINARY else 4))))
    values, gradient = family.evaluate(THETA, xi)
    categories = family.categories(xi.shape[-1])
    assert values.shape == (2, 3, categories, 9)
    assert gradient.shape == (2, 3, xi.shape[-1], categories, 9)
    assert family.jacobian(xi).shape == (2, 3, xi.shape[-1], xi.shape[-1])
    alone_values, alone_gradient = family.evaluate(THETA, xi[1, 2])
    np.testing.assert_allclose(values[1, 2], alone_values, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(gradient[1, 2], alone_gradient, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(family.natural(xi)[1, 2], family.natural(xi[1, 2]), rtol=1e-15)
    np.testing.assert_allclose(family.jacobian(xi)[1, 2], family.jacobian(xi[1, 2]), rtol=1e-15)


@pytest.mark.parametrize(
    ("name", "transformed", "natural"),
    [
        ("rasch", ("b",), ("b",)),
        ("2pl", ("log a", "b"), ("a", "b")),
        ("4pl", ("log a", "b", "logit c", "logit (d-c)/(1-c)"), ("a", "b", "c", "d")),
        ("pcm", ("b1", "b2", "b3"), ("b1", "b2", "b3")),
        ("gpcm", ("log a", "b1", "b2", "b3"), ("a", "b1", "b2", "b3")),
        ("grm", ("log a", "b1", "log (b2-b1)", "log (b3-b2)"), ("a", "b1", "b2", "b3")),
        ("nrm", ("a1", "a2", "a3", "c1", "c2", "c3"), ("a1", "a2", "a3", "c1", "c2", "c3")),
    ],
)
def test_parameters_have_names(name: str, transformed: tuple[str, ...], natural: tuple[str, ...]) -> None:
    family, categories = FAMILIES[name], 2 if name in BINARY else 4
    assert family.parameters(categories) == transformed
    assert family.natural_parameters(categories) == natural
    assert family.categories(len(transformed)) == categories


def test_natural_parameters_by_hand() -> None:
    found = FAMILIES["4pl"].natural(np.array([np.log(2.0), 0.5, np.log(0.25 / 0.75), np.log(4.0)]))
    np.testing.assert_allclose(found, [2.0, 0.5, 0.25, 0.25 + 0.75 * 0.8])
    found = FAMILIES["grm"].natural(np.array([0.0, -1.0, np.log(0.5), np.log(2.0)]))
    np.testing.assert_allclose(found, [1.0, -1.0, -0.5, 1.5])


def test_thresholds_closer_than_floats_can_tell_apart_keep_their_category() -> None:
    values, gradient = FAMILIES["grm"].evaluate(np.array([5.0]), np.array([0.0, 5.0, -45.0]))
    assert values[1, 0] == pytest.approx(np.log(0.25) - 45, abs=1e-12)
    assert gradient[2, 1, 0] == pytest.approx(1.0, abs=1e-12)


def test_a_family_can_be_sent_to_another_process() -> None:
    for name in NAMES:
        again = pickle.loads(pickle.dumps(FAMILIES[name]))
        xi = np.full(len(again.parameters(2)), 0.3)
        np.testing.assert_array_equal(again.log_p(THETA, xi), FAMILIES[name].log_p(THETA, xi))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_parameters_that_are_not_finite_are_refused(name: str, bad: float) -> None:
    family = FAMILIES[name]
    for k in range(len(family.parameters(2))):
        xi = np.zeros(len(family.parameters(2)))
        xi[k] = bad
        with pytest.raises(ValueError, match="must be finite"):
            family.evaluate(THETA, xi)


@pytest.mark.parametrize("name", ["2pl", "3pl", "4pl", "gpcm", "grm"])
def test_a_slope_beyond_floats_is_refused_and_not_computed_with(name: str) -> None:
    xi = np.zeros(len(FAMILIES[name].parameters(2)))
    xi[0] = 800
    for function in (FAMILIES[name].log_p, FAMILIES[name].evaluate):
        with pytest.raises(ValueError, match="finite"):
            function(THETA, xi)


@pytest.mark.parametrize(
    ("name", "natural", "expected"),
    [
        ("2pl", [0.0, 1.0], "a must be finite and positive"),
        ("gpcm", [-1.0, 1.0, 2.0], "a must be finite and positive"),
        ("grm", [-1.0, 1.0, 2.0], "a must be finite and positive"),
        ("grm", [1.0, 1.0, 1.0], "distances of neighbouring thresholds b must be finite and positive"),
        ("3pl", [1.0, 0.0, 0.0], r"c must be in \(0, 1\)"),
        ("3pl", [1.0, 0.0, 1.0], r"c must be in \(0, 1\)"),
        ("4pl", [1.0, 0.0, 0.2, 1.0], r"d must be in \(c, 1\)"),
        ("4pl", [1.0, 0.0, 0.2, 0.2], r"d must be in \(c, 1\)"),
    ],
)
def test_natural_parameters_outside_the_model_are_refused(name: str, natural: list[float], expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        FAMILIES[name].transformed(np.array(natural))


@pytest.mark.parametrize(("name", "wrong"), [("rasch", 2), ("2pl", 3), ("4pl", 3), ("gpcm", 1), ("grm", 1), ("nrm", 3)])
def test_another_number_of_parameters_is_refused(name: str, wrong: int) -> None:
    with pytest.raises(ValueError, match=rf"parameters must number .*, got {wrong}"):
        FAMILIES[name].categories(wrong)


def test_a_binary_item_is_given_its_own_number_of_parameters() -> None:
    for call in (FAMILIES["2pl"].natural, FAMILIES["2pl"].jacobian, FAMILIES["2pl"].transformed):
        with pytest.raises(ValueError, match=r"parameters must be \('log a', 'b'\), shape \(\.\.\., 2\), got \(3,\)"):
            call(np.zeros(3))


@pytest.mark.parametrize(("name", "categories"), [("2pl", 3), ("pcm", 1), ("nrm", 1)])
def test_another_number_of_categories_is_refused(name: str, categories: int) -> None:
    for call in (FAMILIES[name].parameters, FAMILIES[name].natural_parameters):
        with pytest.raises(ValueError, match="categories must be"):
            call(categories)
