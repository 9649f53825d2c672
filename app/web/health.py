"""For machines that watch: is the process alive, can it serve, what has it done."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from app.db import schema
from app.errors import Unavailable, msgid
from app.web import metrics
from app.web.deps import OwnTransactions
from app.web.problem_docs import documented

router = APIRouter(tags=["health"])


class Health(BaseModel):
    status: Literal["ok"] = "ok"


class OldSchema(Unavailable):
    code = "old-schema"
    message = msgid("La base de données n'est pas à jour. Lancez : toise migrate")


@router.get("/healthz", summary="The process answers")
async def alive() -> Health:
    return Health()


@router.get(
    "/readyz",
    responses=documented(OldSchema),
    summary="The database is reachable and its tables are those of this version",
)
def ready(database: OwnTransactions) -> Health:
    with database.transaction() as tx:
        if schema.current(tx) != schema.newest():
            raise OldSchema
    return Health()


async def _metrics(request: Request) -> metrics.Metrics:
    held: metrics.Metrics = request.app.state.metrics
    return held


@router.get("/metrics", summary="Measures in Prometheus' text format", response_class=Response)
def measures(held: Annotated[metrics.Metrics, Depends(_metrics)]) -> Response:
    return Response(held.text(), media_type=metrics.MEDIA_TYPE)
