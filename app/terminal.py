"""What the commands of every feature share: the database they work on, and how a refusal ends them.

Exit status: 0 done, 1 refused with reasons, 2 wrong use.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.text import Text
from sqlalchemy import Connection, select

from app import settings
from app.db import schema
from app.db.connection import Addresses, Database, addresses, open_database, owner_engine
from app.db.refusals import DatabaseRefused
from app.db.tables.institutions import InstitutionRow
from app.errors import AppError
from app.institutions import service as institutions
from app.institutions.model import Institution
from app.settings import Settings

REFUSED = 1
WRONG_USE = 2
OPERATOR = "operator"
"""Who acts on a command line, as audit rows name them."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """The settings and the database of a command."""

    settings: Settings
    at: Addresses
    database: Database

    def slug(self, given: str | None) -> str | None:
        """Return the institution to act for: the one given, or the only one there is; None where there is none."""
        if given is not None:
            return given
        with owner_engine(self.at) as owner, owner.begin() as tx:
            known = tx.scalars(select(InstitutionRow.slug).order_by(InstitutionRow.slug)).all()
        if len(known) > 1:
            end(f"Dites pour quel établissement : --institution {' | '.join(known)}", status=WRONG_USE)
        return known[0] if known else None

    def slug_needed(self, given: str | None) -> str:
        """Return the institution to act for; without any, end the command."""
        found = self.slug(given)
        if found is None:
            end("Il n’y a encore aucun établissement sur ce serveur.")
        return found


def opened(tx: Connection, slug: str | None) -> Institution | None:
    """Scope the transaction to an institution, if there is one to act for."""
    return None if slug is None else institutions.open_scope(tx, slug)


@contextmanager
def workplace() -> Iterator[Workplace]:
    """Open the database of the environment's settings; refusals inside the block end the command."""
    with refusals():
        chosen = _settings()
        with addresses(chosen) as at, open_database(chosen, at) as database:
            with database.transaction() as tx:
                if schema.current(tx) != schema.newest():
                    end("Les tables ne sont pas à jour. Lancez : toise migrate")
            yield Workplace(chosen, at, database)


def _settings() -> Settings:
    try:
        return settings.read()
    except ValidationError as error:
        causes = (str(found["msg"]).removeprefix("Value error, ") for found in error.errors())
        end(*causes, status=WRONG_USE)


@contextmanager
def refusals() -> Iterator[None]:
    """End the command with the reason of a refusal raised in the block, instead of a traceback."""
    try:
        yield
    except AppError as error:
        end(error.message % error.facts)
    except DatabaseRefused as error:
        end(*error.reasons)
    except OSError as error:
        end(f"{error.filename} : {error.strerror}" if error.filename else str(error))


def end(*reasons: str, status: int = REFUSED) -> NoReturn:
    """Print why on the error stream and end the command."""
    console = Console(stderr=True)
    for reason in reasons:
        console.print(Text(reason), soft_wrap=not console.is_terminal)
    raise typer.Exit(status)
