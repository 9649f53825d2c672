"""What a calibration is asked for, read from its files."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.engine.beliefs import FLAT, HIERARCHICAL
from app.errors import msgid
from app.psychometrics.bank import BankItem
from app.psychometrics.bank_file import read_bank
from app.psychometrics.calibrating import COMMON, ONE_DOMAIN, Wish, models_of, require_common_slope
from app.psychometrics.model import BadFile
from app.psychometrics.pair_file import read_pairs, read_table
from app.psychometrics.prior_beliefs import read_beliefs
from app.psychometrics.response_data import ResponseData


@dataclass(frozen=True, slots=True)
class Given:
    """The files, and the reference group's name."""

    responses: Path
    domains: Path | None
    groups: Path | None
    reference: str | None
    anchors: Path | None
    priors: Path | None

    @property
    def files(self) -> list[Path]:
        """Those that are read."""
        return [path for path in (self.responses, self.domains, self.groups, self.anchors, self.priors) if path]


def read_wish(given: Given, data: ResponseData, model: str, *, flat: bool, max_iterations: int) -> Wish:
    """Read what speaks of items, persons and priors.

    Raises
    ------
    BadFile
        If a file cannot be used or contradicts the responses.
    """
    mapped = read_table(given.domains, key="item", columns=["domain"], optional=["model"]) if given.domains else {}
    held = {item.id: item for item in read_bank(given.anchors).items} if given.anchors else {}
    if given.anchors and not held.keys() & set(data.items):
        raise BadFile(given.anchors.name, msgid("aucune de ces questions n'est dans le fichier de réponses"))
    place = given.domains or given.responses
    domains = _domains(place, data, mapped, held)
    own = {item: row.get("model", "") for item, row in mapped.items()}
    models = models_of(place, data.items, own, model)
    require_common_slope(place, models, domains, held)
    if given.groups is not None and COMMON in models.values():
        cause = msgid("avec des groupes, prenez rasch ou 2pl : une pente commune (1pl) change l'échelle des groupes")
        raise BadFile(given.groups.name, cause)
    return Wish(
        models=models,
        domains=domains,
        groups=_groups(given.groups, data, given.reference),
        reference=given.reference,
        anchors=held,
        beliefs=FLAT if flat else HIERARCHICAL if given.priors is None else read_beliefs(given.priors),
        max_iterations=max_iterations,
    )


def _domains(
    path: Path, data: ResponseData, mapped: Mapping[str, Mapping[str, str]], held: Mapping[str, BankItem]
) -> dict[str, str]:
    """Domain of each item: the map's, else its anchor's, else the only one."""
    found = {}
    for item in data.items:
        if mapped and item not in mapped:
            raise BadFile(path.name, msgid("il manque une ligne pour la question « %(item)s »"), item=item)
        anchor = held.get(item)
        found[item] = mapped[item]["domain"] if mapped else anchor.domain if anchor else ONE_DOMAIN
    if held and not mapped and len(set(found.values())) > 1:
        loose = [item for item in data.items if item not in held]
        if loose:
            cause = msgid("les ancres ont plusieurs domaines : donnez celui de « %(item)s » avec --domains")
            raise BadFile(path.name, cause, item=loose[0])
    return found


def _groups(path: Path | None, data: ResponseData, reference: str | None) -> dict[str, str]:
    if path is None:
        return {}
    found = read_pairs(path, key="person", column="group")
    for person in data.persons:
        if person not in found:
            raise BadFile(path.name, msgid("il manque une ligne pour la personne « %(person)s »"), person=person)
    present = dict.fromkeys(found[person] for person in data.persons)
    if reference is not None and reference not in present:
        known = ", ".join(present)
        cause = msgid("personne n'est du groupe « %(reference)s » ; il y a : %(known)s")
        raise BadFile(path.name, cause, reference=reference, known=known)
    return found
