import datetime as dt
import uuid
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from app.bank import pools
from app.campaigns import service
from app.campaigns.model import (
    BadCampaign,
    CampaignClosed,
    CampaignNotOpenYet,
    ExposureCapTooLow,
    InfeasibleBlueprint,
    MissingLoading,
    UnknownCampaign,
    UnknownCode,
    UnknownNode,
)
from app.db.connection import Database, scope
from app.db.tables.accounts import AuditRow
from app.db.tables.campaigns import CampaignRow, PolicyVersionRow
from app.institutions.model import KeyTaken
from app.sessions.policy import Policy, Range
from tests.builders import Institution, make_institution
from tests.campaigns.samples import add_sitting, make_campaign
from tests.conftest import NOON
from tests.sittings import published

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def scoped(tx: Connection, institution: Institution) -> Connection:
    scope(tx, institution.id)
    return tx


def test_a_campaign_is_found_by_its_code_as_people_type_it(database: Database, institution: Institution) -> None:
    with database.transaction(institution.id) as tx:
        made = make_campaign(tx, institution)
    with database.transaction() as tx:
        typed = f" {made.code[:3].lower()}-{made.code[3:]} "
        assert service.by_code(tx, typed, NOON) == made


def test_finding_a_campaign_scopes_the_transaction_to_its_institution(
    database: Database, institution: Institution
) -> None:
    with database.transaction(institution.id) as tx:
        made = make_campaign(tx, institution)
    with database.transaction() as tx:
        assert tx.scalars(select(CampaignRow.id)).all() == []
        service.by_code(tx, made.code, NOON)
        assert tx.scalars(select(CampaignRow.id)).all() == [made.id]


@pytest.mark.parametrize("typed", ["QQQQQQ", "", "'; --", "\0"])
def test_an_unknown_code_is_refused(tx: Connection, typed: str) -> None:
    with pytest.raises(UnknownCode):
        service.by_code(tx, typed, NOON)


def test_a_campaign_opens_at_its_moment_and_closes_at_its_end(scoped: Connection, institution: Institution) -> None:
    made = make_campaign(scoped, institution, opens_at=NOON, closes_at=NOON + HOUR)
    with pytest.raises(CampaignNotOpenYet) as early:
        service.by_code(scoped, made.code, NOON - dt.timedelta(microseconds=1))
    assert early.value.facts["opens_at"] == NOON
    assert service.by_code(scoped, made.code, NOON) == made
    assert service.by_code(scoped, made.code, NOON + HOUR - dt.timedelta(microseconds=1)) == made
    with pytest.raises(CampaignClosed):
        service.by_code(scoped, made.code, NOON + HOUR)
    assert service.by_code(scoped, made.code, NOON + HOUR, also_closed=True) == made


def test_a_campaign_can_be_shown_before_it_opens(scoped: Connection, institution: Institution) -> None:
    made = make_campaign(scoped, institution, opens_at=NOON + HOUR)
    assert service.find(scoped, made.code).state(NOON) == "not_yet"


def test_closing_ends_a_campaign_now_and_only_once(scoped: Connection, institution: Institution) -> None:
    made = make_campaign(scoped, institution)
    closed = service.close(scoped, made, now=NOON + HOUR)
    assert closed.closes_at == NOON + HOUR
    assert service.close(scoped, closed, now=NOON + 2 * HOUR) == closed
    acts = scoped.scalars(select(AuditRow.act).where(AuditRow.subject == f"campaign:{made.id}")).all()
    assert sorted(acts) == ["campaign.closed", "campaign.created"]


def test_a_campaign_that_is_not_open_yet_cannot_be_closed(scoped: Connection, institution: Institution) -> None:
    made = make_campaign(scoped, institution, opens_at=NOON + HOUR)
    with pytest.raises(CampaignNotOpenYet):
        service.close(scoped, made, now=NOON)


def test_a_code_already_in_use_is_refused(database: Database, institution: Institution) -> None:
    other = make_institution(database)
    with database.transaction(institution.id) as tx:
        made = make_campaign(tx, institution)
    with pytest.raises(KeyTaken), database.transaction(other.id) as tx:
        make_campaign(tx, other, code=made.code)


def test_a_drawn_code_that_is_taken_is_drawn_again(
    scoped: Connection, institution: Institution, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = make_campaign(scoped, institution)
    other = "ZZ" + first.code[2:] if not first.code.startswith("ZZ") else "YY" + first.code[2:]
    drawn = iter([first.code, other])
    monkeypatch.setattr(service, "new_code", lambda: next(drawn))
    assert make_campaign(scoped, institution).code == other


def test_another_institution_sees_nothing_of_a_campaign(database: Database, institution: Institution) -> None:
    other = make_institution(database)
    with database.transaction(institution.id) as tx:
        made = make_campaign(tx, institution)
    with database.transaction(other.id) as tx:
        assert service.overviews(tx) == ()
        with pytest.raises(UnknownCampaign):
            service.by_id(tx, made.id)


def test_equal_rules_are_one_policy_version(scoped: Connection, institution: Institution) -> None:
    first, second = make_campaign(scoped, institution), make_campaign(scoped, institution)
    third = make_campaign(scoped, institution, policy=Policy(se_target=0.5))
    assert first.policy_version_id == second.policy_version_id != third.policy_version_id
    assert scoped.scalar(select(func.count()).select_from(PolicyVersionRow)) == 2
    assert service.policy_of(scoped, third.policy_version_id) == Policy(se_target=0.5)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": {"fr": " ", "en": "Placement"}}, "title.fr"),
        ({"title": {"fr": "Positionnement"}}, "title.en"),
        ({"title": {"fr": "a" * 201, "en": "Placement"}}, "title.fr"),
        ({"identification": "carte"}, "identification"),
        ({"retention_days": 0}, "retention_days"),
        ({"closes_at": NOON}, "closes_at"),
        ({"opens_at": NOON.replace(tzinfo=None)}, "opens_at"),
        ({"code": "DEMO26"}, "code"),
    ],
)
def test_a_term_that_cannot_be_used_is_named(
    scoped: Connection, institution: Institution, given: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadCampaign) as refused:
        make_campaign(scoped, institution, **given)
    assert refused.value.facts["field"] == field


@pytest.mark.parametrize(
    ("policy", "rule"),
    [
        (Policy(limits={"SN1.1": Range(at_least=60, at_most=70)}, length=Range(at_most=80)), "SN1.1"),
        (Policy(per_domain=Range(at_least=7, at_most=8), length=Range(at_least=20, at_most=30)), "length"),
        (Policy(limits={"SN2": Range(at_least=1, at_most=1)}), "SN2"),
    ],
)
def test_rules_that_no_test_can_keep_are_refused_by_name(
    scoped: Connection, institution: Institution, policy: Policy, rule: str
) -> None:
    with pytest.raises(InfeasibleBlueprint) as refused:
        make_campaign(scoped, institution, policy=policy)
    assert refused.value.facts["rule"] == rule
    assert refused.value.facts["needed"] > refused.value.facts["possible"]  # type: ignore[operator]


def test_rules_that_the_bank_cannot_keep_to_the_end_name_the_day(scoped: Connection, institution: Institution) -> None:
    with pytest.raises(InfeasibleBlueprint) as refused:
        make_campaign(scoped, institution, closes_at=NOON + dt.timedelta(days=900))
    assert "2026-11-23" < str(refused.value.facts["day"]) < "2029-06-01"


@pytest.mark.parametrize(
    ("policy", "field"),
    [
        (Policy(limits={"SN9": Range()}), "limits.SN9"),
        (Policy(limits={"SN1.1.a": Range()}), "limits.SN1.1.a"),
        (Policy(loading={"SN1": 0.7, "SN1.1": 0.7}), "loading.SN1.1"),
    ],
)
def test_rules_about_what_the_framework_does_not_have_are_refused_by_name(
    scoped: Connection, institution: Institution, policy: Policy, field: str
) -> None:
    with pytest.raises(UnknownNode) as refused:
        make_campaign(scoped, institution, policy=policy)
    assert refused.value.facts["field"] == field


def test_loadings_must_speak_of_every_domain(scoped: Connection, institution: Institution) -> None:
    with pytest.raises(MissingLoading) as refused:
        make_campaign(scoped, institution, policy=Policy(loading=dict.fromkeys(("SN1", "SN2", "SN3", "SN5"), 0.7)))
    assert refused.value.facts["node"] == "SN4"


def test_a_cap_that_the_longest_test_would_break_is_refused(scoped: Connection, institution: Institution) -> None:
    size = published(scoped, NOON).item_count
    free = Policy(per_domain=Range(), per_competence=Range())
    with pytest.raises(ExposureCapTooLow) as refused:
        make_campaign(scoped, institution, policy=free.model_copy(update={"exposure_cap": 30 / size - 0.001}))
    assert (refused.value.facts["rule"], refused.value.facts["size"]) == ("length", size)
    least = float(str(refused.value.facts["least"]))
    make_campaign(scoped, institution, policy=free.model_copy(update={"exposure_cap": least}))


def test_a_cap_that_one_part_would_break_names_it(scoped: Connection, institution: Institution) -> None:
    pool = pools.of(scoped, published(scoped, NOON).id)
    size = sum(item.competence == "SN1.1" for item in pool.items)
    policy = Policy(exposure_cap=5 / size - 0.001, limits={"SN1.1": Range(at_least=5, at_most=6)})
    with pytest.raises(ExposureCapTooLow) as refused:
        make_campaign(scoped, institution, policy=policy)
    assert refused.value.facts["rule"] == "SN1.1"


def test_a_list_counts_who_began_and_who_finished(scoped: Connection, institution: Institution) -> None:
    quiet, busy = make_campaign(scoped, institution), make_campaign(scoped, institution)
    add_sitting(scoped, busy, answered=["SN1.1-001"])
    add_sitting(scoped, busy, answered=["SN1.1-001"], on_screen="SN1.1-002")
    counts = {each.campaign.id: (each.participants, each.running, each.finished) for each in service.overviews(scoped)}
    assert counts == {quiet.id: (0, 0, 0), busy.id: (2, 1, 1)}


def test_one_campaign_is_counted_without_the_others(scoped: Connection, institution: Institution) -> None:
    campaign, other = make_campaign(scoped, institution), make_campaign(scoped, institution)
    add_sitting(scoped, campaign, answered=[])
    add_sitting(scoped, other, answered=[])
    assert service.overview(scoped, campaign.id) in service.overviews(scoped)
    assert service.overview(scoped, campaign.id).participants == 1
    with pytest.raises(UnknownCampaign):
        service.overview(scoped, uuid.uuid4())


def test_an_unknown_campaign_is_refused(scoped: Connection) -> None:
    with pytest.raises(UnknownCampaign):
        service.by_id(scoped, uuid.uuid4())
