"""Files of many persons: memory grows by some bytes an answer, whatever is computed of it."""

import os
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from tests.psychometrics.analysis_files import answers, toise, two_parameter, write_bank

ITEMS = two_parameter(20)
BANK = ("--bank", "bank.csv", "--report", "report.json")
COMMANDS = {
    "calibrate": ("--model", "2pl", "--out", "new.csv", "--groups", "groups.csv", "--threads", "1"),
    "fit": (*BANK, "--persons", "persons.csv"),
    **{f"dif {m}": (*BANK, "--groups", "groups.csv", "--method", m) for m in ("mh", "std", "logistic", "lr")},
}
A_PERSON = {"calibrate": 400, "fit": 400, "dif mh": 800}
"""Bytes that a person of 20 answers may cost, with the name and the group; a posterior on 61 nodes would be 488, and
sorting rows of answers 500. Strata of a few million cells are in memory at once: all of a short file's."""


def write_files(folder: Path, persons: int) -> None:
    """Line by line: what a test takes at its height counts as that of the process it starts."""
    write_bank(folder / "bank.csv", ITEMS)
    rows = [",".join(map(str, row)) for row in answers(ITEMS, min(persons, 20_000)).tolist()]
    with (folder / "r.csv").open("w") as sheet, (folder / "groups.csv").open("w") as groups:
        sheet.write(",".join(["person", *(f"q{number}" for number in range(20))]) + "\n")
        groups.write("person,group\n")
        for number in range(persons):
            sheet.write(f"p{number},{rows[number % len(rows)]}\n")
            groups.write(f"p{number},{'AB'[number // 3 % 2]}\n")


def words(command: str) -> list[str]:
    name, *_ = command.split()
    return [name, "r.csv", *COMMANDS[command]]


def most_memory(command: str, persons: int, folder: Path) -> int:
    write_files(folder, persons)
    tracemalloc.start()
    try:
        done = toise(*words(command))
        assert done.exit_code == 0, done.output
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("command", A_PERSON)
def test_a_person_more_costs_some_bytes_and_no_posterior(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """Between 8,000 and 16,000 persons: several chunks in both."""
    monkeypatch.chdir(tmp_path)
    most_memory(command, 1_000, tmp_path)  # what is made once and kept

    growth = most_memory(command, 16_000, tmp_path) - most_memory(command, 8_000, tmp_path)

    assert growth < 8_000 * A_PERSON[command]


@pytest.mark.nightly
@pytest.mark.parametrize("command", COMMANDS)
def test_a_million_rows_take_less_than_600_megabytes(tmp_path: Path, command: str) -> None:
    write_files(tmp_path, 1_000_000)
    code = "from app.cli import main; main()"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "OPENBLAS_NUM_THREADS": "1"}
    process = subprocess.Popen([sys.executable, "-c", code, *words(command)], cwd=tmp_path, env=environment)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = status
    assert status == 0
    assert used.ru_maxrss < 600 * 1024
