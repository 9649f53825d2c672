"""Acceleration, priors and the structure of abilities, each alone."""

import numpy as np
import pytest

from app.engine.anderson import Anderson
from app.engine.beliefs import FLAT, HIERARCHICAL, Belief, Role, log_prior, prior_by_role, role_of, updated
from app.engine.calibration import calibrate
from app.engine.design import Chunk
from app.engine.expectation import densities
from app.engine.families import FAMILIES
from app.engine.iteration import Estimate
from app.engine.latent import Population
from app.engine.responses import arrange
from app.engine.structure import Moments, maximise_population
from tests.engine.calibration_cases import answers, second_order_abilities, two_parameter_items


def test_a_linear_iteration_is_solved_in_as_many_steps_as_it_has_dimensions() -> None:
    rng = np.random.default_rng(1)
    matrix = 0.9 * np.linalg.qr(rng.normal(size=(4, 4)))[0] @ np.diag([1, 0.7, 0.4, 0.1])
    fixed = rng.normal(size=4)
    anderson, point = Anderson(), np.zeros(4)

    for _ in range(6):
        point = anderson.next(point, fixed + matrix @ (point - fixed))

    assert point == pytest.approx(fixed, abs=1e-8)


def test_what_is_forgotten_has_no_say() -> None:
    anderson = Anderson()
    anderson.next(np.zeros(2), np.ones(2))
    anderson.forget()

    assert anderson.next(np.zeros(2), np.full(2, 3.0)).tolist() == [3, 3]


@pytest.mark.parametrize("name", FAMILIES)
def test_every_parameter_of_every_family_has_a_role(name: str) -> None:
    categories = 2 if name in {"rasch", "1pl", "2pl", "3pl", "4pl"} else 4

    roles = [role_of(parameter) for parameter in FAMILIES[name].parameters(categories)]

    assert all(isinstance(role, Role) for role in roles)
    assert (Role.SLOPE in roles) == (name in {"2pl", "3pl", "4pl", "gpcm", "grm"})


def test_a_role_without_a_belief_is_flat() -> None:
    mean, precision = prior_by_role({Role.SLOPE: Belief(0.2, 0.5)}, (Role.SLOPE, Role.LOCATION))

    assert mean.tolist() == [0.2, 0.0]
    assert precision.tolist() == [4.0, 0.0]
    assert log_prior(FLAT, {Role.SLOPE: np.array([1.0])}) == 0


def test_the_spread_of_a_role_counts_the_uncertainty_of_its_parameters() -> None:
    values, variances = {Role.LOCATION: np.array([-1.0, 0, 1, 2])}, {Role.LOCATION: np.full(4, 0.5)}

    belief = updated(HIERARCHICAL, values, variances)[Role.LOCATION]

    assert belief.mean == pytest.approx(0.5)
    assert belief.sd == pytest.approx(np.sqrt((5 + 4 * 0.5 + 4 * 1.5**2) / 8))


def test_too_few_parameters_leave_a_belief_as_it_was() -> None:
    values = {Role.LOCATION: np.zeros(3), Role.GUESS: np.zeros(19)}

    assert updated(HIERARCHICAL, values, values) == dict(HIERARCHICAL)


def test_the_population_of_known_abilities_is_found() -> None:
    rng = np.random.default_rng(2)
    general = rng.normal(size=(2, 200_000, 1))
    loading = np.array([0.8, 0.6, 0.7])
    z = loading * general + np.sqrt(1 - loading**2) * rng.normal(size=(2, 200_000, 3))
    theta = np.array([[[0.0, 0.0, 0.0]], [[0.5, -1.0, 0.0]]]) + np.array([[[1.0, 1.0, 1.0]], [[1.5, 0.5, 1.0]]]) * z
    sums = Moments(
        size=np.full((2, 3), 200_000.0),
        theta=theta.sum(axis=1),
        theta2=(theta**2).sum(axis=1),
        g=np.repeat(general.sum(axis=1), 3, axis=1),
        g2=np.repeat((general**2).sum(axis=1), 3, axis=1),
        product=(general * theta).sum(axis=1),
    )
    none = np.zeros(3, dtype=np.bool_)
    population = Population(np.zeros((2, 3)), np.ones((2, 3)), np.full(3, 0.5))

    for _ in range(20):
        population = maximise_population(population, sums, centred=~none, scaled=~none)

    assert population.mean[0].tolist() == [0, 0, 0]
    assert population.sd[0].tolist() == [1, 1, 1]
    assert population.mean[1] == pytest.approx([0.5, -1.0, 0.0], abs=0.01)
    assert population.sd[1] == pytest.approx([1.5, 0.5, 1.0], abs=0.01)
    assert population.loading == pytest.approx(loading, abs=0.01)


def test_densities_of_persons_are_the_posteriors_of_their_answers_alone() -> None:
    rng, domain = np.random.default_rng(3), np.repeat([0, 1], 5)
    theta = second_order_abilities(rng, 300, [0.8, 0.7])
    xi = two_parameter_items(rng, 10)
    scores = np.hstack([answers(rng, theta[:, d], "2pl", xi[domain == d]) for d in (0, 1)])
    found = calibrate(arrange(scores, domain=domain), ["2pl"] * 10)
    terms = found.iteration.terms(found.estimate, np.float64)

    total = 0.0
    for chunk in found.iteration.responses.chunks:
        density, log_likelihood = densities(chunk, terms)
        assert all(np.allclose(each.sum(axis=1), 1) for each in density)
        weight = np.ones(chunk.persons) if chunk.weight is None else chunk.weight
        total += float(weight @ log_likelihood)

    assert total == pytest.approx(found.log_likelihood, abs=1e-6)


def test_an_objective_that_falls_is_taken_back() -> None:
    """Weak data and no priors: extrapolation overshoots, and the best estimate must not be lost."""
    rng = np.random.default_rng(12)
    scores = answers(rng, rng.normal(size=150), "3pl", np.tile([0.5, 0.0, -1.5], (6, 1)))

    found = calibrate(arrange(scores), ["3pl"] * 6, beliefs=FLAT, max_iterations=60)

    values = [each.log_likelihood for each in found.trace]
    assert found.log_likelihood == pytest.approx(max(values), abs=1e-6)
    again = found.iteration.expect(found.estimate, np.float64).log_likelihood
    assert again == pytest.approx(found.log_likelihood, abs=1e-9)


def test_packed_and_unpacked_an_estimate_is_the_same() -> None:
    rng = np.random.default_rng(13)
    scores = answers(rng, rng.normal(size=200), "2pl", two_parameter_items(rng, 6))
    found = calibrate(arrange(scores, domain=[0, 0, 0, 1, 1, 1]), ["2pl"] * 6)

    again: Estimate = found.iteration.unpacked(found.iteration.packed(found.estimate), found.estimate)

    assert np.array_equal(again.items[0], found.estimate.items[0])
    assert again.population.loading == pytest.approx(found.estimate.population.loading)
    assert again.beliefs[Role.SLOPE].sd == pytest.approx(found.estimate.beliefs[Role.SLOPE].sd)


def test_a_chunk_knows_its_persons() -> None:
    assert Chunk(0, (np.zeros((3, 2), dtype=np.uint8),), None).persons == 3
