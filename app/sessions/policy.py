"""The rules of a test: how long, how precise, on what, and what the learner sees. Versioned with the campaign."""

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from typing_extensions import override

from app.engine.content import Blueprint
from framework.model import Framework

LONGEST: Final = 80
"""Questions in a test at most: on the standard grid longer ones would be reported with errors above 0.003 logits."""

Count = Annotated[int, Field(ge=0, le=500)]
Loading = Annotated[float, Field(ge=0, le=0.95)]
Level = Annotated[int, Field(ge=2, le=20)]
Criterion = Literal["variance", "classification", "information", "posterior_information", "kullback_leibler", "random"]


class Range(BaseModel):
    """A minimum and a maximum number of questions."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at_least: Count = 0
    at_most: Count = 500

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.at_least > self.at_most:
            raise ValueError(f"at_least ({self.at_least}) must not exceed at_most ({self.at_most})")
        return self


def _measurable(length: Range) -> Range:
    """Between one question and as many as keep posteriors no sharper than the grid resolves (engine, section 1)."""
    if not 1 <= length.at_most <= LONGEST:
        raise ValueError(f"at_most must be from 1 to {LONGEST} questions, got {length.at_most}")
    return length


def _each_once(levels: list[int]) -> list[int]:
    """Levels in order, so that equal rules have one fingerprint."""
    return sorted(set(levels))


Length = Annotated[Range, AfterValidator(_measurable)]


class Policy(BaseModel):
    """Every choice that shapes a test.

    ``loading`` is the second-order prior's lambda (engine, section 2): a single number for all domains, or one
    per domain id. Until calibration estimates it, the default of 0.75 supposes that two domains correlate at .56.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    length: Length = Range(at_least=20, at_most=30)
    per_domain: Range = Range(at_least=3, at_most=10)
    per_competence: Range = Range(at_least=1, at_most=10)
    limits: dict[str, Range] = Field(default_factory=dict)
    """Limits of one domain or competence by id, in place of the general ones."""
    per_set: Range = Range(at_least=2, at_most=4)
    """Questions of one case, once it has been opened; they follow each other."""
    se_target: Annotated[float, Field(gt=0, le=1)] = 0.65
    certainty: Annotated[float, Field(gt=0.5, lt=1)] | None = None
    """The test may also end when every domain's side of the cuts, or level, is as probable as this."""
    cut_levels: Annotated[list[Level], AfterValidator(_each_once)] = Field(default_factory=list)
    """What is decided: whether each of these levels is reached. None named: which level it is."""
    criterion: Criterion = "variance"
    """What makes a question a good next one; ``app.engine.criteria`` says what each name means."""
    selection: Literal["item", "shadow"] = "item"
    """One by one, or from the best complete test that keeps the rules."""
    bookkeeping: Literal["exact", "counted"] = "exact"
    """How enemies across competences are counted; ``counted``, the way of earlier versions, gives some of them up."""
    loading: Loading | dict[str, Loading] = 0.75
    choose_among: Annotated[int, Field(ge=1, le=50)] = 5
    """The next question is drawn evenly among this many best ones."""
    progressive: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Share of the longest test over which chance in the choice falls to none; 0: no chance beyond the draw."""
    exposure_cap: Annotated[float, Field(gt=0, le=1)] | None = None
    min_own_answers: Annotated[int, Field(ge=1, le=50)] = 3
    min_own_share: Annotated[float, Field(ge=0, le=1)] = 0.25
    """A domain's level is withheld below this number of answers in it, or this share of own evidence."""
    feedback: Literal["never", "end"] = "end"
    time_limit_minutes: Annotated[int, Field(ge=1, le=600)] | None = None

    @override
    def __hash__(self) -> int:
        """Equal rules have equal numbers here; the limits by name, which cannot be hashed, are left to ``==``."""
        return hash((self.length.at_least, self.length.at_most, self.se_target, self.choose_among, self.exposure_cap))

    def sha256(self) -> str:
        """Fingerprint of the rules, the same for equal rules."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def content(self) -> dict[str, Any]:
        """The rules as stored."""
        return self.model_dump(mode="json")

    @classmethod
    def of_stored(cls, content: Mapping[str, Any]) -> Self:
        """The rules as stored, perhaps by a version that had fewer of them: what is missing was as it was then."""
        return cls.model_validate({"bookkeeping": "counted", **content})

    def loadings(self, framework: Framework) -> tuple[float, ...]:
        """Lambda of each domain in the framework's order."""
        if isinstance(self.loading, dict):
            return tuple(self.loading[domain.id] for domain in framework.domains)
        return (self.loading,) * len(framework.domains)

    def cuts(self, framework: Framework) -> tuple[float, ...]:
        """The cut points that decisions are about, logits: the lower ends of ``cut_levels``, or of every level."""
        if not self.cut_levels:
            return framework.cuts
        return tuple(framework.cuts[level - 2] for level in self.cut_levels)

    def blueprint(self, framework: Framework) -> Blueprint:
        """The counts as arrays, domains and competences in the framework's order."""
        domains, competences, home = [], [], []
        for index, domain in enumerate(framework.domains):
            domains.append(self._limit(domain.id, self.per_domain))
            for competence in domain.competences:
                competences.append(self._limit(competence.id, self.per_competence))
                home.append(index)
        return Blueprint(
            (self.length.at_least, self.length.at_most),
            np.array(domains, dtype=np.intp),
            np.array(competences, dtype=np.intp),
            np.array(home, dtype=np.intp),
        )

    def _limit(self, node: str, default: Range) -> tuple[int, int]:
        chosen = self.limits.get(node, default)
        return chosen.at_least, chosen.at_most
