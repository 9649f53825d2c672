"""The commands of the README: make, and the set-up behind it."""

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = re.findall(r"^([a-z-]+):", MAKEFILE, flags=re.MULTILINE)

PRETEND_PYTHON = """\
#!/bin/sh
# Stands for Python and pip: makes the files they would make, and writes down what it was asked.
echo "$*" >>"$CALLS"
case $* in
    "-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" && echo "command = python -m venv $3" >"$3/pyvenv.cfg" ;;
    *"-m pip install"*) [ ! -e "$CALLS.refuse" ] && : >.venv/bin/toise && chmod +x .venv/bin/toise ;;
esac
"""


def make(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env=quiet(),
    )


def quiet(**more: str) -> dict[str, str]:
    """The environment without what an outer make, a CI or a person's settings would add."""
    unwanted = ("MAKE", "MFLAGS", "CI", "TOISE_", "PYTHON")
    return {name: value for name, value in os.environ.items() if not name.startswith(unwanted)} | more


# --- make ------------------------------------------------------------------------------------------------


def test_make_alone_explains_every_target() -> None:
    printed = re.findall(r"^  make ([a-z-]+) +(.+)$", make().stdout, flags=re.MULTILINE)

    assert [name for name, words in printed if words] == TARGETS


def test_no_target_is_mistaken_for_a_file() -> None:
    assert set(re.findall(r"^\.PHONY: (.+)$", MAKEFILE, flags=re.MULTILINE)[0].split()) == set(TARGETS)


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_can_be_read_by_make(target: str) -> None:
    done = make("--dry-run", target)

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("script", ["setup", "gates", "lock", "run"])
def test_every_script_can_be_run_and_read_by_its_shell(script: str) -> None:
    path = ROOT / ".ci" / script
    shell = path.read_text(encoding="utf-8").splitlines()[0].rpartition("/")[2].removeprefix("env ")

    assert os.access(path, os.X_OK)
    assert subprocess.run([shell, "-n", path], check=False).returncode == 0


# --- The set-up, over a Python that only pretends ---------------------------------------------------------


class Clone:
    """A folder with what set-up reads, and a record of what it asked of Python."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "a clone"
        self.calls = folder / "calls"
        shutil.copytree(ROOT / ".ci", self.folder / ".ci")
        for name in ("pyproject.toml", "requirements.lock", "requirements-dev.lock"):
            shutil.copy(ROOT / name, self.folder)
        self.python = folder / "python3"
        self.python.write_text(PRETEND_PYTHON, encoding="utf-8")
        self.python.chmod(0o755)

    def set_up(self, *arguments: str, python: str = "") -> subprocess.CompletedProcess[str]:
        self.calls.write_text("", encoding="utf-8")
        environment = quiet(CALLS=str(self.calls), PYTHON=python or str(self.python))
        command = [str(self.folder / ".ci" / "setup"), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)

    def asked(self) -> list[str]:
        """What was done, without the questions about versions."""
        words = re.findall(r"-m (venv|pip install .*)", self.calls.read_text(encoding="utf-8"))
        return [word.rpartition(" ")[2] for word in words]


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


def test_set_up_makes_the_environment_then_installs_the_lock_then_toise(clone: Clone) -> None:
    done = clone.set_up()

    assert done.returncode == 0, done.stderr
    assert clone.asked() == ["venv", "requirements.lock", "."]
    assert done.stdout.endswith("Ready: .venv/bin/toise\n")


def test_set_up_again_does_nothing_and_says_nothing(clone: Clone) -> None:
    clone.set_up()

    done = clone.set_up()

    assert (done.returncode, done.stdout, clone.asked()) == (0, "", [])


def test_what_developers_need_includes_what_the_service_needs(clone: Clone) -> None:
    clone.set_up("dev")
    first = clone.asked()

    clone.set_up()

    assert first == ["venv", "requirements-dev.lock", "."]
    assert clone.asked() == []


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_a_change_of_lock_or_project_installs_again_in_the_same_environment(clone: Clone, name: str) -> None:
    clone.set_up()
    with (clone.folder / name).open("a", encoding="utf-8") as file:
        file.write("\n# changed\n")

    clone.set_up()

    assert clone.asked() == ["requirements.lock", "."]


def test_an_interrupted_set_up_is_begun_again(clone: Clone) -> None:
    refuse = Path(f"{clone.calls}.refuse")
    refuse.touch()
    first = clone.set_up()
    refuse.unlink()

    again = clone.set_up()

    assert first.returncode == 1
    assert "Run this again" in first.stderr
    assert again.returncode == 0, again.stderr
    assert clone.asked() == ["venv", "requirements.lock", "."]


def test_a_clone_that_was_moved_gets_an_environment_of_its_own(clone: Clone) -> None:
    clone.set_up()
    clone.folder = clone.folder.rename(clone.folder.with_name("moved"))

    done = clone.set_up()

    assert done.returncode == 0, done.stderr
    assert clone.asked() == ["venv", "requirements.lock", "."]


def test_no_python_is_said_with_what_to_install(clone: Clone) -> None:
    done = clone.set_up(python="no-such-python")

    assert done.returncode == 1
    assert "needs Python 3.11 or newer" in done.stderr
    assert "apt-get install python3 python3-venv" in done.stderr


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ("exit 1", "needs Python 3.11 or newer"),  # too old, or a name that leads nowhere
        ("case $2 in *version_info*) ;; *) exit 1 ;; esac", "apt-get install python3-venv"),
    ],
)
def test_a_python_that_will_not_do_is_said_with_what_to_install(clone: Clone, answers: str, words: str) -> None:
    clone.python.write_text(f"#!/bin/sh\n{answers}\n", encoding="utf-8")

    done = clone.set_up()

    assert done.returncode == 1
    assert words in done.stderr
    assert not (clone.folder / ".venv").exists()


# --- The set-up, whole -----------------------------------------------------------------------------------


@pytest.mark.nightly
def test_a_fresh_clone_survives_a_kill_and_is_set_up_in_seconds_afterwards(tmp_path: Path) -> None:
    fresh = tmp_path / "fresh"
    subprocess.run(["git", "clone", "--quiet", ROOT, fresh], check=True)
    first = subprocess.Popen(["make", "setup"], cwd=fresh, env=quiet(), start_new_session=True)
    while not (fresh / ".venv" / "setup.log").exists() and first.poll() is None:
        time.sleep(0.1)
    os.killpg(first.pid, 9)
    first.wait()

    assert make("setup", folder=fresh).returncode == 0
    started = time.monotonic()
    again = make("setup", folder=fresh)

    assert (again.returncode, again.stdout) == (0, "")
    assert time.monotonic() - started < 5
    assert subprocess.run([fresh / ".venv/bin/toise", "--help"], capture_output=True, check=False).returncode == 0
