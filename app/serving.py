"""The web server: one process, or several that share one address."""

import os
import shutil
import signal
import socket
import sys
from typing import Any

import uvicorn
from uvicorn.supervisors import Multiprocess

from app.db.connection import Database
from app.main import create_app
from app.protocol import BoundedHead
from app.settings import Settings
from app.upkeep import chores

BACKLOG = 2048
LAST_REQUESTS = 20  # seconds that requests under way get to finish


def listen(settings: Settings) -> socket.socket:
    """Take the address, or raise OSError: before anything is promised, and for all processes at once."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    return socket.create_server((settings.host, settings.port), family=family, backlog=BACKLOG)


def stop_in_order() -> None:
    """Let SIGTERM unwind what was opened (the embedded server, for one) instead of ending the process there.

    While uvicorn runs it takes the signal itself, finishes, and passes it on.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))


def serve(settings: Settings, database: Database, listening: socket.socket) -> None:
    """Serve until a signal says stop. Requests under way are finished first."""
    if settings.processes > 1:
        _serve_by_several(settings, listening)
        return
    app = create_app(settings, database, chores=chores(settings, database))
    server = uvicorn.Server(uvicorn.Config(app, **_options()))
    server.run(sockets=[listening])


def _serve_by_several(settings: Settings, listening: socket.socket) -> None:
    """Workers read the settings again, from the environment they inherit."""
    measures = settings.data_dir / "metrics"
    shutil.rmtree(measures, ignore_errors=True)
    measures.mkdir(parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(measures)
    os.environ["TOISE_DEMO"] = str(int(settings.demo))
    config = uvicorn.Config("app.main:from_environment", factory=True, workers=settings.processes, **_options())
    Multiprocess(config, sockets=[listening]).run()


def _options() -> dict[str, Any]:
    return {
        "http": BoundedHead,
        "access_log": False,  # one line per request is ours to write
        "log_config": None,
        "lifespan": "on",
        "proxy_headers": False,  # who is believed is app.web.deps.client_address' to say
        "server_header": False,
        "timeout_graceful_shutdown": LAST_REQUESTS,
    }


def shown_address(settings: Settings, listening: socket.socket) -> str:
    """The address a person may open."""
    if settings.public_url:
        return settings.public_url
    host, port = listening.getsockname()[:2]
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - recognised, not bound
    host = everywhere.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
