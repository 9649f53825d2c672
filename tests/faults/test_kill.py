"""Kill the service, kill the database, in the middle of many sittings: every acknowledged answer is there, once."""

import json

from sqlalchemy import select

from app.db.connection import addresses, owner_engine
from app.db.tables.sessions import AnswerRow, SessionRow
from app.settings import Settings
from tests.faults.learners import Progress, StubbornLearner, sit_together
from tests.faults.service import Service, running_service

LEARNERS = 12


def test_a_killed_service_loses_no_answer() -> None:
    def kill_twice(progress: Progress) -> None:
        for wanted in (40, 120):
            progress.reached(wanted)
            service.kill()
            service.start()

    with running_service("service") as service:
        group = sit_together(service.address, LEARNERS, kill_twice)
        assert sum(learner.failures for learner in group) > 0, "nobody noticed: the test proves nothing"
        every_answer_is_there_once(service, group)
        every_result_is_equal(service, group)


def test_a_killed_database_loses_no_answer() -> None:
    def kill_twice(progress: Progress) -> None:
        for wanted in (40, 120):
            progress.reached(wanted)
            service.kill_postgresql()

    with running_service("database") as service:
        group = sit_together(service.address, LEARNERS, kill_twice)
        assert sum(learner.failures for learner in group) > 0, "nobody noticed: the test proves nothing"
        every_answer_is_there_once(service, group)
        every_result_is_equal(service, group)


def every_answer_is_there_once(service: Service, group: list[StubbornLearner]) -> None:
    """The log holds exactly the receipts that the learners hold."""
    kept: dict[str, dict[int, str]] = {learner.session: {} for learner in group}
    settings = Settings(data_dir=service.folder, demo=True, secret_key=None)
    with addresses(settings) as at, owner_engine(at) as owner, owner.connect() as tx:
        rows = tx.execute(select(AnswerRow.session_id, AnswerRow.step, AnswerRow.receipt)).all()
        sessions = tx.scalars(select(SessionRow.id)).all()
    for session_id, step, receipt in rows:
        kept[str(session_id)][step] = receipt
    assert len(sessions) == len(group)
    assert {learner.session: learner.receipts for learner in group} == kept


def every_result_is_equal(service: Service, group: list[StubbornLearner]) -> None:
    replayed = service.command("replay", "--all", "--json")
    assert replayed.returncode == 0, replayed.stderr
    lines = [json.loads(line) for line in replayed.stdout.splitlines()]
    assert {line["session"] for line in lines} == {learner.session for learner in group}
    assert all(line["equal"] for line in lines)
