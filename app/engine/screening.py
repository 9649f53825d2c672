"""Answers from which nothing can be calibrated, named before any iteration."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from app.engine.families import FAMILIES
from app.engine.responses import Responses


class Trouble(StrEnum):
    """Why an item cannot be calibrated."""

    EMPTY = "empty"
    """Nobody answered it."""
    CONSTANT = "constant"
    """Everybody got the same score."""
    UNUSED_CATEGORY = "unused_category"
    """A category between others, or the highest, that nobody reached."""
    APART = "apart"
    """Nobody who answered it answered an item of the largest part of the design: no common scale."""
    TOO_MANY_CATEGORIES = "too_many_categories"
    """Its model has two categories, its scores more."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One item's trouble; ``category`` where it is about one."""

    item: int
    trouble: Trouble
    category: int | None = None


class HopelessData(ValueError):
    """Answers that no calibration can use; ``findings`` say which items and why."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        told = "; ".join(f"item {f.item}: {f.trouble}" for f in self.findings[:5])
        super().__init__(f"responses cannot be calibrated: {told}")


def require_calibratable(responses: Responses, families: Sequence[str], *, known: Container[int] = ()) -> None:
    """Refuse hopeless answers; items that are ``known`` need none.

    Raises
    ------
    HopelessData
        With every finding of ``screen``.
    ValueError
        If there is not one known family per item.
    """
    if len(families) != responses.layout.categories.size:
        raise ValueError(
            f"families must name one model per item, {responses.layout.categories.size}, got {len(families)}"
        )
    unknown = sorted({name for item, name in enumerate(families) if item not in known} - FAMILIES.keys())
    if unknown:
        raise ValueError(f"families must be among {', '.join(FAMILIES)}, got {unknown[0]!r}")
    findings = [finding for finding in screen(responses, families) if finding.item not in known]
    if findings:
        raise HopelessData(findings)


def screen(responses: Responses, families: Sequence[str]) -> tuple[Finding, ...]:
    """Every item that cannot be calibrated, in the order of the items."""
    reached = responses.counts > 0.5  # noqa: PLR2004 - counts of people
    parts = responses.linked[responses.linked >= 0]
    main = int(np.argmax(np.bincount(parts))) if parts.size else -1
    found = []
    for item, own in enumerate(reached):
        categories = int(responses.layout.categories[item])
        found.extend(_findings(item, own[:categories], int(responses.linked[item]), main, families[item]))
    return tuple(found)


def _findings(
    item: int, reached: "np.ndarray[tuple[int], np.dtype[np.bool_]]", part: int, main: int, family: str
) -> list[Finding]:
    if not reached.any():
        return [Finding(item, Trouble.EMPTY)]
    if reached.sum() == 1:
        return [Finding(item, Trouble.CONSTANT, int(np.argmax(reached)))]
    if part != main:
        return [Finding(item, Trouble.APART)]
    if reached.size > 2 and _has_two_categories(family):  # noqa: PLR2004
        return [Finding(item, Trouble.TOO_MANY_CATEGORIES, int(reached.size) - 1)]
    return [Finding(item, Trouble.UNUSED_CATEGORY, int(category)) for category in np.flatnonzero(~reached)]


def _has_two_categories(family: str) -> bool:
    return family in {"rasch", "1pl", "2pl", "3pl", "4pl"}
