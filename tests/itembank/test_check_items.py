"""Each rule on one item: what breaks it, and what is told."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given

from framework import LocalizedText, Source, load
from itembank import Item, Match, Problem, check_items
from itembank.model import Parameters
from tests.items import (
    EXACT,
    TODAY,
    TOLERANT,
    make_item,
    make_option,
    make_options,
    make_short_text,
    make_ticks,
)
from tests.strategies import items

FRAMEWORK = load()


def problems_of(*bank: Item) -> tuple[Problem, ...]:
    return check_items(bank, FRAMEWORK, today=TODAY)


def only_problem(item: Item) -> Problem:
    (found,) = problems_of(item)
    return found


def told(item: Item) -> list[tuple[str, str]]:
    return [(found.code, found.where) for found in problems_of(item)]


def test_a_good_item_has_no_problem() -> None:
    bank = (make_item(), make_ticks((True, True, False), item_id="T-2"), make_short_text("rançongiciel", item_id="T-3"))
    assert problems_of(*bank) == ()


@given(items())
def test_any_well_formed_item_can_be_checked(item: Item) -> None:
    assert all(found.message and found.repair for found in problems_of(item))


@pytest.mark.parametrize(
    ("changes", "code", "where"),
    [
        ({"item_id": "SN1.1 001"}, "bad-id", "id"),
        ({"item_id": "é"}, "bad-id", "id"),
        ({"item_id": "a" * 65}, "bad-id", "id"),
        ({"competence": "SN1.9", "capacity": "SN1.9.a"}, "unknown-competence", "competence"),
        ({"capacity": "SN1.1.z"}, "unknown-capacity", "capacity"),
        ({"capacity": "SN1.1"}, "unknown-capacity", "capacity"),
        ({"capacity": "SN1.2.a"}, "capacity-elsewhere", "capacity"),
        ({"level": 0}, "level-range", "level"),
        ({"level": 9}, "level-range", "level"),
        ({"level_reason": " \n"}, "empty-text", "level_reason"),
        ({"stem": LocalizedText("Quoi ?", "")}, "empty-text", "stem.en"),
        ({"stem": LocalizedText("Quoi\x00 ?", "What?")}, "forbidden-character", "stem.fr"),
        ({"stem": LocalizedText("Quoi ?", "What \ud800?")}, "forbidden-character", "stem.en"),
        ({"explanation": LocalizedText("x" * 4_001, "x")}, "long-text", "explanation.fr"),
        ({"stem": LocalizedText("mot " * 61, "x")}, "long-stem", "stem.fr"),
        ({"sources": ()}, "no-source", "sources"),
        ({"sources": (Source("T", "www.exemple.test", "2024"),)}, "bad-address", "sources[0].url"),
        ({"sources": (Source("T", "javascript:alert(1)", "2024"),)}, "bad-address", "sources[0].url"),
        ({"sources": (Source("T", "https://exemple.test", None),)}, "bad-source-date", "sources[0].date"),
        ({"review_by": date(2026, 11, 20)}, "review-before-start", "review_by"),
        ({"review_by": date(2029, 11, 22)}, "review-too-far", "review_by"),
        ({"enemies": frozenset({"SN1.1-001"})}, "own-enemy", "enemies.SN1.1-001"),
        ({"enemies": frozenset({"SN1.1-404"})}, "unknown-enemy", "enemies.SN1.1-404"),
    ],
)
def test_each_breach_is_told_where_it_is(changes: dict[str, Any], code: str, where: str) -> None:
    assert (code, where) in told(make_item(**changes))


def test_an_item_may_wait_three_years_for_its_review() -> None:
    assert told(make_item(review_by=date(2029, 11, 21))) == []


def test_an_item_of_a_leap_day_may_wait_three_years_too() -> None:
    start, now = date(2024, 2, 29), date(2024, 3, 1)
    assert check_items([make_item(valid_from=start, review_by=date(2027, 2, 28))], FRAMEWORK, today=now) == ()
    late = check_items([make_item(valid_from=start, review_by=date(2027, 3, 1))], FRAMEWORK, today=now)
    assert [found.code for found in late] == ["review-too-far"]


def test_an_item_past_its_review_is_a_warning_from_the_day_after() -> None:
    item = make_item()
    assert check_items([item], FRAMEWORK, today=date(2027, 11, 21)) == ()
    (found,) = check_items([item], FRAMEWORK, today=date(2027, 11, 22))
    assert (found.code, found.severity) == ("expired", "warning")
    assert found.message == "La date de revue, le 2027-11-21, est passée : la question ne sera plus posée."


def test_an_unknown_capacity_is_told_with_those_of_the_competence() -> None:
    found = only_problem(make_item(capacity="SN1.1.z"))
    assert found.repair.endswith("SN1.1.a, SN1.1.b, SN1.1.c, SN1.1.d.")


def test_a_long_stem_is_only_a_warning() -> None:
    found = only_problem(make_item(stem=LocalizedText("mot " * 61, "x")))
    assert (found.severity, found.facts["count"]) == ("warning", 61)


class TestOptions:
    @pytest.mark.parametrize("rights", [(True, False), (True,) + (False,) * 6, ()])
    def test_there_are_three_to_six(self, rights: tuple[bool, ...]) -> None:
        assert ("option-count", "options") in told(make_item(options=make_options(rights)))

    def test_two_cannot_share_a_letter(self) -> None:
        options = (*make_options((True, False, False)), make_option("b"))
        codes = told(make_item(options=options))
        assert ("duplicate-option-id", "options[3].id") in codes

    @pytest.mark.parametrize("letter", ["", "é", "a b", "a" * 33])
    def test_a_letter_must_be_plain(self, letter: str) -> None:
        options = (*make_options((True, False, False)), make_option(letter))
        assert ("bad-option-id", "options[3].id") in told(make_item(options=options))

    def test_two_cannot_say_the_same(self) -> None:
        same = replace(make_option("d"), text=LocalizedText("  option A (FR)", "Something else"))
        item = make_item(options=(*make_options((True, False, False)), same))
        assert told(item) == [("same-option-text", "options[3].text.fr")]

    @pytest.mark.parametrize(
        ("item", "code"),
        [
            (make_item(options=make_options((False, False, False))), "no-correct"),
            (make_item(options=make_options((True, True, False))), "several-correct"),
            (make_ticks((False, False, False)), "no-correct"),
            (make_ticks((True, False, False)), "one-correct"),
            (make_ticks((True, True, True)), "no-wrong"),
            (make_ticks((True, True, True), scoring="all_or_nothing"), "no-wrong"),
        ],
    )
    def test_the_right_number_must_be_right(self, item: Item, code: str) -> None:
        assert told(item) == [(code, "options")]


class TestShortTexts:
    def test_each_language_needs_an_answer_and_examples(self) -> None:
        one = ("rançongiciel",)
        item = make_short_text(
            "x", answers={"fr": one}, accepted_examples={"fr": one, "en": ()}, refused_examples={"fr": ("virus",)}
        )
        assert told(item) == [
            ("no-answer", "answers.en"),
            ("no-example", "accepted_examples.en"),
            ("no-example", "refused_examples.en"),
        ]

    def test_an_answer_that_its_own_rules_erase_is_told(self) -> None:
        assert ("vanishing-answer", "answers.fr[1]") in told(make_short_text("plus", "!", match=TOLERANT))

    def test_endless_lists_are_told_and_their_examples_not_tried(self) -> None:
        words = tuple(f"mot numéro {n}" for n in range(51))
        item = make_short_text(*words, accepted_examples={"fr": words, "en": ("something else",)})
        assert told(item) == [
            ("long-list", "answers.fr"),
            ("long-list", "answers.en"),
            ("long-list", "accepted_examples.fr"),
            ("useless-tolerance", "match.edit_distance"),
        ]

    @pytest.mark.parametrize("distance", [-1, 3])
    def test_at_most_two_typing_errors_may_be_allowed(self, distance: int) -> None:
        item = make_short_text("rançongiciel", match=replace(TOLERANT, edit_distance=distance))
        assert ("edit-distance-range", "match.edit_distance") in told(item)

    def test_a_tolerance_that_applies_to_nothing_is_a_warning(self) -> None:
        found = only_problem(make_short_text("INS", "port 443", match=TOLERANT))
        assert (found.code, found.severity) == ("useless-tolerance", "warning")

    def test_an_example_to_accept_that_is_refused_is_told(self) -> None:
        item = make_short_text("INS", match=EXACT, accepted_examples={"fr": ("INS", "ins"), "en": ("INS",)})
        found = only_problem(item)
        assert (found.code, found.where) == ("example-refused", "accepted_examples.fr[1]")

    def test_an_example_to_refuse_that_is_accepted_is_told_with_the_answer_it_resembles(self) -> None:
        refused = {"fr": ("déchiffrement",), "en": ("decryption",)}
        item = make_short_text(
            "codage", "chiffrement", match=Match("ignore", "ignore", "ignore", "collapse", 2), refused_examples=refused
        )
        found = only_problem(item)
        assert (found.code, found.where) == ("example-accepted", "refused_examples.fr[0]")
        assert "trop près de « chiffrement »" in found.message

    def test_an_example_to_refuse_must_be_refused_in_both_languages(self) -> None:
        answers = {"fr": ("rançongiciel",), "en": ("ransomware",)}
        refused = {"fr": ("ransomware",), "en": ("virus",)}
        item = make_short_text("x", answers=answers, accepted_examples=answers, refused_examples=refused)
        assert told(item) == [("example-accepted", "refused_examples.fr[0]")]

    def test_an_example_that_nobody_can_type_is_told_as_a_text(self) -> None:
        examples = {"fr": ("INS", "x\x00", "y" * 501), "en": ("INS",)}
        assert told(make_short_text("INS", match=EXACT, accepted_examples=examples)) == [
            ("forbidden-character", "accepted_examples.fr[1]"),
            ("long-text", "accepted_examples.fr[2]"),
        ]


ASYMMETRIC = ((1.0, 0.5), (0.4, 1.0))
INDEFINITE = ((1.0, 2.0), (2.0, 1.0))
NEGATIVE = ((-1.0, 0.0), (0.0, 1.0))
HOLLOW = ((0.0, 0.5), (0.5, 1.0))
SINGULAR = ((1.0, 1.0), (1.0, 1.0))


def calibrated(**changes: Any) -> Parameters:
    fields: dict[str, Any] = {"model": "2pl", "a": 1.2, "b": (0.3,), "c": 0.0, "covariance": None}
    return Parameters(**{**fields, **changes})


class TestParameters:
    @pytest.mark.parametrize(
        ("parameters", "code", "where"),
        [
            (calibrated(a=0.0), "bad-slope", "parameters.a"),
            (calibrated(a=-1.0), "bad-slope", "parameters.a"),
            (calibrated(model="rasch", a=1.1), "bad-slope", "parameters.a"),
            (calibrated(c=0.2), "bad-asymptote", "parameters.c"),
            (calibrated(model="3pl", c=1.0), "bad-asymptote", "parameters.c"),
            (calibrated(b=()), "step-count", "parameters.b"),
            (calibrated(b=(0.1, 0.2)), "step-count", "parameters.b"),
            (calibrated(a=float("nan")), "infinite-parameter", "parameters"),
            (calibrated(b=(float("inf"),)), "infinite-parameter", "parameters"),
            (calibrated(covariance=((float("nan"), 0.0), (0.0, 1.0))), "infinite-parameter", "parameters"),
            (calibrated(covariance=((1.0,),)), "bad-covariance", "parameters.covariance"),
            (calibrated(covariance=((1.0, 0.0), (0.0,))), "bad-covariance", "parameters.covariance"),
            (calibrated(covariance=ASYMMETRIC), "bad-covariance", "parameters.covariance"),
            (calibrated(covariance=INDEFINITE), "bad-covariance", "parameters.covariance"),
            (calibrated(covariance=NEGATIVE), "bad-covariance", "parameters.covariance"),
            (calibrated(covariance=HOLLOW), "bad-covariance", "parameters.covariance"),
        ],
    )
    def test_each_breach_is_told(self, parameters: Parameters, code: str, where: str) -> None:
        assert told(make_item(parameters=parameters)) == [(code, where)]

    def test_more_than_two_categories_need_the_partial_credit_model(self) -> None:
        steps = {"b": (0.1, 0.2)}
        assert told(make_ticks((True, True, False), parameters=calibrated(**steps))) == [("step-count", "parameters.b")]
        assert told(make_ticks((True, True, False), parameters=calibrated(model="gpcm", **steps))) == []

    @pytest.mark.parametrize("covariance", [SINGULAR, ((0.0, 0.0), (0.0, 0.0)), ((1e-6, 1e-7), (1e-7, 4.0))])
    def test_a_covariance_may_be_singular(self, covariance: tuple[tuple[float, ...], ...]) -> None:
        assert told(make_item(parameters=calibrated(covariance=covariance))) == []
