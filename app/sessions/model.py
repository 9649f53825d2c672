"""A sitting: what it is, what a learner sees of it, and what may be refused."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.engine.stopping import StopReason
from app.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated, Unavailable, msgid
from framework.model import Locale, LocalizedText
from itembank.model import ItemType
from itembank.vignette import Vignette


@dataclass(frozen=True, slots=True)
class Answer:
    """One line of the log. ``response`` is None where the learner passed."""

    step: int
    item_id: str
    response: Mapping[str, Any] | None
    score: int
    shown_at: dt.datetime
    answered_at: dt.datetime
    receipt: str


@dataclass(frozen=True, slots=True)
class Session:
    """One sitting as stored: versions, seed and the question on screen; the log holds the rest."""

    id: uuid.UUID
    institution_id: uuid.UUID
    campaign_id: uuid.UUID
    participant_id: uuid.UUID
    framework_version_id: uuid.UUID
    bank_version_id: uuid.UUID
    policy_version_id: uuid.UUID
    seed: int
    locale: Locale
    ineligible: frozenset[str]
    status: str
    step: int
    item_id: str | None
    shown_at: dt.datetime
    deadline: dt.datetime | None
    stop_reason: StopReason | None
    started_at: dt.datetime
    finished_at: dt.datetime | None

    @property
    def running(self) -> bool:
        return self.status == "running"


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that an answer is kept: the same answer sent again gets the same receipt."""

    session_id: uuid.UUID
    step: int
    id: str
    received_at: dt.datetime


@dataclass(frozen=True, slots=True)
class ShownOption:
    id: str
    text: LocalizedText


@dataclass(frozen=True, slots=True)
class ShownGap:
    """A gap to fill: one of its options, or a text where it has none."""

    id: str
    label: LocalizedText
    options: tuple[ShownOption, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What a learner may know of an item before answering: never its id, key, level or parameters.

    Ids are of this screen only. ``elements`` and ``choices`` stand in a drawn order; ``reuse``: a choice may serve
    several prompts; ``text`` names each gap by its id in braces. ``case``: what there is to read first, and
    ``case_again`` whether the question before showed it too.
    """

    step: int
    type: ItemType
    domain: str
    stem: LocalizedText
    options: tuple[ShownOption, ...]
    unit: LocalizedText | None = None
    elements: tuple[ShownOption, ...] = ()
    prompts: tuple[ShownOption, ...] = ()
    choices: tuple[ShownOption, ...] = ()
    reuse: bool = False
    text: LocalizedText | None = None
    gaps: tuple[ShownGap, ...] = ()
    case: Vignette | None = None
    case_again: bool = False


@dataclass(frozen=True, slots=True)
class SessionView:
    """A sitting as its learner sees it."""

    session_id: uuid.UUID
    status: str
    locale: Locale
    step: int
    answered: int
    question: Question | None
    remaining: tuple[int, int] | None
    """About how many questions are left, from and to; None once finished."""
    last_receipt: Receipt | None
    deadline: dt.datetime | None
    stop_reason: str | None


@dataclass(frozen=True, slots=True)
class Submitted:
    """The answer to an answer. ``receipt`` is None when the time was over and nothing was kept."""

    receipt: Receipt | None
    view: SessionView


@dataclass(frozen=True, slots=True)
class Entered:
    """A learner is in: the bearer token (told once) and, for a new participant, the resume code (told once)."""

    token: str
    resume_code: str | None
    session_id: uuid.UUID


class UnknownSession(NotFound):
    code = "unknown-session"
    message = msgid("Ce test n'existe pas, ou il n'est pas le vôtre.")


class NotSignedIn(Unauthenticated):
    code = "not-signed-in"
    message = msgid("Saisissez le code de votre parcours ou votre code de reprise pour continuer.")


class StaleStep(Conflict):
    """Another step than the one on screen was answered, or the same step with another answer."""

    code = "stale-step"
    shown = ("current",)
    message = msgid("Cette question a déjà reçu une réponse. Voici la question en cours.")

    def __init__(self, *, current: object) -> None:
        super().__init__(current=current)

    @property
    def view(self) -> SessionView:
        """The sitting as it stands."""
        view = self.facts["current"]
        assert isinstance(view, SessionView)
        return view


class OtherSitting(Conflict):
    """A form of a page that belongs to another sitting than the one this browser is in now."""

    code = "other-sitting"
    message = msgid(
        "Cette page venait d'un autre test, commencé plus tôt dans ce navigateur : rien n'en a été enregistré. "
        "Voici le test en cours."
    )


class AlreadyFinished(Conflict):
    code = "already-finished"
    message = msgid(
        "Ce test est déjà terminé : cette réponse arrive trop tard et ne compte pas. Les précédentes sont enregistrées."
    )


class NotFinished(Conflict):
    code = "not-finished"
    message = msgid("Ce test n'est pas terminé. Le résultat sera visible à la fin.")


class ReviewNotAllowed(Forbidden):
    code = "review-not-allowed"
    message = msgid("Ce parcours ne permet pas de revoir les questions.")


class EmptyAnswer(Invalid):
    code = "empty-answer"
    message = msgid("Choisissez une réponse, ou passez la question.")


class UnreadableAnswer(Invalid):
    """``cause`` says, to a developer, what was wrong with the answer's form."""

    code = "unreadable-answer"
    shown = ("cause",)
    message = msgid("Cette réponse n'a pas pu être lue et n'est pas enregistrée. Choisissez ou écrivez-la de nouveau.")


class BadIdentity(Invalid):
    """The campaign asks for a name or number, and what came is empty, too long or unprintable."""

    code = "bad-identity"
    shown = ("asked", "longest")
    message = msgid("Indiquez le nom ou le numéro que ce parcours demande, en %(longest)s caractères au plus.")


class NotTheSamePerson(Conflict):
    """The name or number is taken by a participant who did not present the resume code."""

    code = "participant-exists"
    message = msgid(
        "Un test a déjà été commencé ici avec ce nom ou ce numéro. Pour le reprendre, saisissez votre code de "
        "reprise. Si vous ne l'avez plus, demandez-en un nouveau à votre établissement."
    )


class UnknownResumeCode(NotFound):
    code = "unknown-resume-code"
    message = msgid("Ce code de reprise n'est pas connu. Vérifiez-le, ou demandez-en un nouveau à votre établissement.")


class NoQuestion(Unavailable):
    """The bank cannot give a test that keeps the campaign's rules."""

    code = "no-question"
    message = msgid(
        "Ce parcours ne peut pas commencer : il manque des questions (règle : %(rule)s). Prévenez l'équipe."
    )
