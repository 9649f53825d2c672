"""The result document: what a finished sitting measured, with its uncertainty and the versions behind it. Pure.

Stored once, shown by page, API and table alike, and recomputed from the answer log by ``toise replay``.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from app.engine.report import band_probabilities, interval, own_shares
from app.sessions.flow import Course, State
from itembank.model import Item

SCHEMA: Final = "toise-result/1"
ENGINE: Final = "1"
"""Version of the rules that turn a log into numbers; raised whenever they change."""
FOCUS: Final = 3


def measure(course: Course, state: State, scores: Sequence[int]) -> dict[str, Any]:
    """The measured part of the document: overall, domains, and capacities to work on. Floats as computed."""
    post, grid = state.posterior, course.pool.tables.grid
    shares = own_shares(course.prior, state.log_likelihood, post)
    answers = np.bincount(course.pool.tables.domain[state.given], minlength=len(shares))
    domains = [
        _domain(course, state, index, own_answers=int(answers[index]), own_share=float(shares[index]))
        for index in range(len(shares))
    ]
    overall = {
        "theta": float(post.general_mean),
        "se": float(post.general_sd),
        "interval": list(interval(post.general, grid)),
    }
    return {"overall": overall, "domains": domains, "focus": _focus(course, state, scores)}


def _domain(course: Course, state: State, index: int, *, own_answers: int, own_share: float) -> dict[str, Any]:
    post, grid = state.posterior, course.pool.tables.grid
    framework = course.pool.framework
    low, high = interval(post.domain[index], grid)
    withheld = _withheld(course, own_answers, own_share)
    return {
        "domain": framework.domains[index].id,
        "theta": float(post.mean[index]),
        "se": float(post.sd[index]),
        "interval": [low, high],
        **_level(course, band_probabilities(post.domain[index], grid, framework.cuts), withheld),
        "level_interval": [framework.level_of(low), framework.level_of(high)],
        "own_share": own_share,
        "own_answers": own_answers,
        "withheld": withheld,
    }


def _withheld(course: Course, own_answers: int, own_share: float) -> str | None:
    if own_answers < course.policy.min_own_answers:
        return "too_few_answers"
    return "little_own_evidence" if own_share < course.policy.min_own_share else None


def _level(course: Course, probabilities: Any, withheld: str | None) -> dict[str, Any]:  # noqa: ANN401 - an array
    """The most probable level and its band's probability; nothing where the level is withheld."""
    if withheld is not None:
        none = ("level", "level_probability", "band", "band_probability", "level_probabilities")
        return dict.fromkeys(none)
    level = int(np.argmax(probabilities)) + 1
    band = course.pool.framework.band_of(level)
    return {
        "level": level,
        "level_probability": float(probabilities[level - 1]),
        "band": band.id,
        "band_probability": float(sum(probabilities[member - 1] for member in band.levels)),
        "level_probabilities": probabilities.tolist(),
    }


def _focus(course: Course, state: State, scores: Sequence[int]) -> list[dict[str, str]]:
    """Capacities to work on: those missed where success was most within reach, then untried ones of the lowest domain.

    Within reach: the expected share of points of the missed item at the posterior, so a foundation missed comes
    before a summit missed.
    """
    pool = course.pool
    missed = [
        (-_expected_share(course, state, int(item)), pool.items[item])
        for item, score in zip(state.given, scores, strict=True)
        if score < pool.items[item].categories - 1
    ]
    chosen = _distinct([item for _, item in sorted(missed, key=lambda pair: (pair[0], pair[1].id))])
    focus = [{"capacity": capacity, "reason": "missed"} for capacity in chosen[:FOCUS]]
    return focus + _untried(course, state, FOCUS - len(focus))


def _expected_share(course: Course, state: State, item: int) -> float:
    """Expected share of the item's points at the posterior of its domain."""
    tables = course.pool.tables
    p = np.exp(tables.log_p[tables.first_row[item] : tables.first_row[item + 1]])
    expected = np.arange(len(p)) @ (p @ state.posterior.domain[tables.domain[item]])
    return float(expected / (len(p) - 1))


def _untried(course: Course, state: State, wanted: int) -> list[dict[str, str]]:
    tried = {course.pool.items[item].capacity for item in state.given}
    lowest = course.pool.framework.domains[int(np.argmin(state.posterior.mean))]
    untried = [
        capacity.id
        for competence in lowest.competences
        for capacity in competence.capacities
        if capacity.id not in tried
    ]
    return [{"capacity": capacity, "reason": "untried"} for capacity in untried[: max(wanted, 0)]]


def _distinct(items: Sequence[Item]) -> list[str]:
    return list(dict.fromkeys(item.capacity for item in items))


def complete(measured: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    """The whole document: identification and versions around what was measured."""
    return {"schema": SCHEMA, **facts, **measured}
