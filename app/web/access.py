"""Around every request: an id, one log line, a measure, and an answer even when we fail."""

import re
import time
import uuid

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.logs import log
from app.web.metrics import Metrics
from app.web.problems import Unexpected, respond

REQUEST_ID = "X-Request-Id"
ACCEPTABLE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked every few seconds by machines: measured, not logged, unless they fail."""
FAILED = 500


class Access:
    """The outermost layer. ``trust_ids``: a proxy of ours sets the request id."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics, trust_ids: bool) -> None:
        self.app = app
        self.metrics = metrics
        self.trust_ids = trust_ids

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = self._identify(scope)
        status = FAILED
        started = time.perf_counter()

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID] = request_id
            await send(message)

        with self.metrics.running.track_inprogress():
            try:
                await self.app(scope, receive, noted)
            finally:
                self._tell(scope, status, time.perf_counter() - started)

    def _identify(self, scope: Scope) -> str:
        given = Headers(scope=scope).get(REQUEST_ID, "") if self.trust_ids else ""
        request_id = given if ACCEPTABLE_ID.fullmatch(given) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        return request_id

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in METHODS else "other"
        route = route_of(scope)
        self.metrics.requests.labels(method, route, str(status)).observe(seconds)
        if status >= FAILED or route not in QUIET:
            log().info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))


class Boundary:
    """Turns what nobody foresaw into a 500 that says nothing of our insides, then lets it go on to the log."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception:
            if scope["type"] == "http":
                self.metrics.failures.inc()
                if not started:
                    await respond(Request(scope, receive), Unexpected())(scope, receive, send)
            raise


def route_of(scope: Scope) -> str:
    """The path with its parameters' names in place of their values: codes and ids are not for logs."""
    if "endpoint" not in scope:
        return "unmatched"
    names = {str(value): f"{{{name}}}" for name, value in scope.get("path_params", {}).items()}
    if not names and "route" not in scope:
        return "/static"
    return "/".join(names.get(part, part) for part in scope["path"].split("/"))
