"""The measuring side: starts a program of ``benchmarks.loop``, as a rule with one thread for every numeric library."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parents[1]
CACHE = ROOT / "var" / "bench"
ONE_THREAD = {
    f"{library}_NUM_THREADS": "1"
    for library in ("OPENBLAS", "OMP", "MKL", "NUMEXPR", "RAYON", "NUMBA", "VECLIB_MAXIMUM")
}


@dataclass(frozen=True, slots=True)
class Program:
    """A running program; ``cases`` are what it can be asked for."""

    name: str
    cases: tuple[str, ...]
    stdin: IO[str]
    stdout: IO[str]

    def seconds(self, case: str, *, calls: int) -> float:
        """Seconds per call of a case, over so many calls."""
        return float(_exchange(self.stdin, self.stdout, {"case": case, "calls": calls}, self.name))

    def memory(self) -> float:
        """Largest memory the process has had so far, in megabytes."""
        return float(_exchange(self.stdin, self.stdout, {"memory": True}, self.name)) / 2**20


@contextmanager
def running(name: str, python: Path | str, module: str, data: object, *, one_thread: bool = True) -> Iterator[Program]:
    """Start ``python -m module`` and give it the data of its cases."""
    environment = {**os.environ, **(ONE_THREAD if one_thread else {}), "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [str(python), "-W", "ignore", "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        cases = _exchange(process.stdin, process.stdout, data, name)
        yield Program(name, tuple(cases), process.stdin, process.stdout)


def _exchange(stdin: IO[str], stdout: IO[str], value: object, name: str) -> Any:  # noqa: ANN401 - JSON
    stdin.write(json.dumps(value) + "\n")
    stdin.flush()
    line = stdout.readline()
    if not line:
        raise RuntimeError(f"{name} ended without an answer; its error is above")
    return json.loads(line)
