from collections.abc import Callable

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.accounts.model import Staff
from app.db.connection import Database
from tests.builders import Institution
from tests.staff import make_staff
from tests.university import wired


@pytest.fixture
def http(make_app: Callable[..., FastAPI], make_client: Callable[..., TestClient]) -> TestClient:
    return make_client(wired(make_app()))


@pytest.fixture
def staff(database: Database, institution: Institution) -> Staff:
    return make_staff(database, institution.id)
