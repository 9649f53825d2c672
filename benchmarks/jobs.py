"""What a program is asked to do with a file of answers: told as JSON, read alike in every environment."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np

from benchmarks.loop import Case, kept

Job = dict[str, Any]
"""``do`` (what), ``data`` (file of ``datasets``), ``model``, ``rows`` (of the data; all without), ``out`` (file to
keep what was found), and what the program understands besides."""


@cache
def read(path: str) -> dict[str, Any]:
    """A file of ``datasets``, once."""
    with np.load(path) as stored:
        return dict(stored)


def cases(jobs: Mapping[str, Job], makers: Mapping[str, Callable[[Job], Callable[[], Any]]]) -> dict[str, Case]:
    """A case for every job; what a maker's function gives back, arrays by name, is written to the job's ``out``."""
    return {name: kept(_ready(makers[job["do"]], job), _keeper(job)) for name, job in jobs.items()}


def answers(job: Job) -> Any:  # noqa: ANN401 - an array
    """The answers of a job."""
    return read(job["data"])["x"][: job.get("rows")]


def _ready(maker: Callable[[Job], Callable[[], Any]], job: Job) -> Callable[[], Callable[[], Any]]:
    return lambda: maker(job)


def _keeper(job: Job) -> Callable[[Any], object]:
    return lambda found: np.savez(job["out"], **found) if job.get("out") else None
