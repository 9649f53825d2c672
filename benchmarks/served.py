"""A server process to measure: Toise over a synthetic bank, and beside it a bare route, on one pool and database.

``python -m benchmarks.served FOLDER`` prints the port as one JSON line once it listens.
"""

import datetime as dt
import json
import sys
import uuid
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy import Column, DateTime, Integer, MetaData, Table, Text, insert
from sqlalchemy.dialects.postgresql import JSONB, UUID

from app import logs, serving, settings, start
from app.bank import service as banks
from app.bank.files import Inspection
from app.campaigns import service as campaigns
from app.db.connection import Addresses, Database, owner_engine
from app.institutions import service as institutions
from app.main import create_app
from app.sessions.policy import Policy
from app.web.deps import Tx
from benchmarks.synthetic import make_items
from framework import load

CODE = "BENCH2"
ITEMS = 500
ROWS = Table(
    "bench_rows",
    MetaData(),
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("step", Integer),
    Column("response", JSONB),
    Column("receipt", Text),
    Column("answered_at", DateTime(timezone=True)),
)


class RowIn(BaseModel):
    """What the answer route takes, too."""

    step: int
    response: dict[str, str]


class RowOut(BaseModel):
    id: uuid.UUID


def make_bare(service: object) -> FastAPI:
    """FastAPI's shortest honest write: check the body, insert one row, commit, answer. No middleware, no sign-in."""
    bare = FastAPI(openapi_url=None)
    bare.state.service = service

    @bare.post("/bare")
    def keep(body: RowIn, tx: Tx) -> RowOut:
        key, now = uuid.uuid4(), dt.datetime.now(dt.UTC)
        tx.execute(insert(ROWS).values(id=key, receipt="", answered_at=now, **body.model_dump()))
        return RowOut(id=key)

    return bare


def make_campaign(database: Database) -> None:
    """An institution, a published bank of synthetic items and an open campaign of thirty questions."""
    now, framework = dt.datetime.now(dt.UTC), load()
    found = Inspection("bench", framework, make_items(ITEMS, framework), (), ())
    with database.transaction() as tx:
        institution = institutions.create(tx, slug="bench", name="Bench", now=now)
        bank = banks.publish_bank(tx, found, imported_by="bench", now=now, institution_id=institution.id).version
        assert bank is not None
        campaigns.create(
            tx,
            institution_id=institution.id,
            title={"fr": "Mesure", "en": "Measure"},
            bank=bank,
            policy=Policy(se_target=0.2),
            identification="none",
            opens_at=now,
            code=CODE,
            now=now,
        )


def make_table(at: Addresses) -> None:
    with owner_engine(at) as owner, owner.begin() as tx:
        ROWS.create(tx)
        tx.exec_driver_sql(f"GRANT INSERT ON bench_rows TO {at.service.username}")


def main(folder: Path) -> None:
    chosen = settings.read(data_dir=folder, demo=True, port=0, log_format="json")
    logs.configure(chosen)
    with start.reached(chosen) as at, start.serving(chosen) as database:
        make_campaign(database)
        make_table(at)
        toise = create_app(chosen, database)
        bare = make_bare(toise.state.service)

        async def either(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI
            await (bare if scope.get("path") == "/bare" else toise)(scope, receive, send)

        listening = serving.listen(chosen)
        sys.stdout.write(json.dumps(listening.getsockname()[1]) + "\n")
        sys.stdout.flush()
        uvicorn.Server(uvicorn.Config(either, **serving._options())).run(sockets=[listening])  # noqa: SLF001


if __name__ == "__main__":
    serving.stop_in_order()
    main(Path(sys.argv[1]))
