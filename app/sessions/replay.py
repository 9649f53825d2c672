"""Recompute finished sittings from their logs and compare with what was stored, bit for bit."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from app.results import service as results
from app.sessions import service, store
from app.sessions.flow import assess, decide, score_of
from app.sessions.model import UnknownSession
from app.sessions.questions import Sitting


@dataclass(frozen=True, slots=True)
class Replay:
    """One sitting replayed; ``differences`` is empty where everything is equal."""

    session_id: uuid.UUID
    answers: int
    differences: tuple[str, ...]

    @property
    def equal(self) -> bool:
        return not self.differences


def replay(tx: Connection, session_id: uuid.UUID) -> Replay:
    """Replay one session of the institution in scope.

    Raises
    ------
    UnknownSession
        If there is none of this id.
    """
    session = store.by_id(tx, session_id)
    if session is None:
        raise UnknownSession
    sitting = service.load(tx, session)
    differences = [*_log_differences(sitting), *_pointer_differences(sitting)]
    if session.status == "finished":
        differences += _result_differences(tx, sitting)
    return Replay(session.id, len(sitting.log), tuple(differences))


def replay_all(tx: Connection) -> Iterator[Replay]:
    """Replay every session of the institution in scope, oldest first."""
    for session_id in store.all_ids(tx):
        yield replay(tx, session_id)


def _log_differences(sitting: Sitting) -> Iterator[str]:
    """Every answer graded again, every question picked again."""
    for place, answer in enumerate(sitting.log):
        index = sitting.items[place]
        item = sitting.course.pool.items[index]
        if answer.step != place + 1:
            yield f"step {place + 1} is missing from the log"
        score = score_of(item, answer.response)
        if score != answer.score:
            yield f"step {answer.step}: {item.id} stored with score {answer.score}, graded again {score}"
        pick = decide(sitting.course, sitting.items[:place], sitting.scores[:place]).pick
        if pick is None or pick.item != index:
            again = "the end" if pick is None else sitting.course.pool.items[pick.item].id
            yield f"step {answer.step}: {item.id} was asked, picked again {again}"


def _pointer_differences(sitting: Sitting) -> Iterator[str]:
    """The question on screen, or the reason of the end, as the log gives it."""
    session = sitting.session
    decision = decide(sitting.course, sitting.items, sitting.scores)
    asked = None if decision.pick is None else sitting.course.pool.items[decision.pick.item].id
    if session.running and session.item_id != asked:
        yield f"on screen: {session.item_id}, picked again {asked}"
    if not session.running and session.stop_reason not in {"time", "learner"} and session.stop_reason != decision.stop:
        yield f"ended for {session.stop_reason}, again for {decision.stop}"


def _result_differences(tx: Connection, sitting: Sitting) -> Iterator[str]:
    stored = results.of_session(tx, sitting.session.id)
    state = assess(sitting.course, sitting.items, sitting.scores)
    again = service.document_of(tx, sitting, state)
    for key in sorted(stored.keys() | again.keys()):
        if stored.get(key) != again.get(key):
            yield f"result: {key} stored as {stored.get(key)!r}, computed again as {again.get(key)!r}"
