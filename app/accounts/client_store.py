"""SQL of API clients and their access tokens."""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from app.accounts.model import ApiClient, Caller, Scope
from app.db.tables.accounts import AccessTokenRow, ApiClientRow

_CLIENT = (
    ApiClientRow.id,
    ApiClientRow.institution_id,
    ApiClientRow.client_id,
    ApiClientRow.name,
    ApiClientRow.scopes,
    ApiClientRow.created_at,
    ApiClientRow.revoked_at,
)


def _client(row: Row[*tuple[Any, ...]]) -> ApiClient:
    scopes = frozenset(Scope(scope) for scope in row.scopes)
    return ApiClient(row.id, row.institution_id, row.client_id, row.name, scopes, row.created_at, row.revoked_at)


def add(tx: Connection, client: ApiClient, secret_hash: str) -> None:
    tx.execute(
        insert(ApiClientRow).values(
            id=client.id,
            institution_id=client.institution_id,
            client_id=client.client_id,
            name=client.name,
            secret_hash=secret_hash,
            scopes=sorted(client.scopes),
            created_at=client.created_at,
        )
    )


def find(tx: Connection, client_id: str) -> tuple[ApiClient, str] | None:
    """Return a client that is not revoked, and the digest of its secret."""
    row = tx.execute(
        select(*_CLIENT, ApiClientRow.secret_hash).where(
            ApiClientRow.client_id == client_id, ApiClientRow.revoked_at.is_(None)
        )
    ).one_or_none()
    return None if row is None else (_client(row), row.secret_hash)


def every(tx: Connection) -> tuple[ApiClient, ...]:
    """Return the institution's clients, revoked ones too, oldest first."""
    rows = tx.execute(select(*_CLIENT).order_by(ApiClientRow.created_at, ApiClientRow.client_id))
    return tuple(_client(row) for row in rows)


def revoke(tx: Connection, client: uuid.UUID, now: dt.datetime) -> None:
    """Close a client and take its tokens away."""
    tx.execute(update(ApiClientRow).where(ApiClientRow.id == client).values(revoked_at=now))
    tx.execute(delete(AccessTokenRow).where(AccessTokenRow.client_id == client))


def add_token(
    tx: Connection,
    client: ApiClient,
    *,
    token_hash: str,
    scopes: frozenset[Scope],
    now: dt.datetime,
    expires_at: dt.datetime,
) -> None:
    """Write a token, and forget those of the same client that are over."""
    tx.execute(delete(AccessTokenRow).where(AccessTokenRow.client_id == client.id, AccessTokenRow.expires_at <= now))
    tx.execute(
        insert(AccessTokenRow).values(
            token_hash=token_hash,
            institution_id=client.institution_id,
            client_id=client.id,
            scopes=sorted(scopes),
            created_at=now,
            expires_at=expires_at,
        )
    )


def caller(tx: Connection, token_hash: str, now: dt.datetime) -> Caller | None:
    """Return the client behind a token that is not over, when the client is not revoked."""
    row = tx.execute(
        select(*_CLIENT, AccessTokenRow.scopes.label("granted"))
        .join_from(AccessTokenRow, ApiClientRow, AccessTokenRow.client_id == ApiClientRow.id)
        .where(
            AccessTokenRow.token_hash == token_hash,
            AccessTokenRow.expires_at > now,
            ApiClientRow.revoked_at.is_(None),
        )
    ).one_or_none()
    return None if row is None else Caller(_client(row), frozenset(Scope(scope) for scope in row.granted))
