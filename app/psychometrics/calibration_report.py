"""REPORT.json of a calibration: what was found, how sure it is, and what to look at first."""

import math
from typing import Any, Final

import numpy as np

from app.engine.beliefs import Beliefs
from app.engine.free import free_parameters
from app.errors import msgid
from app.psychometrics.bank import BankItem
from app.psychometrics.calibrating import Calibrated
from app.psychometrics.calibration_doubts import population_doubts

FORMAT: Final = "toise-calibration/1"
FLAT_SLOPE: Final = 0.2
"""Slopes below this hardly tell abilities apart; or the key is wrong."""
FAR: Final = 6.0
"""Locations beyond this are outside the abilities of nearly everybody."""
UNSURE: Final = 1.0
"""Standard deviations above this, in logits or logs, say that the answers hardly speak of the parameter."""

WARNINGS: Final = {
    "flat_slope": msgid("pente presque nulle : vérifiez la clé"),
    "far": msgid("difficulté hors de portée : presque tout le monde a réussi, ou échoué"),
    "unsure": msgid("paramètres mal déterminés : trop peu de réponses, ou modèle trop riche"),
}


def report(done: Calibrated, negative: list[dict[str, Any]], *, sha256: str, seconds: float) -> dict[str, Any]:
    """The report as plain data, numbers in full; ``negative``: domains that go against each other."""
    found, responses = done.calibration, done.prepared.responses
    parameters = free_parameters(found.iteration, found.estimate).size
    return {
        "format": FORMAT,
        "data_sha256": sha256,
        "persons": round(responses.persons),
        "persons_without_answers": round(responses.silent),
        "answers": round(responses.answers),
        "items": len(done.prepared.items),
        "parameters": parameters,
        "log_likelihood": found.log_likelihood,
        "log_prior": found.log_prior,
        "aic": -2 * found.log_likelihood + 2 * parameters,
        "bic": -2 * found.log_likelihood + parameters * math.log(responses.persons),
        "iterations": found.iterations,
        "converged": found.converged,
        "remaining": found.remaining,
        "seconds": round(seconds, 3),
        "standard_errors": done.uncertainty.method.value,
        "determined": done.uncertainty.determined,
        "lambda": _loadings(done),
        "negatively_related": negative,
        "population": _population(done),
        "priors": _priors(found.estimate.beliefs),
        "item_statistics": [_item(done, place) for place in range(len(done.prepared.items))],
    }


def _loadings(done: Calibrated) -> dict[str, dict[str, float | None]]:
    if len(done.prepared.domains) == 1:
        return {}
    loading, sure = done.calibration.estimate.population.loading, done.uncertainty.loading
    return {
        domain: {"value": float(value), "se": _known(se)}
        for domain, value, se in zip(done.prepared.domains, loading, sure, strict=True)
    }


def _known(error: float) -> float | None:
    """A standard error; None where nothing determines the figure, since JSON has no infinity."""
    return float(error) if math.isfinite(error) else None


def _population(done: Calibrated) -> list[dict[str, Any]]:
    population, sure = done.calibration.estimate.population, done.uncertainty
    return [
        {
            "group": name,
            "domain": domain,
            "mean": float(population.mean[group, place]),
            "se_mean": _known(sure.mean[group, place]),
            "sd": float(population.sd[group, place]),
            "se_sd": _known(sure.log_sd[group, place] * population.sd[group, place]),
            "warnings": population_doubts(float(population.mean[group, place]), float(population.sd[group, place])),
        }
        for group, name in enumerate(done.prepared.groups)
        for place, domain in enumerate(done.prepared.domains)
    ]


def _priors(beliefs: Beliefs) -> dict[str, dict[str, Any]]:
    return {
        role.value: {"mean": belief.mean, "sd": belief.sd, "estimated": belief.estimated}
        for role, belief in beliefs.items()
    }


def _item(done: Calibrated, place: int) -> dict[str, Any]:
    item = done.bank.items[place]
    counts = done.prepared.responses.counts[place][: item.categories]
    names = item.family.natural_parameters(item.categories)
    return {
        "item": item.id,
        "domain": item.domain,
        "model": item.model,
        "answers": round(float(counts.sum())),
        "categories": [round(float(count)) for count in counts],
        "mean_score": float(counts @ np.arange(counts.size) / counts.sum()) if counts.sum() else None,
        "parameters": dict(zip(names, item.family.natural(item.mean).tolist(), strict=True)),
        "warnings": warnings_of(item),
    }


def warnings_of(item: BankItem) -> list[str]:
    """Codes of ``WARNINGS`` that fit an item."""
    names = item.family.natural_parameters(item.categories)
    natural = dict(zip(names, item.family.natural(item.mean).tolist(), strict=True))
    sd = np.zeros(1) if item.covariance is None else np.sqrt(np.diagonal(item.covariance))
    found = {
        "flat_slope": natural.get("a", 1.0) < FLAT_SLOPE,
        "far": any(abs(value) > FAR for name, value in natural.items() if name.startswith("b")),
        "unsure": bool(np.any(~(sd <= UNSURE))),
    }
    return [code for code, true in found.items() if true]
