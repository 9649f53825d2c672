"""Who takes the test: a bearer token by API, a cookie in a browser; the same token, the same doors."""

from typing import Annotated, Final

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.accounts.tokens import Token
from app.db.connection import scope
from app.sessions.model import NotSignedIn
from app.web.deps import Tx

COOKIE: Final = "toise_learner"

_bearer = HTTPBearer(
    scheme_name="learner",
    description="The token told when a test is started or resumed.",
    auto_error=False,
)


def _by_header(tx: Tx, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> Token:
    token = None if credentials is None else Token.read(credentials.credentials)
    if token is None:
        raise NotSignedIn
    scope(tx, token.institution_id)
    return token


def optional_token(request: Request) -> Token | None:
    """The token of a browser that may have one."""
    return Token.read(request.cookies.get(COOKIE))


def _by_cookie(tx: Tx, request: Request) -> Token:
    token = optional_token(request)
    if token is None:
        raise NotSignedIn
    scope(tx, token.institution_id)
    return token


LearnerToken = Annotated[Token, Depends(_by_header)]
"""A claim: the transaction looks into the token's institution; every read then asks for the token's own rows."""

BrowserToken = Annotated[Token, Depends(_by_cookie)]
