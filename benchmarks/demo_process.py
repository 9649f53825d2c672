"""``toise demo`` as a person starts it, on a data folder of the benchmarks."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.program import CACHE, ROOT

PATIENCE = 180.0


@dataclass(frozen=True, slots=True)
class Demo:
    address: str
    seconds: float
    """From the start of the command to the first 200 of /readyz."""


@contextmanager
def started(folder: Path) -> Iterator[Demo]:
    """A demonstration that answers; stopped in order at the end of the block."""
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    settings = {"TOISE_DATA_DIR": str(folder), "TOISE_PORT": str(port)}
    command = [str(Path(sys.executable).with_name("toise")), "demo"]
    with (CACHE / "demo.log").open("w", encoding="utf-8") as log:
        began = time.perf_counter()
        with subprocess.Popen(command, stdout=log, stderr=log, cwd=ROOT, env={**os.environ, **settings}) as process:
            try:
                _wait(address, process)
                yield Demo(address, time.perf_counter() - began)
            finally:
                process.terminate()
                process.wait(timeout=60)


def _wait(address: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=5):
                return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"toise demo did not answer: {CACHE / 'demo.log'} says why")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
