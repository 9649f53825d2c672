"""The private server: shared, reattached, recovered, stopped by the last one out, closed to everybody else."""

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import NullPool, create_engine, text

from app.db import cluster, embedded
from app.db.connection import Database, service_engine
from app.db.embedded import Server
from app.db.refusals import DatabaseRefused
from app.db.scope import Signer
from tests.server import throw_away_folder

ROOT = os.geteuid() == 0
as_root = pytest.mark.skipif(not ROOT, reason="only root can act as other accounts")

Folder = Callable[..., Path]


@pytest.fixture
def folder() -> Iterator[Folder]:
    """Makes data folders that any account may pass through, in a short place."""
    made: list[Path] = []

    def make(*, mode: int = 0o711, inside: str = "") -> Path:
        top = Path(tempfile.mkdtemp(prefix="toise-t-", dir=throw_away_folder()))
        top.chmod(mode)
        made.append(top)
        return top / inside

    yield make
    for top in made:
        shutil.rmtree(top)


def process_of(server: Server) -> int:
    return int((server.cluster.data / "postmaster.pid").read_text().splitlines()[0])


def write(server: Server, statement: str) -> None:
    with psycopg.connect(host=str(server.cluster.sockets), user="postgres", dbname="toise") as connection:
        connection.execute(statement.encode())


def read(server: Server, statement: str) -> object:
    with psycopg.connect(host=str(server.cluster.sockets), user="postgres", dbname="toise") as connection:
        row = connection.execute(statement.encode()).fetchone()
    assert row is not None
    return row[0]


def elsewhere(data_dir: Path) -> subprocess.Popen[bytes]:
    """Another process that uses the same server; it says so on its output."""
    script = (
        "import sys; from pathlib import Path; from app.db import embedded\n"
        f"with embedded.running(Path({str(data_dir)!r})):\n"
        "    print('in', flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"in\n"
    return process


def end(process: subprocess.Popen[bytes]) -> None:
    process.communicate(b"")
    assert process.returncode == 0


def test_what_was_written_is_there_after_a_restart(folder: Folder) -> None:
    data_dir = folder()
    with embedded.running(data_dir) as server:
        write(server, "CREATE TABLE kept AS SELECT 42 AS n")
    assert not server.answers()
    started = time.monotonic()
    with embedded.running(data_dir) as server:
        assert time.monotonic() - started < 3
        assert read(server, "SELECT n FROM kept") == 42


def test_it_keeps_its_promises_to_the_disk_and_its_logs_quote_no_rows(folder: Folder) -> None:
    with embedded.running(folder()) as server:
        assert read(server, "SHOW fsync") == "on"
        assert read(server, "SHOW synchronous_commit") == "on"
        assert read(server, "SHOW log_error_verbosity") == "terse"
        assert read(server, "SHOW listen_addresses") == ""


def test_a_server_left_by_a_killed_owner_is_used_and_then_stopped(folder: Folder) -> None:
    data_dir = folder()
    owner = elsewhere(data_dir)
    owner.kill()
    owner.communicate()
    with embedded.running(data_dir) as server:
        left = process_of(server)
        write(server, "SELECT 1")
        assert process_of(server) == left
    assert not server.answers()


def test_the_last_one_out_stops_it(folder: Folder) -> None:
    data_dir = folder()
    with embedded.running(data_dir) as server:
        other = elsewhere(data_dir)
    assert server.answers()
    end(other)
    assert not server.answers()


def test_several_that_start_at_once_share_one(folder: Folder) -> None:
    data_dir = folder()
    servers = [embedded.attach(data_dir) for _ in range(3)]
    assert len({process_of(server) for server in servers}) == 1
    for server in servers:
        assert server.answers()
        server.leave()
    assert not servers[0].answers()


def test_a_killed_server_comes_back_with_every_commit(folder: Folder) -> None:
    data_dir = folder()
    with embedded.running(data_dir) as server:
        write(server, "CREATE TABLE kept AS SELECT 42 AS n")
        os.kill(process_of(server), signal.SIGKILL)
        server.ensure_running()
        assert read(server, "SELECT n FROM kept") == 42


def test_leaving_a_killed_server_is_no_error(folder: Folder) -> None:
    in_its_folder = {"dynamic_shared_memory_type": "mmap"}  # what a killed server leaves goes with the folder
    with embedded.running(folder(), options=in_its_folder) as server:
        os.kill(process_of(server), signal.SIGKILL)


def test_the_service_brings_a_killed_server_back_by_itself(folder: Folder) -> None:
    with embedded.running(folder()) as server:
        engine = service_engine(server.url(), threads=2, signs=Signer(b"k" * 32))
        database = Database(engine, revive=server.ensure_running)
        with database.transaction() as tx:
            tx.execute(text("CREATE TABLE kept AS SELECT 42 AS n"))
        engine.dispose()  # an orphan of the killed server could still answer
        os.kill(process_of(server), signal.SIGKILL)
        with database.transaction() as tx:
            assert tx.scalar(text("SELECT n FROM kept")) == 42
        engine.dispose()


def test_a_process_number_taken_by_another_program_does_not_keep_it_from_starting(folder: Folder) -> None:
    data_dir = folder()
    with embedded.running(data_dir) as server:
        note = server.cluster.data / "postmaster.pid"
        stale = note.read_text().splitlines()
    note.write_text("\n".join([str(os.getpid()), *stale[1:]]))
    with embedded.running(data_dir) as server:
        assert server.answers()


def test_a_folder_with_a_long_name_gets_a_short_socket(folder: Folder) -> None:
    data_dir = folder(inside="un-dossier-au-nom-vraiment-long/" * 4)
    with embedded.running(data_dir) as server:
        place = server.cluster.sockets
        assert read(server, "SELECT 1") == 1
    assert place != server.cluster.data
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    with embedded.running(data_dir) as again:
        assert again.cluster.sockets == place
    place.rmdir()


def test_data_of_another_version_are_refused_with_the_way_out(folder: Folder) -> None:
    data_dir = folder()
    (data_dir / "postgres").mkdir()
    (data_dir / "postgres" / "PG_VERSION").write_text("16\n")
    with pytest.raises(DatabaseRefused, match="PostgreSQL 16"):
        embedded.attach(data_dir)


def test_a_server_that_cannot_start_says_why(folder: Folder) -> None:
    data_dir = folder()
    with embedded.running(data_dir):
        pass
    with pytest.raises(DatabaseRefused, match="no_such_setting"):
        embedded.attach(data_dir, options={"no_such_setting": "1"})


def test_the_folders_are_closed_to_others(folder: Folder) -> None:
    data_dir = folder()
    with embedded.running(data_dir) as server:
        assert stat.S_IMODE(server.cluster.data.stat().st_mode) == 0o700
        socket = server.cluster.sockets / ".s.PGSQL.5432"
        assert stat.S_IMODE(socket.stat().st_mode) == 0o700


@as_root
def test_the_account_that_runs_the_server_does_not_get_in_itself(folder: Folder) -> None:
    with embedded.running(folder()) as server:
        account = server.cluster.account
        told = subprocess.run(
            [server.cluster.programs / "psql", "-h", server.cluster.sockets, "-U", "postgres", "toise", "-c", ""],
            user=account.pw_uid,
            group=account.pw_gid,
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
    assert "Peer authentication failed" in told.stderr


@as_root
def test_root_starts_it_in_a_closed_folder_without_opening_it(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    closed, private = folder(mode=0o700), folder(inside="private")
    monkeypatch.setattr(cluster, "PRIVATE_ROOT", private)
    with embedded.running(closed / "var") as server:
        assert server.cluster.data.parent == private
        assert read(server, "SELECT 1") == 1
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    with embedded.running(closed / "var") as again:
        assert again.cluster.data == server.cluster.data


@as_root
def test_programs_that_the_account_cannot_reach_are_copied_once(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = folder(inside="private")
    monkeypatch.setattr(cluster, "PRIVATE_ROOT", private)
    account = pwd.getpwnam("nobody")
    wheel = cluster._programs(account)
    copies = [cluster._copied(wheel) for _ in range(2)]
    assert copies[0] == copies[1]
    assert cluster.reachable(copies[0] / "postgres", account)
    place = cluster.Cluster(copies[0], private, private, account)
    place.run("initdb", "--version")
    place.run("postgres", "--version")


@as_root
def test_who_owns_the_data_runs_the_server(folder: Folder) -> None:
    data_dir, daemon = folder(), pwd.getpwnam("daemon")
    (data_dir / "postgres").mkdir(mode=0o700)
    os.chown(data_dir / "postgres", daemon.pw_uid, daemon.pw_gid)
    with embedded.running(data_dir) as server:
        assert server.cluster.account == daemon
        assert server.answers()


@as_root
def test_an_ordinary_account_runs_its_own(folder: Folder) -> None:
    data_dir, daemon = folder(), pwd.getpwnam("daemon")
    if not cluster.reachable(Path(sys.executable), daemon):
        pytest.skip("this interpreter is closed to other accounts")
    os.chown(data_dir, daemon.pw_uid, daemon.pw_gid)
    script = (
        "from pathlib import Path; from app.db import embedded\n"
        f"with embedded.running(Path({str(data_dir)!r})) as server: print(server.answers())"
    )
    told = subprocess.run(
        [sys.executable, "-B", "-c", script],
        user=daemon.pw_uid,
        group=daemon.pw_gid,
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
        env={"HOME": "/", "PATH": os.defpath},
    )
    assert told.stdout == "True\n", told.stderr


def test_using_it_warns_about_nothing() -> None:
    script = "import app.db.embedded, app.db.connection"
    subprocess.run([sys.executable, "-W", "error", "-c", script], check=True)


def test_another_database_of_the_server_is_an_address_away(folder: Folder) -> None:
    with embedded.running(folder()) as server:
        engine = create_engine(server.url(database="postgres"), poolclass=NullPool)
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT current_database()")) == "postgres"
        engine.dispose()
