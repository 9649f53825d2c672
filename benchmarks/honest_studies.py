"""Studies of what the engine claims: intervals that hold, domains that help each other, exposure that is held."""

from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from app.engine.content import Blueprint
from app.engine.grid import Floats, make_grid
from app.engine.plan import Plan, make_plan
from app.engine.pricing import find_prices
from app.engine.prior import second_order_prior
from app.engine.simulation import Study, simulate
from app.engine.simulation_report import Figures
from app.engine.simulation_truth import ItemBelief, abilities_from_prior, bank_belief
from app.engine.tables import item_rows, make_tables

SEED: Final = 20261124
ITEMS: Final = 500
LENGTH: Final = 30
CUTS: Final = np.array([-2.25, -1.5, -0.75, 0.0, 0.75, 1.5, 2.25])
SPREAD: Final = np.array([0.3, 1.0])
"""Standard deviations of log a and b over the items; means are zero."""


ROUNDS: Final = 4
"""Times that the posterior means, and the information at them, are computed anew."""
LEAST_VARIANCE: Final = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class Items:
    """Two-parameter items: transformed parameters (log a, b), shape (n, 2), and covariances (n, 2, 2) or None."""

    mean: Floats
    covariance: Floats | None = None

    def beliefs(self) -> list[ItemBelief]:
        known = [None] * len(self.mean) if self.covariance is None else list(self.covariance)
        return [ItemBelief("2pl", mean, covariance) for mean, covariance in zip(self.mean, known, strict=True)]

    def plan(self, *, domains: int = 1, loading: float = 0.0, longest: int = LENGTH, se_target: float = 0.01,
             **rules: object) -> Plan:  # fmt: skip
        """Items dealt out to the domains in turn; tests of fixed length unless the target is reached."""
        grid = make_grid()
        home = np.arange(len(self.mean)) % domains
        rows = [item_rows(grid, item.family, item.mean, item.covariance) for item in self.beliefs()]
        each = np.tile((0, longest), (domains, 1))
        return make_plan(
            make_tables(grid, rows, home.tolist(), domains=domains),
            second_order_prior(grid, [loading] * domains),
            Blueprint((0, longest), each, each, np.arange(domains)),
            competence=home,
            se_target=se_target,
            **rules,  # type: ignore[arg-type]
        )


def true_items(rng: np.random.Generator, size: int = ITEMS) -> Items:
    return Items(rng.normal(size=(size, 2)) * SPREAD)


def run(study: Study, size: int, seed: int, executor: Executor) -> Figures:
    return simulate(study, size=size, seed=seed, executor=executor).overall


@dataclass(frozen=True, slots=True)
class Joint:
    """Five domains measured together, and apart, until every posterior SD is at most .40."""

    correlation: float
    together: Figures
    apart: Figures


def joint_and_apart(correlation: float, *, size: int, executor: Executor, seed: int = SEED) -> Joint:
    """The same students and bank; apart, every domain has a prior of its own and knows nothing of the others."""
    items, loading = true_items(np.random.default_rng(seed)), float(np.sqrt(correlation))

    def students(first: int, count: int, rng: np.random.Generator) -> Floats:  # noqa: ARG001
        return abilities_from_prior(np.full(5, loading), count, rng)

    found = []
    for used in (loading, 0.0):
        plan = items.plan(domains=5, loading=used, longest=100, se_target=0.40)
        found.append(run(Study(plan, bank_belief(items.beliefs()), CUTS, abilities=students), size, seed, executor))
    return Joint(correlation, *found)


@dataclass(frozen=True, slots=True)
class Honest:
    """Figures of sittings on banks calibrated with some persons, over several banks.

    Attributes
    ----------
    coverage, standard_error : of the 95 % intervals; the error is that of the mean over banks.
    """

    sittings: int
    coverage: float
    standard_error: float
    rmse: float
    mean_se: float


def calibrated(rng: np.random.Generator, truth: Items, persons: int) -> tuple[Items, Items]:
    """Estimates as a calibration with so many persons gives them: plain, and shrunk with their posterior covariance.

    Errors are normal with the inverse of the expected information at the truth. The posterior knows neither the truth
    nor the population of items: its information is that at the posterior mean, its hierarchical prior's means and
    variances are estimated from the estimates (their variance less that of their errors).
    """
    errors = np.linalg.inv(_information(truth.mean, persons))
    plain = truth.mean + np.matvec(np.linalg.cholesky(errors), rng.normal(size=truth.mean.shape))
    shrunk, precision = plain, _information(plain, persons)
    for _ in range(ROUNDS):
        noise = np.linalg.inv(precision)[:, [0, 1], [0, 1]]
        middle, variance = _population(plain, noise)
        prior = np.diag(1 / variance)
        covariance = np.linalg.inv(precision + prior)
        shrunk = np.matvec(covariance, np.matvec(precision, plain) + prior @ middle)
        precision = _information(shrunk, persons)
    return Items(plain), Items(shrunk, covariance)


def _population(plain: Floats, noise: Floats) -> tuple[Floats, Floats]:
    """Mean and variance of the items' true parameters, from estimates and the variances of their errors."""
    weight = 1 / (SPREAD**2 + noise)
    middle = (weight * plain).sum(axis=0) / weight.sum(axis=0)
    excess = (weight**2 * ((plain - middle) ** 2 - noise)).sum(axis=0) / (weight**2).sum(axis=0)
    return middle, np.maximum(excess, LEAST_VARIANCE)


def _information(mean: Floats, persons: int) -> Floats:
    """Expected information of (log a, b) from persons of a standard normal population, shape (n, 2, 2)."""
    theta = make_grid().theta
    weight = np.exp(-0.5 * theta**2)
    a, distance = np.exp(mean[:, :1]), theta - mean[:, 1:]
    p = 1 / (1 + np.exp(-a * distance))
    slopes = np.stack([a * distance, np.broadcast_to(-a, distance.shape)], axis=1)
    found: Floats = persons * np.einsum("niq,njq,nq->nij", slopes, slopes, p * (1 - p) * weight / weight.sum())
    return found


def honest_intervals(
    *, persons: int, banks: int, sittings: int, executor: Executor, seed: int = SEED
) -> tuple[Honest, Honest]:
    """Sittings on banks calibrated with so many persons, answered by the true items.

    First with plain estimates, taken for exact; then with shrunk posteriors.
    """
    seen: tuple[list[Figures], list[Figures]] = ([], [])
    for bank in range(banks):
        rng = np.random.default_rng([seed, bank])
        truth = true_items(rng)
        for found, items in zip(seen, calibrated(rng, truth, persons), strict=True):
            study = Study(items.plan(), bank_belief(truth.beliefs()), CUTS)
            found.append(run(study, sittings, seed + bank, executor))
    return _honest(seen[0]), _honest(seen[1])


def _honest(found: list[Figures]) -> Honest:
    coverage = np.array([one.coverage for one in found])
    return Honest(
        sum(one.n for one in found),
        float(coverage.mean()),
        float(coverage.std(ddof=1) / np.sqrt(coverage.size)),
        float(np.sqrt(np.mean([one.rmse**2 for one in found]))),
        float(np.mean([one.mean_se for one in found])),
    )


CAP: Final = 0.25
START: Final = 0.1
"""Share of the test over which choices are partly random, so that every item is seen."""
FIRST: Final = 1 / LENGTH
"""The same where only the first item is random."""
ROUNDS_OF_PRICES: Final = 150
STUDENTS_A_ROUND: Final = 1_000


def exposures(*, size: int, executor: Executor, seed: int = SEED) -> dict[str, Figures]:
    """One bank and the same students under several rules of choice."""
    items = true_items(np.random.default_rng(seed))
    free = Study(items.plan(), bank_belief(items.beliefs()), CUTS)
    variants = {
        "best item": free,
        "cap .25, progressive start": replace(free, plan=items.plan(progressive=START), exposure_cap=CAP),
        "cap .25": replace(free, exposure_cap=CAP),
        "cap .25, first item at random": replace(free, plan=items.plan(progressive=FIRST), exposure_cap=CAP),
        "cap .25 by prices, first item at random": _priced(free, items.plan(progressive=FIRST), executor, seed),
        "randomesque, 5": replace(free, plan=items.plan(choose_among=5)),
        "randomesque, 10": replace(free, plan=items.plan(choose_among=10)),
        "maximum information": replace(free, plan=items.plan(criterion="information")),
    }
    return {name: run(study, size if study.plan.criterion == "variance" else min(size, 500), seed, executor)
            for name, study in variants.items()}  # fmt: skip


def _priced(free: Study, plan: Plan, executor: Executor, seed: int) -> Study:
    """A study whose cap is kept by prices, with the lot as their guard."""
    study = replace(free, plan=plan)
    found = find_prices(
        study, cap=CAP, rounds=ROUNDS_OF_PRICES, size=STUDENTS_A_ROUND, seed=seed + 1_000, executor=executor
    )
    return replace(study, plan=replace(plan, price=found.price), exposure_cap=CAP)
