"""The page about the engine is what it says: its files, commands, scripts, numbers and pointers."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.cli import app
from app.engine.beliefs import FEWEST, HIERARCHICAL, Role
from app.engine.calibration import TOLERANCE
from app.engine.structure import HIGHEST
from app.psychometrics.calibrating import UNDETERMINED
from app.psychometrics.calibration_report import FAR, FLAT_SLOPE, UNSURE, WARNINGS
from app.psychometrics.prior_file import HIGHEST_LOADING
from tests import guides

GUIDE = (guides.ROOT / "docs" / "engine.md").read_text(encoding="utf-8")
TRANSCRIPT = [step for block in guides.blocks(GUIDE, "console") for step in guides.transcript(block)]
SCRIPTS = list(zip(guides.blocks(GUIDE, "python"), guides.blocks(GUIDE, "text"), strict=True))
NUMBER = re.compile(r"-?\d+\.\d+")
LAST_DIGIT = 1.5e-3
"""Where an iteration ends depends on the last bits of a processor's sums, and so may the third decimal shown."""


@dataclass(frozen=True, slots=True)
class Study:
    """The folder after all commands, and what each of them printed."""

    folder: Path
    printed: tuple[str, ...]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Study]:
    """All commands of the page, in its order, where a reader who has saved its files stands."""
    folder = tmp_path_factory.mktemp("study")
    for name, text in guides.files(GUIDE).items():
        (folder / name).write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name, value in guides.TERMINAL.items():
            patch.setenv(name, value)
        yield Study(folder, tuple(guides.said(folder, command) for command, _ in TRANSCRIPT))


def words(text: str) -> str:
    """What is no number with decimals; the number of iterations, too, may be another on another processor."""
    plain = text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")
    return re.sub(r"\b\d+ iterations", "# iterations", NUMBER.sub("#", plain))


def numbers(text: str) -> list[float]:
    return [float(number) for number in NUMBER.findall(text)]


def differs(found: str, told: str) -> bool:
    return words(found) != words(told) or numbers(found) != pytest.approx(numbers(told), abs=LAST_DIGIT)


def test_every_command_prints_what_the_page_says(study: Study) -> None:
    pairs = zip(TRANSCRIPT, study.printed, strict=True)
    assert [(command, found) for (command, told), found in pairs if differs(found, told)] == []


def test_no_command_is_lost_on_the_way() -> None:
    assert len(TRANSCRIPT) == GUIDE.count("\n$ ") == 32


def test_every_drawing_asked_for_is_there(study: Study) -> None:
    named = {Path(name).stem for name in re.findall(r"--plot (?:\w+=)?([\w-]+\.svg)", GUIDE)}
    drawn = {re.sub(r"-\d+$", "", path.stem) for path in study.folder.glob("*.svg")}
    assert drawn == named


@pytest.mark.parametrize(("script", "told"), SCRIPTS)
def test_every_script_prints_what_the_page_says(script: str, told: str) -> None:
    assert not differs(guides.printed(script), told)


def entries(heading: str) -> set[str]:
    """Names in the first column of the table under a heading."""
    table = GUIDE.split(heading)[1].split("\n\n")
    rows = next(part for part in table if part.startswith("|")).splitlines()[2:]
    return {name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])}


def test_entries_of_reports_are_those_of_reports(study: Study) -> None:
    calibration = json.loads((study.folder / "bank.json").read_text(encoding="utf-8"))
    simulation = json.loads((study.folder / "simulation.json").read_text(encoding="utf-8"))
    assert entries("### What the report says") < calibration.keys()
    assert entries("Read it so:") < simulation.keys()


def test_every_command_of_the_table_exists() -> None:
    known = {command.name or getattr(command.callback, "__name__", "") for command in app.registered_commands}
    assert set(re.findall(r"`toise (\w+)`", GUIDE)) <= known


def test_every_path_and_link_leads_somewhere() -> None:
    paths = set(re.findall(r"`((?:tests|app)/[\w./]+)`", GUIDE))
    links = {target.split("#")[0] for target in re.findall(r"\]\(([^)]+)\)", GUIDE)}
    assert paths
    assert [name for name in paths if not (guides.ROOT / name).exists()] == []
    assert [name for name in links if not (guides.ROOT / "docs" / name).exists()] == []


def test_every_link_into_the_other_guide_finds_its_heading() -> None:
    other = guides.read("psychometrician")
    found = {
        re.sub(r"[^\w -]", "", title).lower().replace(" ", "-")
        for title in re.findall(r"^#+ (.*)$", other, re.MULTILINE)
    }
    assert set(re.findall(r"psychometrician\.md#([\w-]+)", GUIDE)) <= found


def test_the_constants_it_tells_are_those_in_force() -> None:
    assert f"fell below {TOLERANCE:f}" in GUIDE
    assert f"`flat_slope` (below {FLAT_SLOPE}: check the key)" in GUIDE
    assert f"(a difficulty beyond {FAR:.0f} logits)" in GUIDE
    assert "(a standard\ndeviation above 1)" in GUIDE
    assert UNSURE == 1
    assert set(WARNINGS) == {"flat_slope", "far", "unsure"}
    assert f"written with a standard deviation of {UNDETERMINED:.0f}" in GUIDE
    assert f"Loadings stay below {HIGHEST} in calibration and {HIGHEST_LOADING} in scoring" in GUIDE
    guess = HIERARCHICAL[Role.GUESS]
    assert f"With fewer than {FEWEST[Role.GUESS]} items" in GUIDE
    assert f"(logit mean {guess.mean}, standard deviation {guess.sd})" in GUIDE
    assert all(f"`{role}`" in GUIDE for role in Role)
