"""A university's program, for tests of the pull API."""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from fastapi.testclient import TestClient

from app.accounts import client_service
from app.accounts.model import Scope
from app.db.connection import Database
from tests.conftest import NOON


@dataclass(frozen=True, slots=True)
class University:
    """A client of the API that has its token."""

    http: TestClient
    institution_id: uuid.UUID
    client_id: str
    secret: str
    token: str

    def get(self, path: str, *, headers: Any = None, **query: Any) -> Any:
        own = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        return self.http.get(f"/api/v1{path}", params=query, headers=own)

    def pages(self, **query: Any) -> Iterator[dict[str, Any]]:
        """Every page from the start, by cursor."""
        cursor: dict[str, str] = {}
        while True:
            answer = self.get("/results", **query, **cursor)
            assert answer.status_code == 200, answer.text
            page = answer.json()
            yield page
            cursor = {"cursor": page["next_cursor"]}
            if not page["has_more"]:
                return

    def everything(self, **query: Any) -> list[dict[str, Any]]:
        return [result for page in self.pages(**query) for result in page["data"]]


def make_university(
    http: TestClient, database: Database, institution_id: uuid.UUID, *, scopes: Iterable[Scope] = tuple(Scope)
) -> University:
    with database.transaction(institution_id) as tx:
        made = client_service.create_client(
            tx, institution_id=institution_id, name="Scolarité", scopes=scopes, now=NOON
        )
    granted = ask(http, made.client.client_id, made.secret).json()
    return University(http, institution_id, made.client.client_id, made.secret, granted["access_token"])


def ask(http: TestClient, client_id: str, secret: str, **fields: str) -> Any:
    """Ask for a token with the credentials in HTTP Basic."""
    form = {"grant_type": "client_credentials", **fields}
    return http.post("/api/v1/token", data=form, auth=(client_id, secret))
