"""A result as a person reads it: facts and places on the rod, ready for the page's words.

Nothing here is written in a language except the framework's labels; the template says the sentences.
"""

import datetime as dt
import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Literal

from framework.model import Framework, Locale

BELOW, ABOVE = -3.0, 3.0
"""Logits drawn at the two ends of the rod; what lies beyond is drawn at the end."""

MOSTLY, PARTLY = 2 / 3, 0.4
"""Shares of own evidence from which one says « mostly » and « about half »."""

SURE_ENOUGH = 0.85
"""Probability from which one domain may be called stronger than another: about 6 in 7."""

FOCUS_SHOWN = 3
RESOURCES_SHOWN = 2

Evidence = Literal["mostly_own", "about_half", "mostly_others"]


@dataclass(frozen=True, slots=True)
class DomainReport:
    """One rod. ``place`` and ``reach`` are on the rod, 0 (foot) to the number of levels (top).

    ``withheld`` is None, or why no level is told; then level, band and place are None.
    """

    id: str
    label: str
    hue: int
    answers: int
    evidence: Evidence
    withheld: str | None = None
    level: int | None = None
    band: str | None = None
    probability: float | None = None
    levels: tuple[int, int] | None = None
    place: float | None = None
    reach: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """The first sentence, as a choice of wording and the domains it names (their labels).

    ``contrast``: one domain stands out above another; ``even``: none does; ``partial``: only one domain
    has a level; ``unknown``: none has. ``footing`` is the band of the best domain, for the tone.
    """

    kind: Literal["contrast", "even", "partial", "unknown"]
    strongest: str | None = None
    to_work_on: str | None = None
    footing: str | None = None
    level: int | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    title: str
    url: str
    date: str | None


@dataclass(frozen=True, slots=True)
class Focus:
    """A capacity to work on: ``missed`` (a question on it was), else not asked and in a low domain."""

    label: str
    domain: str
    hue: int
    reason: str
    resources: tuple[Resource, ...]


@dataclass(frozen=True, slots=True)
class BandSpan:
    label: str
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultPage:
    """The result page's data. ``review_href`` is None where the campaign allows no review."""

    title: str
    label: str | None
    finished_at: dt.datetime
    answers: int
    skipped: int
    stop_reason: str
    simulated: bool
    provisional: bool
    opening: Opening
    domains: tuple[DomainReport, ...]
    bands: tuple[BandSpan, ...]
    focus: tuple[Focus, ...]
    review_href: str | None = None
    timezone: str = "Europe/Paris"
    csrf_token: str | None = None


def result_page(
    document: Mapping[str, Any],
    framework: Framework,
    locale: Locale,
    *,
    review_href: str | None = None,
    timezone: str = "Europe/Paris",
    csrf_token: str | None = None,
) -> ResultPage:
    """Return the page of one result document (schema ``toise-result/1``)."""
    domains = tuple(domain_report(entry, framework, locale) for entry in document["domains"])
    return ResultPage(
        title=document["campaign"]["title"][locale],
        label=document["participant"]["label"],
        finished_at=dt.datetime.fromisoformat(document["finished_at"]),
        answers=document["answers"],
        skipped=document["skipped"],
        stop_reason=document["stop_reason"],
        simulated=document["simulated"],
        provisional=document["provisional"],
        opening=opening(document["domains"], domains),
        domains=domains,
        bands=band_spans(framework, locale),
        focus=tuple(focus_of(entry, framework, locale) for entry in document["focus"][:FOCUS_SHOWN]),
        review_href=review_href,
        timezone=timezone,
        csrf_token=csrf_token,
    )


def domain_report(entry: Mapping[str, Any], framework: Framework, locale: Locale) -> DomainReport:
    """Return one domain of the document with its label and its place on the rod."""
    domain = framework.domain(entry["domain"])
    known = {
        "id": domain.id,
        "label": domain.label.get(locale),
        "hue": hue_of(domain.id, framework),
        "answers": entry["own_answers"],
        "evidence": evidence_of(entry["own_share"]),
    }
    if entry["withheld"] is not None:
        return DomainReport(**known, withheld=entry["withheld"])
    low, high = entry["interval"]
    return DomainReport(
        **known,
        level=entry["level"],
        band=framework.band_of(entry["level"]).label.get(locale),
        probability=entry["level_probability"],
        levels=(entry["level_interval"][0], entry["level_interval"][1]),
        place=on_rod(entry["theta"], framework.cuts),
        reach=(on_rod(low, framework.cuts), on_rod(high, framework.cuts)),
    )


def on_rod(theta: float, cuts: Sequence[float]) -> float:
    """Return the place of an ability (logits) on the rod: level k lies between k-1 and k, all equally long.

    >>> on_rod(-9.0, (-1.0, 0.0, 1.0)), on_rod(0.5, (-1.0, 0.0, 1.0))
    (0.0, 2.5)
    """
    edges = (BELOW, *cuts, ABOVE)
    held = min(max(theta, edges[0]), edges[-1])
    k = min(bisect_right(edges, held), len(edges) - 1)
    return k - 1 + (held - edges[k - 1]) / (edges[k] - edges[k - 1])


def evidence_of(own_share: float) -> Evidence:
    """Say where a domain's measure comes from: its own answers, or also those of the other domains."""
    if own_share >= MOSTLY:
        return "mostly_own"
    return "about_half" if own_share >= PARTLY else "mostly_others"


def opening(entries: Iterable[Mapping[str, Any]], reports: Sequence[DomainReport]) -> Opening:
    """Choose the first sentence: it names two domains only when the data tell them apart."""
    told = [(entry, report) for entry, report in zip(entries, reports, strict=True) if report.level is not None]
    if not told:
        return Opening("unknown")
    best_entry, best = max(told, key=lambda pair: pair[0]["theta"])
    least_entry, least = min(told, key=lambda pair: pair[0]["theta"])
    footing = best_entry["band"]
    if len(told) == 1:
        return Opening("partial", strongest=best.label, footing=footing, level=best.level)
    if not told_apart(best_entry, least_entry):
        return Opening("even", footing=footing, level=middle_level(told))
    return Opening("contrast", strongest=best.label, to_work_on=least.label, footing=footing, level=best.level)


def told_apart(high: Mapping[str, Any], low: Mapping[str, Any]) -> bool:
    """Tell whether the data say which of two domains is higher.

    Not when one interval holds the other whole; else when the higher is so with probability ``SURE_ENOUGH``,
    taking the two estimates as independent normals (they are not: what they share makes this cautious).
    """
    (high_from, high_to), (low_from, low_to) = high["interval"], low["interval"]
    if (high_from <= low_from and low_to <= high_to) or (low_from <= high_from and high_to <= low_to):
        return False
    apart = NormalDist(high["theta"] - low["theta"], math.hypot(high["se"], low["se"]))
    return 1 - apart.cdf(0) >= SURE_ENOUGH


def middle_level(told: Sequence[tuple[Mapping[str, Any], DomainReport]]) -> int:
    levels = sorted(entry["level"] for entry, _ in told)
    return int(levels[len(levels) // 2])


def band_spans(framework: Framework, locale: Locale) -> tuple[BandSpan, ...]:
    return tuple(BandSpan(band.label.get(locale), band.levels[0], band.levels[-1]) for band in framework.bands)


def focus_of(entry: Mapping[str, Any], framework: Framework, locale: Locale) -> Focus:
    capacity = framework.capacity(entry["capacity"])
    domain = framework.domain_of(capacity.id)
    return Focus(
        label=capacity.label.get(locale),
        domain=domain.label.get(locale),
        hue=hue_of(domain.id, framework),
        reason=entry["reason"],
        resources=tuple(Resource(s.title, s.url, s.date) for s in capacity.resources[:RESOURCES_SHOWN]),
    )


def hue_of(domain_id: str, framework: Framework) -> int:
    """Return 1 to 5: the colour of a domain, by its place in the framework."""
    order = [domain.id for domain in framework.domains]
    return order.index(domain_id) % 5 + 1
