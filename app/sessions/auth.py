"""Who takes the test: a bearer token by API, a cookie in a browser; the same token, the same doors."""

from typing import Annotated, Final

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.accounts.tokens import Token
from app.sessions.model import NotSignedIn

COOKIE: Final = "toise_learner"

_bearer = HTTPBearer(
    scheme_name="learner",
    description="The token told when a test is started or resumed.",
    auto_error=False,
)


async def _by_header(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> Token:
    token = None if credentials is None else Token.read(credentials.credentials)
    if token is None:
        raise NotSignedIn
    return token


def optional_token(request: Request) -> Token | None:
    """The token of a browser that may have one."""
    return Token.read(request.cookies.get(COOKIE))


async def _by_cookie(request: Request) -> Token:
    token = optional_token(request)
    if token is None:
        raise NotSignedIn
    return token


LearnerToken = Annotated[Token, Depends(_by_header)]
"""A claim, read without a thread or a statement: the service looks into the claimed institution for its rows."""

BrowserToken = Annotated[Token, Depends(_by_cookie)]
