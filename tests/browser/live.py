"""The real service on a free port of this machine, in a thread of the test's process."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from app.protocol import BoundedHead

START_SECONDS = 30.0


@contextmanager
def live(app: FastAPI) -> Iterator[str]:
    """Serve the app; yield its address."""
    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, http=BoundedHead, log_config=None, lifespan="on", access_log=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + START_SECONDS
    while not server.started:
        assert time.monotonic() < deadline, "the service did not start"
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(START_SECONDS)
