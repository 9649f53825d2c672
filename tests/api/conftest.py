from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.campaigns.model import Campaign
from app.db.connection import Database
from tests.builders import Institution
from tests.conftest import Clock
from tests.sittings import LearnerByApi, make_campaign


@pytest.fixture
def http(make_client: Callable[..., TestClient]) -> TestClient:
    """As the service answers: an error nobody foresaw is a 500."""
    return make_client(raises=False)


@pytest.fixture
def open_campaign(database: Database, institution: Institution, clock: Clock) -> Callable[..., Campaign]:
    def made(**changes: Any) -> Campaign:
        return make_campaign(database, institution, clock.now, **changes)

    return made


@pytest.fixture
def campaign(open_campaign: Callable[..., Campaign]) -> Campaign:
    return open_campaign()


@pytest.fixture
def learner(http: TestClient, campaign: Campaign) -> LearnerByApi:
    """Somebody in the middle of a test; nothing sent by others or by mistake may disturb it."""
    made = LearnerByApi(http, campaign.code)
    made.start()
    return made
