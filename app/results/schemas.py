"""What the pull API gives, described for the people who write programs against it."""

import uuid
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Interval = tuple[float, float]


class _Shown(BaseModel):
    """Members may be added within a version of the document; none is removed or changes its meaning."""

    model_config = ConfigDict(frozen=True)


class Title(_Shown):
    fr: str
    en: str


class CampaignName(_Shown):
    """The campaign the test belongs to."""

    id: uuid.UUID
    code: str = Field(examples=["SN7K2P"])
    title: Title


class ParticipantName(_Shown):
    """Who was tested. ``label`` is the name or number the person gave; null where the campaign asks for none."""

    id: uuid.UUID
    label: str | None = Field(examples=["21904417"])


class Versions(_Shown):
    """What produced the numbers. Results with the same versions can be compared without afterthought."""

    framework: str = Field(description="Framework and its version.", examples=["fr-socle-numerique-sante@2026.1"])
    bank: str = Field(description="Bank of questions and its version.", examples=["socle-sante@1"])
    policy: str = Field(description="SHA-256 of the test's rules (length, precision, what is shown).")
    engine: str = Field(description="Version of the rules that turn answers into numbers.", examples=["1"])


class Overall(_Shown):
    """The ability common to all domains."""

    theta: float = Field(description="Estimated ability in logits; 0 is the mean of the reference population.")
    se: float = Field(description="Standard error of theta (posterior standard deviation), in logits.", ge=0)
    interval: Interval = Field(description="95 % posterior interval of the ability, in logits: [low, high].")


Band = Literal["novice", "independent", "advanced", "expert"]
Withheld = Literal["too_few_answers", "little_own_evidence"]


class DomainResult(_Shown):
    """One domain. Where ``withheld`` is not null the data do not carry a level: level and band are null."""

    domain: str = Field(description="Domain id in the framework.", examples=["SN1"])
    theta: float = Field(description="Estimated ability in logits; 0 is the mean of the reference population.")
    se: float = Field(description="Standard error of theta (posterior standard deviation), in logits.", ge=0)
    interval: Interval = Field(description="95 % posterior interval of the ability, in logits: [low, high].")
    level: int | None = Field(description="Most probable level, 1 to 8.", ge=1, le=8)
    level_probability: float | None = Field(description="Probability that the level is this one.", ge=0, le=1)
    level_interval: tuple[int, int] = Field(description="Levels at the two ends of the 95 % interval.")
    band: Band | None = Field(description="Group of two levels that holds the level.")
    band_probability: float | None = Field(description="Probability of the band.", ge=0, le=1)
    level_probabilities: list[float] | None = Field(description="Probability of each level, 1 to 8.")
    own_share: float = Field(
        description="Share of the evidence that comes from answers in this domain; the rest is inferred from the "
        "other domains, which go together.",
        ge=0,
        le=1,
    )
    own_answers: int = Field(description="Answers given in this domain.", ge=0)
    withheld: Withheld | None = Field(description="Why no level is told, or null.")


class Focus(_Shown):
    """A capacity to work on."""

    capacity: str = Field(description="Capacity id in the framework.", examples=["SN1.1.b"])
    reason: str = Field(description="Why this one: `missed` (answered wrong) or `untried` (not asked, low domain).")


StopReason = Literal["precision", "classified", "max_items", "no_item", "time", "learner"]

EXAMPLE: dict[str, Any] = {
    "schema": "toise-result/1",
    "session": "0b6a3a34-5b1e-4c54-9d5c-0b8a7a0f1c11",
    "campaign": {
        "id": "7a1f0c52-6f35-4b84-8f0e-3a3c2f1b9d20",
        "code": "SN7K2P",
        "title": {"fr": "Positionnement de rentrée", "en": "Placement test"},
    },
    "participant": {"id": "c5b9e4b8-1f0d-4a67-8a52-4e1d8b7f6a02", "label": "21904417"},
    "simulated": False,
    "provisional": True,
    "started_at": "2026-11-23T13:38:02.114205Z",
    "finished_at": "2026-11-23T14:03:40.501223Z",
    "stop_reason": "precision",
    "answers": 23,
    "skipped": 2,
    "versions": {
        "framework": "fr-socle-numerique-sante@2026.1",
        "bank": "socle-sante@1",
        "policy": "9f2c1d0b5a7e4c3f8d6b2a1908f7e6d5c4b3a29181706f5e4d3c2b1a09f8e7d6",
        "engine": "1",
    },
    "overall": {"theta": 0.1203, "se": 0.3121, "interval": [-0.4837, 0.7345]},
    "domains": [
        {
            "domain": "SN1",
            "theta": 0.1032,
            "se": 0.4016,
            "interval": [-0.7013, 0.9021],
            "level": 5,
            "level_probability": 0.52,
            "level_interval": [4, 6],
            "band": "advanced",
            "band_probability": 0.58,
            "level_probabilities": [0.0, 0.0, 0.02, 0.39, 0.52, 0.06, 0.01, 0.0],
            "own_share": 0.62,
            "own_answers": 5,
            "withheld": None,
        },
        {
            "domain": "SN2",
            "theta": 0.0871,
            "se": 0.6914,
            "interval": [-1.2704, 1.4431],
            "level": None,
            "level_probability": None,
            "level_interval": [3, 6],
            "band": None,
            "band_probability": None,
            "level_probabilities": None,
            "own_share": 0.11,
            "own_answers": 2,
            "withheld": "too_few_answers",
        },
    ],
    "focus": [{"capacity": "SN1.1.b", "reason": "missed"}],
    "updated_at": "2026-11-23T14:03:40.512804Z",
}


class ResultDocument(_Shown):
    """One finished sitting: what was measured, how surely, and the versions that say so."""

    model_config = ConfigDict(
        frozen=True,
        serialize_by_alias=True,
        json_schema_extra={"examples": [{k: v for k, v in EXAMPLE.items() if k != "updated_at"}]},
    )

    format: Literal["toise-result/1"] = Field(alias="schema", description="Version of this document's shape.")
    session: uuid.UUID = Field(description="The sitting. Use it as your key: a result issued again keeps it.")
    campaign: CampaignName
    participant: ParticipantName
    simulated: bool = Field(description="True for made-up data, which describe nobody.")
    provisional: bool = Field(
        description="True while the difficulty of questions is their authors' judgement, not yet measured: levels "
        "may move once it is."
    )
    started_at: AwareDatetime
    finished_at: AwareDatetime
    stop_reason: StopReason = Field(description="Why the test ended.")
    answers: int = Field(description="Answers given, skips included.", ge=0)
    skipped: int = Field(description="Questions passed without an answer; they count as not known.", ge=0)
    versions: Versions
    overall: Overall
    domains: list[DomainResult]
    focus: list[Focus] = Field(description="Capacities to work on first.")


class Result(ResultDocument):
    """A result document, with the moment of its last change."""

    model_config = ConfigDict(frozen=True, serialize_by_alias=True, json_schema_extra={"examples": [EXAMPLE]})

    updated_at: AwareDatetime = Field(description="When this result last changed; what `updated_since` compares.")


class ResultPage(_Shown):
    """Some results, oldest change first, and where to go on."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [{"data": [EXAMPLE], "next_cursor": "WzEsNDEyLCI3YTFmMGM1MjZmMzU0Yjg0Iixud", "has_more": False}]
        },
    )

    data: list[Result]
    next_cursor: str = Field(
        description="Always there: keep it, and give it back as `cursor` to get what comes after these results."
    )
    has_more: bool = Field(description="True when more results wait right now.")


FRAMEWORK: dict[str, Any] = {
    "format": "toise-framework/1",
    "id": "fr-socle-numerique-sante",
    "version": "2026.1",
    "title": {
        "fr": "Socle commun de compétences numériques des étudiants en santé",
        "en": "Core digital health competences for health students",
    },
    "notice": {"fr": "Formulation de travail.", "en": "Working wording."},
    "legal_basis": {"nor": "SPRH2220195A", "url": "https://www.legifrance.gouv.fr/jorf/id/JORFTEXT000046548689"},
    "domains": [{"id": "SN1", "label": {"fr": "Les données de santé", "en": "Health data"}, "competences": []}],
    "bands": [{"id": "novice", "levels": [1, 2], "label": {"fr": "Novice", "en": "Novice"}}],
    "cuts": [-2.25, -1.5, -0.75, 0.0, 0.75, 1.5, 2.25],
    "sources": [],
}
"""In short; a real one names every competence and capacity."""


class PublishedFramework(BaseModel):
    """A framework version as published: domains, competences, capacities, levels. It never changes."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"examples": [FRAMEWORK]})

    format: Literal["toise-framework/1"]
    id: str = Field(examples=["fr-socle-numerique-sante"])
    version: str = Field(examples=["2026.1"])
    title: Title
    notice: Title = Field(description="What the wording is and is not; show it where you show the framework.")
    legal_basis: dict[str, str] = Field(description="The public text that the framework follows.")
    domains: list[dict[str, Any]] = Field(description="Domains with their competences and capacities.")
    bands: list[dict[str, Any]] = Field(description="Groups of levels, with their labels.")
    cuts: list[float] = Field(
        description="Points between neighbouring levels, in logits; level k lies between k-1 and k."
    )
    sources: list[dict[str, Any]]
