"""What each page shows, as plain data: a template needs nothing else, neither database nor request.

Texts are already in the reader's language. ``problem`` is a refusal's sentence (``i18n.translate`` of its
message); moments are aware datetimes, shown on the clock of ``timezone``.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from app.engine.stopping import StopReason
from app.web.task_views import Block, Case, Choice, Fault, Field, ReviewedPart

__all__ = ["Block", "Case", "Choice", "Fault", "Field", "ReviewedPart"]

QuestionType = Literal[
    "single_choice",
    "multiple_choice",
    "short_text",
    "numeric",
    "ordering",
    "matching",
    "gap_text",
    "inline_choice",
]
LONG = 32
"""Characters that a closed list shows on a telephone."""

Identification = Literal["none", "name", "number"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What every page may need. ``csrf_token`` is put in each form that changes something."""

    timezone: str = "Europe/Paris"
    csrf_token: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePage(Page):
    code: str = ""
    problem: str | None = None
    demo_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignPage(Page):
    """Before the test. ``running``: this browser has already begun; ``label`` is given back after a refusal."""

    code: str
    title: str
    institution: str
    max_questions: int
    kept_days: int
    identification: Identification
    minutes: int | None = None
    time_limit_minutes: int | None = None
    review_allowed: bool = False
    opens_at: dt.datetime | None = None
    closes_at: dt.datetime | None = None
    state: Literal["open", "not_yet", "closed"] = "open"
    running: bool = False
    label: str = ""
    entry_key: str = ""
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnteredPage(Page):
    """Just after entering: the only time the resume code is shown."""

    code: str
    title: str
    resume_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumePage(Page):
    code: str = ""
    resume_code: str = ""
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionPage(Page):
    """One question. ``remaining``: about how many questions are left, this one included, from and to.

    ``choices`` are to tick; ``fields`` are the parts of an order, of matches or of a text with gaps, whose
    ``pieces`` are words and fields. ``notice`` is a sentence on why this page comes instead of the one expected (the
    answer was for an earlier question, or could not be read); ``fault``: what is missing in the answer that came.
    ``session``: the sitting this page belongs to, sent back with the answer.
    """

    title: str
    step: int
    answered: int
    type: QuestionType
    domain: str
    stem: str
    choices: tuple[Choice, ...] = ()
    text: str = ""
    remaining: tuple[int, int] | None = None
    received_at: dt.datetime | None = None
    seconds_left: int | None = None
    notice: str | None = None
    fault: Fault | None = None
    session: str = ""
    unit: str = ""
    fields: tuple[Field, ...] = ()
    pieces: tuple[str | Field, ...] = ()
    reuse: bool = False
    case: Case | None = None

    @property
    def left(self) -> int:
        """How many parts are still empty."""
        return sum(not field.value for field in self.fields)

    @property
    def lettered(self) -> bool:
        """Whether choices are too long to be read in a closed list, and so stand above it with a letter each."""
        return self.type == "matching" and any(len(each.text) > LONG for field in self.fields for each in field.choices)


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedPage(Page):
    title: str
    answered: int
    stop_reason: StopReason
    received_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    href: str


@dataclass(frozen=True, slots=True)
class ReviewedOption:
    text: str
    chosen: bool
    correct: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewedQuestion:
    """One question with its key. ``given`` and ``accepted`` are for what is typed whole, ``parts`` for the rest.

    ``rank``: its place, by usefulness, among the ``candidates`` that could be asked at that moment.
    """

    step: int
    type: QuestionType
    domain: str
    stem: str
    outcome: Literal["right", "partly", "wrong", "skipped"]
    explanation: str
    options: tuple[ReviewedOption, ...] = ()
    given: str | None = None
    accepted: tuple[str, ...] = ()
    sources: tuple[Link, ...] = ()
    rank: int = 0
    candidates: int = 0
    filled: str = ""
    parts: tuple[ReviewedPart, ...] = ()
    case: Case | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPage(Page):
    title: str
    questions: tuple[ReviewedQuestion, ...]
    simulated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorPage(Page):
    """What happened, what was kept (``answered``), what to do (``action``). ``request_id`` helps whoever is asked."""

    status: int
    title: str
    problem: str
    answered: int | None = None
    action: Link | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutPage(Page):
    """``contact``: an address or telephone of the operator, when the service knows one."""

    institution: str | None = None
    contact: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInPage(Page):
    """``next``: the page of the team to come back to."""

    email: str = ""
    problem: str | None = None
    next: str = "/team"


@dataclass(frozen=True, slots=True)
class CampaignLine:
    id: str
    code: str
    title: str
    opens_at: dt.datetime
    closes_at: dt.datetime | None
    started: int
    finished: int
    simulated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamPage(Page):
    institution: str
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamIndexPage(TeamPage):
    campaigns: tuple[CampaignLine, ...]


@dataclass(frozen=True, slots=True)
class LevelCell:
    """A level with the levels at the two ends of its 95 % interval; ``level`` is None where it is withheld."""

    level: int | None
    low: int
    high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantLine:
    """One sitting. ``levels`` follow the page's ``domains``; empty until the sitting is finished."""

    label: str
    resume_href: str
    started_at: dt.datetime
    finished_at: dt.datetime | None
    answered: int
    levels: tuple[LevelCell | None, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamCampaignPage(TeamPage):
    """One campaign. ``total`` counts the sittings of every page of the table."""

    campaign: CampaignLine
    max_questions: int
    bank: str
    framework: str
    domains: tuple[str, ...]
    participants: tuple[ParticipantLine, ...]
    total: int
    table_href: str
    previous_href: str | None = None
    next_href: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeCodePage(TeamPage):
    """A resume code just made for a learner who lost theirs: the only time it is shown."""

    title: str
    label: str
    code: str
    resume_code: str
    back_href: str
