"""Results are recorded once, and read by universities as a journal that never skips."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection

from app.accounts import audit
from app.campaigns import service as campaigns
from app.campaigns.model import UnknownCampaign, normal_code
from app.db.connection import Database
from app.results import store
from app.results.model import (
    Cursor,
    CursorOfAnotherList,
    Extent,
    Participation,
    ResultRecord,
    UnknownFrameworkVersion,
    UnknownParticipant,
    UnknownResult,
    Wanted,
)

CHUNK: Final = 200
"""Results read at once while a table is sent: some 800 KB of documents."""
SHAPE: Final = "1"
"""Version of what the routes write around and from the documents; raised when it changes, so that ETags change."""


def record(
    tx: Connection,
    *,
    session_id: uuid.UUID,
    campaign_id: uuid.UUID,
    participant_id: uuid.UUID,
    content: Mapping[str, Any],
) -> int:
    """Store a result document at the end of the institution's journal and return its position there.

    The last write of the finishing transaction: until its commit, the institution's other finishing
    transactions wait here (see ``store.append`` for what the wait is worth).
    """
    return store.append(
        tx, session_id=session_id, campaign_id=campaign_id, participant_id=participant_id, content=content
    )


def forget(tx: Connection, participants: Sequence[uuid.UUID]) -> None:
    """Erase the results of participants, in a transaction of the owner's role. Cursors stay good."""
    store.forget(tx, participants)


def of_session(tx: Connection, session_id: uuid.UUID) -> Mapping[str, Any]:
    """Return the stored document of a finished session. Raise ``UnknownResult``."""
    return record_of(tx, session_id).content


def record_of(tx: Connection, session_id: uuid.UUID) -> ResultRecord:
    """Return the journal's record of a session. Raise ``UnknownResult``."""
    found = store.of_session(tx, session_id)
    if found is None:
        raise UnknownResult
    return found


def wanted(
    tx: Connection,
    *,
    institution_id: uuid.UUID,
    cursor: str | None,
    campaign: str | None,
    updated_since: dt.datetime | None,
    simulated: bool | None = None,
) -> Wanted:
    """Understand what a reader asks for.

    Raises
    ------
    BadCursor, CursorOfAnotherList
        If the cursor cannot be read, or was given for another institution or campaign, or for results of another kind.
    UnknownCampaign
        If no campaign of the institution has this id or code.
    """
    campaign_id = None if campaign is None else _campaign_id(tx, campaign)
    asked = Wanted(campaign_id=campaign_id, updated_since=updated_since, simulated=simulated)
    if cursor is None:
        return asked
    read = Cursor.read(cursor)
    if (read.institution_id, read.campaign_id, read.simulated) != (institution_id, campaign_id, simulated):
        raise CursorOfAnotherList(cursor=cursor)
    return replace(asked, after=read.position)


def _campaign_id(tx: Connection, campaign: str) -> uuid.UUID:
    """A campaign by id or code: programs copy the id, people write the code. Never another institution's."""
    try:
        return campaigns.by_id(tx, uuid.UUID(campaign)).id
    except ValueError:
        found = store.campaign_id(tx, code=normal_code(campaign))
    if found is None:
        raise UnknownCampaign(campaign=campaign[:100])
    return found


def extent(tx: Connection, asked: Wanted, *, limit: int | None) -> Extent:
    """Return what an answer of at most ``limit`` results (all, when None) will hold."""
    return store.extent(tx, asked, limit=limit)


def etag(*parts: object) -> str:
    """Return a strong entity tag of an answer that is determined by these parts, known before it is read."""
    return f'"{hashlib.sha256(repr((SHAPE, *parts)).encode()).hexdigest()[:32]}"'


def page(tx: Connection, asked: Wanted, held: Extent) -> tuple[ResultRecord, ...]:
    """Return the results of an extent."""
    return store.page(tx, asked, limit=max(held.count, 1), until=held.last)


def stream(
    database: Database, institution_id: uuid.UUID, asked: Wanted, held: Extent
) -> Iterator[tuple[ResultRecord, ...]]:
    """Yield the results of an extent, some at a time, in constant memory.

    Each portion has a transaction of its own: a reader on a slow line holds no connection while it reads.
    """
    place = asked
    while place.after < held.last:
        with database.transaction(institution_id) as tx:
            records = store.page(tx, place, limit=CHUNK, until=held.last)
        if not records:
            return
        yield records
        place = replace(place, after=records[-1].position)


def domains(tx: Connection, asked: Wanted, held: Extent) -> tuple[str, ...]:
    """Return the ids of every domain these results measure, in their frameworks' order."""
    contents = store.frameworks(tx, asked, until=held.last)
    return tuple(dict.fromkeys(domain["id"] for content in contents for domain in content["domains"]))


def note_reading(
    tx: Connection, *, institution_id: uuid.UUID, actor: str, subject: str, now: dt.datetime, held: Extent
) -> None:
    """Write down that results left for somebody; an answer without any is not worth a row."""
    if held.count:
        audit.record(
            tx,
            institution_id=institution_id,
            actor=actor,
            act="results.read",
            subject=subject,
            at=now,
            results=held.count,
            last_position=held.last,
        )


def participations(tx: Connection, campaign_id: uuid.UUID, *, limit: int, offset: int) -> tuple[Participation, ...]:
    """Return sittings of a campaign, the latest first."""
    return store.participations(tx, campaign_id, limit=limit, offset=offset)


def participation(tx: Connection, campaign_id: uuid.UUID, participant_id: uuid.UUID) -> Participation:
    """Return a participant's latest sitting in a campaign. Raise ``UnknownParticipant``."""
    found = store.latest_participation(tx, campaign_id, participant_id)
    if found is None:
        raise UnknownParticipant
    return found


@dataclass(frozen=True, slots=True)
class PublishedFramework:
    content: Mapping[str, Any]
    sha256: str


def framework(tx: Connection, framework_id: str, version: str) -> PublishedFramework:
    """Return a published framework version. Raise ``UnknownFrameworkVersion``."""
    found = None if "\0" in framework_id + version else store.framework_version(tx, framework_id, version)
    if found is None:
        raise UnknownFrameworkVersion(framework=framework_id[:100], version=version[:100])
    return PublishedFramework(*found)
