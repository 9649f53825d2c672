"""Scoring many persons: posterior mean and standard error, from arrays and from files."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks import peers
from benchmarks.datasets import Shape, path_of
from benchmarks.jobs import Job
from benchmarks.run import in_turn, once
from benchmarks.table import Table
from benchmarks.timing import ratios, spread

PERSONS, ITEMS, CORES, ROUNDS, CALLS = 100_000, 60, 4, 9, 2
ROWS = (10_000, 100_000, 1_000_000)
FILE_ITEMS = 20


def measure() -> Iterator[Table]:
    python = peers.interpreter()
    shapes = [Shape(model, PERSONS, ITEMS) for model in ("2PL", "3PL")]
    for shape in shapes:
        yield _against_peers(shape, python)
    yield _kinds(shapes[0])
    yield _files()


def _against_peers(shape: Shape, python: Path | None) -> Table:
    jobs = {
        "Toise, 4 threads": ("Toise", _job(shape, threads=CORES)),
        "Toise, 1 thread": ("Toise", _job(shape)),
        "bare products, 4 threads": ("Toise", {**_job(shape, threads=CORES), "do": "score floor"}),
        "bare products, 1 thread": ("Toise", {**_job(shape), "do": "score floor"}),
    }
    if python is not None:
        jobs |= {name: (name, _job(shape)) for name in ("mirt", "theta-irt")}
    times = in_turn(jobs, python, rounds=ROUNDS, calls=CALLS)
    agree = _agreement(shape, python, [name for name in jobs if jobs[name][0] != "Toise"])
    ours = times["Toise, 4 threads"]
    rows = []
    for name, seconds in times.items():
        ratio = ratios(seconds, ours).text(digits=2) if name != "Toise, 4 threads" else ""
        memory = once(jobs[name][0], python, jobs[name][1]).memory if "bare" not in name else ""
        rows.append((name, spread(seconds).text(digits=4), ratio, agree.get(name, ""), memory))
    columns = ("program", "seconds", "times ours", "largest difference of theta, se", "peak MB (before the call)")
    return Table(f"Scoring: {shape.model}, {PERSONS:,} × {ITEMS}, 61 nodes ({peers.told(python)})", columns, rows)


def _job(shape: Shape, *, threads: int = 1, **more: object) -> Job:
    return {"do": "score", "data": str(path_of(shape)), "model": shape.model, "threads": threads, **more}


def _agreement(shape: Shape, python: Path | None, names: list[str]) -> dict[str, str]:
    """Largest differences from ours: the peers' Gauss-Hermite nodes are too far apart for long tests."""
    ours = once("Toise", None, _job(shape)).found
    found = {}
    for name in names:
        theirs = once(name, python, _job(shape)).found
        apart = [np.abs(np.ravel(ours[key]) - theirs[key]).max() for key in ("theta", "se")]
        found[name] = ", ".join(f"{value:.0e}" for value in apart)
    return found


def _kinds(shape: Shape) -> Table:
    """What else there is to score, against posterior means of one domain with one thread."""
    thin = Shape("2PL", 100_000, 500, missing=0.94)
    jobs = {
        "posterior mean, one domain": _job(shape),
        "posterior mean, five domains jointly": _job(shape, domains=5),
        "posterior mode": _job(shape, method="map"),
        "maximum likelihood": _job(shape, method="ml"),
        "weighted likelihood": _job(shape, method="wle"),
        "30 of 500 items, dense": _job(thin),
        "30 of 500 items, sparse": _job(thin, sparse=True),
    }
    times = in_turn({name: ("Toise", job) for name, job in jobs.items()}, None, rounds=3)
    first = times["posterior mean, one domain"]
    rows = [
        (name, spread(seconds).text(digits=3), ratios(seconds, first).text(digits=1)) for name, seconds in times.items()
    ]
    columns = ("what", "seconds", "times the first row")
    return Table(f"Scoring: kinds, {PERSONS:,} × {ITEMS}, one thread", columns, rows)


def _files() -> Table:
    """``toise score`` from file to file, a new process each time, everything counted."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for size in ROWS:
            seconds, peak = _command(Path(folder), size)
            rows.append((f"{size:,}", f"{seconds:.1f}", f"{peak:.0f}"))
    columns = ("rows", "seconds", "peak MB")
    return Table(f"toise score: files of {FILE_ITEMS} items, a tenth missing", columns, rows)


def _command(folder: Path, size: int) -> tuple[float, float]:
    rng = np.random.default_rng(1)
    names = [f"q{item}" for item in range(FILE_ITEMS)]
    (folder / "bank.csv").write_text("item,a,b\n" + "".join(f"{name},1.1,{rng.normal():.3f}\n" for name in names))
    with (folder / "responses.csv").open("w") as stream:
        stream.write(",".join(["person", *names]) + "\n")
        for start in range(0, size, 10_000):
            cells = rng.choice(np.array(["0", "1", ""]), (10_000, FILE_ITEMS), p=[0.4, 0.5, 0.1]).tolist()
            stream.writelines(f"p{start + row},{','.join(line)}\n" for row, line in enumerate(cells))
    words = [sys.executable, "-c", "from app.cli import main; main()", "score", "responses.csv"]
    began = time.perf_counter()
    started = subprocess.Popen([*words, "--bank", "bank.csv", "--out", "scores.csv", "--json"], cwd=folder, stdout=-3)
    _, status, used = os.wait4(started.pid, 0)
    seconds = time.perf_counter() - began
    if status:
        raise RuntimeError("toise score failed")
    return seconds, used.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
