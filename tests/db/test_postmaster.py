import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.db import postmaster


def note(folder: Path, number: object) -> Path:
    path = folder / postmaster.NOTE
    path.write_text(f"{number}\n{folder}\n")
    return path


def ended() -> subprocess.Popen[bytes]:
    """A process that has ended and that nobody has waited for."""
    process = subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.read()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    return process


def test_without_a_note_no_server_lives(tmp_path: Path) -> None:
    assert not postmaster.lives(tmp_path)


@pytest.mark.parametrize("content", ["", "no number"])
def test_a_note_without_a_number_is_no_server_and_is_left_to_postgresql(tmp_path: Path, content: str) -> None:
    path = note(tmp_path, content)
    postmaster.forget_if_gone(tmp_path)
    assert path.exists()
    assert not postmaster.lives(tmp_path)


@pytest.mark.parametrize("processes", ["/proc", "/nowhere"])
def test_another_program_of_that_number_is_no_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, processes: str
) -> None:
    monkeypatch.setattr(postmaster, "PROCESSES", Path(processes))
    path = note(tmp_path, os.getpid())
    assert not postmaster.lives(tmp_path)
    postmaster.forget_if_gone(tmp_path)
    assert not path.exists()


@pytest.mark.parametrize("processes", ["/proc", "/nowhere"])
def test_an_ended_process_that_keeps_its_number_is_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, processes: str
) -> None:
    monkeypatch.setattr(postmaster, "PROCESSES", Path(processes))
    process = ended()
    path = note(tmp_path, process.pid)
    assert not postmaster.lives(tmp_path)
    postmaster.forget_if_gone(tmp_path)
    assert not path.exists()
    process.communicate()


@pytest.mark.parametrize("processes", ["/proc", "/nowhere"])
def test_a_number_that_nobody_has_is_left_to_postgresql(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, processes: str
) -> None:
    monkeypatch.setattr(postmaster, "PROCESSES", Path(processes))
    process = ended()
    process.communicate()
    path = note(tmp_path, process.pid)
    postmaster.forget_if_gone(tmp_path)
    assert path.exists()
    assert not postmaster.lives(tmp_path)
