"""A private PostgreSQL server in the data folder, for the default start.

Several processes share one server (the service, its workers, a command beside them). Each holds a shared
lock on ``postgres.users`` while it lives; the operating system lets go of it however the process ends.
Who leaves and gets the lock for itself alone was the last, and stops the server. A killed owner leaves
the server running: the next process finds it, uses it, and stops it in its turn.

The server listens on a Unix socket in a folder of mode 0700 and asks the operating system who calls
(``peer``): only the account that started Toise gets in. It keeps its promises to the disk (fsync).
"""

import os
import pwd
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql
from psycopg.pq import PGconn, Ping
from sqlalchemy import URL

from app.db import cluster, postmaster
from app.db.cluster import Cluster
from app.db.refusals import DatabaseRefused
from app.errors import msgid

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows
    fcntl = None  # type: ignore[assignment]

SUPERUSER = "postgres"
DATABASE = "toise"
LEFTOVER_SECONDS = 60.0
LINES_SAID = 8
ATTEMPT_PAUSE = 0.1
CONFIGURATION = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "%a.log",  # seven files, the oldest overwritten
    "log_truncate_on_rotation": "on",
    "log_error_verbosity": "terse",  # DETAIL lines quote rows: names, answers
    "log_min_error_statement": "panic",
}


@dataclass(frozen=True, slots=True)
class Server:
    """A running server and this process's share in it."""

    home: Path
    cluster: Cluster
    share: IO[bytes]
    options: Mapping[str, str]

    def url(self, *, role: str = SUPERUSER, database: str = DATABASE) -> URL:
        query = {"host": str(self.cluster.sockets)}
        return URL.create("postgresql+psycopg", username=role, database=database, query=query)

    def answers(self) -> bool:
        """Whether the server accepts connections now."""
        where = f"host={self.cluster.sockets} connect_timeout=5"
        return PGconn.ping(where.encode()) == Ping.OK

    def ensure_running(self) -> None:
        """Start the server unless it answers already; one process at a time tries."""
        with _alone(self.home):
            if not self.answers():
                self._start()

    def leave(self) -> None:
        """Give up this process's share; the last one out stops the server."""
        with _alone(self.home), self.share:
            fcntl.flock(self.share, fcntl.LOCK_UN)
            try:
                fcntl.flock(self.share, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            self._stop()

    def _connect(self, database: str) -> psycopg.Connection:
        host = str(self.cluster.sockets)
        return psycopg.connect(host=host, user=SUPERUSER, dbname=database, connect_timeout=5, autocommit=True)

    def _start(self) -> None:
        if not self.cluster.initialised:
            _initialise(self.cluster)
        _configure(self.cluster, self.options)
        self._start_patiently()
        self._create_database()

    def _start_patiently(self) -> None:
        """Start it; after a crash, try until what is left of the earlier server has ended."""
        crashed = (self.cluster.data / postmaster.NOTE).exists()
        deadline = time.monotonic() + (LEFTOVER_SECONDS if crashed else 0)
        log = self.cluster.data / "start.log"
        while True:
            log.unlink(missing_ok=True)
            postmaster.forget_if_gone(self.cluster.data)
            try:
                self.cluster.run("pg_ctl", *self._where(), "-w", "-s", "-l", str(log), "start")
            except DatabaseRefused as refused:
                if time.monotonic() > deadline:
                    raise DatabaseRefused(*refused.reasons, said=self._last_words(log), **refused.facts) from refused
            if self.answers():
                return
            time.sleep(ATTEMPT_PAUSE)

    def _last_words(self, log: Path) -> str:
        """What the server said before and after it opened its own log."""
        own = sorted((self.cluster.data / "log").glob("*.log"), key=lambda path: path.stat().st_mtime)
        kept = [path for path in (log, *own[-1:]) if path.exists()]
        said = [path.read_text(encoding="utf-8", errors="replace").splitlines() for path in kept]
        return "\n".join(line for lines in said for line in lines[-LINES_SAID:])

    def _stop(self) -> None:
        """Stop the server in order; one that was killed has nothing left to stop."""
        if not postmaster.lives(self.cluster.data):
            return
        try:
            self.cluster.run("pg_ctl", *self._where(), "-w", "-s", "-m", "fast", "stop")
        except DatabaseRefused:
            if postmaster.lives(self.cluster.data):
                raise

    def _where(self) -> tuple[str, str]:
        return "-D", str(self.cluster.data)

    def _create_database(self) -> None:
        with self._connect("template1") as connection:
            exists = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if not exists:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


def attach(data_dir: Path, *, options: Mapping[str, str] | None = None) -> Server:
    """Take a share in the folder's server, starting it if nobody has.

    ``options`` are further lines of its configuration, read when it starts.
    """
    if fcntl is None:
        raise DatabaseRefused(
            msgid("Le serveur PostgreSQL embarqué demande Linux ou macOS."),
            msgid("Donnez un serveur PostgreSQL par TOISE_DATABASE_URL, ou lancez Toise sous WSL."),
        )
    with _alone(data_dir):
        share = _lockable(data_dir / "postgres.users")
        try:
            fcntl.flock(share, fcntl.LOCK_SH)
            server = Server(data_dir, cluster.find(data_dir), share, options or {})
            if not server.answers():
                server._start()  # noqa: SLF001 - the class's other half
        except BaseException:
            share.close()
            raise
    return server


@contextmanager
def running(data_dir: Path, *, options: Mapping[str, str] | None = None) -> Iterator[Server]:
    server = attach(data_dir, options=options)
    try:
        yield server
    finally:
        server.leave()


@contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    """One process at a time starts or stops the server."""
    data_dir.mkdir(mode=0o711, parents=True, exist_ok=True)
    with _lockable(data_dir / "postgres.lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _lockable(path: Path) -> IO[bytes]:
    """A file to lock, closed to others: who may open it may lock it for ever."""
    path.touch(mode=0o600)
    return path.open("wb")


def _initialise(place: Cluster) -> None:
    """A new cluster whose sorting does not depend on the machine's locale files."""
    place.run(
        "initdb",
        *("-D", str(place.data), "-U", SUPERUSER, "--encoding=UTF8", "--auth=peer"),
        *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
    )
    with (place.data / "postgresql.conf").open("a", encoding="utf-8") as configuration:
        configuration.write("\ninclude_if_exists = 'toise.conf'\n")


def _configure(place: Cluster, options: Mapping[str, str]) -> None:
    caller = pwd.getpwuid(os.geteuid()).pw_name
    chosen = {**CONFIGURATION, "unix_socket_directories": str(place.sockets), **options}
    lines = [f"{name} = '{value}'\n" for name, value in chosen.items()]
    _write(place, "toise.conf", "".join(lines))
    _write(place, "pg_hba.conf", "local all all peer map=toise\n")
    _write(place, "pg_ident.conf", f'toise "{caller}" all\n')


def _write(place: Cluster, name: str, content: str) -> None:
    path = place.data / name
    path.write_text(content, encoding="utf-8")
    if os.geteuid() == 0:
        os.chown(path, place.account.pw_uid, place.account.pw_gid)
