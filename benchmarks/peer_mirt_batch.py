"""The Python package mirt on many persons: scores, calibrates, simulates."""

from collections.abc import Callable
from typing import Any

import numpy as np
from mirt import fit_mirt, fscores
from mirt.cat import CATEngine
from mirt.cat.content import ContentArea, ContentBlueprint
from mirt.cat.exposure import Randomesque, SympsonHetter
from mirt.cat.shadow import ShadowTestSelection
from mirt.estimation.priors import BetaPrior
from mirt.models.dichotomous import ThreeParameterLogistic, TwoParameterLogistic

from benchmarks.jobs import Job, answers, cases, read
from benchmarks.loop import answer


def known_model(job: Job) -> Any:  # noqa: ANN401 - theirs
    stored = read(job["data"])
    guessing = {"guessing": stored["c"]} if job["model"] == "3PL" else {}
    model = (ThreeParameterLogistic if guessing else TwoParameterLogistic)(n_items=stored["a"].size)
    model.set_parameters(discrimination=stored["a"], difficulty=stored["b"], **guessing)
    model._is_fitted = True  # noqa: SLF001 - known parameters; its API has no other door
    return model


def score(job: Job) -> Callable[[], Any]:
    model, x = known_model(job), answers(job).astype(np.int64)

    def run() -> dict[str, Any]:
        found = fscores(model, x, method="EAP", n_quadpts=61)
        return {"theta": np.ravel(found.theta), "se": np.ravel(found.standard_error)}

    return run


def calibrate(job: Job) -> Callable[[], Any]:
    x = answers(job).astype(np.int64)
    priors = {"guessing": BetaPrior(2.0, 8.0)} if job["model"] == "3PL" else None

    def run() -> dict[str, Any]:
        found = fit_mirt(x, job["model"], compute_standard_errors=False, priors=priors, **job.get("options", {}))
        known = found.model.parameters
        names = {"a": "discrimination", "b": "difficulty", "c": "guessing", "thresholds": "thresholds"}
        kept = {ours: np.asarray(known[theirs]) for ours, theirs in names.items() if theirs in known}
        return {**kept, "iterations": found.n_iterations, "converged": found.converged}

    return run


def simulate(job: Job) -> Callable[[], Any]:
    """Thirty items for each of so many students; every call goes on from where the last one's exposure stood."""
    size = read(job["data"])["a"].size
    length, rules = job["length"], job.get("rules", "none")
    blueprint = ContentBlueprint(
        [ContentArea(f"domain {d}", items=set(range(d, size, 5)), min_items=4, max_items=8) for d in range(5)]
    )
    exposure = {"sympson-hetter": SympsonHetter(target_rate=0.25, seed=1), "randomesque": Randomesque(seed=1)}
    engine = CATEngine(
        known_model(job),
        item_selection=ShadowTestSelection(length, blueprint=blueprint) if rules == "shadow" else "MFI",
        stopping_rule="SE",
        se_threshold=1e-6,
        max_items=length,
        min_items=length,
        exposure_control=exposure.get(rules),
        content_constraint=blueprint if rules in exposure else None,
        seed=1,
    )
    truth = np.random.default_rng(job["students"]).normal(size=job["students"])

    def run() -> dict[str, Any]:
        found = engine.run_batch_simulation(truth)
        return {"theta": [each.theta for each in found], "true": truth}

    return run


if __name__ == "__main__":
    answer(lambda jobs: cases(jobs, {"score": score, "calibrate": calibrate, "simulate": simulate}))
