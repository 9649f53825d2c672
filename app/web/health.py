"""For machines that watch: is the process alive, can it serve, what has it done."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict

from app.db import schema
from app.errors import Unavailable, msgid
from app.web import metrics
from app.web.deps import OwnTransactions
from app.web.problem_docs import documented

router = APIRouter(tags=["Operation"])


TEXT: dict[int | str, dict[str, Any]] = {
    200: {"content": {metrics.MEDIA_TYPE: {"schema": {"type": "string"}, "example": "toise_requests_running 1.0\n"}}}
}


class Health(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "ok"}]})

    status: Literal["ok"] = "ok"


class OldSchema(Unavailable):
    code = "old-schema"
    message = msgid("La base de données n'est pas à jour. Lancez : toise migrate")


@router.get("/healthz", operation_id="checkLife", summary="Is the process alive?")
async def alive() -> Health:
    """The process answers; says nothing of its database."""
    return Health()


@router.get(
    "/readyz",
    operation_id="checkReadiness",
    responses={503: documented(OldSchema)[503]},
    summary="Can it serve?",
)
def ready(database: OwnTransactions) -> Health:
    """The database is reachable and its tables are those of this version."""
    with database.transaction() as tx:
        if schema.current(tx) != schema.newest():
            raise OldSchema
    return Health()


async def _metrics(request: Request) -> metrics.Metrics:
    held: metrics.Metrics = request.app.state.metrics
    return held


@router.get(
    "/metrics", operation_id="readMetrics", summary="What has it done?", responses=TEXT, response_class=Response
)
def measures(held: Annotated[metrics.Metrics, Depends(_metrics)]) -> Response:
    """Requests by route, status and duration, in Prometheus' text format."""
    return Response(held.text(), media_type=metrics.MEDIA_TYPE)
