"""The state of the tables: which migrations have run, which should have, and running them."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text

import app
from app.db.tables import Row

CONNECTION = "connection"
"""Where env.py finds the connection it is given."""


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's configuration, without a file."""
    config = Config(attributes={CONNECTION: connection})
    config.set_main_option("script_location", str(_scripts()).replace("%", "%%"))
    return config


def _scripts() -> Path:
    """The migrations: inside the package when installed, beside it in a checkout."""
    package = Path(app.__file__).parent
    installed = package / "_migrations"
    return installed if installed.is_dir() else package.parent / "migrations"


@cache
def _directory() -> ScriptDirectory:
    return ScriptDirectory.from_config(configuration())


@cache
def newest() -> str:
    """The revision this version of the code needs."""
    revision = _directory().get_current_head()
    assert revision is not None
    return revision


def knows(revision: str) -> bool:
    """Whether a revision belongs to this version of the code or to one before it."""
    return any(script.revision == revision for script in _directory().walk_revisions())


def current(tx: Connection) -> str | None:
    """The revision the tables are at, None when there are none."""
    if not inspect(tx).has_table("alembic_version"):
        return None
    revision: str | None = tx.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def upgrade(owner: Engine, revision: str = "head") -> None:
    _run(owner, lambda config: command.upgrade(config, revision))


def downgrade(owner: Engine, revision: str) -> None:
    _run(owner, lambda config: command.downgrade(config, revision))


def _run(owner: Engine, act: Callable[[Config], None]) -> None:
    with owner.connect() as connection:
        act(configuration(connection))


def differences(tx: Connection) -> list[Any]:
    """What the tables lack or have too much, compared with the code (empty when they agree)."""
    options = {"compare_server_default": True, "compare_type": True}
    return list(compare_metadata(MigrationContext.configure(tx, opts=options), Row.metadata))
