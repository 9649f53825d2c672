"""The measured side: a process that runs its cases when asked and answers with seconds per call.

Only Python's own library, because it also runs in the peers' environment. One JSON line in, one out:
first the data of the cases, then ``{"case": name, "calls": n}`` as often as wanted, and ``{"memory": true}`` for the
largest memory the process has had, in bytes.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TextIO

Case = Callable[[int], float]
"""Runs ``n`` calls and returns seconds per call."""


def repeated(call: Callable[[], object]) -> Case:
    """A case that may simply be called again."""

    def run(calls: int) -> float:
        start = time.perf_counter()
        for _ in range(calls):
            call()
        return (time.perf_counter() - start) / calls

    return run


def consumed(make: Callable[[], Callable[[], object]]) -> Case:
    """A case whose call changes its state: every call gets a fresh one, made outside the clock."""

    def run(calls: int) -> float:
        spent = 0.0
        for _ in range(calls):
            call = make()
            start = time.perf_counter()
            call()
            spent += time.perf_counter() - start
        return spent / calls

    return run


def kept(make: Callable[[], Callable[[], Any]], keep: Callable[[Any], object]) -> Case:
    """A case whose result is wanted too: made ready at the first call and kept after the last, outside the clock."""
    ready: list[Callable[[], Any]] = []

    def run(calls: int) -> float:
        if not ready:
            ready.append(make())
        if not calls:
            return 0.0
        found = None
        start = time.perf_counter()
        for _ in range(calls):
            found = ready[0]()
        spent = time.perf_counter() - start
        keep(found)
        return spent / calls

    return run


def answer(prepare: Callable[[Any], Mapping[str, Case]]) -> None:
    """Serve the parent until it closes the pipe. What a library prints goes to standard error."""
    out, sys.stdout = sys.stdout, sys.stderr
    cases = prepare(json.loads(sys.stdin.readline()))
    _say(out, sorted(cases))
    for line in sys.stdin:
        asked = json.loads(line)
        if "memory" in asked:
            _say(out, _largest_memory())
            continue
        _say(out, cases[asked["case"]](asked["calls"]))


def _say(out: TextIO, value: object) -> None:
    out.write(json.dumps(value) + "\n")
    out.flush()


def _largest_memory() -> int:
    """Bytes. On Linux ``ru_maxrss`` counts what the parent had when this program started; ``VmHWM`` does not."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (row for row in status.read_text(encoding="ascii").splitlines() if row.startswith("VmHWM"))
        return 1024 * int(line.split()[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
