"""A competency framework: domains, competences, capacities, levels. Immutable, checked when read."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Self

Locale = Literal["fr", "en"]
LOCALES: tuple[Locale, ...] = ("fr", "en")

LabelStatus = Literal["official-verbatim", "secondary-verbatim", "recalled", "own-wording"]
BandId = Literal["novice", "independent", "advanced", "expert"]


class UnknownNode(LookupError):
    """No domain, competence or capacity of this framework has this id."""

    def __init__(self, node_id: str, framework: str) -> None:
        super().__init__(f"{node_id!r} is not in framework {framework}")
        self.node_id = node_id


@dataclass(frozen=True, slots=True)
class LocalizedText:
    """One text in every language the service speaks."""

    fr: str
    en: str

    def get(self, locale: Locale) -> str:
        return self.en if locale == "en" else self.fr

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(fr=data["fr"], en=data["en"])


@dataclass(frozen=True, slots=True)
class Source:
    """Where a statement was read. ``date`` is the source's own: YYYY, YYYY-MM or YYYY-MM-DD."""

    title: str
    url: str
    date: str | None

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(title=data["title"], url=data["url"], date=data["date"])


@dataclass(frozen=True, slots=True)
class LegalBasis:
    """The public text that a framework follows."""

    text: str
    nor: str
    jorf: str
    url: str


@dataclass(frozen=True, slots=True)
class Capacity:
    """The smallest thing a question is about. ``verified``: these words were read in a source."""

    id: str
    label: LocalizedText
    label_status: LabelStatus
    verified: bool
    resources: tuple[Source, ...]

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            id=data["id"],
            label=LocalizedText.from_data(data["label"]),
            label_status=data["label_status"],
            verified=data["verified"],
            resources=tuple(Source.from_data(source) for source in data["resources"]),
        )


@dataclass(frozen=True, slots=True)
class Competence:
    id: str
    label: LocalizedText
    label_status: LabelStatus
    verified: bool
    capacities: tuple[Capacity, ...]

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            id=data["id"],
            label=LocalizedText.from_data(data["label"]),
            label_status=data["label_status"],
            verified=data["verified"],
            capacities=tuple(Capacity.from_data(capacity) for capacity in data["capacities"]),
        )


@dataclass(frozen=True, slots=True)
class Domain:
    """What gets a level of its own. ``slug`` is its name in addresses."""

    id: str
    slug: str
    label: LocalizedText
    label_status: LabelStatus
    verified: bool
    competences: tuple[Competence, ...]

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            id=data["id"],
            slug=data["slug"],
            label=LocalizedText.from_data(data["label"]),
            label_status=data["label_status"],
            verified=data["verified"],
            competences=tuple(Competence.from_data(competence) for competence in data["competences"]),
        )


@dataclass(frozen=True, slots=True)
class Band:
    """A group of neighbouring levels; ``description``: what a person at this band does."""

    id: BandId
    levels: tuple[int, ...]
    label: LocalizedText
    description: LocalizedText

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            id=data["id"],
            levels=tuple(data["levels"]),
            label=LocalizedText.from_data(data["label"]),
            description=LocalizedText.from_data(data["description"]),
        )


@dataclass(frozen=True, slots=True)
class Framework:
    """One version of a framework. A published version never changes.

    ``cuts`` are the points between neighbouring levels on the theta scale (logits, theta ~ N(0, 1)
    in the reference population), increasing; level k lies between cuts k-1 and k.
    """

    id: str
    version: str
    title: LocalizedText
    notice: LocalizedText
    legal_basis: LegalBasis
    domains: tuple[Domain, ...]
    bands: tuple[Band, ...]
    cuts: tuple[float, ...]
    sources: tuple[Source, ...]
    _home: dict[str, tuple[Domain, Competence | None, Capacity | None]] = field(
        init=False, repr=False, compare=False, hash=False
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "_home", dict(self._places()))

    def _places(self) -> Iterator[tuple[str, tuple[Domain, Competence | None, Capacity | None]]]:
        for domain in self.domains:
            yield domain.id, (domain, None, None)
            for competence in domain.competences:
                yield competence.id, (domain, competence, None)
                for capacity in competence.capacities:
                    yield capacity.id, (domain, competence, capacity)

    @property
    def name(self) -> str:
        """The id and version together, as results quote them."""
        return f"{self.id}@{self.version}"

    @property
    def competences(self) -> tuple[Competence, ...]:
        return tuple(competence for domain in self.domains for competence in domain.competences)

    @property
    def capacities(self) -> tuple[Capacity, ...]:
        return tuple(capacity for competence in self.competences for capacity in competence.capacities)

    @property
    def levels(self) -> tuple[int, ...]:
        return tuple(range(1, len(self.cuts) + 2))

    def _find(self, node_id: str) -> tuple[Domain, Competence | None, Capacity | None]:
        try:
            return self._home[node_id]
        except KeyError:
            raise UnknownNode(node_id, self.name) from None

    def domain_of(self, node_id: str) -> Domain:
        """Return the domain that holds a competence or capacity (or is the domain itself)."""
        return self._find(node_id)[0]

    def domain(self, domain_id: str) -> Domain:
        domain, competence, _ = self._find(domain_id)
        if competence is not None:
            raise UnknownNode(domain_id, self.name)
        return domain

    def competence(self, competence_id: str) -> Competence:
        _, competence, capacity = self._find(competence_id)
        if competence is None or capacity is not None:
            raise UnknownNode(competence_id, self.name)
        return competence

    def competence_of(self, capacity_id: str) -> Competence:
        _, competence, capacity = self._find(capacity_id)
        if competence is None or capacity is None:
            raise UnknownNode(capacity_id, self.name)
        return competence

    def capacity(self, capacity_id: str) -> Capacity:
        capacity = self._find(capacity_id)[2]
        if capacity is None:
            raise UnknownNode(capacity_id, self.name)
        return capacity

    def level_of(self, theta: float) -> int:
        """Return the level of an ability in logits; a cut belongs to the level above it.

        >>> from framework import load
        >>> load().level_of(0.0), load().level_of(-0.1)
        (5, 4)
        """
        return bisect_right(self.cuts, theta) + 1

    def band_of(self, level: int) -> Band:
        for band in self.bands:
            if level in band.levels:
                return band
        raise ValueError(f"level: expected {self.levels[0]} to {self.levels[-1]}, got {level!r}")

    def to_data(self) -> dict[str, Any]:
        """Return the framework as JSON-able data, in the shape of schema.json."""
        data = asdict(self)
        del data["_home"]
        return {"format": "toise-framework/1", **_lists(data)}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Build from data already checked against schema.json (``framework.load`` checks)."""
        return cls(
            id=data["id"],
            version=data["version"],
            title=LocalizedText.from_data(data["title"]),
            notice=LocalizedText.from_data(data["notice"]),
            legal_basis=LegalBasis(**data["legal_basis"]),
            domains=tuple(Domain.from_data(domain) for domain in data["domains"]),
            bands=tuple(Band.from_data(band) for band in data["bands"]),
            cuts=tuple(float(cut) for cut in data["cuts"]),
            sources=tuple(Source.from_data(source) for source in data["sources"]),
        )


def _lists(value: Any) -> Any:  # noqa: ANN401 - any JSON-able value
    """Tuples as lists, all the way down: what JSON and YAML give back."""
    if isinstance(value, dict):
        return {key: _lists(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_lists(inner) for inner in value]
    return value
