"""Answers from which nothing can be calibrated, named before any iteration."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from app.engine.families import FAMILIES
from app.engine.responses import Responses

NOBODY: Final = 1e-9
"""Share of all people below which a count is rounding."""


class Trouble(StrEnum):
    """Why an item cannot be calibrated."""

    EMPTY = "empty"
    """Nobody answered it."""
    CONSTANT = "constant"
    """Everybody got the same score."""
    UNUSED_CATEGORY = "unused_category"
    """A category between others, or the highest, that nobody reached."""
    APART = "apart"
    """Nobody who answered it answered an item of the largest part of the design, or, where its domain has known items,
    of a part with one of those: no common scale."""
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
    findings = [finding for finding in screen(responses, families, known=known) if finding.item not in known]
    if findings:
        raise HopelessData(findings)


def screen(responses: Responses, families: Sequence[str], *, known: Container[int] = ()) -> tuple[Finding, ...]:
    """Every item that cannot be calibrated, in the order of the items."""
    reached = responses.counts > NOBODY * responses.persons
    found = []
    for item, own in enumerate(reached):
        categories = int(responses.layout.categories[item])
        apart = int(responses.linked[item]) not in _common_parts(responses, int(responses.layout.domain[item]), known)
        found.extend(_findings(item, own[:categories], families[item], apart=apart))
    return tuple(found)


def _common_parts(responses: Responses, domain: int, known: Container[int]) -> set[int]:
    """Parts of the design with the scale of a domain: those with known items of it, else the largest."""
    mine = np.flatnonzero(responses.layout.domain == domain).tolist()
    held = [int(responses.linked[item]) for item in mine if item in known]
    if held:
        return {part for part in held if part >= 0}
    parts = responses.linked[responses.linked >= 0]
    return {int(np.argmax(np.bincount(parts)))} if parts.size else set()


def _findings(
    item: int, reached: "np.ndarray[tuple[int], np.dtype[np.bool_]]", family: str, *, apart: bool
) -> list[Finding]:
    if not reached.any():
        return [Finding(item, Trouble.EMPTY)]
    if reached.sum() == 1:
        return [Finding(item, Trouble.CONSTANT, int(np.argmax(reached)))]
    if apart:
        return [Finding(item, Trouble.APART)]
    if reached.size > 2 and _has_two_categories(family):  # noqa: PLR2004
        return [Finding(item, Trouble.TOO_MANY_CATEGORIES, int(reached.size) - 1)]
    return [Finding(item, Trouble.UNUSED_CATEGORY, int(category)) for category in np.flatnonzero(~reached)]


def _has_two_categories(family: str) -> bool:
    return family in {"rasch", "1pl", "2pl", "3pl", "4pl"}
