"""theta-irt (JAX): scores and calibrates. Its first call compiles; that call is never counted."""

from collections.abc import Callable
from typing import Any

import numpy as np
import theta

from benchmarks.jobs import Job, answers, cases, read
from benchmarks.loop import answer


def score(job: Job) -> Callable[[], Any]:
    x, stored = answers(job).astype(np.float64), read(job["data"])
    parameters = [stored[name] for name in "abc"] + [np.ones_like(stored["a"])]

    def run() -> dict[str, Any]:
        from theta.score import score as scored  # noqa: PLC0415 - the package hides it behind a name of the same kind

        mean, error = scored(x, *parameters, method="EAP", n_points=61)
        return {"theta": mean, "se": error}

    return run


def calibrate(job: Job) -> Callable[[], Any]:
    x = answers(job).astype(np.float64)
    x[x < 0] = np.nan
    options = job.get("options", {})

    def run() -> dict[str, Any]:
        model = theta.fit(x, job["model"], **options)
        return {"a": model.a, "b": model.b, "c": model.c, "iterations": model.n_iter, "converged": model.converged}

    return run


if __name__ == "__main__":
    answer(lambda jobs: cases(jobs, {"score": score, "calibrate": calibrate}))
