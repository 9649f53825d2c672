"""API clients: programs of an institution, and the tokens they work with (RFC 6749, section 4.4)."""

import datetime as dt
import secrets
import uuid
from collections.abc import Iterable

from sqlalchemy import Connection

from app.accounts import audit, client_store
from app.accounts.model import (
    TOKEN_LIFE,
    AccessToken,
    ApiClient,
    BadToken,
    Caller,
    NewClient,
    NoScope,
    Scope,
    TokenNeeded,
    UnknownClient,
    client_key,
)
from app.accounts.tokens import Token, digest, new_secret, new_token
from app.db.connection import institution_of, scope
from app.institutions import service as institutions
from app.institutions.model import checked_name

OPERATOR = "operator"
NO_SECRET = digest("no client has this secret")


def create_client(
    tx: Connection,
    *,
    institution_id: uuid.UUID,
    name: str,
    scopes: Iterable[Scope],
    now: dt.datetime,
    actor: str = OPERATOR,
) -> NewClient:
    """Make a client in a scoped transaction; its secret is told here and never again.

    Raise ``BadName`` or ``NoScope``.
    """
    name, granted = checked_name(name), frozenset(scopes)
    if not granted:
        raise NoScope
    client = ApiClient(uuid.uuid4(), institution_id, f"toise_{secrets.token_hex(8)}", name, granted, now, None)
    secret = new_secret()
    client_store.add(tx, client, digest(secret))
    institutions.open_with(tx, client_key(client.client_id), institution_id, now)
    _record(tx, client, "client.created", actor=actor, at=now, scopes=_words(granted))
    return NewClient(client, secret)


def list_clients(tx: Connection) -> tuple[ApiClient, ...]:
    """Return the clients of the institution the transaction is scoped to, oldest first."""
    return client_store.every(tx)


def revoke_client(tx: Connection, *, client_id: str, now: dt.datetime, actor: str = OPERATOR) -> ApiClient:
    """Close a client: its secret and its tokens stop working at once. Raise ``UnknownClient``."""
    found = client_store.find(tx, client_id)
    if found is None:
        raise UnknownClient(client_id=client_id)
    client, _ = found
    client_store.revoke(tx, client.id, now)
    _record(tx, client, "client.revoked", actor=actor, at=now)
    return client


def client_with(tx: Connection, *, client_id: str, secret: str) -> ApiClient | None:
    """Return the client of these credentials and scope the transaction to its institution; None when they are wrong.

    Wrong secrets are not throttled: 256 random bits cannot be guessed, and a stranger must not be able to shut
    a university's program out by failing in its name.
    """
    if "\0" in client_id:
        return None
    institution_of(tx, client_key(client_id))
    client, stored = client_store.find(tx, client_id) or (None, NO_SECRET)
    # digests of equal length, compared in constant time; secrets of 256 random bits need no slower hash
    return client if secrets.compare_digest(stored, digest(secret)) else None


def issue_token(tx: Connection, client: ApiClient, *, scopes: frozenset[Scope], now: dt.datetime) -> AccessToken:
    """Return a new access token with some of the client's scopes."""
    token = new_token(client.institution_id)
    client_store.add_token(tx, client, token_hash=digest(token), scopes=scopes, now=now, expires_at=now + TOKEN_LIFE)
    _record(tx, client, "client.token-issued", actor=client.actor, at=now, scopes=_words(scopes))
    return AccessToken(token, scopes, TOKEN_LIFE)


def caller_of(tx: Connection, token: str | None, now: dt.datetime) -> Caller:
    """Return whoever holds a token and scope the transaction to its institution.

    Raise ``TokenNeeded`` without a token, ``BadToken`` with one that is not good.
    """
    if token is None:
        raise TokenNeeded
    read = Token.read(token)
    if read is None:
        raise BadToken
    scope(tx, read.institution_id)
    caller = client_store.caller(tx, read.sha256, now)
    if caller is None:
        raise BadToken
    return caller


def _record(tx: Connection, client: ApiClient, act: str, *, actor: str, at: dt.datetime, **detail: str) -> None:
    subject = f"client:{client.client_id}"
    audit.record(tx, institution_id=client.institution_id, actor=actor, act=act, subject=subject, at=at, **detail)


def _words(scopes: Iterable[Scope]) -> str:
    return " ".join(sorted(scopes))
