"""How time and memory grow with persons, items and answers: slopes on a log-log scale, one thread."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from benchmarks.datasets import Shape, path_of
from benchmarks.jobs import Job
from benchmarks.run import in_turn, once, slope
from benchmarks.table import Table
from benchmarks.timing import spread

ROUNDS = 5
LIMIT = 1.05
ITERATIONS = 8
"""Iterations of every calibration here: how many are needed depends on the answers, not on how many there are."""
SHARES = (0.05, 0.1, 0.2, 0.4)
Sizes = Mapping[float, Job]


def measure() -> Iterator[Table]:
    """One table of curves, and one of the memory that the calls took."""
    curves: dict[tuple[str, str], Sizes] = {
        ("scoring", "persons"): {size: _scoring(Shape("2PL", size, 60)) for size in (25_000, 50_000, 100_000, 200_000)},
        ("scoring", "items"): {size: _scoring(Shape("2PL", 20_000, size)) for size in (30, 60, 120, 240)},
        ("scoring, sparse", "answers"): _by_answers(partial(_scoring, sparse=True)),
        ("scoring, five domains", "persons"): {
            size: _scoring(Shape("2PL", size, 60), domains=5) for size in (5_000, 10_000, 20_000, 40_000)
        },
        ("calibration", "persons"): {
            size: _calibration(Shape("2PL", size, 100)) for size in (12_500, 25_000, 50_000, 100_000)
        },
        ("calibration", "items"): {size: _calibration(Shape("2PL", 20_000, size)) for size in (30, 60, 120, 240)},
        ("calibration, sparse", "answers"): _by_answers(_calibration),
        ("calibration, five domains", "persons"): {
            size: _calibration(Shape("2PL", size, 100, domains=5), domains=5) for size in (5_000, 10_000, 20_000)
        },
    }
    rows, memory = [], []
    for (what, by), sizes in curves.items():
        rows.append(_curve(what, by, sizes))
        memory.append(_memory(what, by, sizes))
    columns = ("work", "against", "sizes", "seconds", "slope", "target")
    yield Table(f"Growth of time (calibration: {ITERATIONS} iterations)", columns, rows)
    columns = ("work", "against", "sizes", "MB above the start", "slope", "")
    yield Table("Growth of memory", columns, memory)


def _by_answers(job: Callable[[Shape], Job]) -> dict[float, Job]:
    return {20_000 * 400 * share: job(Shape("2PL", 20_000, 400, missing=1 - share)) for share in SHARES}


def _scoring(shape: Shape, **more: object) -> Job:
    return {"do": "score", "data": str(path_of(shape)), "model": shape.model, "threads": 1, **more}


def _calibration(shape: Shape, **more: object) -> Job:
    options = {"max_iterations": ITERATIONS, "tolerance": 0.0}
    given = {"data": str(path_of(shape)), "model": shape.model, "threads": 1, "options": options}
    return {"do": "calibrate", **given, **more}


def _curve(what: str, by: str, sizes: Sizes) -> tuple[str, ...]:
    jobs = {str(size): ("Toise", job) for size, job in sizes.items()}
    times = [spread(seconds).middle for seconds in in_turn(jobs, None, rounds=ROUNDS).values()]
    found = f"{slope(list(sizes), times):.2f}"
    return what, by, _listed(sizes), ", ".join(f"{seconds:.3f}" for seconds in times), found, f"≤ {LIMIT}"


def _memory(what: str, by: str, sizes: Sizes) -> tuple[str, ...]:
    runs = [once("Toise", None, job) for job in sizes.values()]
    above = [run.peak - run.before for run in runs]
    told = f"{slope(list(sizes), above):.2f}" if min(above) > 5 else ""
    return what, by, _listed(sizes), ", ".join(f"{each:.0f}" for each in above), told, ""


def _listed(sizes: Sizes) -> str:
    return ", ".join(f"{size:,.0f}" for size in sizes)
