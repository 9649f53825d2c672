"""Starts ``benchmarks.served`` on a fresh data folder and stops it."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.program import CACHE, ROOT


@contextmanager
def serving(*, log: str = "served.log") -> Iterator[int]:
    """The port of a running server; its log lines go to a file, as a service's would."""
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
                yield int(json.loads(line))
            finally:
                process.terminate()
                process.wait(timeout=60)
