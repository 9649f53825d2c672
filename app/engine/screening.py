"""Answers from which nothing can be calibrated, named before any iteration: items, then groups."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from app.engine.design import Chunk
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


class GroupTrouble(StrEnum):
    """Why a group's mean and spread cannot be estimated."""

    ALONE = "alone"
    """One person answered."""
    ALIKE = "alike"
    """All who answered gave the same answers."""


@dataclass(frozen=True, slots=True)
class GroupFinding:
    """A group's trouble in a domain; ``people``: how many answered there."""

    group: int
    domain: int
    trouble: GroupTrouble
    people: float


@dataclass(frozen=True, slots=True)
class Finding:
    """One item's trouble; ``category`` where it is about one."""

    item: int
    trouble: Trouble
    category: int | None = None


class HopelessData(ValueError):
    """Answers that no calibration can use; ``findings`` say which items and why, else ``groups`` which groups."""

    def __init__(self, findings: Sequence[Finding], groups: Sequence[GroupFinding] = ()) -> None:
        self.findings, self.groups = tuple(findings), tuple(groups)
        told = [f"item {f.item}: {f.trouble}" for f in self.findings]
        told += [f"group {g.group}, domain {g.domain}: {g.trouble}" for g in self.groups]
        super().__init__(f"responses cannot be calibrated: {'; '.join(told[:5])}")


def require_calibratable(responses: Responses, families: Sequence[str], *, known: Container[int] = ()) -> None:
    """Refuse hopeless answers; items that are ``known`` need none.

    Raises
    ------
    HopelessData
        With every finding of ``screen``; where there is none, with every finding of ``screen_groups``.
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
    groups = () if findings else screen_groups(responses)
    if findings or groups:
        raise HopelessData(findings, groups)


def screen_groups(responses: Responses) -> tuple[GroupFinding, ...]:
    """Every group whose abilities in a domain cannot be told: fewer than two different rows of answers there.

    One row x, given by n people, makes the likelihood ``(∫ P(x | theta) N(theta; mean, sd) dtheta)^n``. It is highest
    where all of the density lies at the maximum of P, that is, at no spread at all; and at an infinite mean where
    everything is right, or wrong. No mean is told without a spread, so that a single person is refused even where one
    would do for a mean. Of the reference group the mean and the spread are the scale itself: its people must tell what
    a logit is. Two different rows are enough for a maximum to exist, though not for a precise one: see the standard
    errors. A domain of which the group saw nothing is not estimated, and passes.
    """
    found = []
    for group in range(responses.groups):
        own = [chunk for chunk in responses.chunks if chunk.group == group]
        for domain in range(responses.layout.domains):
            people, alike = _alike(own, domain, complete=responses.layout.complete)
            if people and alike:
                trouble = GroupTrouble.ALONE if people <= 1 else GroupTrouble.ALIKE
                found.append(GroupFinding(group, domain, trouble, people))
    return tuple(found)


def _alike(chunks: Sequence[Chunk], domain: int, *, complete: bool) -> tuple[float, bool]:
    """People of these chunks who answered in the domain, and whether all gave the same answers."""
    people, rows, sums = 0.0, 0, np.zeros(())
    for chunk in chunks:
        design = chunk.designs[domain]
        answered = np.full(chunk.persons, complete) | (np.asarray(design.sum(axis=1)).ravel() > 0)
        people += float(answered.sum() if chunk.weight is None else chunk.weight @ answered)
        rows += int(answered.sum())
        sums = sums + np.asarray(design.sum(axis=0)).ravel()
    return people, bool(np.isin(sums, (0, rows)).all())


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
