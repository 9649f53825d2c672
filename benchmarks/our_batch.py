"""Toise on many persons: scores, calibrates, simulates; and the bare matrix products of the same sizes."""

from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from functools import cache
from multiprocessing import get_context
from typing import Any

import numpy as np
from scipy import sparse
from threadpoolctl import threadpool_limits

from app.engine.batch import CHUNK
from app.engine.beliefs import FLAT, Belief, Role
from app.engine.calibration import Calibration
from app.engine.calibration import calibrate as calibrated
from app.engine.content import Blueprint
from app.engine.estimators import estimate
from app.engine.grid import Floats, make_grid
from app.engine.models import logistic
from app.engine.plan import make_plan
from app.engine.prior import second_order_prior
from app.engine.responses import arrange
from app.engine.simulation import Study
from app.engine.simulation import simulate as simulated
from app.engine.simulation_report import Report
from app.engine.simulation_truth import BankBelief, ItemBelief, bank_belief
from app.engine.spread import Here, Shared
from app.engine.tables import ItemTables, make_tables
from benchmarks.jobs import Job, answers, cases, read
from benchmarks.loop import answer

BETA_2_8 = {Role.GUESS: Belief(-1.593, 0.882)}
"""The normal with the moments that Beta(2, 8), the peers' prior of the lower asymptote, has on the logit scale."""


@cache
def workers(count: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(count)


@cache
def processes(count: int) -> Executor:
    """For simulations: their many short steps would wait for each other in threads; one worker needs no process."""
    if count == 1:
        return ThreadPoolExecutor(1)
    return ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=threadpool_limits, initargs=(1,))


def executor(job: Job) -> ThreadPoolExecutor | None:
    return None if job.get("threads", 1) == 1 else workers(job["threads"])


def tables(job: Job, domains: int) -> ItemTables:
    stored, grid = read(job["data"]), make_grid()
    rows = logistic(grid.theta, a=stored["a"], b=stored["b"], c=stored["c"])
    return make_tables(grid, list(rows), [item % domains for item in range(len(rows))], domains=domains)


def score(job: Job) -> Callable[[], Any]:
    domains = job.get("domains", 1)
    bank, x = tables(job, domains), answers(job)
    given = sparse.csr_array(x + 1) if job.get("sparse") else x
    prior = second_order_prior(bank.grid, [0.9 if domains > 1 else 0.0] * domains)

    def run() -> dict[str, Any]:
        found = estimate(bank, given, method=job.get("method", "eap"), prior=prior, executor=executor(job))
        return {"theta": found.theta, "se": found.se}

    return run


def score_floor(job: Job) -> Callable[[], Any]:
    """Answers times the table, densities times the moments: nothing else, chunk by chunk, arrays made before."""
    x = np.ascontiguousarray(answers(job).astype(np.float64))
    rng = np.random.default_rng(1)
    table, moments = rng.random((61, x.shape[1])), rng.random((3, 61))
    size = max(job.get("threads", 1), 1)
    outs = [(np.empty((61, CHUNK)), np.empty((3, CHUNK))) for _ in range(size)]

    def one(place: int) -> None:
        part = x[place * CHUNK : (place + 1) * CHUNK]
        likelihood, found = outs[place % size]
        np.matmul(table, part.T, out=likelihood[:, : len(part)])
        np.matmul(moments, likelihood[:, : len(part)], out=found[:, : len(part)])

    return lambda: _for_all(one, -(-len(x) // CHUNK), job)


def _for_all(one: Callable[[int], None], count: int, job: Job) -> dict[str, Any]:
    pool = executor(job)
    list(map(one, range(count)) if pool is None else pool.map(one, range(count)))
    return {}


def calibrate(job: Job) -> Callable[[], Any]:
    x = answers(job)
    domains = job.get("domains", 1)
    home = [item % domains for item in range(x.shape[1])]

    def run() -> dict[str, Any]:
        arranged = arrange(x, domain=home)
        pool = executor(job)
        spread = Here(arranged.chunks) if pool is None else Shared(arranged.chunks, pool)
        beliefs = BETA_2_8 if job["model"] == "3PL" else FLAT
        found = calibrated(
            arranged, [job["model"].lower()] * x.shape[1], beliefs=beliefs, spread=spread, **job.get("options", {})
        )
        return {**natural(found), "iterations": found.iterations, "converged": found.converged}

    return run


def natural(found: Calibration) -> dict[str, Any]:
    """Slopes, difficulties, asymptotes or thresholds, in the order of the items."""
    (batch,) = found.batches
    (xi,) = found.estimate.items
    order = np.argsort(batch.items)
    values: Floats = batch.family.natural(xi)[order]
    if batch.family.name == "grm":
        return {"a": values[:, 0], "thresholds": values[:, 1:]}
    asymptote = {"c": values[:, 2]} if values.shape[1] > 2 else {}
    return {"a": values[:, 0], "b": values[:, 1], "loading": found.estimate.population.loading, **asymptote}


def calibrate_floor(job: Job) -> Callable[[], Any]:
    """The two products of one expectation step: answers times tables, and their transpose times the posteriors."""
    x = answers(job)
    thin = np.mean(x < 0) > 0.65
    size = CHUNK // 2
    parts = [_columns(x[start : start + size], sparse_too=bool(thin)) for start in range(0, len(x), size)]
    rng = np.random.default_rng(1)
    table = rng.random((parts[0].shape[1], 61))
    posterior = rng.random((size, 61))

    def one(place: int) -> None:
        part = parts[place]
        part @ table
        part.T @ posterior[: part.shape[0]]

    return lambda: _for_all(one, len(parts), job)


def _columns(x: Any, *, sparse_too: bool) -> Any:  # noqa: ANN401 - an array of either kind
    """One column for each item and category above 0; both categories where most is missing."""
    if not sparse_too:
        return np.concatenate([x == category for category in range(1, int(x.max()) + 1)], axis=1).astype(np.float64)
    both = np.concatenate([x == category for category in range(int(x.max()) + 1)], axis=1)
    return sparse.csr_array(both.astype(np.float64))


def simulate(job: Job) -> Callable[[], Any]:
    """Whole simulations, the exact criterion at every step; ``rules`` adds counts per content area and a cap."""
    domains, length, rules = job.get("domains", 1), job["length"], job.get("rules", "none")
    bank, areas = tables(job, domains), np.arange(read(job["data"])["a"].size) % 5
    per_area = np.tile([4, 8] if rules != "none" else [0, length], (5, 1))
    plan = make_plan(
        bank,
        second_order_prior(bank.grid, [0.9 if domains > 1 else 0.0] * domains),
        Blueprint((length, length), np.tile([0, length], (domains, 1)), per_area, np.arange(5) % domains),
        competence=areas,
        se_target=0.05,
        shadow=rules == "shadow",
    )
    study = Study(plan, belief(job), np.array([-0.5, 0.5]), exposure_cap=0.25 if rules == "cap" else None)
    count = job.get("threads", 1)
    pool = processes(count)
    simulated(
        study, size=8 * count, seed=2, executor=pool, workers=count
    )  # processes are there before the clock starts
    return lambda: kept_of(simulated(study, size=job["students"], seed=1, executor=pool, workers=count))


def belief(job: Job) -> BankBelief:
    """The bank, known exactly."""
    stored = read(job["data"])
    columns = [np.log(stored["a"]), stored["b"]]
    if job["model"] == "3PL":
        columns.append(np.log(stored["c"] / (1 - stored["c"])))
    return bank_belief([ItemBelief(job["model"].lower(), mean, None) for mean in np.stack(columns, axis=1)])


def kept_of(found: Report) -> dict[str, Any]:
    figures = found.overall
    return {"rmse": figures.rmse, "max_exposure": figures.max_exposure, "violations": figures.violations}


MAKERS = {
    "score": score,
    "score floor": score_floor,
    "calibrate": calibrate,
    "calibrate floor": calibrate_floor,
    "simulate": simulate,
}

if __name__ == "__main__":
    answer(lambda jobs: cases(jobs, MAKERS))
