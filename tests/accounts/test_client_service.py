import datetime as dt
import uuid
from typing import Any

import pytest
from sqlalchemy import Connection, select

from app.accounts import client_service as clients
from app.accounts.model import BadToken, NewClient, NoScope, Scope, TokenNeeded, UnknownClient
from app.accounts.tokens import new_token
from app.db.connection import Database, scope
from app.db.tables.accounts import AccessTokenRow, ApiClientRow, AuditRow
from app.institutions.model import BadName
from tests.builders import Institution, make_institution

NOW = dt.datetime(2026, 11, 23, 12, 0, tzinfo=dt.UTC)
BOTH = frozenset(Scope)


def make_client(database: Database, institution: Institution, *scopes: Scope) -> NewClient:
    with database.transaction(institution.id) as tx:
        return clients.create_client(
            tx, institution_id=institution.id, name="Scolarité", scopes=scopes or BOTH, now=NOW
        )


def make_token(database: Database, made: NewClient, *, now: dt.datetime = NOW) -> str:
    with database.transaction(made.client.institution_id) as tx:
        return clients.issue_token(tx, made.client, scopes=made.client.scopes, now=now).token


def rows(tx: Connection, *columns: Any) -> list[Any]:
    return [tuple(row) for row in tx.execute(select(*columns))]


def test_a_client_is_found_by_its_id_and_secret_from_outside_its_institution(
    database: Database, institution: Institution
) -> None:
    made = make_client(database, institution)
    with database.transaction() as tx:
        assert clients.client_with(tx, client_id=made.client.client_id, secret=made.secret) == made.client


@pytest.mark.parametrize("secret", ["", "x", "é" * 43, "0" * 43, "\0"])
def test_a_wrong_secret_finds_nobody(database: Database, institution: Institution, secret: str) -> None:
    made = make_client(database, institution)
    with database.transaction() as tx:
        assert clients.client_with(tx, client_id=made.client.client_id, secret=secret) is None


@pytest.mark.parametrize("client_id", ["", "toise_0000000000000000", "a\0b", "é" * 10_000])
def test_an_unknown_client_finds_nobody(tx: Connection, client_id: str) -> None:
    assert clients.client_with(tx, client_id=client_id, secret="x" * 43) is None


def test_neither_secrets_nor_tokens_are_stored(database: Database, institution: Institution) -> None:
    made = make_client(database, institution)
    token = make_token(database, made)
    with database.transaction(institution.id) as tx:
        stored = repr(rows(tx, *ApiClientRow.__table__.columns) + rows(tx, *AccessTokenRow.__table__.columns))
        audited = repr(rows(tx, *AuditRow.__table__.columns))
    for secret in (made.secret, token, token.partition(".")[2]):
        assert secret not in stored + audited


def test_a_token_names_its_caller_for_fifteen_minutes(database: Database, institution: Institution) -> None:
    made = make_client(database, institution)
    token = make_token(database, made)
    almost = NOW + dt.timedelta(minutes=15) - dt.timedelta(seconds=1)
    with database.transaction() as tx:
        assert clients.caller_of(tx, token, almost).client == made.client
    with database.transaction() as tx, pytest.raises(BadToken):
        clients.caller_of(tx, token, NOW + dt.timedelta(minutes=15))


def test_a_revoked_client_and_its_tokens_stop_at_once(database: Database, institution: Institution) -> None:
    made = make_client(database, institution)
    token = make_token(database, made)
    with database.transaction(institution.id) as tx:
        clients.revoke_client(tx, client_id=made.client.client_id, now=NOW)
    with database.transaction() as tx, pytest.raises(BadToken):
        clients.caller_of(tx, token, NOW)
    with database.transaction() as tx:
        assert clients.client_with(tx, client_id=made.client.client_id, secret=made.secret) is None
    with database.transaction(institution.id) as tx, pytest.raises(UnknownClient):
        clients.revoke_client(tx, client_id=made.client.client_id, now=NOW)


def test_a_token_written_for_another_institution_finds_nobody(database: Database, institution: Institution) -> None:
    token = make_token(database, make_client(database, institution))
    moved = make_institution(database).id.hex + token[32:]
    with database.transaction() as tx, pytest.raises(BadToken):
        clients.caller_of(tx, moved, NOW)


@pytest.mark.parametrize("token", ["", "x", new_token(uuid.UUID(int=1))[:33] + "y" * 43])
def test_a_token_nobody_was_given_is_refused(tx: Connection, token: str) -> None:
    with pytest.raises(BadToken):
        clients.caller_of(tx, token, NOW)


def test_no_token_at_all_is_another_refusal(tx: Connection) -> None:
    with pytest.raises(TokenNeeded):
        clients.caller_of(tx, None, NOW)


def test_tokens_that_are_over_are_forgotten_when_the_next_is_issued(
    database: Database, institution: Institution
) -> None:
    made = make_client(database, institution)
    for hour in range(3):
        make_token(database, made, now=NOW + dt.timedelta(hours=hour))
    with database.transaction(institution.id) as tx:
        assert len(rows(tx, AccessTokenRow.token_hash)) == 1


def test_every_act_on_a_client_is_written_down(database: Database, institution: Institution) -> None:
    made = make_client(database, institution, Scope.RESULTS_READ)
    make_token(database, made)
    with database.transaction(institution.id) as tx:
        clients.revoke_client(tx, client_id=made.client.client_id, now=NOW)
    with database.transaction(institution.id) as tx:
        written = rows(tx, AuditRow.act, AuditRow.actor, AuditRow.subject, AuditRow.detail)
    subject = f"client:{made.client.client_id}"
    assert sorted(written, key=str) == [
        ("client.created", "operator", subject, {"scopes": "results:read"}),
        ("client.revoked", "operator", subject, {}),
        ("client.token-issued", subject, subject, {"scopes": "results:read"}),
    ]


def test_clients_are_listed_within_their_institution(database: Database, institution: Institution) -> None:
    made = make_client(database, institution)
    make_client(database, make_institution(database))
    with database.transaction() as tx:
        scope(tx, institution.id)
        assert clients.list_clients(tx) == (made.client,)


@pytest.mark.parametrize("name", ["", "x" * 201, "a\0b"])
def test_a_client_without_a_usable_name_is_refused(database: Database, institution: Institution, name: str) -> None:
    with database.transaction(institution.id) as tx, pytest.raises(BadName):
        clients.create_client(tx, institution_id=institution.id, name=name, scopes=BOTH, now=NOW)


def test_a_client_that_could_read_nothing_is_refused(database: Database, institution: Institution) -> None:
    with database.transaction(institution.id) as tx, pytest.raises(NoScope):
        clients.create_client(tx, institution_id=institution.id, name="Scolarité", scopes=(), now=NOW)
