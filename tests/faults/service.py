"""The service as an operator starts it: a process of its own, on its own data, to be killed and started again."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.server import throw_away_folder

START_SECONDS = 120.0
TOISE = (sys.executable, "-c", "from app.cli import main; main()")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@dataclass
class Service:
    """``toise demo`` over a data folder."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("TOISE_")}
        asked = {"TOISE_DATA_DIR": str(self.folder), "TOISE_PORT": str(self.port), "TOISE_DEMO": "1"}
        return {**kept, **asked, "TOISE_DEMO_COHORT": "0"}

    def start(self) -> None:
        log = (self.folder / "service.log").open("ab")
        with log:
            self.process = subprocess.Popen((*TOISE, "serve"), env=self.environment, stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.address}/readyz", timeout=5).status_code == 200:
                    return
            assert self.process.poll() is None, self.log()
            time.sleep(0.1)
        raise AssertionError(f"not ready after {START_SECONDS} s: {self.log()}")

    def kill(self) -> None:
        """As the machine's memory killer would: no warning."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(30)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)

    def kill_postgresql(self) -> None:
        """Kill the database server's first process; its children see it and end."""
        (pid_file,) = self.folder.rglob("postmaster.pid")
        os.kill(int(pid_file.read_text().split("\n", 1)[0]), signal.SIGKILL)

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        run = (*TOISE, *words)
        return subprocess.run(run, env=self.environment, capture_output=True, text=True, timeout=300, check=False)

    def log(self) -> str:
        return (self.folder / "service.log").read_text()[-4000:]


@contextlib.contextmanager
def running_service(name: str) -> Iterator[Service]:
    """A demonstration in a folder of its own, ended and removed with the block."""
    folder = throw_away_folder() / f"toise-fault-{os.getpid()}-{name}"
    folder.mkdir(mode=0o711)
    service = Service(folder)
    try:
        service.start()
        yield service
    finally:
        service.stop()
        shutil.rmtree(folder, ignore_errors=True)
