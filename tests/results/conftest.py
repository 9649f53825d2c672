from collections.abc import Callable

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.db.connection import Database
from tests.builders import Institution
from tests.results.journal import Campaign, make_campaign
from tests.university import University, make_university, wired


@pytest.fixture
def http(make_app: Callable[..., FastAPI], make_client: Callable[..., TestClient]) -> TestClient:
    return make_client(wired(make_app()))


@pytest.fixture
def university(http: TestClient, database: Database, institution: Institution) -> University:
    return make_university(http, database, institution.id)


@pytest.fixture
def campaign(database: Database, institution: Institution) -> Campaign:
    return make_campaign(database, institution.id)
