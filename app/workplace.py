"""The database a command works on, and the institution it works for; refusals end the command with exit code 1."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from app import start
from app.console import read_settings, refuse, refuse_database
from app.db.connection import Database, addresses, owner_engine
from app.db.refusals import DatabaseRefused
from app.db.tables.institutions import InstitutionRow
from app.errors import AppError, msgid
from app.settings import Settings

OPERATOR: Final = "operator"
"""Who acts on a command line, as audit rows name them."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """The settings and the database of one command."""

    settings: Settings
    database: Database

    def slug(self, given: str | None) -> str | None:
        """Return the institution to work for: the one given, or the only one there is; None where there is none."""
        if given is not None:
            return given
        with addresses(self.settings) as at, owner_engine(at) as owner, owner.begin() as tx:
            known = tx.scalars(select(InstitutionRow.slug).order_by(InstitutionRow.slug)).all()
        if len(known) > 1:
            refuse(
                msgid("Dites pour quel établissement, avec --institution : %(known)s."),
                facts={"known": ", ".join(known)},
            )
        return known[0] if known else None

    def slug_needed(self, given: str | None) -> str:
        """Return the institution to work for; where there is none, end the command."""
        found = self.slug(given)
        if found is None:
            refuse(msgid("Il n’y a encore aucun établissement sur ce serveur."))
        return found


@contextmanager
def workplace() -> Iterator[Workplace]:
    """Open the database of the environment's settings, checked; what is refused in the block ends the command."""
    settings = read_settings()
    with refusals(), start.serving(settings) as database:
        yield Workplace(settings, database)


@contextmanager
def refusals() -> Iterator[None]:
    """Say the reason of a refusal raised in the block, instead of a traceback."""
    try:
        yield
    except AppError as error:
        refuse(error.message, facts=dict(error.facts))
    except DatabaseRefused as error:
        refuse_database(error)
    except OSError as error:
        refuse(msgid("%(file)s : lecture ou écriture impossible."), said=str(error), facts={"file": error.filename})
