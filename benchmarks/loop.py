"""The measured side: a process that runs its cases when asked and answers with seconds per call.

Only Python's own library, because it also runs in the peers' environment. One JSON line in, one out:
first the data of the cases, then ``{"case": name, "calls": n}`` as often as wanted.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping
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


def answer(prepare: Callable[[Any], Mapping[str, Case]]) -> None:
    """Serve the parent until it closes the pipe. What a library prints goes to standard error."""
    out, sys.stdout = sys.stdout, sys.stderr
    cases = prepare(json.loads(sys.stdin.readline()))
    _say(out, sorted(cases))
    for line in sys.stdin:
        asked = json.loads(line)
        _say(out, cases[asked["case"]](asked["calls"]))


def _say(out: TextIO, value: object) -> None:
    out.write(json.dumps(value) + "\n")
    out.flush()
