"""Results as a journal: each has a position, and a reader who has seen n asks for what follows n."""

import base64
import binascii
import datetime as dt
import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from app.errors import Malformed, NotFound, msgid

MOST = 500
USUAL = 100
START = 0
LAST_POSITION = 2**63 - 1


@dataclass(frozen=True, slots=True)
class ResultRecord:
    """One result document with its place in the institution's journal."""

    position: int
    session_id: uuid.UUID
    updated_at: dt.datetime
    content: Mapping[str, Any]

    def document(self) -> dict[str, Any]:
        """Return the document as the API gives it: as stored, and when it last changed."""
        return {**self.content, "updated_at": _text_of(self.updated_at)}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which results a reader asks for: those after ``after``, of one campaign, changed at or since a moment.

    ``simulated`` keeps those of people (False) or those that describe nobody (True); None: both.
    """

    after: int = START
    campaign_id: uuid.UUID | None = None
    updated_since: dt.datetime | None = None
    simulated: bool | None = None


@dataclass(frozen=True, slots=True)
class Extent:
    """What an answer will hold, known before it is read.

    A row keeps its position as long as it keeps its content (a result issued again moves to the end), so
    where the answer ends and how many rows it has say whether it is the one a reader already has.
    """

    count: int
    last: int
    has_more: bool


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a reader has come, and in which list; opaque to the reader.

    The list is the institution's, or one campaign's, with or without simulated results: a cursor of another list
    is refused, because following it would skip results without a word.
    """

    position: int
    institution_id: uuid.UUID
    campaign_id: uuid.UUID | None
    simulated: bool | None = None

    def text(self) -> str:
        """Return the cursor as readers hold it."""
        campaign = None if self.campaign_id is None else self.campaign_id.hex
        kept = [] if self.simulated is None else [self.simulated]
        packed = json.dumps([1, self.position, self.institution_id.hex, campaign, *kept], separators=(",", ":"))
        return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str) -> Self:
        """Return the cursor of a text. Raise ``BadCursor`` for anything but a text made by ``text()``."""
        try:
            padded = text + "=" * (-len(text) % 4)
            version, position, institution, campaign, *kept = json.loads(
                base64.b64decode(padded, altchars=b"-_", validate=True)
            )
            simulated = bool(kept[0]) if kept else None
            cursor = cls(position, uuid.UUID(institution), None if campaign is None else uuid.UUID(campaign), simulated)
        except (binascii.Error, ValueError, TypeError, AttributeError, RecursionError) as error:
            raise BadCursor(cursor=text[:100]) from error
        if version != 1 or type(position) is not int or not 0 <= position <= LAST_POSITION or cursor.text() != text:
            raise BadCursor(cursor=text[:100])
        return cursor


@dataclass(frozen=True, slots=True)
class Participation:
    """One sitting of a campaign, as the team follows it; ``content`` is its result once it is finished."""

    session_id: uuid.UUID
    participant_id: uuid.UUID
    label: str | None
    started_at: dt.datetime
    finished_at: dt.datetime | None
    answered: int
    content: Mapping[str, Any] | None

    @property
    def name(self) -> str:
        """The label, or what stands for it where the campaign asks for none."""
        return self.label or self.participant_id.hex[:8]


class UnknownParticipant(NotFound):
    code = "unknown-participant"
    message = msgid("Cette personne ne participe pas à ce parcours.")


class UnknownResult(NotFound):
    """No such session in the institution, or it is not finished."""

    code = "unknown-result"
    message = msgid("Ce résultat n’existe pas, ou le test n’est pas terminé.")


class UnknownFrameworkVersion(NotFound):
    code = "unknown-framework"
    message = msgid("Le référentiel « %(framework)s », version « %(version)s », n’existe pas.")
    shown = ("framework", "version")


class BadCursor(Malformed):
    code = "bad-cursor"
    message = msgid("Le paramètre cursor ne se lit pas : rendez celui que le service a donné (next_cursor), tel quel.")
    shown = ("cursor",)


class CursorOfAnotherList(Malformed):
    code = "cursor-of-another-list"
    message = msgid(
        "Ce cursor vient d’une autre liste (autre établissement ou autre parcours) : il ferait sauter des résultats. "
        "Reprenez sans cursor."
    )
    shown = ("cursor",)


class BadMoment(Malformed):
    code = "bad-updated-since"
    message = msgid(
        "Le paramètre updated_since attend une date et une heure avec leur décalage, comme 2026-11-21T14:03:00Z ou "
        "2026-11-21T15:03:00+01:00 (le signe + s’écrit %%2B dans une adresse)."
    )
    shown = ("updated_since",)


RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")


def moment(text: str) -> dt.datetime:
    """Return an RFC 3339 moment, which has an offset. Raise ``BadMoment``.

    >>> moment("2026-11-21T15:03:00+01:00").isoformat()
    '2026-11-21T14:03:00+00:00'
    """
    # a + that was not escaped arrives as a space; nothing else in such a moment can be one
    written = text.strip().replace(" ", "+")
    try:
        if RFC_3339.fullmatch(written):
            return dt.datetime.fromisoformat(written.upper()).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        pass
    raise BadMoment(updated_since=text[:100])


def _text_of(moment_: dt.datetime) -> str:
    return moment_.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
