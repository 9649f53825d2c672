"""Universities pull results: a journal to follow by cursor, as JSON or as a table."""

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy import Connection

from app.accounts.auth import FrameworksReader, ResultsReader
from app.accounts.model import BadToken, MissingScope, TokenNeeded
from app.campaigns.model import UnknownCampaign
from app.db.connection import Database
from app.results import service, sheet
from app.results.model import (
    MOST,
    USUAL,
    BadCursor,
    BadMoment,
    Cursor,
    CursorOfAnotherList,
    Extent,
    UnknownFrameworkVersion,
    UnknownResult,
    Wanted,
    moment,
)
from app.results.schemas import PublishedFramework, Result, ResultPage
from app.web.conditional import NOT_MODIFIED, is_current, prefers
from app.web.deps import AppSettings, Now, OwnTransactions, Tx
from app.web.problem_docs import documented

router = APIRouter(prefix="/api/v1", tags=["Universities"])

NEXT_CURSOR: Final = "Toise-Next-Cursor"
JSON: Final = "application/json"
CSV: Final = "text/csv"
CALLER: Final = (TokenNeeded, BadToken, MissingScope)
ASKED_ANEW: Final = {"Cache-Control": "private, no-cache", "Vary": "Accept, Authorization"}
"""Personal data: no shared cache keeps it, and a private one asks each time whether its copy is current."""
NEVER_CHANGES: Final = {"Cache-Control": "private, max-age=86400", "Vary": "Authorization"}

HEADERS: Final[dict[str, Any]] = {
    "ETag": {"description": "Give it back as If-None-Match.", "schema": {"type": "string"}},
    "Link": {"description": 'Address of the next page, rel="next", while there is one.', "schema": {"type": "string"}},
    NEXT_CURSOR: {"description": "The same as next_cursor, for tables too.", "schema": {"type": "string"}},
}
UNCHANGED: Final[dict[int | str, dict[str, Any]]] = {
    304: {"description": "Nothing has changed since the answer whose ETag is in If-None-Match."}
}


@dataclass(frozen=True, slots=True)
class Asked:
    """The query of a reader, as written. ``form`` is None where the Accept header decides."""

    cursor: str | None
    limit: int | None
    updated_since: dt.datetime | None
    campaign: str | None
    simulated: bool | None
    form: Literal["json", "csv"] | None


def _asked(
    *,
    cursor: Annotated[
        str | None,
        Query(max_length=400, description="`next_cursor` of the answer before: gives what comes after it."),
    ] = None,
    limit: Annotated[
        int | None,
        Query(ge=1, le=MOST, description=f"Most results in this answer; {USUAL} in JSON, all in CSV, unless given."),
    ] = None,
    updated_since: Annotated[
        str | None,
        Query(
            max_length=40,
            description="Only results changed at or after this moment: RFC 3339, with its offset.",
            json_schema_extra={"format": "date-time"},
            openapi_examples={"utc": {"value": "2026-11-23T14:00:00Z"}},
        ),
    ] = None,
    campaign: Annotated[
        str | None,
        Query(max_length=100, description="Only this campaign: its id or its code. A cursor stays in its campaign."),
    ] = None,
    simulated: Annotated[
        bool | None,
        Query(description="`false`: only results of people; `true`: only made-up ones. A cursor stays with its kind."),
    ] = None,
    form: Annotated[
        Literal["json", "csv"] | None,
        Query(alias="format", description="`json` or `csv`, for programs that cannot send Accept."),
    ] = None,
) -> Asked:
    since = None if updated_since is None else moment(updated_since)
    return Asked(cursor, limit, since, campaign, simulated, form)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader will get, understood but not yet read."""

    actor: str
    institution_id: uuid.UUID
    wanted: Wanted
    held: Extent
    cursor: str
    table: bool

    @property
    def etag(self) -> str:
        return service.etag("table" if self.table else "page", self.institution_id, self.wanted, self.held)

    @property
    def subject(self) -> str:
        campaign = self.wanted.campaign_id
        return "results" if campaign is None else f"campaign:{campaign}"


def _reading(request: Request, caller: ResultsReader, asked: Annotated[Asked, Depends(_asked)], tx: Tx) -> Reading:
    table = asked.form == "csv" or (asked.form is None and prefers(request.headers.get("accept"), CSV, over=JSON))
    institution_id = caller.client.institution_id
    wanted = service.wanted(
        tx,
        institution_id=institution_id,
        cursor=asked.cursor,
        campaign=asked.campaign,
        updated_since=asked.updated_since,
        simulated=asked.simulated,
    )
    held = service.extent(tx, wanted, limit=asked.limit if table else asked.limit or USUAL)
    cursor = Cursor(held.last, institution_id, wanted.campaign_id, wanted.simulated).text()
    return Reading(caller.client.actor, institution_id, wanted, held, cursor, table)


@router.get(
    "/results",
    operation_id="listResults",
    summary="Follow the results",
    response_model=ResultPage,
    responses={
        200: {
            "description": "Results in the order of their last change, and where to go on.",
            "headers": HEADERS,
            "content": {CSV: {"schema": {"type": "string"}, "example": "session,campaign_id,…\r\n"}},
        },
        **UNCHANGED,
        **documented(*CALLER, UnknownCampaign, BadCursor, CursorOfAnotherList, BadMoment),
    },
)
def list_results(
    request: Request,
    reading: Annotated[Reading, Depends(_reading)],
    *,
    tx: Tx,
    database: OwnTransactions,
    settings: AppSettings,
    now: Now,
) -> Response:
    """Follow the institution's results.

    Ask without a cursor once, then keep `next_cursor` and give it back: nothing is missed and nothing comes
    twice, whatever finishes meanwhile. A result that is issued again comes again, under the same `session`.
    """
    link = _link(request, settings.public_url, reading)
    headers = {**ASKED_ANEW, "ETag": reading.etag, NEXT_CURSOR: reading.cursor, **link}
    if is_current(request.headers.get("if-none-match"), reading.etag):
        return Response(status_code=NOT_MODIFIED, headers=headers)
    service.note_reading(
        tx,
        institution_id=reading.institution_id,
        actor=reading.actor,
        subject=reading.subject,
        now=now,
        held=reading.held,
    )
    if reading.table:
        return _table(tx, database, reading, headers)
    documents = [record.document() for record in service.page(tx, reading.wanted, reading.held)]
    return _json({"data": documents, "next_cursor": reading.cursor, "has_more": reading.held.has_more}, headers)


def _link(request: Request, public_url: str | None, reading: Reading) -> Mapping[str, str]:
    """The next page's address while results wait; the query stays as it was but for the cursor."""
    if not reading.held.has_more:
        return {}
    query = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    query.append(("cursor", reading.cursor))
    base = public_url or str(request.base_url).rstrip("/")
    return {"Link": f'<{base}{request.url.path}?{urlencode(query)}>; rel="next"'}


def _table(tx: Connection, database: Database, reading: Reading, headers: Mapping[str, str]) -> Response:
    """The table is sent while it is read, long after this request's own transaction."""
    domains = service.domains(tx, reading.wanted, reading.held)
    portions = service.stream(database, reading.institution_id, reading.wanted, reading.held)
    return StreamingResponse(sheet.texts(portions, domains), headers=headers, media_type=sheet.MEDIA_TYPE)


def _json(content: object, headers: Mapping[str, str]) -> Response:
    """Stored documents as they are: the floats of the page, digit for digit."""
    return Response(json.dumps(content, ensure_ascii=False), headers=headers, media_type=JSON)


@router.get(
    "/results/{session}",
    operation_id="readResult",
    summary="Read one result",
    response_model=Result,
    responses={
        200: {"headers": {"ETag": HEADERS["ETag"]}},
        **UNCHANGED,
        **documented(*CALLER, UnknownResult),
    },
)
def read_result(request: Request, caller: ResultsReader, session: uuid.UUID, tx: Tx, now: Now) -> Response:
    """Read one result by its session."""
    record = service.record_of(tx, session)
    institution = caller.client.institution_id
    held = Extent(1, record.position, has_more=False)
    etag = service.etag("result", institution, session, held)
    headers = {**ASKED_ANEW, "ETag": etag}
    if is_current(request.headers.get("if-none-match"), etag):
        return Response(status_code=NOT_MODIFIED, headers=headers)
    service.note_reading(
        tx, institution_id=institution, actor=caller.client.actor, subject=f"session:{session}", now=now, held=held
    )
    return _json(record.document(), headers)


Name = Annotated[str, Path(max_length=100, pattern=r"^[A-Za-z0-9._-]+$")]


@router.get(
    "/frameworks/{framework}/{version}",
    operation_id="readFramework",
    summary="Read a framework",
    response_model=PublishedFramework,
    responses={
        200: {"headers": {"ETag": HEADERS["ETag"]}},
        **UNCHANGED,
        **documented(*CALLER, UnknownFrameworkVersion),
    },
)
def read_framework(request: Request, _caller: FrameworksReader, framework: Name, version: Name, tx: Tx) -> Response:
    """Read a published framework version: the domains, competences, capacities and levels that results speak of."""
    found = service.framework(tx, framework, version)
    headers = {**NEVER_CHANGES, "ETag": f'"{found.sha256}"'}
    if is_current(request.headers.get("if-none-match"), headers["ETag"]):
        return Response(status_code=NOT_MODIFIED, headers=headers)
    return _json(found.content, headers)
