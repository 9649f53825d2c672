import pytest
from fastapi.testclient import TestClient

from app.db.connection import Database
from tests.builders import Institution
from tests.results.journal import Campaign, make_campaign
from tests.university import University, make_university


@pytest.fixture
def http(client: TestClient) -> TestClient:
    return client


@pytest.fixture
def university(http: TestClient, database: Database, institution: Institution) -> University:
    return make_university(http, database, institution.id)


@pytest.fixture
def campaign(database: Database, institution: Institution) -> Campaign:
    return make_campaign(database, institution.id)
