"""The simulated cohort: sittings like any other, of nobody, made once."""

from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytest
from sqlalchemy import URL, func, select, text, update
from sqlalchemy.exc import ProgrammingError

from app.campaigns import cohort, demo, service
from app.campaigns.model import CampaignClosed
from app.db.connection import addresses, owner_engine
from app.db.tables.campaigns import CampaignRow, LearnerTokenRow, ParticipantRow
from app.db.tables.results import ResultRow
from app.db.tables.sessions import AnswerRow, SessionRow
from app.sessions import entry
from app.sessions.replay import replay_all
from framework import load
from tests.cohorts import Demonstration, demonstration
from tests.conftest import NOON, Clock

SIZE = 3


@pytest.fixture(scope="module")
def filled(maintenance: URL, demonstrated: URL) -> Iterator[Demonstration]:
    with demonstration(maintenance, demonstrated) as made:
        made.fill(SIZE)
        yield made


@pytest.fixture
def empty(maintenance: URL, demonstrated: URL) -> Iterator[Demonstration]:
    with demonstration(maintenance, demonstrated) as made:
        yield made


def answers(shown: Demonstration) -> list[tuple[object, ...]]:
    """Every answer kept, by student: what one seed decides."""
    with shown.database.transaction(shown.campaign.institution_id) as tx:
        rows = tx.execute(
            select(ParticipantRow.label, AnswerRow.step, AnswerRow.item_id, AnswerRow.response, AnswerRow.answered_at)
            .join_from(AnswerRow, SessionRow, SessionRow.id == AnswerRow.session_id)
            .join(ParticipantRow, ParticipantRow.id == SessionRow.participant_id)
            .order_by(ParticipantRow.label, AnswerRow.step)
        )
        return [tuple(row) for row in rows]


def test_the_campaign_is_simulated_closed_and_says_so_in_both_languages(filled: Demonstration) -> None:
    campaign = filled.campaign
    assert (campaign.simulated, campaign.state(NOON)) == (True, "closed")
    assert "simulée" in campaign.title["fr"]
    assert "Simulated" in campaign.title["en"]


def test_every_sitting_is_finished_and_its_result_marked(filled: Demonstration) -> None:
    with filled.database.transaction(filled.campaign.institution_id) as tx:
        contents = tx.scalars(select(ResultRow.content)).all()
        running = tx.scalar(select(func.count()).where(SessionRow.status == "running"))
    assert (len(contents), running) == (SIZE, 0)
    assert all(content["simulated"] for content in contents)
    assert {content["participant"]["label"] for content in contents} == {
        f"Étudiant simulé {k + 1}" for k in range(SIZE)
    }


def test_what_is_simulated_replays_like_anything_else(filled: Demonstration) -> None:
    with filled.database.transaction(filled.campaign.institution_id) as tx:
        replayed = list(replay_all(tx))
    assert len(replayed) == SIZE
    assert all(each.equal for each in replayed)


def test_everything_happened_while_the_campaign_was_open(filled: Demonstration) -> None:
    campaign = filled.campaign
    with filled.database.transaction(campaign.institution_id) as tx:
        first, last = tx.execute(select(func.min(SessionRow.started_at), func.max(SessionRow.started_at))).one()
    assert campaign.opens_at <= first <= last < (campaign.closes_at or NOON)
    assert campaign.closes_at == NOON


def test_nobody_enters_it_and_no_door_stays_open(filled: Demonstration) -> None:
    with filled.database.transaction() as tx, pytest.raises(CampaignClosed):
        entry.enter(tx, code=cohort.CODE, identity="Camille", entry_key=None, locale="fr", now=NOON)
    with filled.database.transaction(filled.campaign.institution_id) as tx:
        assert tx.scalar(select(func.count()).select_from(LearnerTokenRow)) == 0


def test_real_and_simulated_people_are_counted_apart(filled: Demonstration) -> None:
    with filled.database.transaction(filled.campaign.institution_id) as tx:
        counts = {each.campaign.code: (each.participants, each.finished) for each in service.overviews(tx)}
    assert counts == {demo.CODE: (0, 0), cohort.CODE: (SIZE, SIZE)}


@pytest.mark.parametrize("simulated", [True, False])
def test_the_service_cannot_change_whether_a_campaign_is_simulated(filled: Demonstration, simulated: bool) -> None:  # noqa: FBT001
    change = update(CampaignRow).where(CampaignRow.simulated.is_not(simulated)).values(simulated=simulated)
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        filled.database.transaction(filled.campaign.institution_id) as tx,
    ):
        tx.execute(change)


def test_a_second_start_makes_nothing_twice(filled: Demonstration) -> None:
    before = answers(filled)
    assert filled.fill(SIZE) == []
    assert answers(filled) == before


def test_a_start_cut_short_is_completed_by_the_next_with_the_same_answers(
    filled: Demonstration, empty: Demonstration
) -> None:
    with closing(cohort.steps(empty.database, SIZE, Clock())) as making:
        assert next(making) == 1
    assert empty.fill(SIZE) == [2, 3]
    assert answers(empty) == answers(filled)


def test_a_sitting_cut_off_leaves_nothing(empty: Demonstration, monkeypatch: pytest.MonkeyPatch) -> None:
    def out_of_words(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(cohort, "response_scoring", out_of_words)
        with pytest.raises(KeyboardInterrupt):
            empty.fill(1)
    with empty.database.transaction(empty.campaign.institution_id) as tx:
        assert tx.scalar(select(func.count()).select_from(ParticipantRow)) == 0
        assert tx.scalar(select(func.count()).select_from(AnswerRow)) == 0
    assert empty.fill(1) == [1]


def test_a_campaign_of_people_that_has_the_code_is_left_alone(empty: Demonstration) -> None:
    empty.fill(1)
    with addresses(empty.settings) as at, owner_engine(at) as owner, owner.begin() as tx:
        tx.execute(text("UPDATE campaigns SET simulated = false WHERE code = :code"), {"code": cohort.CODE})
    with pytest.raises(ValueError, match="not a simulated one"):
        empty.fill(2)


def test_students_of_a_whole_cohort_are_of_all_levels(filled: Demonstration) -> None:
    students = [cohort.student(number, filled.campaign, np.full(5, 0.75)) for number in range(1, 81)]
    ability = np.array([each.ability for each in students])
    assert np.abs(ability.mean(axis=0)).max() < 3 / np.sqrt(80)
    assert set((np.searchsorted(load().cuts, ability) + 1).ravel()) == set(range(1, 9))
    assert {each.locale for each in students} == {"fr", "en"}
    assert 0 < sum(each.stops_after is not None for each in students) < 16
