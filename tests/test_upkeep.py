"""What the service does by itself, for as long as it runs."""

import datetime as dt
import time
from collections.abc import Callable, Iterator
from functools import partial
from threading import Event
from threading import enumerate as threads

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import URL, Engine, func, select, text

from app import upkeep
from app.db.connection import Database
from app.db.tables.campaigns import ParticipantRow
from app.db.tables.sessions import SessionRow
from app.main import create_app
from app.settings import Settings
from app.upkeep import Chore
from tests.builders import Institution, make_institution
from tests.cohorts import demonstration
from tests.conftest import Clock
from tests.sittings import SHORT, LearnerByApi, make_campaign

TIMED = SHORT.model_copy(update={"time_limit_minutes": 30})
OFTEN = dt.timedelta(milliseconds=1)
PATIENCE = 30.0


def chore(steps: Callable[[], Iterator[object]], every: dt.timedelta = OFTEN) -> Chore:
    return Chore("essai", every, steps)


def at_work() -> bool:
    return any(thread.name == "upkeep" for thread in threads())


def eventually(true: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.01)
    return False


def running(database: Database, institution: Institution) -> int:
    with database.transaction(institution.id) as tx:
        return tx.scalar(select(func.count()).where(SessionRow.status == "running")) or 0


def test_a_chore_is_done_at_the_start_and_again_and_again() -> None:
    thrice = Event()
    rounds = []

    def steps() -> Iterator[None]:
        rounds.append(1)
        if len(rounds) == 3:
            thrice.set()
        yield

    with upkeep.doing([chore(steps)]):
        assert thrice.wait(PATIENCE)


def test_a_chore_that_fails_is_done_again_and_stops_no_other() -> None:
    again, other = Event(), Event()
    rounds = []

    def fails() -> Iterator[None]:
        rounds.append(1)
        if len(rounds) == 2:
            again.set()
        yield from ()
        raise LookupError

    def works() -> Iterator[None]:
        other.set()
        yield

    with upkeep.doing([chore(fails), chore(works)]):
        assert again.wait(PATIENCE)
        assert other.wait(PATIENCE)


def test_it_stops_within_a_second_between_two_steps_of_a_long_chore() -> None:
    begun = Event()

    def endless() -> Iterator[None]:
        while True:
            begun.set()
            yield

    with upkeep.doing([chore(endless)]):
        assert begun.wait(PATIENCE)
        leaving = time.monotonic()
    assert time.monotonic() - leaving < 1
    assert not at_work()


def test_nothing_runs_without_a_chore() -> None:
    with upkeep.doing(()):
        assert not at_work()


@pytest.fixture
def serve(settings: Settings, database: Database, clock: Clock) -> Callable[[], TestClient]:
    """The service with its chores, as ``toise serve`` makes it."""

    def made() -> TestClient:
        chores = upkeep.chores(settings, database, clock=clock)
        return TestClient(create_app(settings, database, clock=clock, chores=chores))

    return made


def test_a_service_that_starts_ends_what_was_left_behind_in_every_institution(
    serve: Callable[[], TestClient], client: TestClient, database: Database, clock: Clock
) -> None:
    places = make_institution(database), make_institution(database)
    for place in places:
        LearnerByApi(client, make_campaign(database, place, clock.now, policy=TIMED).code).start()
    clock.advance(hours=1)
    with serve():
        assert eventually(lambda: not any(running(database, place) for place in places))
    assert not at_work()


def test_a_service_that_starts_erases_what_was_kept_long_enough(
    serve: Callable[[], TestClient], client: TestClient, database: Database, institution: Institution, clock: Clock
) -> None:
    LearnerByApi(client, make_campaign(database, institution, clock.now, retention_days=1).code).start()
    clock.advance(days=2)

    def gone() -> bool:
        with database.transaction(institution.id) as tx:
            return tx.scalar(select(func.count()).select_from(ParticipantRow)) == 0

    with serve():
        assert eventually(gone)


def cut_connections(owner: Engine) -> None:
    theirs = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE usename = 'toise_service' AND datname = current_database()"
    )
    with owner.begin() as tx:
        tx.execute(theirs)


def test_connections_that_die_do_not_end_it(
    settings: Settings, client: TestClient, database: Database, institution: Institution, *, owner: Engine, clock: Clock
) -> None:
    LearnerByApi(client, make_campaign(database, institution, clock.now, policy=TIMED).code).start()
    _, finish = upkeep.chores(settings, database, clock=clock)
    rounds: list[int] = []

    def steps() -> Iterator[object]:
        rounds.append(1)
        yield from finish.steps()

    with upkeep.doing([chore(steps)]):
        for _ in range(3):
            cut_connections(owner)
            following = len(rounds) + 3
            assert eventually(partial(reached, rounds, following))
        clock.advance(hours=1)
        assert eventually(lambda: not running(database, institution))


def reached(rounds: list[int], number: int) -> bool:
    return len(rounds) >= number


def test_what_is_to_be_done_once_ends_with_its_thread_and_a_failure_is_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(upkeep, "FIRST_PAGES", 0.0)
    monkeypatch.setattr(upkeep, "RETRY", OFTEN)
    rounds = []

    def steps() -> Iterator[None]:
        rounds.append(1)
        yield
        if len(rounds) == 1:
            raise LookupError

    with upkeep.doing([chore(steps, upkeep.ONCE)]):
        assert eventually(lambda: len(rounds) == 2 and not any(thread.name == "essai" for thread in threads()))
        time.sleep(0.05)
    assert len(rounds) == 2


def test_those_who_open_the_service_come_before_what_is_to_be_done_once() -> None:
    begun = Event()

    def steps() -> Iterator[None]:
        begun.set()
        yield

    with upkeep.doing([chore(steps, upkeep.ONCE)]):
        pass
    assert not begun.is_set()


@pytest.mark.parametrize(("demo", "size", "there"), [(True, 80, True), (True, 0, False), (False, 80, False)])
def test_a_simulated_cohort_belongs_to_a_demonstration_that_wants_one(
    settings: Settings, database: Database, *, demo: bool, size: int, there: bool
) -> None:
    chosen = settings.model_copy(update={"demo": demo, "demo_cohort": size})
    assert ("simulated-cohort" in {each.name for each in upkeep.chores(chosen, database)}) is there


def test_a_cohort_that_is_complete_is_no_work(maintenance: URL, demonstrated: URL) -> None:
    with demonstration(maintenance, demonstrated) as shown:
        shown.fill(1)
        chosen = shown.settings.model_copy(update={"demo_cohort": 1})
        (made,) = (each for each in upkeep.chores(chosen, shown.database) if each.every == upkeep.ONCE)
        assert list(made.steps()) == []
