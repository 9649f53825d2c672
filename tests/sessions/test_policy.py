import pytest
from pydantic import ValidationError

from app.sessions.policy import Policy
from framework import load
from tests.builders import make_policy

FRAMEWORK = load()


def test_the_blueprint_follows_the_framework_s_order() -> None:
    blueprint = make_policy().blueprint(FRAMEWORK)
    assert blueprint.length == (20, 30)
    assert blueprint.domain.tolist() == [[3, 10]] * 5
    assert blueprint.competence.tolist() == [[1, 10]] * 12
    assert blueprint.domain_of.tolist() == [0, 0, 0, 1, 1, 2, 2, 3, 3, 3, 4, 4]


def test_a_limit_replaces_the_general_one_of_its_domain_or_competence() -> None:
    limits = {"SN2": {"at_least": 5, "at_most": 6}, "SN1.3": {"at_most": 0}}
    blueprint = make_policy(limits=limits).blueprint(FRAMEWORK)
    assert blueprint.domain.tolist() == [[3, 10], [5, 6], [3, 10], [3, 10], [3, 10]]
    assert blueprint.competence[:3].tolist() == [[1, 10], [1, 10], [0, 0]]


def test_one_loading_serves_every_domain() -> None:
    assert make_policy(loading=0.6).loadings(FRAMEWORK) == (0.6,) * 5


def test_loadings_by_domain_follow_the_framework_s_order() -> None:
    by_domain = {"SN5": 0.5, "SN4": 0.4, "SN3": 0.3, "SN2": 0.2, "SN1": 0.1}
    assert make_policy(loading=by_domain).loadings(FRAMEWORK) == (0.1, 0.2, 0.3, 0.4, 0.5)


def test_equal_rules_have_one_fingerprint_however_they_were_written() -> None:
    one = make_policy(se_target=1, limits={"SN1": {"at_least": 2}, "SN2": {"at_most": 4}})
    other = make_policy(limits={"SN2": {"at_most": 4, "at_least": 0}, "SN1": {"at_least": 2}}, se_target=1.0)
    assert one.sha256() == other.sha256()


@pytest.mark.parametrize(
    "change",
    [
        {"se_target": 0.64},
        {"choose_among": 4},
        {"loading": 0.7},
        {"exposure_cap": 0.3},
        {"criterion": "information"},
        {"certainty": 0.9},
        {"cut_levels": [4]},
        {"per_set": {"at_least": 2, "at_most": 3}},
        {"progressive": 0.3},
        {"selection": "shadow"},
        {"bookkeeping": "counted"},
    ],
)
def test_other_rules_have_another_fingerprint(change: dict[str, object]) -> None:
    assert make_policy(**change).sha256() != make_policy().sha256()


def test_the_rules_come_back_from_what_is_stored() -> None:
    policy = make_policy(limits={"SN2": {"at_least": 5, "at_most": 6}}, loading={"SN1": 0.5}, exposure_cap=0.25)
    stored = policy.content()
    assert make_policy(**stored) == policy
    assert make_policy(**stored).sha256() == policy.sha256()


def test_equal_rules_are_found_again_in_a_table() -> None:
    one, other = make_policy(limits={"SN1": {"at_least": 2}}), make_policy(limits={"SN1": {"at_least": 2}})
    assert {one: "found"}[other] == "found"


def test_levels_to_decide_on_come_in_order_and_once() -> None:
    assert make_policy(cut_levels=[6, 2, 6]).cut_levels == [2, 6]


def test_a_decision_on_a_level_is_about_its_lower_end() -> None:
    assert make_policy(cut_levels=[2, 5]).cuts(FRAMEWORK) == (FRAMEWORK.cuts[0], FRAMEWORK.cuts[3])
    assert FRAMEWORK.level_of(make_policy(cut_levels=[5]).cuts(FRAMEWORK)[0]) == 5


def test_without_levels_named_a_decision_is_about_every_level() -> None:
    assert make_policy().cuts(FRAMEWORK) == FRAMEWORK.cuts


def test_rules_stored_by_a_version_that_counted_keep_counting() -> None:
    stored = make_policy().content()
    assert Policy.of_stored(stored) == make_policy()
    del stored["bookkeeping"]
    assert Policy.of_stored(stored) == make_policy(bookkeeping="counted")


def test_a_minimum_above_its_maximum_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"at_least \(9\) must not exceed at_most \(8\)"):
        make_policy(length={"at_least": 9, "at_most": 8})


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ("se_target", 0.0),
        ("se_target", float("nan")),
        ("loading", 0.96),
        ("loading", -0.1),
        ("loading", {"SN1": 1.0}),
        ("choose_among", 0),
        ("exposure_cap", 0.0),
        ("exposure_cap", 1.1),
        ("length", {"at_least": -1}),
        ("length", {"at_most": 501}),
        ("min_own_share", 1.1),
        ("time_limit_minutes", 0),
        ("feedback", "always"),
        ("criterion", "luck"),
        ("certainty", 0.5),
        ("certainty", 1.0),
        ("cut_levels", [1]),
        ("cut_levels", 4),
        ("per_set", {"at_least": 5, "at_most": 3}),
        ("progressive", 1.1),
        ("progressive", -0.1),
        ("selection", "best"),
        ("bookkeeping", "none"),
        ("unheard_of", 1),
    ],
)
def test_a_rule_out_of_bounds_is_refused_by_name(rule: str, value: object) -> None:
    with pytest.raises(ValidationError, match=rule):
        make_policy(**{rule: value})


def test_rules_do_not_change_once_made() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        make_policy().se_target = 0.3  # type: ignore[misc]
