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
def campaign(database: Database, institution: Institution, clock: Clock) -> Campaign:
    return make_campaign(database, institution, clock.now)


@pytest.fixture
def learner(client: TestClient, campaign: Campaign) -> LearnerByApi:
    return LearnerByApi(client, campaign.code)


@pytest.fixture
def open_campaign(database: Database, institution: Institution, clock: Clock) -> Callable[..., Campaign]:
    """An open campaign with some terms changed."""

    def made(**changes: Any) -> Campaign:
        return make_campaign(database, institution, clock.now, **changes)

    return made
