"""The command line, as a person or a supervisor uses it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL
from typer.testing import CliRunner

from app.cli import app
from tests import server

TOISE = [sys.executable, "-c", "from app.cli import main; main()"]


@pytest.fixture
def data_dir() -> Iterator[Path]:
    top = Path(tempfile.mkdtemp(prefix="toise-c-", dir=server.throw_away_folder()))
    top.chmod(0o711)
    yield top
    shutil.rmtree(top)


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands look for a demonstration beside them."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def empty(maintenance: URL, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A database without tables, given by the environment."""
    with server.empty(maintenance) as url:
        address = url.render_as_string(hide_password=False)
        monkeypatch.setenv("TOISE_DATABASE_URL", address)
        monkeypatch.setenv("TOISE_SECRET_KEY", server.SECRET)
        yield address


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.output


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


WRONG = {
    ("TOISE_PORT", "abc"): "TOISE_PORT : attendu : un nombre entier",
    ("TOISE_PORT", "99999"): "TOISE_PORT : attendu : 65535 au plus",
    ("TOISE_THREADS", "0"): "TOISE_THREADS : attendu : 1 au moins",
    ("TOISE_DEMO", "maybe"): "TOISE_DEMO : attendu : 1 ou 0",
    ("TOISE_LOG_FORMAT", "xml"): "TOISE_LOG_FORMAT : attendu : 'auto', 'console', 'json'",
}


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_setting_is_told_in_our_words(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOISE_SECRET_KEY", server.SECRET)
    monkeypatch.setenv(name, value)
    code, said = run("config")
    assert code == 2
    assert WRONG[name, value] in said.replace("\N{NO-BREAK SPACE}", " ").replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")


def test_a_data_folder_that_cannot_be_made_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TOISE_DATA_DIR", str(tmp_path / "file" / "var"))
    for command in ("demo", "migrate"):
        code, said = run(command)
        assert (code, "TOISE_DATA_DIR" in said) == (1, True)
        monkeypatch.setenv("TOISE_SECRET_KEY", server.SECRET)


def test_a_host_of_another_machine_is_not_called_taken(empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert empty
    run("migrate")
    monkeypatch.setenv("TOISE_HOST", "203.0.113.7")
    code, said = run("serve")
    assert (code, "TOISE_HOST" in said) == (1, True)


class Service:
    """``toise`` as a process of its own, on a port of its own."""

    def __init__(self, *arguments: str, **given: str) -> None:
        self.port = free_port()
        settings = {f"TOISE_{name}".upper(): value for name, value in given.items()}
        self.process = subprocess.Popen(
            [*TOISE, *arguments],
            env={**os.environ, "TOISE_PORT": str(self.port), **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def get(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=20) as answer:
            told: str = answer.read().decode()
        return told

    def wait(self) -> None:
        """Until it says its address; connections are taken from then on."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if f":{self.port}" in line:
                return
        raise AssertionError(f"it ended with {self.process.wait()}")

    def stop(self, by: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(by)
        self.process.communicate(timeout=30)
        return self.process.returncode


def test_the_settings_are_shown_without_their_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOISE_SECRET_KEY", server.SECRET)
    monkeypatch.setenv("TOISE_DATABASE_URL", "postgresql://a:hidden@b/c")
    code, said = run("config")
    assert code == 0
    assert "a:***@b/c" in said
    assert server.SECRET not in said
    assert "hidden" not in said


def test_a_missing_secret_is_wrong_use() -> None:
    code, said = run("config")
    assert (code, "TOISE_SECRET_KEY" in said) == (2, True)


def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOISE_PORT", "x")
    monkeypatch.setenv("TOISE_SECRET_KEY", server.SECRET)
    code, said = run()
    assert (code, "TOISE_PORT" in said) == (2, True)


def test_an_unknown_command_is_wrong_use() -> None:
    assert run("fly")[0] == 2


def test_commands_speak_english_to_an_english_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    assert "TOISE_SECRET_KEY is missing" in run("config")[1]


@pytest.mark.usefixtures("empty")
def test_migrating_twice_says_so() -> None:
    assert "sont à jour" in run("migrate")[1]
    code, said = run("migrate")
    assert (code, "étaient à jour" in said) == (0, True)


@pytest.mark.usefixtures("empty")
def test_it_refuses_to_serve_tables_of_another_version_and_names_the_command() -> None:
    code, said = run("serve")
    assert (code, "toise migrate" in said) == (1, True)


def test_a_database_that_does_not_answer_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOISE_SECRET_KEY", server.SECRET)
    monkeypatch.setenv("TOISE_DATABASE_URL", "postgresql://a:hidden@127.0.0.1:1/c")
    code, said = run("migrate")
    assert (code, "hidden" in said) == (1, False)


@pytest.mark.usefixtures("empty")
def test_a_taken_port_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    run("migrate")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("TOISE_PORT", str(taken.getsockname()[1]))
        code, said = run("serve")
    assert (code, "n’est pas libre" in said) == (1, True)


def test_nothing_that_answers_is_not_healthy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOISE_SECRET_KEY", server.SECRET)
    monkeypatch.setenv("TOISE_PORT", str(free_port()))
    code, said = run("health")
    assert (code, "Rien ne répond" in said) == (1, True)


def test_a_demonstration_needs_nothing_and_starts_again_in_seconds(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Service("demo", data_dir=str(data_dir))
    first.wait()
    assert first.get("/readyz") == '{"status":"ok"}'
    monkeypatch.setenv("TOISE_DEMO", "1")
    monkeypatch.setenv("TOISE_DATA_DIR", str(data_dir))
    monkeypatch.setenv("TOISE_PORT", str(first.port))
    assert run("health")[0] == 0
    assert first.stop() == 0
    assert not (data_dir / "postgres" / "postmaster.pid").exists()
    started = time.monotonic()
    second = Service(data_dir=str(data_dir), demo="1")
    second.wait()
    assert time.monotonic() - started < 20
    assert second.stop(signal.SIGINT) == 0


def test_a_service_killed_leaves_a_server_that_the_next_one_uses_and_stops(data_dir: Path) -> None:
    killed = Service("demo", data_dir=str(data_dir), demo_cohort="0")
    killed.wait()
    assert killed.stop(signal.SIGKILL) == -signal.SIGKILL
    assert (data_dir / "postgres" / "postmaster.pid").exists()
    following = Service("demo", data_dir=str(data_dir), demo_cohort="0")
    following.wait()
    assert following.get("/readyz") == '{"status":"ok"}'
    assert following.stop() == 0
    assert not (data_dir / "postgres" / "postmaster.pid").exists()


def test_several_processes_share_one_port_and_add_up_their_measures(data_dir: Path) -> None:
    service = Service("demo", data_dir=str(data_dir), demo_cohort="0", processes="2")
    service.wait()
    for _ in range(10):
        service.get("/healthz")
    assert 'route="/healthz",status="200"} 10.0' in service.get("/metrics")
    assert service.stop() == 0
    assert not (data_dir / "postgres" / "postmaster.pid").exists()
