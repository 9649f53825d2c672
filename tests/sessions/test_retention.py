"""What a campaign promised to keep for some days is gone after them, and nothing else."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import URL, delete, func, insert, select, text
from sqlalchemy.exc import ProgrammingError

from app.campaigns import exposure
from app.campaigns.model import Campaign
from app.db.connection import Database, addresses, open_database, owner_database
from app.db.tables.accounts import AuditRow
from app.db.tables.campaigns import LearnerTokenRow, ParticipantRow
from app.db.tables.results import ResultRow
from app.db.tables.sessions import AnswerRow, SessionRow
from app.results import service as results
from app.results.model import Wanted
from app.sessions import retention
from app.settings import Settings
from tests import server
from tests.builders import Institution
from tests.conftest import Clock
from tests.sittings import LearnerByApi

PERSONAL = (ParticipantRow, LearnerTokenRow, SessionRow, AnswerRow, ResultRow)
DAYS = 30


@pytest.fixture(scope="module")
def settings(maintenance: URL) -> Iterator[Settings]:
    """A server of its own: erasing goes through every institution, and other tests make thousands of them."""
    with server.copied(maintenance) as url:
        yield server.settings_for(url)


@pytest.fixture(scope="module")
def database(settings: Settings) -> Iterator[Database]:
    with addresses(settings) as at, open_database(settings, at) as opened:
        yield opened


@pytest.fixture
def maintainer(settings: Settings) -> Iterator[Database]:
    with addresses(settings) as at, owner_database(settings, at) as opened:
        yield opened


@pytest.fixture
def kept(open_campaign: Callable[..., Campaign]) -> Campaign:
    """A campaign that keeps for 30 days."""
    return open_campaign(retention_days=DAYS)


def expire(maintainer: Database, campaign: Campaign, now: dt.datetime) -> int:
    """How many of this campaign were erased; other tests' campaigns have their turn too."""
    found = list(retention.expire(maintainer, now, actor="service"))
    return sum(each.participants for each in found if each.campaign_id == campaign.id)


def rows(database: Database, institution: Institution) -> list[int]:
    with database.transaction(institution.id) as tx:
        return [tx.scalar(select(func.count()).select_from(table)) or 0 for table in PERSONAL]


def test_after_its_days_a_participant_is_gone_with_everything(
    client: TestClient,
    kept: Campaign,
    maintainer: Database,
    database: Database,
    *,
    institution: Institution,
    clock: Clock,
) -> None:
    LearnerByApi(client, kept.code).sit()
    assert 0 not in rows(database, institution)
    clock.advance(days=DAYS, seconds=1)
    assert expire(maintainer, kept, clock.now) == 1
    assert rows(database, institution) == [0] * len(PERSONAL)


def test_until_then_everything_stays(
    client: TestClient,
    kept: Campaign,
    maintainer: Database,
    database: Database,
    *,
    institution: Institution,
    clock: Clock,
) -> None:
    LearnerByApi(client, kept.code).sit()
    before = rows(database, institution)
    clock.advance(days=DAYS)
    assert expire(maintainer, kept, clock.now) == 0
    assert rows(database, institution) == before


def test_the_days_of_a_test_count_from_its_end(
    client: TestClient, kept: Campaign, maintainer: Database, clock: Clock
) -> None:
    learner = LearnerByApi(client, kept.code)
    learner.start()
    clock.advance(days=DAYS - 1)
    client.post(f"/api/v1/sessions/{learner.session}/finish", headers=learner.headers)
    clock.advance(days=DAYS)
    assert expire(maintainer, kept, clock.now) == 0
    clock.advance(seconds=1)
    assert expire(maintainer, kept, clock.now) == 1


def test_the_days_of_a_test_never_finished_count_from_its_last_question(
    client: TestClient, kept: Campaign, maintainer: Database, clock: Clock
) -> None:
    learner = LearnerByApi(client, kept.code)
    learner.start()
    clock.advance(days=DAYS - 1)
    learner.answer(1, None)
    clock.advance(days=2)
    assert expire(maintainer, kept, clock.now) == 0
    clock.advance(days=DAYS)
    assert expire(maintainer, kept, clock.now) == 1


def test_the_days_of_who_never_began_count_from_the_entry(
    kept: Campaign, maintainer: Database, database: Database, institution: Institution, clock: Clock
) -> None:
    with database.transaction(institution.id) as tx:
        entry = {"campaign_id": kept.id, "resume_hash": "x", "created_at": clock.now}
        tx.execute(insert(ParticipantRow).values(id=uuid.uuid4(), **entry))
    clock.advance(days=DAYS)
    assert expire(maintainer, kept, clock.now) == 0
    clock.advance(seconds=1)
    assert expire(maintainer, kept, clock.now) == 1


def test_the_trial_run_counts_the_same_and_erases_nothing(
    client: TestClient,
    kept: Campaign,
    maintainer: Database,
    database: Database,
    *,
    institution: Institution,
    clock: Clock,
) -> None:
    for _ in range(2):
        LearnerByApi(client, kept.code).start()
    clock.advance(days=DAYS + 1)
    before = rows(database, institution)
    found = [each for each in retention.expired(maintainer, clock.now) if each.campaign_id == kept.id]
    assert [(each.code, each.retention_days, each.participants) for each in found] == [(kept.code, DAYS, 2)]
    assert rows(database, institution) == before


def test_an_audit_row_says_how_many_and_names_nobody(
    client: TestClient,
    kept: Campaign,
    maintainer: Database,
    database: Database,
    *,
    institution: Institution,
    clock: Clock,
) -> None:
    learner = LearnerByApi(client, kept.code)
    learner.start()
    clock.advance(days=DAYS + 1)
    expire(maintainer, kept, clock.now)
    expire(maintainer, kept, clock.now)
    with database.transaction(institution.id) as tx:
        told = tx.execute(
            select(AuditRow.actor, AuditRow.subject, AuditRow.detail).where(AuditRow.act == "participants.expired")
        ).all()
    assert [tuple(row) for row in told] == [
        ("service", f"campaign:{kept.id}", {"participants": 1, "retention_days": DAYS})
    ]
    assert learner.identity not in str(told)


def test_a_cursor_from_before_goes_on_and_positions_go_on_counting(
    client: TestClient,
    kept: Campaign,
    maintainer: Database,
    database: Database,
    *,
    institution: Institution,
    clock: Clock,
) -> None:
    LearnerByApi(client, kept.code).sit()
    with database.transaction(institution.id) as tx:
        (old,) = results.page(tx, Wanted(), results.extent(tx, Wanted(), limit=None))
    clock.advance(days=DAYS + 1)
    expire(maintainer, kept, clock.now)
    LearnerByApi(client, kept.code).sit()
    with database.transaction(institution.id) as tx:
        for asked in (Wanted(), Wanted(after=old.position)):
            (new,) = results.page(tx, asked, results.extent(tx, asked, limit=None))
            assert new.position == old.position + 1


def test_a_learner_whose_data_are_gone_is_asked_for_a_code_again(
    client: TestClient, kept: Campaign, maintainer: Database, clock: Clock
) -> None:
    learner = LearnerByApi(client, kept.code)
    learner.start()
    clock.advance(days=DAYS + 1)
    expire(maintainer, kept, clock.now)
    assert client.get(f"/api/v1/sessions/{learner.session}", headers=learner.headers).status_code in {401, 404}
    learner.start()


def test_exposure_is_counted_over_what_is_left(
    client: TestClient,
    kept: Campaign,
    maintainer: Database,
    database: Database,
    *,
    institution: Institution,
    clock: Clock,
) -> None:
    LearnerByApi(client, kept.code).start()
    clock.advance(days=DAYS + 1)
    LearnerByApi(client, kept.code).start()
    expire(maintainer, kept, clock.now)
    with database.transaction(institution.id) as tx:
        assert exposure.count(tx, kept.id, kept.bank_version_id).sittings == 1


def test_the_service_itself_may_not_erase(
    client: TestClient, kept: Campaign, database: Database, institution: Institution, clock: Clock
) -> None:
    LearnerByApi(client, kept.code).start()
    clock.advance(days=DAYS + 1)
    for table in (AnswerRow, SessionRow, ParticipantRow, ResultRow):
        with pytest.raises(ProgrammingError, match="permission denied"), database.transaction(institution.id) as tx:
            tx.execute(delete(table))


def fill(database: Database, kept: Campaign, now: dt.datetime, many: int) -> None:
    people = text(
        "INSERT INTO participants (id, campaign_id, resume_hash, created_at)"
        " SELECT gen_random_uuid(), :campaign, number::text, :entered FROM generate_series(1, :many) AS number"
    )
    with database.transaction(kept.institution_id) as tx:
        tx.execute(people, {"campaign": kept.id, "entered": now, "many": many})


def test_a_large_campaign_is_erased_by_as_many_at_once_as_a_statement_has_parameters_for(
    kept: Campaign, maintainer: Database, database: Database, clock: Clock
) -> None:
    fill(database, kept, clock.now, retention.AT_ONCE + 1)
    clock.advance(days=DAYS, seconds=1)
    steps = [each for each in retention.expire(maintainer, clock.now, actor="service") if each.campaign_id == kept.id]
    assert retention.AT_ONCE <= 65_535
    assert [each.participants for each in steps] == [retention.AT_ONCE, 1]


@pytest.mark.nightly
def test_a_campaign_of_more_people_than_a_statement_has_parameters_is_erased_too(
    kept: Campaign, maintainer: Database, database: Database, clock: Clock
) -> None:
    fill(database, kept, clock.now, 66_000)
    assert expire(maintainer, kept, clock.now + dt.timedelta(days=DAYS, seconds=1)) == 66_000
