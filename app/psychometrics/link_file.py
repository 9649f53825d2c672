"""One bank carried onto another's scale, domain by domain, by the questions both have.

REPORT.json: ``from``, ``to``, ``method``, ``seconds`` and ``domains``, each with ``domain``, ``items``, ``common``, the
constants ``slope`` (A) and ``intercept`` (B) with ``_item_se`` (jackknife over the anchors) and ``_se`` (delta method,
from the errors of the parameters: a lower bound, as ``covariances_between_items`` is false, what items of one
calibration have in common being in no bank file), ``covariances_within_items`` (false where an item that makes the link
has errors of several parameters and no covariance of them: the delta method's errors are then not even a bound),
``settled``, and ``drift``, one record a common question: ``item``, ``anchor``, ``displacement`` and
``displacement_se`` (logits), ``robust_z``, ``rmsd``, ``chi_square``, ``df``, ``p``, ``drifted``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from app.engine.common_items import Calibrated, calibrated, moments
from app.engine.drift import Drift, find_drift
from app.engine.linking import Link, Method, find_link, jackknife_errors
from app.engine.rescaling import carried
from app.errors import msgid
from app.psychometrics.bank import BankFile, BankItem
from app.psychometrics.model import BadFile
from app.psychometrics.report_file import Report

MOMENTS: Final = {"mean-mean", "mean-geometric", "mean-sigma"}
FEWEST: Final = {"mean-sigma": 2}
NOTHING: Final = 1e-9
"""Correlations of an item's parameters below this are rounding: the file gave none."""


@dataclass(frozen=True, slots=True, eq=False)
class Linked:
    """The bank of origin on the target's scale, and the report."""

    bank: BankFile
    report: Report


def link_files(
    origin: BankFile, origin_path: Path, target: BankFile, target_path: Path, *, method: Method, keep_all: bool
) -> Linked:
    """Link every domain of the origin and carry all its items.

    Parameters
    ----------
    keep_all : link by every common question, whatever drifted.

    Raises
    ------
    BadFile
        If a domain has no common question, one has other categories, or the method does not suit the models.
    """
    there = {(item.domain, item.id): item for item in target.items}
    moved: dict[str, BankItem] = {}
    domains = []
    for domain in origin.domains:
        items = tuple(item for item in origin.items if item.domain == domain)
        common = tuple(item for item in items if (domain, item.id) in there)
        shared = _Shared(domain, items, common, tuple(there[domain, item.id] for item in common))
        _check(shared, method, origin_path, target_path)
        if method == "mean-sigma":
            _check_spread(shared, origin_path)
        link, drift = _linked(shared, method, keep_all=keep_all)
        moved |= {item.id: item for item in _carried(items, link)}
        domains.append(_told(shared, link, drift, keep_all=keep_all))
    report: Report = {"from": origin_path.name, "to": target_path.name, "method": method, "domains": domains}
    return Linked(BankFile(tuple(moved[item.id] for item in origin.items)), report)


@dataclass(frozen=True, slots=True)
class _Shared:
    """A domain: the origin's items, those the target has too, and the target's of these, in one order."""

    domain: str
    items: tuple[BankItem, ...]
    common: tuple[BankItem, ...]
    matched: tuple[BankItem, ...]


def _check(shared: _Shared, method: Method, origin: Path, target: Path) -> None:
    fewest = FEWEST.get(method, 1)
    if len(shared.common) < fewest:
        cause = msgid(
            "domaine %(domain)s : %(count)s question commune avec %(other)s, il en faut %(fewest)s au moins,"
            " de même nom et de même domaine"
        )
        count = len(shared.common)
        raise BadFile(origin.name, cause, domain=shared.domain, count=count, other=target.name, fewest=fewest)
    for one, other in zip(shared.common, shared.matched, strict=True):
        if one.categories != other.categories:
            cause = msgid(
                "« %(item)s » a %(here)s catégories, et %(there)s dans %(other)s : ce n'est pas la même question"
            )
            facts = one.categories, other.categories
            raise BadFile(origin.name, cause, item=one.id, here=facts[0], there=facts[1], other=target.name)
        if method in MOMENTS and "nrm" in {one.model, other.model}:
            cause = msgid(
                "« %(item)s » est nominale : elle n'a ni pente ni difficulté ; prenez haebara ou stocking-lord"
            )
            raise BadFile(origin.name, cause, item=one.id)


def _check_spread(shared: _Shared, origin: Path) -> None:
    """Difficulties all alike have no spread to compare."""
    for side in (shared.common, shared.matched):
        if np.ptp(moments(_of(side)).locations) == 0:
            cause = msgid("les difficultés communes sont toutes égales : elles n'ont pas d'étendue pour mean-sigma")
            raise BadFile(origin.name, cause)


def _of(items: Sequence[BankItem]) -> Calibrated:
    return calibrated([i.model for i in items], [i.mean for i in items], [i.covariance for i in items])


def _linked(shared: _Shared, method: Method, *, keep_all: bool) -> tuple[Link, Drift]:
    origin, target = _of(shared.common), _of(shared.matched)
    drift = find_drift(origin, target, method=method)
    return (find_link(origin, target, method=method) if keep_all else drift.link), drift


def _carried(items: Sequence[BankItem], link: Link) -> list[BankItem]:
    """The items on the target's scale, each with its own covariance; known exactly where nothing is uncertain."""
    found = carried(_of(items), link)
    blocks = [found.covariance[span, span] for span in found.spans]
    return [
        BankItem(item.id, item.domain, model, mean, block if block.any() else None)
        for item, model, mean, block in zip(items, found.models, found.means, blocks, strict=True)
    ]


def _has_covariances(item: BankItem) -> bool:
    """Whether the covariance of an item's parameters is known, where there are several and they are uncertain."""
    if item.covariance is None or item.mean.size == 1:
        return True
    natural = item.family.jacobian(item.mean) @ item.covariance @ item.family.jacobian(item.mean).T
    scale = np.sqrt(np.outer(np.diagonal(natural), np.diagonal(natural)))
    return bool((np.abs(np.triu(natural, 1)) > NOTHING * scale).any())


def _told(shared: _Shared, link: Link, drift: Drift, *, keep_all: bool) -> Report:
    anchors = np.ones_like(drift.anchors) if keep_all else drift.anchors
    kept = np.flatnonzero(anchors).tolist()
    sampled = jackknife_errors(_of(shared.common).taken(kept), _of(shared.matched).taken(kept), method=link.method)
    names = ("displacement", "displacement_se", "robust_z", "rmsd", "chi_square", "df", "p", "drifted")
    columns = [getattr(drift, name) for name in names]
    return {
        "domain": shared.domain,
        "items": len(shared.items),
        "common": len(shared.common),
        "slope": link.slope,
        "slope_item_se": sampled[0],
        "slope_se": link.se[0],
        "intercept": link.intercept,
        "intercept_item_se": sampled[1],
        "intercept_se": link.se[1],
        "covariances_between_items": False,
        "covariances_within_items": all(
            _has_covariances(side[place]) for side in (shared.common, shared.matched) for place in kept
        ),
        "settled": drift.settled,
        "drift": [
            {"item": item.id, "anchor": anchor} | dict(zip(names, values, strict=True))
            for item, anchor, *values in zip(shared.common, anchors, *columns, strict=True)
        ],
    }
