"""Calibration: time to within 0.01 of the maximum log-likelihood, re-scored by one judge for every program."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import peers
from benchmarks.datasets import Shape, path_of
from benchmarks.jobs import Job
from benchmarks.rescore import log_likelihood, log_prior
from benchmarks.run import Run, in_turn, once
from benchmarks.table import Table
from benchmarks.timing import Spread, spread

CLOSE = 0.01
LONGEST = 180.0
"""Seconds that a peer has for all its settings on one file: what a tenth of the persons predicts to go beyond them is
left out, and named."""
UNHURRIED = 12.0
"""Where the slowest call is quicker than this, the programs take turns; else each is called once."""
ROUNDS = 5
CORES = 4
CASES = {
    Shape("2PL", 10_000, 100): "≥ 10",
    Shape("2PL", 100_000, 200): "≥ 15",
    Shape("2PL", 20_000, 500, missing=0.9): "≥ 10",
    Shape("3PL", 5_000, 60): "≥ 3",
    Shape("GRM", 3_000, 30): "≥ 5",
}
SETTINGS: dict[str, tuple[Job, ...]] = {
    "theta-irt": (
        {},
        {"tol": 1e-6},
        {"tol": 1e-6, "n_points": 121},
        {"tol": 1e-6, "n_points": 241, "max_iter": 2000},
    ),
    "mirt": (
        {},
        {"n_quadpts": 61},
        {"n_quadpts": 61, "tol": 1e-6},
        {"n_quadpts": 121, "tol": 1e-6, "max_iter": 2000},
        {"n_quadpts": 241, "tol": 1e-6, "max_iter": 2000},
    ),
    "girth": ({}, {"quadrature_n": 61, "max_iteration": 200}),
}
"""Each peer's defaults first, then finer, until it is close enough."""
UNABLE = {("theta-irt", "GRM"), ("girth", "3PL")}
"""theta-irt has no graded items; girth takes no prior of the lower asymptote."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One program with one setting: how far short of the maximum it stopped (None: left out, predicted too long)."""

    program: str
    options: Job
    run: Run | None
    score: float
    predicted: float = 0.0

    @property
    def setting(self) -> str:
        return ", ".join(f"{name} {value:g}" for name, value in self.options.items()) or "as it comes"


def measure() -> Iterator[Table]:
    """Tables for every case, then all cases in one look, then five domains against one."""
    python = peers.interpreter()
    looks = []
    for shape, target in CASES.items():
        attempts = list(_attempts(shape, python))
        times, table = _compared(shape, attempts, python)
        looks.append(_look(shape, target, attempts, times, python))
        yield table
    columns = ("answers", "ours, 4 cores", "best peer", "", "ratio", "target", "bare products, % of ours")
    yield Table("Calibration in one look", columns, looks)
    yield _five_against_one()


def _attempts(shape: Shape, python: Path | None) -> Iterator[Attempt]:
    """Ours with the usual and a far tighter tolerance, then the peers' settings until one is close enough."""
    ours = [_attempt("Toise", shape, options, None) for options in ({}, {"tolerance": 1e-9})]
    yield from ours
    if python is None:
        return
    best = max(each.score for each in ours)
    for program, settings in SETTINGS.items():
        if (program, shape.model) in UNABLE:
            continue
        left = LONGEST
        for options in settings:
            attempt = _attempt(program, shape, options, python, longest=left)
            left -= attempt.run.seconds if attempt.run else 0.0
            yield attempt
            if shape.model != "3PL" and attempt.score > best - CLOSE:  # another prior has another maximum
                break


def _attempt(program: str, shape: Shape, options: Job, python: Path | None, *, longest: float = LONGEST) -> Attempt:
    job = _job(shape, options)
    small = shape.persons // 10
    predicted = 10 * once(program, python, {**job, "rows": small}).seconds if program != "Toise" else 0.0
    if predicted > longest:
        return Attempt(program, options, None, -np.inf, predicted)
    run = once(program, python, job)
    prior = "none" if shape.model != "3PL" else ("normal" if program == "Toise" else "beta")
    with np.load(job["data"]) as stored:
        return Attempt(program, options, run, log_likelihood(stored["x"], run.found) + log_prior(run.found, prior))


def _job(shape: Shape, options: Job, *, threads: int = CORES) -> Job:
    domains = {"domains": shape.domains} if shape.domains > 1 else {}
    data = {"data": str(path_of(shape)), "model": shape.model, "options": options, "threads": threads}
    return {"do": "calibrate", **data, **domains}


def _short(attempt: Attempt, attempts: Sequence[Attempt], model: str) -> float:
    """How far below the best of those that maximise the same."""
    same = [a for a in attempts if model != "3PL" or (a.program == "Toise") == (attempt.program == "Toise")]
    return max(a.score for a in same) - attempt.score


def _chosen(shape: Shape, attempts: Sequence[Attempt]) -> dict[str, Attempt]:
    """Of each program the quickest setting that is close enough, or else the one that came closest."""
    found: dict[str, Attempt] = {}
    for program in dict.fromkeys(each.program for each in attempts):
        ran = [each for each in attempts if each.program == program and each.run is not None]
        close = [each for each in ran if _short(each, attempts, shape.model) <= CLOSE]
        if ran:
            found[program] = (
                min(close, key=lambda each: each.run.seconds if each.run else 0.0)
                if close
                else min(ran, key=lambda each: _short(each, attempts, shape.model))
            )
    found["Toise"] = attempts[0]
    return found


def _compared(shape: Shape, attempts: Sequence[Attempt], python: Path | None) -> tuple[dict[str, Spread], Table]:
    """Times of the chosen settings, in turn where that does not take too long, and the table of all attempts."""
    chosen = _chosen(shape, attempts)
    jobs = {program: (program, _job(shape, each.options)) for program, each in chosen.items()}
    jobs["one thread"] = ("Toise", _job(shape, {}, threads=1))
    jobs["floor"] = ("Toise", {**_job(shape, {}), "do": "calibrate floor"})
    slowest = max(each.run.seconds for each in chosen.values() if each.run)
    quick = {name: job for name, job in jobs.items() if job[0] == "Toise" or slowest < UNHURRIED}
    times = {name: spread(seconds) for name, seconds in in_turn(quick, python, rounds=ROUNDS).items()}
    for program, each in chosen.items():
        if program not in times and each.run:
            times[program] = spread([each.run.seconds])
    rows = list(_rows(shape, attempts, chosen, times))
    columns = ("program", "setting", "seconds", "short of the maximum by", "times ours", "peak MB (before the call)")
    return times, Table(f"Calibration: {_named(shape)}", columns, rows)


def _rows(
    shape: Shape, attempts: Sequence[Attempt], chosen: dict[str, Attempt], times: dict[str, Spread]
) -> Iterable[tuple[str, ...]]:
    ours = times["Toise"].middle
    for each in attempts:
        if each.options.get("tolerance"):
            continue
        if each.run is None:
            yield each.program, each.setting, f"left out: {each.predicted:.0f} predicted", "", "", ""
            continue
        seen = times[each.program] if chosen[each.program] is each else spread([each.run.seconds])
        told = seen.text(digits=3) if seen.high > seen.low else f"{seen.middle:.3f} (once)"
        short = _short(each, attempts, shape.model)
        yield each.program, each.setting, told, f"{short:.4f}", f"{seen.middle / ours:.1f}", each.run.memory
        if each.program == "Toise":
            yield "Toise, one thread", "as it comes", times["one thread"].text(digits=3), "", "", ""


def _look(
    shape: Shape, target: str, attempts: Sequence[Attempt], times: dict[str, Spread], python: Path | None
) -> tuple[str, ...]:
    ours = attempts[0].run
    assert ours is not None
    floor = times["floor"].middle * float(ours.found["iterations"])
    share = f"{100 * floor / times['Toise'].middle:.0f}"
    chosen = {name: each for name, each in _chosen(shape, attempts).items() if name != "Toise"}
    close = {n: e for n, e in chosen.items() if _short(e, attempts, shape.model) <= CLOSE}
    if python is None or not chosen:
        return _named(shape), times["Toise"].text(digits=3), "none", "", "", target, share
    best = min(close or chosen, key=lambda program: times[program].middle)
    short = "" if best in close else f"stops {_short(chosen[best], attempts, shape.model):.3f} short"
    ratio = f"{times[best].middle / times['Toise'].middle:.1f}"
    seconds = f"{best} {times[best].middle:.3f}"
    return _named(shape), times["Toise"].text(digits=3), seconds, short, ratio, target, share


def _five_against_one() -> Table:
    """The same number of answers in five domains, loadings estimated, against one domain."""
    rows = []
    for one in (Shape("2PL", 10_000, 100), Shape("2PL", 20_000, 500, missing=0.9)):
        five = Shape(one.model, one.persons, one.items, one.missing, domains=5)
        jobs = {"one": ("Toise", _job(one, {})), "five": ("Toise", _job(five, {}))}
        times = in_turn(jobs, None, rounds=ROUNDS)
        single, joint = spread(times["one"]), spread(times["five"])
        ratio = f"{joint.middle / single.middle:.1f}"
        rows.append((_named(one), single.text(digits=3), joint.text(digits=3), ratio))
    columns = ("answers", "one domain, s", "five domains, s", "times")
    return Table("Calibration: five domains jointly against one", columns, rows)


def _named(shape: Shape) -> str:
    missing = f", {shape.missing:.0%} missing" if shape.missing else ""
    prior = ", prior of c" if shape.model == "3PL" else ""
    return f"{shape.model}{prior}, {shape.persons:,} × {shape.items}{missing}"
