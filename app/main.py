"""The one place where the parts meet."""

import atexit
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager

import anyio
import anyio.to_thread
from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware

from app import __version__, logs, settings, start, upkeep
from app.accounts import pages as team_pages
from app.accounts import routes as accounts
from app.db.connection import Database
from app.results import pages as result_pages
from app.results import routes as results
from app.sessions import door_pages
from app.sessions import pages as learner_pages
from app.sessions import routes as sessions
from app.settings import Settings
from app.upkeep import Chore
from app.web import handlers, health, pages, problem_docs
from app.web.access import Access, Boundary
from app.web.body import BodyLimit
from app.web.deps import Clock, Service, utc_now
from app.web.headers import SecurityHeaders
from app.web.methods import HeadAsGet
from app.web.metrics import Metrics, measures

ANSWERING = 2

ROUTERS: tuple[APIRouter, ...] = (
    health.router,
    sessions.router,
    accounts.router,
    results.router,
    door_pages.router,
    learner_pages.router,
    team_pages.router,
    result_pages.router,
    pages.router,
)


def create_app(
    settings: Settings, database: Database, *, clock: Clock = utc_now, chores: Sequence[Chore] = ()
) -> FastAPI:
    """The service over a database. Starts nothing by itself; chores are done while it runs."""
    held = measures(shared=settings.processes > 1)
    app = FastAPI(
        title="Toise",
        version=__version__,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        middleware=_layers(settings, held),
    )
    app.state.service = Service(
        settings=settings,
        database=database,
        clock=clock,
        places=anyio.Semaphore(settings.threads),
        answers=anyio.CapacityLimiter(min(ANSWERING, settings.threads)),
        ends=anyio.CapacityLimiter(settings.threads),
    )
    app.state.metrics = held
    app.state.chores = chores
    handlers.install(app)
    pages.install(app)
    team_pages.install(app)
    problem_docs.describe(app)
    for router in ROUTERS:
        app.include_router(router)
    return app


def _layers(settings: Settings, held: Metrics) -> list[Middleware]:
    """From the outside in."""
    return [
        Middleware(Access, metrics=held, trust_ids=settings.trusted_proxy_count > 0),
        Middleware(SecurityHeaders, https=settings.behind_https),
        Middleware(Boundary, metrics=held),
        Middleware(BodyLimit, limit=settings.max_body_bytes),
        Middleware(HeadAsGet),
    ]


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Handlers run in threads; more of them than connections would only wait for one another."""
    anyio.to_thread.current_default_thread_limiter().total_tokens = app.state.service.settings.threads
    with upkeep.doing(app.state.chores):
        yield


def from_environment() -> FastAPI:
    """The app of one worker process among several (``uvicorn app.main:from_environment --factory``)."""
    chosen = settings.read()
    logs.configure(chosen)
    until_exit = ExitStack()
    atexit.register(until_exit.close)
    database = until_exit.enter_context(start.serving(chosen, first=False))
    return create_app(chosen, database, chores=upkeep.chores(chosen, database))
