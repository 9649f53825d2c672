"""The token request of RFC 6749, section 4.4, read and refused in that document's own words.

Descriptions are English and ASCII because the document allows nothing else there (section 5.2).
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple
from urllib.parse import parse_qsl, unquote_plus

from app.accounts.model import Scope

Error = Literal["invalid_request", "invalid_client", "invalid_scope", "unsupported_grant_type"]
MOST_FIELDS = 20
FORM = "application/x-www-form-urlencoded"


class TokenRefused(Exception):
    """Why no token is issued: ``error`` is one of the document's codes, ``description`` for the programmer."""

    def __init__(self, error: Error, description: str) -> None:
        super().__init__(error)
        self.error = error
        self.description = description

    @property
    def status(self) -> int:
        return 401 if self.error == "invalid_client" else 400


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """Who asks, and for which scopes; None asks for all the client has."""

    client_id: str
    client_secret: str
    scopes: frozenset[str] | None

    def granted(self, allowed: frozenset[Scope]) -> frozenset[Scope]:
        """Return the scopes to grant. Raise ``TokenRefused`` for one that is unknown or not the client's."""
        if self.scopes is None:
            return allowed
        if not self.scopes <= allowed:
            names = " ".join(sorted(allowed))
            raise TokenRefused("invalid_scope", f"this client may ask for: {names}")
        return frozenset(Scope(scope) for scope in self.scopes)


class Credentials(NamedTuple):
    client_id: str
    client_secret: str


def read_request(*, content_type: str, body: bytes, authorization: str | None) -> TokenRequest:
    """Understand a token request. Raise ``TokenRefused``."""
    form = _form(content_type, body)
    credentials = _credentials(form, authorization)
    grant = form.get("grant_type")
    if grant is None:
        raise TokenRefused("invalid_request", "grant_type is missing")
    if grant != "client_credentials":
        raise TokenRefused("unsupported_grant_type", "the only grant_type is client_credentials")
    scopes = form.get("scope")
    return TokenRequest(*credentials, None if scopes is None else frozenset(scopes.split()) or None)


def _form(content_type: str, body: bytes) -> Mapping[str, str]:
    """The fields; empty ones count as absent, repeated ones are refused (section 3.2)."""
    if content_type.partition(";")[0].strip().lower() != FORM:
        raise TokenRefused("invalid_request", f"the body must be {FORM}")
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise TokenRefused("invalid_request", "the form cannot be read") from None
    fields = [(name, value) for name, value in pairs if value]
    if len({name for name, _ in fields}) < len(fields):
        raise TokenRefused("invalid_request", "a parameter is given twice")
    return dict(fields)


def _credentials(form: Mapping[str, str], authorization: str | None) -> Credentials:
    """The client's credentials, by header (recommended) or in the form, never both (section 2.3)."""
    posted, secret = form.get("client_id"), form.get("client_secret")
    if authorization is None:
        if posted is None or secret is None:
            raise TokenRefused("invalid_client", "client credentials are missing")
        return Credentials(posted, secret)
    basic = _basic(authorization)
    if secret is not None or posted not in {None, basic.client_id}:
        raise TokenRefused("invalid_request", "give the credentials once: by header or in the form")
    return basic


def _basic(authorization: str) -> Credentials:
    """HTTP Basic, each half form-encoded before it was joined (section 2.3.1)."""
    scheme, _, packed = authorization.partition(" ")
    try:
        text = base64.b64decode(packed.strip(), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        text = ""
    name, colon, secret = text.partition(":")
    if scheme.lower() != "basic" or not colon:
        raise TokenRefused("invalid_client", "the Authorization header is not HTTP Basic")
    return Credentials(unquote_plus(name), unquote_plus(secret))
