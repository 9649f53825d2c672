"""What the engine claims, shown on simulated students: intervals, domains that help each other, exposure."""

import json
import subprocess
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import eye_array, kron
from threadpoolctl import threadpool_limits

from app.engine.grid import Floats
from app.engine.simulation_report import Figures
from benchmarks import machine, peers
from benchmarks.honest_studies import (
    CAP,
    LENGTH,
    SEED,
    Items,
    exposures,
    honest_intervals,
    joint_and_apart,
    true_items,
)
from benchmarks.program import CACHE
from benchmarks.table import Table

BANKS, SITTINGS, PERSONS = 10, 2_500, 500
STUDENTS, JOINT, PEER = 20_000, 2_000, 300
ABILITIES = 21


def measure() -> tuple[Table, ...]:
    """Every table, with students enough for the figures to stand."""
    with threadpool_limits(1), ThreadPoolExecutor(4) as executor:
        return (_intervals(executor), _domains(executor), _exposure(executor), _peers())


def _intervals(executor: Executor) -> Table:
    found = honest_intervals(persons=PERSONS, banks=BANKS, sittings=SITTINGS, executor=executor)
    rows = []
    for name, one in zip(("plain estimates", "posteriors, shrunk and marginalised"), found, strict=True):
        coverage = f"{one.coverage:.2%} ± {one.standard_error:.2%}"
        rows.append((name, f"{one.sittings:,}", coverage, f"{one.rmse:.4f}", f"{one.mean_se:.4f}"))
    title = f"Coverage of 95 % intervals, bank calibrated with {PERSONS} persons, {BANKS} banks"
    return Table(title, ("items known by", "sittings", "coverage", "RMSE", "mean SE"), rows)


def _domains(executor: Executor) -> Table:
    rows = []
    for correlation in (0.6, 0.8):
        found = joint_and_apart(correlation, size=JOINT, executor=executor)
        for name, one in (("jointly", found.together), ("apart", found.apart)):
            rmse = f"{one.rmse:.4f} ± {one.standard_errors['rmse'] or 0.0:.4f}"
            rows.append((f"{correlation}", name, f"{one.length.mean:.1f}", f"{one.length.p95}", rmse))
    title = f"Items until five posterior SDs are at most .40, {JOINT:,} students"
    return Table(title, ("correlation", "measured", "mean", "95 %", "RMSE"), rows)


def _exposure(executor: Executor) -> Table:
    found = exposures(size=STUDENTS, executor=executor)
    free = found["best item"].mean_se
    rows = [
        (name, *_spread(one), f"{one.mean_se:.4f}", f"{one.mean_se / free - 1:+.1%}") for name, one in found.items()
    ]
    items = true_items(np.random.default_rng(SEED))
    least, capped = best_precision(items, cap=1.0), best_precision(items, cap=CAP)
    empty = ("",) * 5
    rows.append(("bound: abilities known, no cap", *empty, f"{least:.4f}", ""))
    rows.append((f"bound: abilities known, cap {CAP}", *empty, f"{capped:.4f}", f"{capped / least - 1:+.1%}"))
    heads = ("choice", "students", "max. exposure", "unused", "overlap", "RMSE", "mean SE", "mean SE lost")
    return Table(f"Exposure: {LENGTH} of 500 two-parameter items", heads, rows)


def best_precision(items: Items, *, cap: float, length: int = LENGTH) -> float:
    """Smallest mean SE that any rule could reach that knew every ability, by linear programming.

    Shares x of students of each ability see each item; of every ability ``length`` items, of every item at most
    ``cap`` over all students; the information they bring is the most there is.
    """
    theta = np.linspace(-3, 3, ABILITIES)
    weight = np.exp(-0.5 * theta**2) / np.exp(-0.5 * theta**2).sum()
    a, b = np.exp(items.mean[:, 0]), items.mean[:, 1]
    p = 1 / (1 + np.exp(-a * (theta[:, None] - b)))
    information, count = a**2 * p * (1 - p), a.size
    found = linprog(
        -(weight[:, None] * information).ravel(),
        A_ub=kron(weight[None], eye_array(count)),
        b_ub=np.full(count, cap),
        A_eq=kron(eye_array(ABILITIES), np.ones((1, count))),
        b_eq=np.full(ABILITIES, length),
        bounds=(0, 1),
    )
    brought = (found.x.reshape(information.shape) * information).sum(axis=1)
    return float((weight / np.sqrt(1 + brought)).sum())


def _spread(one: Figures) -> tuple[str, ...]:
    shares = f"{one.max_exposure:.3f}", f"{one.unused_share:.1%}", f"{one.overlap or 0:.3f}"
    return f"{one.n:,}", *shares, f"{one.rmse:.4f}"


def _peers() -> Table:
    heads = ("selector", "students", "max. exposure", "unused", "overlap", "RMSE")
    python, title = peers.interpreter(), "The same bank, catsim's selectors (maximum likelihood)"
    if python is None:
        return Table(title, heads, [])
    items, theta = true_items(np.random.default_rng(SEED)), np.random.default_rng([SEED, 1]).normal(size=PEER)
    known = {"a": np.exp(items.mean[:, 0]).tolist(), "b": items.mean[:, 1].tolist()}
    asked = json.dumps({**known, "theta": theta.tolist(), "length": LENGTH})
    command = [str(python), "-m", "benchmarks.peer_catsim_exposure"]
    root = CACHE.parents[1]
    done = subprocess.run(command, input=asked, check=True, capture_output=True, text=True, cwd=root)
    found = json.loads(done.stdout)
    return Table(title, heads, [_peer(name, one, theta, len(items.mean)) for name, one in found.items()])


def _peer(name: str, one: dict[str, list[Any]], theta: Floats, size: int) -> tuple[str, ...]:
    given = np.bincount(np.concatenate(one["items"]), minlength=size)
    overlap = (given * (given - 1)).sum() / (PEER - 1) / given.sum()
    rmse = np.sqrt(np.mean((np.array(one["theta"]) - theta) ** 2))
    shares = f"{given.max() / PEER:.3f}", f"{(given == 0).mean():.1%}", f"{overlap:.3f}"
    return name, f"{PEER}", *shares, f"{rmse:.4f}"


if __name__ == "__main__":
    print(machine.described(), flush=True)
    for table in measure():
        print("\n" + table.text(), flush=True)
