"""Starts ``benchmarks.served`` on a fresh data folder and stops it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.program import CACHE, ROOT


@dataclass(frozen=True, slots=True)
class Served:
    port: int
    process: int

    def cpu_seconds(self) -> float:
        """Processor time the server's own process has used (its database apart); NaN where Linux's /proc is not."""
        status = Path(f"/proc/{self.process}/stat")
        if not status.exists():
            return float("nan")
        fields = status.read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(*, log: str = "served.log") -> Iterator[Served]:
    """A running server; its log lines go to a file, as a service's would."""
    folder = CACHE / "served"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o711, parents=True)
    with (CACHE / log).open("w", encoding="utf-8") as errors:
        command = [sys.executable, "-m", "benchmarks.served", str(folder)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=ROOT) as process:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                raise RuntimeError(f"the server did not start: {CACHE / log} says why")
            try:
                yield Served(int(json.loads(line)), process.pid)
            finally:
                process.terminate()
                process.wait(timeout=60)
