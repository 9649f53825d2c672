"""Every operation keeps what the OpenAPI description promises, whoever calls and whatever is sent."""

import base64
from collections import Counter
from collections.abc import Iterator
from typing import Any, cast

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.python import asgi

from app.db.connection import Database
from app.main import create_app
from app.settings import Settings
from tests.api.world import ACTORS, Actor, World, make_world
from tests.conftest import Clock

load_all_checks()
PROMISES = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
        "negative_data_rejection",
    ]
)
EVERY_DAY, A_NIGHT = 15, 500
"""Cases of each operation and caller, for each kind of data (right and wrong)."""
CALM = [
    HealthCheck.too_slow,
    HealthCheck.filter_too_much,
    HealthCheck.function_scoped_fixture,
    HealthCheck.data_too_large,
]

LEARNER, OWN_END, PROGRAM = {"running", "finished"}, {"finished"}, {"university"}
SUCCEED: dict[str, set[str]] = {
    "readCampaign": set(ACTORS),
    "startSession": set(ACTORS),
    "resumeSession": set(ACTORS),
    "readSession": LEARNER,
    "submitAnswer": {"running"},
    "finishSession": LEARNER,
    "readOwnResult": OWN_END,
    "readReview": OWN_END,
    "issueToken": set(ACTORS),
    "listResults": PROGRAM,
    "readResult": PROGRAM,
    "readFramework": PROGRAM,
    "checkLife": set(ACTORS),
    "checkReadiness": set(ACTORS),
    "readMetrics": set(ACTORS),
}
"""Who is answered with success where real ids, codes and tokens take the place of generated ones."""


@pytest.fixture(scope="module")
def app(settings: Settings, database: Database) -> FastAPI:
    return create_app(settings, database, clock=Clock())


@pytest.fixture(scope="module")
def world(app: FastAPI, database: Database) -> Iterator[World]:
    with TestClient(app) as http:
        yield make_world(http, database)


@pytest.mark.parametrize("actor", ACTORS)
@pytest.mark.parametrize("name", SUCCEED)
def test_an_operation_keeps_its_promises(app: FastAPI, world: World, name: str, actor: Actor) -> None:
    seen = exercise(app, world, name, actor, cases=EVERY_DAY)
    succeeded = any(status < 300 for status in seen)
    assert succeeded == (actor in SUCCEED[name]), seen


@pytest.mark.nightly
@pytest.mark.parametrize("actor", ACTORS)
@pytest.mark.parametrize("name", SUCCEED)
def test_an_operation_keeps_its_promises_all_night(app: FastAPI, world: World, name: str, actor: Actor) -> None:
    exercise(app, world, name, actor, cases=A_NIGHT)


def test_no_operation_goes_untested(app: FastAPI) -> None:
    described = {operation["operationId"] for path in app.openapi()["paths"].values() for operation in path.values()}
    assert described == set(SUCCEED)


def exercise(app: FastAPI, world: World, name: str, actor: Actor, *, cases: int) -> Counter[int]:
    """Send right and wrong data, some of it with real ids and codes; return how often each status came."""
    operation = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app).find_operation_by_id(name)
    seen: Counter[int] = Counter()
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        if mode is GenerationMode.NEGATIVE and not (operation.path_parameters or operation.query or operation.body):
            continue

        @hypothesis(max_examples=cases, deadline=None, suppress_health_check=CALM)
        @given(case=operation.as_strategy(generation_mode=mode), real=st.sampled_from([True, True, False]))
        def sent(case: Case[Any], real: bool) -> None:  # noqa: FBT001 - hypothesis calls it
            prepare(case, world, actor, real=real)
            response = case.call(session=line)
            seen[response.status_code] += 1
            case.validate_response(response, checks=cast(Any, PROMISES))

        with asgi.get_client(cast(Any, app)) as line:
            sent()
    return seen


def prepare(case: Case[Any], world: World, actor: Actor, *, real: bool) -> None:
    """Make a case the actor's, with what is real in place of what is generated where that is asked."""
    if real:
        world.keep_running()
        make_real(case, world, actor)
    case.headers.pop("Authorization", None)
    token = world.token(actor)
    if token is not None:
        case.headers["Authorization"] = f"Bearer {token}"
    if case.operation.label.endswith("/token") and real:
        packed = base64.b64encode(f"{world.university.client_id}:{world.university.secret}".encode()).decode()
        case.headers["Authorization"] = f"Basic {packed}"


def make_real(case: Case[Any], world: World, actor: Actor) -> None:
    """Only what is valid anyway is replaced: what is wrong on purpose stays wrong."""
    assert case.meta is not None
    parts = {str(kind.value): part.mode for kind, part in case.meta.components.items()}
    if parts.get("path") is not GenerationMode.NEGATIVE:
        real = {
            "session_id": world.session(actor),
            "session": world.finished.session,
            "code": world.campaign.code,
            "framework": "fr-socle-numerique-sante",
            "version": "2026.1",
        }
        case.path_parameters = {name: real[name] for name in case.path_parameters or {}}
    if parts.get("body") is GenerationMode.POSITIVE:
        case.body = real_body(case, world, actor)
    if parts.get("query") is GenerationMode.POSITIVE and case.query:
        kept = {name: value for name, value in case.query.items() if name in {"limit", "format"}}
        case.query = kept


def real_body(case: Case[Any], world: World, actor: Actor) -> Any:
    name = case.operation.definition.raw["operationId"]
    if name == "startSession":
        return {
            **cast(dict[str, Any], case.body),
            "code": world.campaign.code,
            "identity": f"Camille {world.newcomer()}",
        }
    if name == "resumeSession":
        return {"code": world.campaign.code, "resume_code": world.finished.resume_code}
    if name == "submitAnswer":
        answer = world.answer()
        return answer if actor == "running" else {**answer, "step": 900}  # a step that no finished sitting has kept
    return {"grant_type": "client_credentials"}
