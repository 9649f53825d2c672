"""A learner's test through the API, on a real database."""

import math
import uuid
from collections.abc import Callable

from fastapi.testclient import TestClient
from sqlalchemy import Engine, insert, select, update

from app.campaigns.model import Campaign
from app.db.connection import Database
from app.db.tables.campaigns import CampaignRow, PolicyVersionRow
from app.db.tables.results import ResultRow
from app.sessions import replay
from tests.builders import Institution
from tests.conftest import Clock
from tests.sittings import SHORT, LearnerByApi


def test_a_whole_sitting_ends_with_a_result_for_every_domain(learner: LearnerByApi) -> None:
    result = learner.sit()
    assert [domain["domain"] for domain in result["domains"]] == ["SN1", "SN2", "SN3", "SN4", "SN5"]
    assert 12 <= result["answers"] <= 14


def test_every_number_of_a_result_comes_with_its_uncertainty(learner: LearnerByApi) -> None:
    result = learner.sit()
    for measured in [result["overall"], *result["domains"]]:
        low, high = measured["interval"]
        assert low < measured["theta"] < high
        assert measured["se"] > 0
    assert result["provisional"] is True


def test_a_finished_sitting_replays_bit_for_bit(
    learner: LearnerByApi, database: Database, institution: Institution
) -> None:
    learner.sit()
    with database.transaction(institution.id) as tx:
        replays = list(replay.replay_all(tx))
    assert [each.differences for each in replays] == [()]


def test_a_running_sitting_replays_to_the_question_on_screen(
    learner: LearnerByApi, database: Database, institution: Institution
) -> None:
    walk = learner.walk(learner.start())
    next(walk)
    next(walk)
    with database.transaction(institution.id) as tx:
        replays = list(replay.replay_all(tx))
    assert [(each.answers, each.differences) for each in replays] == [(2, ())]


def test_a_number_changed_in_its_last_bit_shows_in_the_replay(
    learner: LearnerByApi, database: Database, institution: Institution
) -> None:
    learner.sit()
    with database.transaction(institution.id) as tx:
        content = tx.scalars(select(ResultRow.content)).one()
        theta = content["overall"]["theta"]
        content["overall"]["theta"] = math.nextafter(theta, 9)
        tx.execute(update(ResultRow).values(content=content))
    with database.transaction(institution.id) as tx:
        (only,) = replay.replay_all(tx)
    assert not only.equal
    assert only.differences[0].startswith("result: overall")


def test_the_questions_cover_every_domain_and_repeat_none(learner: LearnerByApi, client: TestClient) -> None:
    learner.sit()
    review = client.get(f"/api/v1/sessions/{learner.session}/review", headers=learner.headers).json()["questions"]
    stems = [question["stem"]["fr"] for question in review]
    assert len(set(stems)) == len(stems)
    assert {question["domain"] for question in review} == {"SN1", "SN2", "SN3", "SN4", "SN5"}


def test_the_review_says_why_each_question_was_asked(learner: LearnerByApi, client: TestClient) -> None:
    learner.sit()
    review = client.get(f"/api/v1/sessions/{learner.session}/review", headers=learner.headers).json()["questions"]
    assert all(1 <= question["rank"] <= min(5, question["candidates"]) for question in review[:5])
    assert review[0]["candidates"] > 100  # later ones may be of a case, where few can follow


def test_the_learner_may_end_early_and_keeps_everything(learner: LearnerByApi, client: TestClient) -> None:
    view = learner.start()
    learner.answer(view["question"]["step"], None)
    ended = client.post(f"/api/v1/sessions/{learner.session}/finish", headers=learner.headers).json()
    assert (ended["status"], ended["answered"], ended["stop_reason"]) == ("finished", 1, "learner")
    result = learner.result()
    assert result["answers"] == result["skipped"] == 1
    assert {domain["withheld"] for domain in result["domains"]} == {"too_few_answers"}


def test_ending_twice_changes_nothing(learner: LearnerByApi, client: TestClient) -> None:
    learner.start()
    ends = [client.post(f"/api/v1/sessions/{learner.session}/finish", headers=learner.headers).json() for _ in range(2)]
    assert ends[0] == ends[1]


def test_a_test_before_its_end_has_no_result(learner: LearnerByApi, client: TestClient) -> None:
    learner.start()
    for page in ("result", "review"):
        refused = client.get(f"/api/v1/sessions/{learner.session}/{page}", headers=learner.headers)
        assert (refused.status_code, refused.json()["code"]) == (409, "not-finished")


def test_a_test_ended_by_its_learner_after_its_time_ended_by_its_time(
    client: TestClient, open_campaign: Callable[..., Campaign], clock: Clock
) -> None:
    learner = LearnerByApi(client, open_campaign(policy=SHORT.model_copy(update={"time_limit_minutes": 30})).code)
    learner.start()
    clock.advance(minutes=31)
    client.post(f"/api/v1/sessions/{learner.session}/finish", headers=learner.headers)
    assert learner.result()["stop_reason"] == "time"


def test_a_result_names_its_rules_by_the_fingerprint_they_were_published_with(
    learner: LearnerByApi, campaign: Campaign, database: Database, owner: Engine
) -> None:
    """A later Toise has more rules, and would compute another fingerprint of the same ones."""
    older = {"id": uuid.uuid4(), "sha256": "f" * 64, "content": SHORT.model_dump(mode="json", exclude={"feedback"})}
    with database.transaction(campaign.institution_id) as tx:
        tx.execute(insert(PolicyVersionRow).values(older))
    with owner.begin() as tx:
        tx.execute(update(CampaignRow).where(CampaignRow.id == campaign.id).values(policy_version_id=older["id"]))
    assert learner.sit()["versions"]["policy"] == "f" * 64
