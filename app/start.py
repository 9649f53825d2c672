"""From settings to a database that may be served: one story for the service, its workers and the commands."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from psycopg.errors import InsufficientPrivilege
from sqlalchemy.exc import OperationalError, ProgrammingError

from app.campaigns import demo
from app.campaigns.demo import Demo
from app.db import roles, schema
from app.db.connection import Addresses, Database, addresses, open_database, owner_engine
from app.db.refusals import DatabaseRefused
from app.errors import msgid
from app.settings import Settings

NO_ROLE = msgid(
    "Le rôle de TOISE_DATABASE_URL ne peut pas faire ou changer le rôle du service. Donnez-lui CREATEROLE, ou un rôle "
    "fait par vous dans TOISE_DATABASE_SERVICE_URL (docs/guides/operator.md)."
)
NO_PRIVILEGE = msgid("Le rôle du service n'a pas les droits qu'il lui faut. Lancez : toise migrate")


@contextmanager
def serving(settings: Settings, *, first: bool = True) -> Iterator[Database]:
    """The database, checked. ``first``: not one of several workers; a demonstration then migrates by itself."""
    with reached(settings) as at:
        if first and settings.demo:
            migrate(settings, at)
        with open_database(settings, at) as database:
            check(database)
            yield database


@contextmanager
def reached(settings: Settings) -> Iterator[Addresses]:
    """The addresses of a database that answers."""
    with addresses(settings) as at:
        try:
            with owner_engine(at) as owner, owner.connect():
                pass
        except OperationalError as error:
            raise DatabaseRefused(
                msgid("La base de données ne répond pas à l'adresse de TOISE_DATABASE_URL."), said=str(error.orig)
            ) from error
        yield at


def migrate(settings: Settings, at: Addresses) -> None:
    """Bring the tables and the service's role to this version; nothing happens when they are."""
    with owner_engine(at) as owner:
        schema.upgrade(owner)
        try:
            roles.prepare(owner, settings, service=at.service)
        except ProgrammingError as error:  # its statement holds the password's fingerprint: only the cause is told
            if not isinstance(error.orig, InsufficientPrivilege):
                raise
            raise DatabaseRefused(NO_ROLE, said=str(error.orig)) from None


def check(database: Database) -> None:
    """Raise DatabaseRefused unless the service may be served from this database."""
    try:
        with database.transaction() as tx:
            roles.refuse_powerful(tx)
            _refuse_other_schema(schema.current(tx))
            roles.refuse_unproved(tx)
    except OperationalError as error:  # the role does not exist yet, or its password is another
        raise DatabaseRefused(
            msgid("Le rôle du service n'entre pas dans la base de données. Lancez : toise migrate"),
            said=str(error.orig),
        ) from error
    except ProgrammingError as error:  # the role is there and has not been given its privileges
        if not isinstance(error.orig, InsufficientPrivilege):
            raise
        raise DatabaseRefused(NO_PRIVILEGE, said=str(error.orig)) from error


def _refuse_other_schema(current: str | None) -> None:
    if current == schema.newest():
        return
    if current is not None and not schema.knows(current):
        raise DatabaseRefused(
            msgid("La base de données vient d'une version plus récente de Toise. Mettez Toise à jour.")
        )
    raise DatabaseRefused(msgid("La base de données n'est pas à jour. Lancez : toise migrate"))


def demonstration(database: Database, settings: Settings) -> Demo | None:
    """Open the demonstration and give what to print; outside demo mode, shut one that was opened before."""
    now = dt.datetime.now(dt.UTC)
    if settings.demo:
        return demo.ensure(database, settings, now)
    demo.shut(database, now)
    return None
