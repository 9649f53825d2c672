"""One answer is kept once, whatever happens on the way."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event, func, select

from app.campaigns.model import Campaign
from app.db.connection import Database
from app.db.tables.sessions import AnswerRow
from app.sessions.policy import Policy, Range
from tests.builders import Institution
from tests.conftest import Clock
from tests.sittings import SHORT, Guesser, LearnerByApi


def test_fifty_parallel_copies_of_one_answer_have_one_row_and_one_receipt(
    learner: LearnerByApi, database: Database, institution: Institution
) -> None:
    question = learner.start()["question"]
    response = Guesser("x")(question) or {"choice": "1"}
    with ThreadPoolExecutor(50) as threads:
        replies = list(threads.map(lambda _: learner.post(1, response), range(50)))
    assert {reply.status_code for reply in replies} == {200}
    assert len({reply.text for reply in replies}) == 1
    with database.transaction(institution.id) as tx:
        assert tx.scalar(select(func.count()).select_from(AnswerRow)) == 1


def test_a_repeated_answer_gets_its_receipt_after_the_test_has_gone_on(learner: LearnerByApi) -> None:
    first = learner.answer(learner.start()["question"]["step"], None)
    learner.answer(2, None)
    again = learner.answer(1, None)
    assert again["receipt"] == first["receipt"]
    assert again["session"]["question"]["step"] == 3


def test_another_answer_to_an_answered_step_gets_409_and_the_current_question(learner: LearnerByApi) -> None:
    learner.start()
    learner.answer(1, None)
    refused = learner.post(1, {"text": "une autre réponse"})
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (409, "stale-step")
    assert problem["current"] == learner.read()


@pytest.mark.parametrize("step", [2, 3, 999])
def test_a_step_that_is_not_on_screen_gets_409_and_the_current_question(learner: LearnerByApi, step: int) -> None:
    view = learner.start()
    refused = learner.post(step, None)
    assert refused.status_code == 409
    assert refused.json()["current"] == view


def test_an_answer_to_a_finished_test_is_refused(learner: LearnerByApi) -> None:
    answers = learner.sit()["answers"]
    refused = learner.post(answers + 1, None)
    assert (refused.status_code, refused.json()["code"]) == (409, "already-finished")


def test_the_last_answer_sent_again_gets_its_receipt(learner: LearnerByApi) -> None:
    replies = list(learner.walk(learner.start()))
    last = replies[-1]
    step = last["receipt"]["step"]
    kept = Guesser(learner.identity)
    responses = [kept(reply["session"]["question"]) for reply in replies[:-1]]
    assert len(responses) == step - 1
    view = learner.read()
    assert (view["status"], view["last_receipt"]) == ("finished", last["receipt"])


@pytest.mark.parametrize(
    "response",
    [
        {"choice": "9"},
        {"choice": "a"},
        {"choices": ["1", "9"]},
        {"text": "nul \0 dedans"},
        {"text": "x" * 501},
        {"choice": "1", "text": "deux"},
        {},
        {"choice": 1},
        {"choices": "1"},
        "1",
        ["1"],
    ],
)
def test_an_answer_that_cannot_be_read_is_refused_and_the_question_stays(
    learner: LearnerByApi, response: object
) -> None:
    view = learner.start()
    refused = learner.post(1, response)  # type: ignore[arg-type]
    assert refused.status_code == 422, refused.text
    assert refused.headers["content-type"] == "application/problem+json"
    assert learner.read() == view


def test_emoji_and_every_script_are_answers_like_others(
    client: TestClient, open_campaign: Callable[..., Campaign]
) -> None:
    learner = LearnerByApi(client, open_campaign().code)
    learner.choose = lambda question: {"text": "🩺 réponse – لا أعلم 中"} if question["type"] == "short_text" else None
    assert learner.sit()["answers"] >= 12


def test_an_answer_takes_three_statements_after_the_first(learner: LearnerByApi, database: Database) -> None:
    """BEGIN with the scope, then lock, log, write, COMMIT: at most five statements were allowed."""
    learner.start()
    learner.answer(1, None)
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement.split(maxsplit=1)[0])

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        learner.answer(2, None)
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
    assert [each for each in statements if not each.startswith("BEGIN")] == ["SELECT", "SELECT", "WITH"]


def test_another_learners_session_is_not_found(learner: LearnerByApi, client: TestClient, campaign: Campaign) -> None:
    learner.start()
    other = LearnerByApi(client, campaign.code)
    other.start()
    refused = client.get(f"/api/v1/sessions/{learner.session}", headers=other.headers)
    assert (refused.status_code, refused.json()["code"]) == (404, "unknown-session")


@pytest.mark.parametrize("token", [None, "", "x", "0" * 32 + "." + "A" * 43])
def test_without_a_valid_token_there_is_no_session(
    learner: LearnerByApi, client: TestClient, token: str | None
) -> None:
    learner.start()
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    refused = client.get(f"/api/v1/sessions/{learner.session}", headers=headers)
    assert refused.status_code in {401, 404}


TIMED = Policy(**{**SHORT.model_dump(), "time_limit_minutes": 30})


def test_an_answer_after_the_time_is_not_kept_and_the_test_ends(
    client: TestClient, open_campaign: Callable[..., Campaign], clock: Clock
) -> None:
    learner = LearnerByApi(client, open_campaign(policy=TIMED).code)
    learner.start()
    learner.answer(1, None)
    clock.advance(minutes=30, seconds=11)
    late = learner.answer(2, None)
    assert late["receipt"] is None
    assert (late["session"]["status"], late["session"]["stop_reason"]) == ("finished", "time")
    assert learner.result()["answers"] == 1


def test_an_answer_on_its_way_when_time_ends_is_kept(
    client: TestClient, open_campaign: Callable[..., Campaign], clock: Clock
) -> None:
    learner = LearnerByApi(client, open_campaign(policy=TIMED).code)
    learner.start()
    clock.advance(minutes=30, seconds=9)
    assert learner.answer(1, None)["receipt"] is not None


def test_reading_after_the_time_ends_the_test(
    client: TestClient, open_campaign: Callable[..., Campaign], clock: Clock
) -> None:
    learner = LearnerByApi(client, open_campaign(policy=TIMED).code)
    learner.start()
    clock.advance(hours=1)
    assert learner.read()["stop_reason"] == "time"


def test_the_bank_runs_out_gently(client: TestClient, open_campaign: Callable[..., Campaign]) -> None:
    two = Range(at_least=2, at_most=2)
    narrow = Policy(length=Range(at_least=10, at_most=20), per_domain=two, per_competence=Range(), se_target=0.05)
    learner = LearnerByApi(client, open_campaign(policy=narrow).code)
    assert learner.sit()["stop_reason"] == "no_item"
