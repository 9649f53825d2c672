"""Access tokens for the programs of an institution."""

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy import Connection

from app.accounts import client_service, oauth
from app.accounts.model import AccessToken, Scope
from app.accounts.oauth import TokenRefused, TokenRequest
from app.accounts.schemas import TokenErrorOut, TokenOut
from app.errors import TooLarge
from app.web.deps import Now, Tx
from app.web.problem_docs import documented

router = APIRouter(prefix="/api/v1", tags=["Universities"])

NEVER_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}

FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            oauth.FORM: {
                "schema": {
                    "type": "object",
                    "required": ["grant_type"],
                    "properties": {
                        "grant_type": {"type": "string", "enum": ["client_credentials"]},
                        "scope": {
                            "type": "string",
                            "description": "Separated by spaces; all of the client's if absent.",
                        },
                        "client_id": {"type": "string", "description": "Unless sent by HTTP Basic."},
                        "client_secret": {"type": "string", "description": "Unless sent by HTTP Basic."},
                    },
                },
                "examples": {
                    "form": {
                        "value": {
                            "grant_type": "client_credentials",
                            "scope": Scope.RESULTS_READ.value,
                            "client_id": "toise_5b2f9a4c1e7d3806",
                            "client_secret": "the secret told when the client was made",
                        }
                    }
                },
            }
        },
    },
}
PROBLEMS = documented(TooLarge)


def _refusal(*errors: str) -> dict[str, Any]:
    examples = {error: {"value": {"error": error, "error_description": "..."}} for error in errors}
    return {
        "description": " · ".join(errors),
        "model": TokenErrorOut,
        "content": {"application/json": {"examples": examples}},
    }


async def _token_request(request: Request) -> TokenRequest | TokenRefused:
    try:
        return oauth.read_request(
            content_type=request.headers.get("content-type", ""),
            body=await request.body(),
            authorization=request.headers.get("authorization"),
        )
    except TokenRefused as refused:
        return refused


@router.post(
    "/token",
    operation_id="issueToken",
    summary="Ask for an access token",
    response_model=TokenOut,
    responses={
        400: _refusal("invalid_request", "invalid_scope", "unsupported_grant_type"),
        401: _refusal("invalid_client"),
        413: PROBLEMS[413],
        503: PROBLEMS[503],
    },
    openapi_extra=FORM,
)
def issue_token(asked: Annotated[TokenRequest | TokenRefused, Depends(_token_request)], tx: Tx, now: Now) -> Response:
    """Exchange a client's id and secret for an access token that lives fifteen minutes (RFC 6749, section 4.4).

    The credentials go by HTTP Basic (recommended) or in the form.
    """
    try:
        issued = _issued(asked, tx, now)
    except TokenRefused as refused:
        return _refused(refused)
    told = TokenOut(
        access_token=issued.token,
        expires_in=int(issued.life.total_seconds()),
        scope=" ".join(sorted(issued.scopes)),
    )
    return JSONResponse(told.model_dump(), headers=NEVER_KEPT)


def _issued(asked: TokenRequest | TokenRefused, tx: Connection, now: dt.datetime) -> AccessToken:
    if isinstance(asked, TokenRefused):
        raise asked
    client = client_service.client_with(tx, client_id=asked.client_id, secret=asked.client_secret)
    if client is None:
        raise TokenRefused("invalid_client", "unknown client or wrong secret")
    return client_service.issue_token(tx, client, scopes=asked.granted(client.scopes), now=now)


def _refused(refused: TokenRefused) -> Response:
    told = {"error": refused.error, "error_description": refused.description}
    challenge = {"WWW-Authenticate": 'Basic realm="toise"'} if refused.error == "invalid_client" else {}
    return JSONResponse(told, refused.status, headers={**NEVER_KEPT, **challenge})
