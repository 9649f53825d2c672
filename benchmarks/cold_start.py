"""Seconds from ``toise demo`` to /readyz, once everything is installed."""

import shutil
from contextlib import ExitStack

from app.db import embedded
from benchmarks.demo_process import started
from benchmarks.program import CACHE
from benchmarks.table import Table
from benchmarks.timing import spread

FOLDER = CACHE / "demo"
FIRST, LATER = 3, 5


def measure() -> tuple[Table, ...]:
    first, later, beside = [], [], []
    for _ in range(FIRST):
        shutil.rmtree(FOLDER, ignore_errors=True)
        first.append(_seconds())
    for _ in range(LATER):
        later.append(_seconds())
        with ExitStack() as kept:
            kept.enter_context(embedded.running(FOLDER))
            beside.append(_seconds())
    rows = [
        ("first, empty data folder", f"{FIRST}", spread(first).text()),
        ("later, everything stopped before", f"{LATER}", spread(later).text()),
        ("later, embedded PostgreSQL already running", f"{LATER}", spread(beside).text()),
    ]
    return (Table("Start of `toise demo` until /readyz answers 200", ("start", "runs", "seconds (quartiles)"), rows),)


def _seconds() -> float:
    with started(FOLDER) as demo:
        return demo.seconds
