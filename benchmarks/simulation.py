"""Simulated students a second: 30 items from 500, without rules, with rules and a cap, with shadow tests."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks import peers
from benchmarks.datasets import Shape, path_of
from benchmarks.jobs import Job
from benchmarks.run import in_turn
from benchmarks.table import Table
from benchmarks.timing import ratios, spread

ITEMS, LENGTH, CORES, ROUNDS = 500, 30, 4, 3
Jobs = dict[str, tuple[str, Job]]


def measure() -> Iterator[Table]:
    python = peers.interpreter()
    for model, target in (("2PL", "≥ 6"), ("3PL", "≥ 25")):
        jobs = {
            "Toise, 4 processes": ("Toise", _job(model, 40_000, threads=CORES)),
            "Toise, 1 process": ("Toise", _job(model, 20_000)),
            "Toise, five domains jointly, 4 processes": ("Toise", _job(model, 2_000, threads=CORES, domains=5)),
            "mirt": ("mirt", _job(model, 2_000)),
            "catsim": ("catsim", _job(model, 8)),
        }
        yield _table(f"Simulation: {LENGTH} items from {ITEMS}, {model}", jobs, {"mirt": target}, python)
    jobs = {
        "Toise, cap .25, 4 to 8 of each area, 4 processes": ("Toise", _job("2PL", 20_000, threads=CORES, rules="cap")),
        "Toise, the same, 1 process": ("Toise", _job("2PL", 20_000, rules="cap")),
        "Toise, the same, five domains jointly, 4 processes": (
            "Toise",
            _job("2PL", 1_000, threads=CORES, rules="cap", domains=5),
        ),
        "mirt, Sympson-Hetter .25, the same areas": ("mirt", _job("2PL", 20, rules="sympson-hetter")),
        "mirt, randomesque, the same areas": ("mirt", _job("2PL", 20, rules="randomesque")),
    }
    yield _table(f"Simulation: {LENGTH} items from {ITEMS}, 2PL, exposure and content rules", jobs, {}, python)
    jobs = {
        "Toise, shadow test, 1 process": ("Toise", _job("2PL", 4, rules="shadow")),
        "mirt, shadow test": ("mirt", _job("2PL", 2, rules="shadow")),
    }
    yield _table(f"Simulation: {LENGTH} items from {ITEMS}, 2PL, shadow tests", jobs, {}, python)


def _job(model: str, students: int, *, threads: int = 1, **more: object) -> Job:
    data = str(path_of(Shape(model, 10, ITEMS)))
    given = {"data": data, "model": model, "students": students, "length": LENGTH, "threads": threads}
    return {"do": "simulate", **given, **more}


def _table(title: str, jobs: Jobs, targets: Mapping[str, str], python: Path | None) -> Table:
    """Students a second, milliseconds a step, and how many times as many students the first row does."""
    able = {name: job for name, job in jobs.items() if job[0] == "Toise" or python is not None}
    each = {
        name: [second / able[name][1]["students"] for second in seconds]
        for name, seconds in in_turn(able, python, rounds=ROUNDS).items()
    }
    first = next(iter(each))
    rows = []
    for name, seconds in each.items():
        rate = spread([1 / second for second in seconds]).text(digits=1 if seconds[0] > 0.01 else 0)
        ratio = ratios(seconds, each[first]).text(digits=1) if name != first else ""
        step = spread(seconds).text(scale=1e3 / LENGTH, digits=2 if seconds[0] > 0.01 else 4)
        rows.append((name, rate, step, ratio, targets.get(name, "")))
    columns = ("program", "students a second", "ms a step and student", "times slower than the first", "target")
    return Table(f"{title} ({peers.told(python)})", columns, rows)
