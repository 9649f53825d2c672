"""``toise score`` on long files: a bar for who watches, memory that does not grow."""

import contextlib
import os
import pty
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.psychometrics.bank_file import read_bank
from app.psychometrics.scoring import score_file
from tests.psychometrics.test_score import BANK, score


def shown_on_terminal(command: Callable[[int], object]) -> str:
    """What a command writes to a pseudo-terminal, as a person sees it."""
    ours, theirs = pty.openpty()
    with ThreadPoolExecutor(1) as reader:
        shown = reader.submit(read_to_the_end, ours)
        command(theirs)
        os.close(theirs)
        return shown.result()


def read_to_the_end(terminal: int) -> str:
    found = b""
    with contextlib.suppress(OSError):  # how a pseudo-terminal says that nobody writes to it any more
        while part := os.read(terminal, 65536):
            found += part
    os.close(terminal)
    return found.decode()


def test_a_bar_shows_on_a_terminal_only(tmp_path: Path) -> None:
    quiet = score(tmp_path, responses="person,q1,q2,q3\n" + "anna,1,0,1\n" * 10_000)
    assert quiet.stderr == ""
    code = "import typer; from app.psychometrics.commands import score; typer.run(score)"
    words = [sys.executable, "-c", code, "responses.csv", "--bank", "bank.csv", "--out", "scores.csv"]
    environment = {**os.environ, "LC_ALL": "en_GB.UTF-8", "TERM": "xterm", "PYTHONPATH": str(Path(__file__).parents[2])}
    shown = shown_on_terminal(
        lambda terminal: subprocess.run(
            words, cwd=tmp_path, env=environment, stderr=terminal, stdout=subprocess.DEVNULL, check=True
        )
    )
    assert "responses.csv" in shown
    assert "100%" in shown


def most_memory(folder: Path, persons: int) -> int:
    (folder / "bank.csv").write_text(BANK)
    (folder / "responses.csv").write_text("person,q1,q2,q3\n" + "anna,1,0,1\nbea,,1,\n" * (persons // 2))
    bank = read_bank(folder / "bank.csv")
    tracemalloc.start()
    try:
        done = score_file(folder / "responses.csv", bank, folder / "scores.csv")
        assert done.persons == persons
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_number_of_persons(tmp_path: Path) -> None:
    """One chunk of rows against three."""
    most_memory(tmp_path, 100)  # what is made once and kept
    assert most_memory(tmp_path, 12_000) < 1.1 * most_memory(tmp_path, 4_000)


@pytest.mark.nightly
def test_a_million_rows_take_less_than_a_minute_of_a_processor_and_400_megabytes(tmp_path: Path) -> None:
    names = [f"q{number}" for number in range(20)]
    (tmp_path / "bank.csv").write_text("item,a,b\n" + "".join(f"{name},1.1,0\n" for name in names))
    rows = [",".join(["p", *("01"[(row >> place) % 2] for place in range(20))]) + "\n" for row in range(1_000)]
    with (tmp_path / "responses.csv").open("w") as stream:
        stream.write(",".join(["person", *names]) + "\n")
        stream.writelines("".join(rows) for _ in range(1_000))
    code = "from app.cli import main; main()"
    words = [sys.executable, "-c", code, "score", "responses.csv", "--bank", "bank.csv", "--out", "scores.csv"]
    process = subprocess.Popen(words, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])})
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = status
    assert status == 0
    assert used.ru_utime + used.ru_stime < 60
    assert used.ru_maxrss < 400 * 1024
    with (tmp_path / "scores.csv").open() as stream:
        assert sum(1 for _ in stream) == 1_000_001
