"""Calibration: what must not matter, what ties scales together, and what it says of itself."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from app.engine.batch import MISSING
from app.engine.beliefs import FLAT, HIERARCHICAL, Role
from app.engine.calibration import Calibration, Progress, calibrate
from app.engine.grid import Ints, make_grid
from app.engine.latent import Population
from app.engine.maximisation import BOUNDS
from app.engine.observed_information import uncertainty
from app.engine.responses import arrange
from app.engine.spread import Shared
from app.engine.tables import item_rows
from tests.engine.calibration_cases import (
    answers,
    natural,
    published,
    second_order_abilities,
    two_parameter_items,
)

# --- What must not matter --------------------------------------------------------------------------------------


def some_answers(*, persons: int = 600, items: int = 8, missing: float = 0.3) -> Ints:
    rng = np.random.default_rng(7)
    scores = answers(rng, rng.normal(size=persons), "2pl", two_parameter_items(rng, items))
    scores[rng.random(scores.shape) < missing] = MISSING
    return scores


def test_the_order_of_persons_does_not_matter() -> None:
    scores = some_answers()

    forth, back = (calibrate(arrange(rows), ["2pl"] * 8) for rows in (scores, scores[::-1]))

    assert natural(forth) == pytest.approx(natural(back), abs=1e-6)


def test_the_order_of_items_does_not_matter() -> None:
    scores = some_answers()

    forth, back = (calibrate(arrange(columns), ["2pl"] * 8) for columns in (scores, scores[:, ::-1]))

    assert natural(forth) == pytest.approx(natural(back)[::-1], abs=1e-5)


def test_sparse_and_dense_answers_are_the_same_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    scores = some_answers(missing=0.75, persons=2000, items=30)

    stored = calibrate(arrange(sparse.csr_matrix(scores + 1)), ["2pl"] * 30)
    monkeypatch.setattr("app.engine.responses.DENSE_FROM", 0.1)
    dense = calibrate(arrange(scores), ["2pl"] * 30)

    assert sparse.issparse(stored.iteration.responses.chunks[0].designs[0])
    assert not sparse.issparse(dense.iteration.responses.chunks[0].designs[0])
    assert dense.log_likelihood == pytest.approx(stored.log_likelihood, abs=1e-6)


def test_a_weight_stands_for_so_many_persons() -> None:
    scores = some_answers(persons=60)

    weighted = calibrate(arrange(scores, weight=np.full(60, 3.0)), ["2pl"] * 8)
    repeated = calibrate(arrange(np.repeat(scores, 3, axis=0)), ["2pl"] * 8)

    assert natural(weighted) == pytest.approx(natural(repeated), abs=1e-6)


def test_single_precision_at_the_start_leaves_no_trace_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    responses = arrange(some_answers(persons=3000, items=30))
    exact = calibrate(responses, ["2pl"] * 30, beliefs=FLAT)

    monkeypatch.setattr("app.engine.calibration.SINGLE_FROM", 0)
    quick = calibrate(responses, ["2pl"] * 30, beliefs=FLAT)

    assert quick.log_likelihood == pytest.approx(exact.log_likelihood, abs=1e-4)
    assert natural(quick) == pytest.approx(natural(exact), abs=1e-3)


def test_two_domains_share_one_loading_because_the_answers_speak_of_one_correlation() -> None:
    rng, domain = np.random.default_rng(6), np.repeat([0, 1], 8)
    theta = second_order_abilities(rng, 3000, [0.9, 0.7])
    xi = two_parameter_items(rng, 16)
    scores = np.hstack([answers(rng, theta[:, d], "2pl", xi[domain == d]) for d in (0, 1)])

    found = calibrate(arrange(scores, domain=domain), ["2pl"] * 16)

    first, second = found.estimate.population.loading
    assert first == second
    assert first**2 == pytest.approx(0.63, abs=0.06)


def test_threads_change_no_digit() -> None:
    responses = arrange(some_answers(items=30), chunk=50)

    with ThreadPoolExecutor(3) as executor:
        shared = calibrate(responses, ["2pl"] * 30, spread=Shared(responses.chunks, executor))

    assert np.array_equal(natural(shared), natural(calibrate(responses, ["2pl"] * 30)))


# --- Anchors, groups, priors -----------------------------------------------------------------------------------


def test_anchored_at_their_own_estimates_items_leave_the_others_where_they_were() -> None:
    rng = np.random.default_rng(3)
    scores = answers(rng, rng.normal(size=3000), "2pl", two_parameter_items(rng, 10))
    free = calibrate(arrange(scores), ["2pl"] * 10, beliefs=FLAT, tolerance=1e-8)
    xi = free.estimate.items[0]

    held = {item: item_rows(make_grid(), "2pl", xi[item]) for item in range(6)}
    rest = calibrate(arrange(scores), ["2pl"] * 10, beliefs=FLAT, anchors=held, tolerance=1e-8)

    assert rest.estimate.items[0] == pytest.approx(xi[6:], abs=2e-3)
    assert rest.estimate.population.mean[0, 0] == pytest.approx(0, abs=1e-3)
    assert rest.estimate.population.sd[0, 0] == pytest.approx(1, abs=1e-3)


def test_pilot_items_join_the_scale_of_the_known_ones_in_another_population() -> None:
    rng = np.random.default_rng(4)
    xi = two_parameter_items(rng, 30)
    scores = answers(rng, rng.normal(0.6, 1.3, size=4000), "2pl", xi)
    held = {item: item_rows(make_grid(), "2pl", xi[item]) for item in range(20)}

    found = calibrate(arrange(scores), ["2pl"] * 30, anchors=held)
    sure = uncertainty(found)

    z = (found.estimate.items[0] - xi[20:]) / np.sqrt(np.einsum("ipp->ip", sure.items[0]))
    assert np.abs(z).max() < 3.5
    assert found.estimate.population.mean[0, 0] == pytest.approx(0.6, abs=4 * sure.mean[0, 0])
    assert np.log(found.estimate.population.sd[0, 0] / 1.3) == pytest.approx(0, abs=4 * sure.log_sd[0, 0])


def test_groups_of_several_domains_have_their_own_means_and_spreads() -> None:
    rng, domain = np.random.default_rng(8), np.repeat([0, 1], 12)
    theta = second_order_abilities(rng, 6000, [0.8, 0.8])
    group = np.arange(6000) % 2
    theta = np.where(group[:, None] == 1, theta * [1.2, 0.9] + [0.5, -0.3], theta)
    xi = two_parameter_items(rng, 24)
    logit = np.exp(xi[:, 0]) * (theta[:, domain] - xi[:, 1])
    scores = (rng.random(logit.shape) < 1 / (1 + np.exp(-logit))).astype(int)

    found = calibrate(arrange(scores, domain=domain, group=group), ["2pl"] * 24, beliefs=FLAT)

    population = found.estimate.population
    assert found.converged
    assert population.mean[1] == pytest.approx([0.5, -0.3], abs=0.1)
    assert population.sd[1] == pytest.approx([1.2, 0.9], abs=0.08)
    assert population.loading.prod() == pytest.approx(0.64, abs=0.05)
    assert is_a_maximum(found)


def is_a_maximum(found: Calibration) -> bool:
    """No small move of the population's parameters raises the log-likelihood."""
    estimate, iteration = found.estimate, found.iteration

    def value(population: Population) -> float:
        return iteration.expect(replace(estimate, population=population), np.float64).log_likelihood

    best, p = value(estimate.population), estimate.population
    moved = []
    for step in (0.02, -0.02):
        change = np.zeros(p.mean.shape)
        change[1] = step
        moved += [
            Population(p.mean + change, p.sd, p.loading),
            Population(p.mean, p.sd * np.exp(change), p.loading),
            Population(p.mean, p.sd, p.loading + step),
        ]
    return all(value(population) < best for population in moved)


def test_estimated_priors_find_the_spread_of_the_items_and_shrink_towards_it() -> None:
    rng = np.random.default_rng(9)
    xi = np.column_stack([rng.normal(0.2, 0.25, 60), rng.normal(-0.5, 1.2, 60)])
    scores = answers(rng, rng.normal(size=400), "2pl", xi)

    free = calibrate(arrange(scores), ["2pl"] * 60, beliefs=FLAT).estimate
    shrunk = calibrate(arrange(scores), ["2pl"] * 60).estimate

    assert shrunk.beliefs[Role.SLOPE].sd == pytest.approx(0.25, abs=0.1)
    assert shrunk.beliefs[Role.LOCATION].mean == pytest.approx(-0.5, abs=0.35)
    assert np.std(shrunk.items[0] - xi, axis=0)[0] < np.std(free.items[0] - xi, axis=0)[0]


def test_many_items_do_not_pull_the_scale_away_from_the_abilities() -> None:
    """The mode of all parameters together would: difficulties .6 times as wide, slopes 1.6 times as steep."""
    rng = np.random.default_rng(20)
    xi = two_parameter_items(rng, 300)
    scores = answers(rng, rng.normal(size=300), "2pl", xi)

    found = calibrate(arrange(scores), ["2pl"] * 300)

    density = found.iteration.expect(found.estimate, np.float64).mass[0, 0] / 300
    theta = found.iteration.nodes.theta
    assert found.converged
    assert density @ theta**2 - (density @ theta) ** 2 == pytest.approx(1, abs=0.05)
    assert found.estimate.items[0][:, 0].mean() == pytest.approx(xi[:, 0].mean(), abs=0.15)
    assert np.polyfit(xi[:, 1], found.estimate.items[0][:, 1], 1)[0] == pytest.approx(1, abs=0.15)


def test_items_without_slopes_have_priors_too() -> None:
    rng = np.random.default_rng(21)
    b = rng.normal(0, 1, (20, 1))
    scores = answers(rng, 1.2 * rng.normal(size=800), "rasch", b)

    found = calibrate(arrange(scores), ["rasch"] * 20)

    assert found.converged
    assert found.estimate.population.sd[0, 0] == pytest.approx(1.2, abs=0.15)
    assert found.estimate.items[0] == pytest.approx(b, abs=0.4)


def test_three_parameter_items_with_estimated_priors_converge_with_few_items_and_with_many() -> None:
    rng = np.random.default_rng(10)
    many = np.column_stack([rng.normal(0.3, 0.3, 40), rng.normal(0, 1, 40), rng.normal(-1.4, 0.4, 40)])
    scores = answers(rng, rng.normal(size=1500), "3pl", many)

    found = [calibrate(arrange(scores[:, :items]), ["3pl"] * items) for items in (5, 40)]

    assert all(each.converged for each in found)
    assert found[0].estimate.beliefs[Role.GUESS] == HIERARCHICAL[Role.GUESS]
    assert abs(found[1].estimate.beliefs[Role.GUESS].mean + 1.4) < 0.4


def test_mixed_models_are_calibrated_together() -> None:
    rng = np.random.default_rng(11)
    theta = rng.normal(size=3000)
    graded = np.column_stack([rng.normal(0.2, 0.2, 4), rng.normal(-1, 0.3, 4), np.full(4, 0.0)])
    scores = np.hstack([answers(rng, theta, "2pl", two_parameter_items(rng, 6)), answers(rng, theta, "grm", graded)])

    found = calibrate(arrange(scores), ["2pl"] * 6 + ["grm"] * 4, beliefs=FLAT)

    assert [batch.items.tolist() for batch in found.batches] == [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9]]
    assert found.estimate.items[1] == pytest.approx(graded, abs=0.3)


def test_an_item_that_tells_nobody_apart_stops_at_the_flattest_slope_and_holds_up_nothing() -> None:
    rng = np.random.default_rng(5)
    scores = answers(rng, rng.normal(size=400), "2pl", two_parameter_items(rng, 8))
    scores[:, 3] = rng.integers(0, 2, 400)

    found = calibrate(arrange(scores), ["2pl"] * 8, beliefs=FLAT)

    assert found.converged
    assert found.iterations < 50
    assert found.estimate.items[0][3, 0] == BOUNDS[Role.SLOPE][0]


# --- Telling and giving up -------------------------------------------------------------------------------------


def test_every_iteration_is_told() -> None:
    told: list[Progress] = []

    found = calibrate(published("LSAT6"), ["2pl"] * 5, beliefs=FLAT, progress=told.append)

    assert tuple(told) == found.trace
    assert [each.iteration for each in told] == list(range(1, found.iterations + 1))
    assert told[-1].remaining < told[0].remaining


def test_what_has_not_converged_says_so() -> None:
    found = calibrate(published("LSAT6"), ["2pl"] * 5, beliefs=FLAT, max_iterations=2)

    assert not found.converged
    assert found.iterations == 2


@pytest.mark.parametrize(
    ("families", "message"),
    [
        (["2pl"] * 4, "families must name one model per item, 5, got 4"),
        (["5pl"] * 5, "families must be among rasch, 1pl"),
    ],
)
def test_families_must_be_known_and_one_per_item(families: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        calibrate(published("LSAT6"), families)
