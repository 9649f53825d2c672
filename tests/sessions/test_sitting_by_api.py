"""A learner's test through the API, on a real database."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from app.campaigns.model import Campaign
from app.db.connection import Database
from app.sessions import replay
from tests.builders import Institution
from tests.conftest import Clock
from tests.sittings import LearnerByApi, make_campaign


@pytest.fixture
def campaign(database: Database, institution: Institution, clock: Clock) -> Campaign:
    return make_campaign(database, institution, clock.now)


@pytest.fixture
def learner(client: TestClient, campaign: Campaign) -> LearnerByApi:
    return LearnerByApi(client, campaign.code)


def test_a_whole_sitting_ends_with_a_result_for_every_domain(learner: LearnerByApi) -> None:
    result = learner.sit()
    assert [domain["domain"] for domain in result["domains"]] == ["SN1", "SN2", "SN3", "SN4", "SN5"]
    assert 12 <= result["answers"] <= 14
    assert result["provisional"] is True


def test_a_finished_sitting_replays_bit_for_bit(
    learner: LearnerByApi, database: Database, institution: Institution
) -> None:
    learner.sit()
    with database.transaction(institution.id) as tx:
        replays = list(replay.replay_all(tx))
    assert [each.differences for each in replays] == [()]
