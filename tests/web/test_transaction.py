"""One request, one transaction, committed before the answer leaves."""

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, insert, select, text

from app.db.connection import Database, scope
from app.db.tables.institutions import InstitutionRow
from app.errors import Conflict
from app.settings import Settings
from app.web.deps import Now, OwnTransactions, Tx
from tests.conftest import NOON, Clock

MakeApp = Callable[..., FastAPI]
MakeClient = Callable[..., TestClient]


def add(tx: Tx, institution_id: uuid.UUID) -> None:
    scope(tx, institution_id)
    tx.execute(insert(InstitutionRow).values(id=institution_id, slug=institution_id.hex, name="nouvelle"))


def exists(database: Database, institution_id: uuid.UUID) -> bool:
    with database.transaction(institution_id) as tx:
        return tx.scalar(select(InstitutionRow.id)) is not None


@pytest.fixture
def app(make_app: MakeApp, owner: Engine) -> FastAPI:
    made = make_app()

    @made.post("/api/v1/kept/{institution_id}")
    def kept(institution_id: uuid.UUID, tx: Tx) -> None:
        add(tx, institution_id)

    @made.post("/api/v1/refused/{institution_id}")
    def refused(institution_id: uuid.UUID, tx: Tx) -> None:
        add(tx, institution_id)
        raise Conflict

    @made.post("/api/v1/broken/{institution_id}")
    def broken(institution_id: uuid.UUID, tx: Tx) -> None:
        add(tx, institution_id)
        raise RuntimeError

    @made.post("/api/v1/refused-late")
    def refused_late(tx: Tx) -> None:
        """What the database finds wrong at COMMIT only."""
        tx.execute(text("CREATE TEMP TABLE late (x int, UNIQUE (x) DEFERRABLE INITIALLY DEFERRED) ON COMMIT DROP"))
        tx.execute(text("INSERT INTO late VALUES (1), (1)"))

    @made.post("/api/v1/lost/{institution_id}")
    def lost(institution_id: uuid.UUID, tx: Tx) -> None:
        """The data server goes away between the last statement and COMMIT."""
        add(tx, institution_id)
        with owner.begin() as ends:
            process = tx.scalar(text("SELECT pg_backend_pid()"))
            ends.execute(text("SELECT pg_terminate_backend(:process, 5000)"), {"process": process})

    return made


def test_what_was_answered_is_committed(app: FastAPI, make_client: MakeClient, database: Database) -> None:
    wanted = uuid.uuid4()
    assert make_client(app).post(f"/api/v1/kept/{wanted}").status_code == 200
    assert exists(database, wanted)


def test_a_refusal_leaves_nothing(app: FastAPI, make_client: MakeClient, database: Database) -> None:
    wanted = uuid.uuid4()
    assert make_client(app).post(f"/api/v1/refused/{wanted}").status_code == 409
    assert not exists(database, wanted)


def test_an_error_of_ours_leaves_nothing(app: FastAPI, make_client: MakeClient, database: Database) -> None:
    wanted = uuid.uuid4()
    assert make_client(app, raises=False).post(f"/api/v1/broken/{wanted}").status_code == 500
    assert not exists(database, wanted)


def test_what_the_commit_refuses_is_not_answered_with_success(app: FastAPI, make_client: MakeClient) -> None:
    answer = make_client(app).post("/api/v1/refused-late")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


def test_a_commit_that_cannot_be_made_is_not_answered_with_success(
    app: FastAPI, make_client: MakeClient, database: Database
) -> None:
    wanted = uuid.uuid4()
    answer = make_client(app).post(f"/api/v1/lost/{wanted}")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert not exists(database, wanted)


def test_connections_that_died_between_requests_are_not_noticed_by_anybody(
    app: FastAPI, make_client: MakeClient, owner: Engine
) -> None:
    @app.get("/api/v1/process")
    def process(tx: Tx) -> int:
        return tx.scalar(text("SELECT pg_backend_pid()")) or 0

    client = make_client(app)
    before = client.get("/api/v1/process").json()
    with owner.begin() as ends:
        ends.execute(text("SELECT pg_terminate_backend(:process, 5000)"), {"process": before})
    answer = client.get("/api/v1/process")
    assert answer.status_code == 200
    assert answer.json() != before


def test_what_must_survive_a_refusal_has_a_transaction_of_its_own(
    make_app: MakeApp, make_client: MakeClient, database: Database
) -> None:
    app, wanted = make_app(), uuid.uuid4()

    @app.post("/api/v1/counted")
    def counted(_tx: Tx, own: OwnTransactions) -> None:
        with own.transaction() as tx:
            add(tx, wanted)
        raise Conflict

    assert make_client(app).post("/api/v1/counted").status_code == 409
    assert exists(database, wanted)


def test_many_requests_at_once_wait_for_a_connection_without_blocking_each_other(
    make_app: MakeApp, make_client: MakeClient, settings: Settings
) -> None:
    app, together = make_app(), threading.Barrier(settings.threads, timeout=20)

    @app.post("/api/v1/slow")
    def slow(tx: Tx) -> int:
        together.wait()  # so many run at the same moment, or nobody passes
        return tx.scalar(text("SELECT 1")) or 0

    client, requests = make_client(app), settings.threads * 4
    with ThreadPoolExecutor(requests) as crowd:
        answers = list(crowd.map(lambda _: client.post("/api/v1/slow").status_code, range(requests)))
    assert answers == [200] * requests


def test_the_clock_is_the_services_own(make_app: MakeApp, make_client: MakeClient, clock: Clock) -> None:
    app = make_app()

    @app.get("/api/v1/time")
    def time(now: Now) -> str:
        return now.isoformat()

    clock.advance(minutes=5)
    assert make_client(app).get("/api/v1/time").json() == NOON.replace(minute=5).isoformat()
