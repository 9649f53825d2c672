import pytest
from fastapi.testclient import TestClient

from app.accounts.model import Staff
from app.db.connection import Database
from tests.builders import Institution
from tests.staff import make_staff


@pytest.fixture
def http(client: TestClient) -> TestClient:
    return client


@pytest.fixture
def staff(database: Database, institution: Institution) -> Staff:
    return make_staff(database, institution.id)
