"""The server process of a data folder, by the note it leaves there (``postmaster.pid``)."""

import subprocess
from pathlib import Path

NOTE = "postmaster.pid"
PROCESSES = Path("/proc")
ENDED = "Z"
"""A process that has ended and whose parent has not asked for its result: it keeps its number, and no more."""


def lives(data: Path) -> bool:
    """Whether the process of the note is a running PostgreSQL."""
    number = _number(data)
    return number is not None and _described(number) == "postgres"


def forget_if_gone(data: Path) -> None:
    """Remove a note whose number belongs to an ended process, or to another program.

    PostgreSQL refuses to start while anything of that number is there. After the restart of a container, where
    numbers are small and come again, that is often another program; and a container whose first process does
    not look after orphans keeps ended ones for ever.
    """
    number = _number(data)
    if number is not None and _described(number) not in {"", "postgres"}:
        (data / NOTE).unlink(missing_ok=True)


def _number(data: Path) -> int | None:
    try:
        first = (data / NOTE).read_text(encoding="utf-8").partition("\n")[0].strip()
    except FileNotFoundError:
        return None
    return int(first) if first.isdigit() else None


def _described(number: int) -> str:
    """The program a process runs, ``ended`` for one that only keeps its number, "" where there is none."""
    if (PROCESSES / "self").exists():
        state, program = _by_proc(number)
    else:
        state, program = _by_ps(number)
    return "ended" if state.startswith(ENDED) else Path(program).name


def _by_proc(number: int) -> tuple[str, str]:
    try:
        line = (PROCESSES / str(number) / "stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return "", ""
    program, _, rest = line.partition("(")[2].rpartition(")")
    return rest.strip(), program


def _by_ps(number: int) -> tuple[str, str]:
    command = ["/bin/ps", "-o", "state=,comm=", "-p", str(number)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed command
    state, _, program = told.stdout.strip().partition(" ")
    return state, program.strip()
