"""A job in a process of its own: its time, the memory it took, and what it found."""

import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.jobs import Job
from benchmarks.program import running
from benchmarks.timing import interleaved

MODULES = {
    "Toise": "our_batch",
    "theta-irt": "peer_theta",
    "mirt": "peer_mirt_batch",
    "girth": "peer_girth",
    "catsim": "peer_catsim_batch",
}
REST = 0.3
"""Seconds before each turn: a pool of threads spins for a while when it is done, and should not slow the next one."""
COMPILES = {"theta-irt"}
"""Programs whose first call compiles: it is not counted."""


@dataclass(frozen=True, slots=True)
class Run:
    """One job of one program.

    Attributes
    ----------
    seconds : of the call. before, peak : megabytes, with the data loaded, and the most there were.
    found : arrays by name.
    """

    seconds: float
    before: float
    peak: float
    found: Mapping[str, Any]

    @property
    def memory(self) -> str:
        return f"{self.peak:.0f} ({self.before:.0f})"


def once(program: str, peers: Path | None, job: Job) -> Run:
    """Run a job in a fresh process."""
    with tempfile.TemporaryDirectory() as folder:
        out = str(Path(folder) / "found.npz")
        with _started(program, peers, {"job": {**job, "out": out}}) as one:
            one.seconds("job", calls=0)
            before, seconds = one.memory(), 0.0
            for _ in range(1 + (program in COMPILES)):
                seconds = one.seconds("job", calls=1)
            peak = one.memory()
        with np.load(out) as stored:
            return Run(seconds, before, peak, dict(stored))


def in_turn(
    jobs: Mapping[str, tuple[str, Job]], peers: Path | None, *, rounds: int, calls: int = 1
) -> dict[str, list[float]]:
    """Seconds per call of jobs (name → program, job) that take turns, each program in one process of its own."""
    with ExitStack() as stack:
        by_program: dict[str, dict[str, Job]] = {}
        for name, (program, job) in jobs.items():
            by_program.setdefault(program, {})[name] = job
        started = {
            program: stack.enter_context(_started(program, peers, theirs)) for program, theirs in by_program.items()
        }
        for name, (program, _) in jobs.items():
            started[program].seconds(name, calls=0)
        turns = {
            name: lambda name=name, program=program: started[program].seconds(name, calls=calls)
            for name, (program, _) in jobs.items()
        }
        return interleaved(turns, rounds=rounds, rest=REST)


@contextmanager
def _started(program: str, peers: Path | None, jobs: Mapping[str, Job]) -> Iterator[Any]:
    """Ours with one thread in a product and as many workers as it is told; the peers with the threads they like."""
    python = sys.executable if program == "Toise" else str(peers)
    with running(
        program, python, f"benchmarks.{MODULES[program]}", jobs, one_thread=program in {"Toise", "catsim"}
    ) as one:
        yield one


def slope(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """Least-squares slope of log seconds against log size."""
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])
