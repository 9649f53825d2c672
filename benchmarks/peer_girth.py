"""girth: calibrates (it takes items as rows)."""

from collections.abc import Callable
from typing import Any

import girth
import numpy as np

from benchmarks.jobs import Job, answers, cases
from benchmarks.loop import answer

FITS = {"2PL": girth.twopl_mml, "GRM": girth.grm_mml}


def calibrate(job: Job) -> Callable[[], Any]:
    x = np.ascontiguousarray(answers(job).T.astype(np.int64))
    if x.min() < 0:
        x = girth.tag_missing_data(x, list(range(x.max() + 1)))

    def run() -> dict[str, Any]:
        found = FITS[job["model"]](x, options=job.get("options"))
        steps = {"thresholds": found["Difficulty"]} if job["model"] == "GRM" else {"b": found["Difficulty"]}
        return {"a": found["Discrimination"], **steps}

    return run


if __name__ == "__main__":
    answer(lambda jobs: cases(jobs, {"calibrate": calibrate}))
