"""Attempts to sign in, right and wrong."""

import datetime as dt
import uuid

import pytest

from app.accounts import service
from app.accounts.model import (
    BadCredentials,
    SignedIn,
)
from app.accounts.service import Attempt
from app.db.connection import Database
from tests.conftest import NOON
from tests.staff import PASSWORD

SECRET = b"s" * 32


def address() -> str:
    """An address of its own for each test: the count of failures is shared by the whole database."""
    return uuid.uuid4().hex


def attempt(
    database: Database,
    email: str,
    password: str = PASSWORD,
    *,
    where: str = "192.0.2.1",
    now: dt.datetime = NOON,
    previous: str | None = None,
) -> SignedIn:
    return service.sign_in(database, Attempt(email, password, where, previous), secret=SECRET, now=now)


def fail(database: Database, email: str, times: int, *, where: str, now: dt.datetime = NOON) -> None:
    for _ in range(times):
        with pytest.raises(BadCredentials):
            attempt(database, email, "wrong", where=where, now=now)
