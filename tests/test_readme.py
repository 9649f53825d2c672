"""The commands of the README do what it says."""

import contextlib
import os
import re
import signal
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    re.sub(r"\s+#.*", "", line)
    for block in re.findall(r"```sh\n(.*?)```", README, flags=re.DOTALL)
    for line in block.splitlines()
]
PATIENCE = 90  # seconds for a start on a busy machine
ADDRESS = re.compile(r"https?://127\.0\.0\.1:\d+")


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A folder that the account PostgreSQL runs under may pass through, should these tests be root's."""
    with tempfile.TemporaryDirectory(prefix="toise-readme-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder) / "var"


@contextlib.contextmanager
def make_run(data_dir: Path) -> Iterator[tuple[str, str]]:
    """`make run` until it serves; gives its address and what it printed until then. Set-up is tested apart."""
    unwanted = ("MAKE", "MFLAGS", "TOISE_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    environment |= {"TOISE_DATA_DIR": str(data_dir), "TOISE_PORT": "0", "PYTHONUNBUFFERED": "1"}
    log = data_dir.with_name("run.log")
    with log.open("w") as output:
        command = ["make", "--old-file=setup", "run"]
        running = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=output, start_new_session=True
        )
        try:
            yield _served(log, running)
        finally:
            os.killpg(running.pid, signal.SIGTERM)
            running.wait(PATIENCE)


def _served(log: Path, running: subprocess.Popen[bytes]) -> tuple[str, str]:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and running.poll() is None:
        printed = log.read_text(encoding="utf-8")
        for address in ADDRESS.findall(printed):
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/readyz", timeout=5):
                return address, printed
        time.sleep(0.1)
    raise AssertionError(log.read_text(encoding="utf-8"))


def test_these_tests_know_every_command_of_the_readme() -> None:
    assert [command.split(maxsplit=3)[:3] for command in COMMANDS] == [
        ["make", "run"],
        ["make", "test"],
        ["printf", r"'TOISE_SECRET_KEY=%s\nPOSTGRES_PASSWORD=%s\n'", '"$(openssl'],
        ["docker", "compose", "up"],
    ]


def test_make_run_serves_a_demonstration_and_a_second_start_keeps_it(data_dir: Path) -> None:
    with make_run(data_dir) as (address, first), urllib.request.urlopen(address, timeout=10) as page:
        assert page.headers.get_content_type() == "text/html"

    started = time.monotonic()
    with make_run(data_dir) as (_, second):
        seconds = time.monotonic() - started

    assert without_address(second) == without_address(first)
    assert seconds < PATIENCE / 3


def without_address(printed: str) -> str:
    return ADDRESS.sub("", printed)


def test_the_command_that_makes_secrets_makes_two(tmp_path: Path) -> None:
    subprocess.run(["sh", "-c", COMMANDS[2]], cwd=tmp_path, check=True)

    written = (tmp_path / ".env").read_text(encoding="ascii")
    assert re.fullmatch(r"TOISE_SECRET_KEY=[0-9a-f]{64}\nPOSTGRES_PASSWORD=[0-9a-f]{64}\n", written)


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_the_make_commands_of_a_document_exist(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    code = re.findall(r"```sh\n(.*?)```", text, flags=re.DOTALL) + re.findall(r"`([^`\n]+)`", text)
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)

    named = {target for piece in code for target in re.findall(r"^make ([a-z-]+)", piece, flags=re.MULTILINE)}
    assert named - set(targets) == set()
