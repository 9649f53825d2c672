"""The PostgreSQL of a test run: one server for all its processes, one database for each.

A private server in the temporary folder, or the one of ``TOISE_TEST_DATABASE_URL`` (whose role must be
allowed to create databases and roles). The tables are migrated once into a template, named after the code
that makes them; each process works in a copy of its own.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import URL, Connection, NullPool, create_engine, make_url, text

from app.db import connection, embedded, roles, schema
from app.settings import Settings

ROOT = Path(__file__).parents[1]
SECRET = "tests-only-0123456789-abcdefghijklmnop"
PLENTY = 2_000_000_000  # bytes
HASTE = {
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "300",
    "autovacuum": "off",
    "dynamic_shared_memory_type": "mmap",
}
"""For throw-away data. Crash tests start servers of their own, without these."""


def settings_for(database: URL, **given: object) -> Settings:
    address = database.render_as_string(hide_password=False)
    return Settings.model_validate({"database_url": address, "secret_key": SECRET, **given})


@contextlib.contextmanager
def running() -> Iterator[URL]:
    """The address of the server's maintenance database, as an owner."""
    given = os.environ.get("TOISE_TEST_DATABASE_URL")
    if given:
        yield make_url(given).set(drivername="postgresql+psycopg")
        return
    with embedded.running(home(), options=HASTE) as server, guarded(server):
        yield server.url(database="postgres")


def home() -> Path:
    """A short folder that any account may pass through, so that it serves root's tests too."""
    mark = hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]
    return throw_away_folder() / f"toise-tests-{os.geteuid()}-{mark}"


def throw_away_folder() -> Path:
    """Memory where there is plenty of it: nothing of a test needs to outlive the machine."""
    memory = Path("/dev/shm")
    if memory.is_dir() and shutil.disk_usage(memory).free > PLENTY:
        return memory
    return Path(tempfile.gettempdir())


@contextlib.contextmanager
def guarded(server: embedded.Server) -> Iterator[None]:
    """A small process that stops the server if this one is killed and was the last to use it."""
    place = server.cluster
    account = str(place.account.pw_uid if os.geteuid() == 0 else os.geteuid())
    command = [sys.executable, "-I", "-S", str(ROOT / "tests" / "guard.py")]
    with subprocess.Popen(
        [*command, str(server.home), str(place.programs / "pg_ctl"), str(place.data), account],
        stdin=subprocess.PIPE,
        start_new_session=True,
    ):
        yield


@contextlib.contextmanager
def copied(maintenance: URL, *, of: URL | None = None) -> Iterator[URL]:
    """A database with every table and no row, or as ``of`` is, which nobody may use meanwhile; dropped at the end."""
    name = f"toise_test_{os.getpid()}_{uuid.uuid4().hex[:8]}"
    template = _migrated(maintenance) if of is None else of.database
    _do(maintenance, f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield maintenance.set(database=name)
    finally:
        _do(maintenance, f"DROP DATABASE {name} WITH (FORCE)")


@contextlib.contextmanager
def empty(maintenance: URL) -> Iterator[URL]:
    """A database without a table, dropped at the end."""
    name = f"toise_test_{os.getpid()}_{uuid.uuid4().hex[:8]}"
    _do(maintenance, f"CREATE DATABASE {name} TEMPLATE template0")
    try:
        yield maintenance.set(database=name)
    finally:
        _do(maintenance, f"DROP DATABASE {name} WITH (FORCE)")


def migrate(database: URL, **given: object) -> None:
    settings = settings_for(database, **given)
    with connection.addresses(settings) as at, connection.owner_engine(at) as owner:
        schema.upgrade(owner)
        roles.prepare(owner, settings, service=at.service)


def _migrated(maintenance: URL) -> str:
    with _locked():
        _drop_left_overs(maintenance)
        return _template(maintenance)


def _template(maintenance: URL) -> str:
    name = f"toise_template_{_fingerprint()}"
    if name not in _databases(maintenance):
        draft = f"toise_draft_{uuid.uuid4().hex[:8]}"
        _do(maintenance, f"CREATE DATABASE {draft} TEMPLATE template0")
        migrate(maintenance.set(database=draft))
        _do(maintenance, f"ALTER DATABASE {draft} RENAME TO {name}")
    return name


def _fingerprint() -> str:
    sources = sorted([*(ROOT / "migrations").rglob("*.py"), *(ROOT / "app" / "db").rglob("*.py")])
    digest = hashlib.sha256(SECRET.encode())
    for source in sources:
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def _drop_left_overs(maintenance: URL) -> None:
    """Databases of killed runs, and templates of other versions of the code."""
    for name in _databases(maintenance):
        kind, _, rest = name.removeprefix("toise_").partition("_")
        dead = kind == "test" and not Path(f"/proc/{rest.partition('_')[0]}").exists()
        old = kind == "template" and rest != _fingerprint()
        if name.startswith("toise_") and (dead or old or kind == "draft"):
            _do(maintenance, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _databases(maintenance: URL) -> list[str]:
    with _session(maintenance) as session:
        return list(session.scalars(text("SELECT datname FROM pg_database")))


def _do(maintenance: URL, statement: str) -> None:
    with _session(maintenance) as session:
        session.exec_driver_sql(statement)


@contextlib.contextmanager
def _session(maintenance: URL) -> Iterator[Connection]:
    engine = create_engine(maintenance, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as session:
        yield session
    engine.dispose()


@contextlib.contextmanager
def _locked() -> Iterator[None]:
    home().mkdir(mode=0o711, exist_ok=True)
    with (home() / "template.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
