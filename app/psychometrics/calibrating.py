"""From files to a calibrated bank: items, domains and groups by name."""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from scipy import sparse

from app.engine.batch import MISSING
from app.engine.beliefs import Beliefs
from app.engine.calibration import Calibration, Progress, calibrate
from app.engine.families import FAMILIES
from app.engine.grid import Floats, Ints, make_grid
from app.engine.observed_information import Uncertainty, uncertainty
from app.engine.responses import Responses, arrange
from app.engine.screening import Finding, GroupFinding, GroupTrouble, HopelessData, Trouble
from app.engine.spread import Spread
from app.engine.tables import item_rows
from app.errors import msgid
from app.psychometrics.bank import BankFile, BankItem
from app.psychometrics.model import BadFile
from app.psychometrics.response_data import ResponseData

COMMON: Final = "1pl"
"""The model whose slope is one for the whole domain: calibrated as Rasch with a free spread, then rescaled."""
ONE_DOMAIN: Final = "1"
UNDETERMINED: Final = 2.0
"""Standard deviation, in logs or logits, written for a parameter that the answers do not determine."""
TROUBLE: Final = {
    Trouble.EMPTY: msgid("personne n'a répondu ; retirez la colonne"),
    Trouble.CONSTANT: msgid("toutes les réponses valent %(category)s : rien à estimer ; retirez la colonne"),
    Trouble.UNUSED_CATEGORY: msgid(
        "personne n'a eu %(category)s, alors que d'autres ont eu moins et plus ; regroupez les scores"
    ),
    Trouble.APART: msgid(
        "personne n'a répondu à la fois à cette question et à l'ensemble des autres : pas d'échelle commune"
    ),
    Trouble.TOO_MANY_CATEGORIES: msgid(
        "le modèle n'a que 0 et 1, cette question monte à %(category)s ; prenez grm, gpcm, pcm ou nrm"
    ),
}
GROUP_TROUBLE: Final = {
    GroupTrouble.ALONE: msgid(
        "groupe « %(group)s », domaine « %(domain)s » : une seule personne a répondu, sa moyenne et son étendue ne"
        " peuvent être estimées ; réunissez-la à un autre groupe, ou retirez sa ligne"
    ),
    GroupTrouble.ALIKE: msgid(
        "groupe « %(group)s », domaine « %(domain)s » : les %(people)s personnes ont donné les mêmes réponses, leur"
        " moyenne et leur étendue ne peuvent être estimées ; réunissez-les à un autre groupe, ou retirez leurs lignes"
    ),
}


class Hopeless(BadFile):
    """Answers that cannot be calibrated: one reason for each item, or each group, in trouble."""

    def __init__(self, file: str, troubles: Sequence[BadFile]) -> None:
        super().__init__(file, troubles[0].cause)
        self.facts = dict(troubles[0].facts)
        self.troubles = tuple(troubles)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be calibrated.

    Attributes
    ----------
    models, domains : by item.
    groups : by person, perhaps of more than answered; empty for one group.
    reference : the group with mean 0 and standard deviation 1.
    anchors : items that keep their parameters.
    """

    models: Mapping[str, str]
    domains: Mapping[str, str]
    groups: Mapping[str, str]
    reference: str | None
    anchors: Mapping[str, BankItem]
    beliefs: Beliefs
    max_iterations: int


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """Answers laid out, with the names of what is numbered."""

    responses: Responses
    items: tuple[str, ...]
    domains: tuple[str, ...]
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Calibrated:
    """The bank, and what is to be said of it; ``asked``: the model asked for, by item."""

    bank: BankFile
    asked: tuple[str, ...]
    prepared: Prepared
    calibration: Calibration
    uncertainty: Uncertainty


def prepare(path: Path, data: ResponseData, wish: Wish) -> Prepared:
    """Lay out the answers.

    Raises
    ------
    BadFile
        If the file has no rows, or none with an answer for one of several groups.
    """
    if not data.persons:
        raise BadFile(path.name, msgid("aucune personne : il faut au moins une ligne sous l'en-tête"))
    domains = tuple(dict.fromkeys(wish.domains[item] for item in data.items))
    names = [wish.groups[person] for person in data.persons] if wish.groups else []
    first = [wish.reference] if wish.reference is not None else []
    groups = tuple(dict.fromkeys([*first, *names])) or ("",)
    place = {name: number for number, name in enumerate(groups)}
    numbers = np.fromiter((place[name] for name in names), dtype=np.intp, count=len(names))
    _require_answers(path, data, numbers, groups)
    known = {item: wish.anchors[item].categories for item in data.items if item in wish.anchors}
    responses = arrange(
        data.scores,
        domain=[domains.index(wish.domains[item]) for item in data.items],
        group=numbers if names else None,
        categories=_categories(path, data, known) if known else None,
    )
    return Prepared(responses, data.items, domains, groups)


def _require_answers(path: Path, data: ResponseData, group: Ints, names: Sequence[str]) -> None:
    scores = data.scores
    answers = scores.getnnz(axis=1) if sparse.issparse(scores) else (scores != MISSING).sum(axis=1)
    heard = np.bincount(group[answers > 0] if group.size else group, minlength=len(names))
    if heard.any() and not heard.all():
        cause = msgid("personne du groupe « %(group)s » n'a répondu ; retirez ces lignes")
        raise BadFile(path.name, cause, group=names[int(np.argmin(heard))])


def _categories(path: Path, data: ResponseData, known: Mapping[str, int]) -> list[int]:
    """Categories of each item: an anchor has those of its parameters."""
    scores = data.scores
    highest = scores.max(axis=0).toarray().ravel() - 1 if sparse.issparse(scores) else scores.max(axis=0)
    found = [max(2, int(top) + 1) for top in highest]
    for place, item in enumerate(data.items):
        if item in known:
            if found[place] > known[item]:
                cause = msgid("score %(got)s, alors que l'ancre ne va qu'à %(highest)s")
                raise BadFile(path.name, cause, column=item, got=found[place] - 1, highest=known[item] - 1)
            found[place] = known[item]
    return found


def calibrate_data(
    path: Path,
    prepared: Prepared,
    wish: Wish,
    spread: Spread,
    *,
    progress: Callable[[Progress], None] | None = None,
) -> Calibrated:
    """Calibrate.

    Raises
    ------
    Hopeless
        If the answers cannot be calibrated, naming every item, or every group.
    """
    grid = make_grid()
    anchors = {
        place: item_rows(grid, anchor.model, anchor.mean, anchor.covariance)
        for place, item in enumerate(prepared.items)
        if (anchor := wish.anchors.get(item)) is not None
    }
    families = ["rasch" if wish.models[item] == COMMON else wish.models[item] for item in prepared.items]
    try:
        found = calibrate(
            prepared.responses,
            families,
            beliefs=wish.beliefs,
            anchors=anchors,
            max_iterations=wish.max_iterations,
            spread=spread,
            progress=progress,
        )
    except HopelessData as error:
        troubles = [_trouble(path, prepared, finding) for finding in error.findings]
        troubles += [_group_trouble(path, prepared, finding) for finding in error.groups]
        raise Hopeless(path.name, troubles) from error
    sure = uncertainty(found)
    asked = tuple(wish.models[item] for item in prepared.items)
    return Calibrated(_bank(prepared, wish, found, sure), asked, prepared, found, sure)


def _trouble(path: Path, prepared: Prepared, finding: Finding) -> BadFile:
    return BadFile(
        path.name, TROUBLE[finding.trouble], row=1, column=prepared.items[finding.item], category=finding.category
    )


def _group_trouble(path: Path, prepared: Prepared, finding: GroupFinding) -> BadFile:
    return BadFile(
        path.name,
        GROUP_TROUBLE[finding.trouble],
        group=prepared.groups[finding.group] or "—",
        domain=prepared.domains[finding.domain],
        people=round(finding.people),
    )


def _bank(prepared: Prepared, wish: Wish, found: Calibration, sure: Uncertainty) -> BankFile:
    """Items in the order of the file; anchors as they came."""
    items: dict[str, BankItem] = {name: wish.anchors[name] for name in prepared.items if name in wish.anchors}
    scale = np.log(found.estimate.population.sd[0])
    for number, batch in enumerate(found.batches):
        for place, item in enumerate(batch.items.tolist()):
            name, mean, covariance = (
                prepared.items[item],
                found.estimate.items[number][place],
                sure.items[number][place],
            )
            model, covariance = wish.models[name], _finite(covariance)
            if model == COMMON:
                domain = int(batch.domain[place])
                mean, covariance = _common_slope(
                    mean, covariance, sure.with_scale[number][place], float(scale[domain]), sure.log_sd[0, domain]
                )
            items[name] = BankItem(name, wish.domains[name], "2pl" if model == COMMON else model, mean, covariance)
    return BankFile(tuple(items[name] for name in prepared.items))


def _finite(covariance: Floats) -> Floats:
    """Parameters that nothing determines, with a spread that says so and that tables can still integrate over."""
    lost = ~np.isfinite(np.diagonal(covariance))
    kept = np.where(lost[:, None] | lost, 0.0, covariance)
    kept[lost, lost] = UNDETERMINED**2
    return kept


def _common_slope(
    b: Floats, variance: Floats, with_scale: Floats, log_sd: float, se_log_sd: float
) -> tuple[Floats, Floats]:
    """A Rasch item in a population of this spread, as an item with a slope in the standard population."""
    sd = np.exp(log_sd)
    mean = np.array([log_sd, b[0] / sd])
    together = np.array([[se_log_sd**2, with_scale[0]], [with_scale[0], variance[0, 0]]])
    slope = np.array([[1.0, 0.0], [-b[0] / sd, 1 / sd]])
    return mean, slope @ together @ slope.T


def models_of(path: Path, items: Sequence[str], given: Mapping[str, str], model: str) -> dict[str, str]:
    """Model of each item: the map's where it has one, else the one asked for.

    Raises
    ------
    BadFile
        If the map names a model that does not exist.
    """
    for item, own in given.items():
        if own and own not in FAMILIES:
            cause = msgid("le modèle « %(got)s » n'existe pas ; attendu : %(known)s")
            raise BadFile(path.name, cause, column="model", got=own, known=", ".join(FAMILIES), item=item)
    return {item: given.get(item) or model for item in items}


def require_common_slope(
    path: Path, models: Mapping[str, str], domains: Mapping[str, str], anchors: Container[str]
) -> None:
    """Refuse a domain in which some items only share one slope, or share it beside anchors.

    Raises
    ------
    BadFile
        Naming an item of another model, or one whose slope anchors leave no room for.
    """
    shared = {domains[item] for item, model in models.items() if model == COMMON and item not in anchors}
    for item, model in models.items():
        if domains[item] in shared and item in anchors:
            cause = msgid("avec des ancres, une pente commune (1pl) n'a pas d'échelle ; prenez rasch ou 2pl")
            raise BadFile(path.name, cause, column=item)
        if domains[item] in shared and model != COMMON:
            cause = msgid(
                "dans un domaine où des questions ont une pente commune (1pl), toutes le sont ; reçu : %(model)s"
            )
            raise BadFile(path.name, cause, column=item, model=model)
