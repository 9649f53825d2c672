import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import URL, func, select

from app.accounts import client_service
from app.accounts import service as accounts
from app.accounts.model import BadCredentials
from app.accounts.service import Attempt
from app.bank import pools
from app.campaigns import demo, service
from app.campaigns.model import CODE_ALPHABET, CampaignClosed
from app.db import connection
from app.db.connection import Database, institution_of
from app.db.tables import Row
from app.institutions.service import institution_key
from app.settings import Settings
from tests import server
from tests.cohorts import Demonstration, demonstration
from tests.conftest import NOON

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def settings(maintenance: URL) -> Iterator[Settings]:
    """A database of its own: the demonstration exists once a server."""
    with server.copied(maintenance) as url:
        yield server.settings_for(url, demo=True)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    with connection.addresses(settings) as at, connection.open_database(settings, at) as opened:
        yield opened


@pytest.fixture
def made(maintenance: URL, demonstrated: URL) -> Iterator[Demonstration]:
    """A server that has its demonstration."""
    with demonstration(maintenance, demonstrated) as found:
        yield found


def sign_in(database: Database, shown: demo.Demo) -> None:
    attempt = Attempt(email=shown.staff_email, password=shown.staff_password, address="127.0.0.1")
    accounts.sign_in(database, attempt, secret=b"secret", now=NOON)


def client_opens(database: Database, shown: demo.Demo) -> bool:
    with database.transaction() as tx:
        return client_service.client_with(tx, client_id=shown.client_id, secret=shown.client_secret) is not None


def rows(database: Database) -> dict[str, int]:
    with database.transaction() as tx:
        institution_of(tx, institution_key(demo.SLUG))
        tables = [table for name, table in Row.metadata.tables.items() if name != "staff_sessions"]
        return {table.name: tx.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def test_the_demonstration_is_a_campaign_an_account_and_a_client_that_work(
    database: Database, settings: Settings
) -> None:
    shown = demo.ensure(database, settings, NOON)
    sign_in(database, shown)
    assert client_opens(database, shown)
    with database.transaction() as tx:
        campaign = service.by_code(tx, shown.code, NOON)
        pool = pools.of(tx, campaign.bank_version_id)
        policy = service.policy_of(tx, campaign.policy_version_id)
    assert campaign.title["fr"] == "Découvrir mes compétences numériques en santé"
    assert (campaign.identification, campaign.closes_at) == ("name", None)
    assert len(pool.items) >= 75
    assert (policy.length.at_least, policy.length.at_most, policy.se_target, policy.feedback) == (20, 30, 0.65, "end")


def test_a_second_start_changes_nothing_and_still_knows_what_to_print(database: Database, settings: Settings) -> None:
    first = demo.ensure(database, settings, NOON)
    before = rows(database)
    assert demo.ensure(database, settings, NOON + HOUR) == first
    assert rows(database) == before


def test_processes_that_start_together_make_one_demonstration(database: Database, settings: Settings) -> None:
    with ThreadPoolExecutor(4) as threads:
        shown = set(threads.map(lambda _: demo.ensure(database, settings, NOON), range(4)))
    assert len(shown) == 1
    assert rows(database)["campaigns"] == 1


def test_the_code_is_one_that_people_can_type() -> None:
    assert set(demo.CODE) <= set(CODE_ALPHABET)


def test_outside_demo_mode_no_demonstration_is_made(database: Database, settings: Settings) -> None:
    with pytest.raises(ValueError, match="demo mode"):
        demo.ensure(database, settings.model_copy(update={"demo": False}), NOON)


def test_leaving_demo_mode_shuts_every_door(made: Demonstration) -> None:
    database, settings = made.database, made.settings
    shown = demo.ensure(database, settings, NOON)
    assert demo.shut(database, NOON + HOUR)
    with pytest.raises(BadCredentials):
        sign_in(database, shown)
    assert not client_opens(database, shown)
    with database.transaction() as tx, pytest.raises(CampaignClosed):
        service.by_code(tx, shown.code, NOON + HOUR)
    assert not demo.shut(database, NOON + 2 * HOUR)


def test_coming_back_to_demo_mode_opens_them_again(made: Demonstration) -> None:
    database, settings = made.database, made.settings
    shown = demo.ensure(database, settings, NOON)
    demo.shut(database, NOON + HOUR)
    assert demo.ensure(database, settings, NOON + 2 * HOUR) == shown
    sign_in(database, shown)
    assert client_opens(database, shown)
    with database.transaction() as tx:
        service.by_code(tx, shown.code, NOON + 2 * HOUR)


def test_a_server_that_never_had_a_demonstration_has_nothing_to_shut(database: Database) -> None:
    assert not demo.shut(database, NOON)
