"""Who calls: a member of staff by cookie, a university's program by access token."""

from typing import Annotated, Final

from fastapi import Depends, Form, Request, Security
from fastapi.openapi.models import OAuthFlowClientCredentials, OAuthFlows
from fastapi.security import OAuth2, SecurityScopes
from fastapi.security.utils import get_authorization_scheme_param

from app.accounts import client_service, service
from app.accounts.model import Caller, MissingScope, Scope, StaffSession, StaleForm
from app.web.deps import Now, Tx

COOKIE: Final = "toise_staff"
PATH: Final = "/team"
"""Only the team's pages get the cookie."""

SCOPES: Final = {
    Scope.RESULTS_READ.value: "Read the institution's results.",
    Scope.FRAMEWORKS_READ.value: "Read published frameworks.",
}

_oauth2 = OAuth2(
    scheme_name="client",
    description="Client credentials (RFC 6749, section 4.4): ask `/api/v1/token` for a token of fifteen minutes.",
    flows=OAuthFlows(clientCredentials=OAuthFlowClientCredentials(tokenUrl="/api/v1/token", scopes=SCOPES)),
    auto_error=False,
)


def api_client(
    needed: SecurityScopes, tx: Tx, now: Now, authorization: Annotated[str | None, Depends(_oauth2)]
) -> Caller:
    """Return the program behind the token and scope the transaction to its institution.

    Raises
    ------
    TokenNeeded, BadToken
        Without a token, or with one that is unknown, expired or revoked (401).
    MissingScope
        If the token does not cover what the route needs (403).
    """
    scheme, token = get_authorization_scheme_param(authorization)
    caller = client_service.caller_of(tx, token if scheme.lower() == "bearer" else None, now)
    for scope in needed.scopes:
        if scope not in caller.scopes:
            raise MissingScope(Scope(scope))
    return caller


ResultsReader = Annotated[Caller, Security(api_client, scopes=[Scope.RESULTS_READ.value])]
FrameworksReader = Annotated[Caller, Security(api_client, scopes=[Scope.FRAMEWORKS_READ.value])]


def staff_session(request: Request, tx: Tx, now: Now) -> StaffSession:
    """Return the session of the browser and scope the transaction to its institution. Raise ``SignInNeeded``."""
    return service.session_of(tx, request.cookies.get(COOKIE), now)


StaffCaller = Annotated[StaffSession, Depends(staff_session)]


def staff_form(session: StaffCaller, form_token: Annotated[str, Form(alias="csrf_token")] = "") -> StaffSession:
    """Return the session of the browser that sent a form of its own pages. Raise ``SignInNeeded``, ``StaleForm``."""
    if not service.holds(session, form_token):
        raise StaleForm
    return session


StaffForm = Annotated[StaffSession, Depends(staff_form)]
