import datetime as dt
import threading
import uuid

from sqlalchemy import text

from app.db.connection import Database
from app.results import service, store
from app.results.model import START, Extent, Wanted
from tests.builders import Institution, make_institution
from tests.results.journal import Campaign, finish, finish_many, make_campaign

ALL = 2**62
WRITERS, EACH = 8, 12


def sessions_of(database: Database, institution_id: uuid.UUID, wanted: Wanted, limit: int = 500) -> list[uuid.UUID]:
    with database.transaction(institution_id) as tx:
        return [record.session_id for record in store.page(tx, wanted, limit=limit, until=ALL)]


def test_results_take_the_positions_one_two_three(database: Database, institution: Institution) -> None:
    campaign = make_campaign(database, institution.id)
    sessions = finish_many(database, campaign, 3)
    with database.transaction(institution.id) as tx:
        records = store.page(tx, Wanted(), limit=10, until=ALL)
    assert [record.position for record in records] == [1, 2, 3]
    assert [record.session_id for record in records] == sessions


def test_a_document_comes_back_with_every_float_it_had(database: Database, institution: Institution) -> None:
    campaign = make_campaign(database, institution.id)
    content = {"thetas": [0.1 + 0.2, 1e-300, -2.2250738585072014e-308, 0.30000000000000004, 1.0, 5e-324, 123456.789e3]}
    with database.transaction(institution.id) as tx:
        session = finish(tx, campaign, document=content)
    with database.transaction(institution.id) as tx:
        assert service.of_session(tx, session) == content


def test_a_result_that_is_rolled_back_gives_its_position_back(database: Database, institution: Institution) -> None:
    campaign = make_campaign(database, institution.id)
    with database.transaction(institution.id) as tx:
        finish(tx, campaign)
        tx.rollback()
        tx.begin()
    (session,) = finish_many(database, campaign, 1)
    with database.transaction(institution.id) as tx:
        assert service.record_of(tx, session).position == 1


def test_moments_are_in_the_order_of_positions(database: Database, institution: Institution) -> None:
    campaign = make_campaign(database, institution.id)
    run_writers(database, campaign)
    with database.transaction(institution.id) as tx:
        moments = [record.updated_at for record in store.page(tx, Wanted(), limit=500, until=ALL)]
    assert moments == sorted(moments)


def run_writers(database: Database, campaign: Campaign) -> None:
    """Finish sittings from many threads at once; each waits a different while between its result and its commit."""

    def write(number: int) -> None:
        for turn in range(EACH):
            with database.transaction(campaign.institution_id) as tx:
                finish(tx, campaign)
                tx.execute(text("SELECT pg_sleep(:s)"), {"s": ((number * 7 + turn * 3) % 5) / 1000})

    threads = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_reader_who_follows_the_positions_misses_nothing_and_reads_nothing_twice(
    database: Database, institution: Institution
) -> None:
    campaign = make_campaign(database, institution.id)
    seen: list[uuid.UUID] = []
    place = START
    writing = threading.Thread(target=run_writers, args=(database, campaign))
    writing.start()
    while True:
        last_round = not writing.is_alive()
        with database.transaction(institution.id) as tx:
            records = store.page(tx, Wanted(after=place), limit=7, until=ALL)
        seen += [record.session_id for record in records]
        place = records[-1].position if records else place
        if last_round and not records:
            break
    writing.join()
    assert len(seen) == len(set(seen)) == WRITERS * EACH
    assert place == WRITERS * EACH


def test_a_reader_who_follows_the_moments_misses_nothing(database: Database, institution: Institution) -> None:
    campaign = make_campaign(database, institution.id)
    seen: set[uuid.UUID] = set()
    since: dt.datetime | None = None
    writing = threading.Thread(target=run_writers, args=(database, campaign))
    writing.start()
    while True:
        last_round = not writing.is_alive()
        with database.transaction(institution.id) as tx:
            records = store.page(tx, Wanted(updated_since=since), limit=500, until=ALL)
        seen |= {record.session_id for record in records}
        since = records[-1].updated_at if records else since
        if last_round:
            break
    writing.join()
    assert len(seen) == WRITERS * EACH


def test_an_extent_says_what_a_page_will_hold(database: Database, institution: Institution) -> None:
    campaign = make_campaign(database, institution.id)
    finish_many(database, campaign, 5)
    with database.transaction(institution.id) as tx:
        assert store.extent(tx, Wanted(), limit=2) == Extent(2, 2, has_more=True)
        assert store.extent(tx, Wanted(after=2), limit=3) == Extent(3, 5, has_more=False)
        assert store.extent(tx, Wanted(after=1), limit=None) == Extent(4, 5, has_more=False)
        assert store.extent(tx, Wanted(after=5), limit=10) == Extent(0, 5, has_more=False)


def test_one_campaign_may_be_followed_alone(database: Database, institution: Institution) -> None:
    first, second = make_campaign(database, institution.id), make_campaign(database, institution.id)
    finish_many(database, first, 2)
    wanted = finish_many(database, second, 2)
    finish_many(database, first, 1)
    assert sessions_of(database, institution.id, Wanted(campaign_id=second.id)) == wanted
    assert sessions_of(database, institution.id, Wanted(campaign_id=second.id, after=3), limit=5) == wanted[1:]


def test_another_institution_sees_no_result(database: Database, institution: Institution) -> None:
    campaign = make_campaign(database, institution.id)
    (session,) = finish_many(database, campaign, 1)
    stranger = make_institution(database)
    assert sessions_of(database, stranger.id, Wanted()) == []
    with database.transaction(stranger.id) as tx:
        assert store.of_session(tx, session) is None
        assert store.campaign_id(tx, code=campaign.code) is None
