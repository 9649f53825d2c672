import doctest
import sys
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from framework import Locale
from itembank import Item, Match, UnreadableResponse, grade
from itembank.compare import edits, normalise
from tests.items import EXACT, make_item, make_short_text, make_ticks
from tests.responses import answerable, responses, right_response
from tests.strategies import items, json_values

LOOSE = Match(case="ignore", accents="ignore", punctuation="ignore", spaces="collapse", edit_distance=0)


def score(item: Item, response: object, locale: Locale = "fr") -> int:
    return grade(item, response, locale=locale)


def typed(text: str, *answers: str, locale: Locale = "fr", **rules: Any) -> int:
    """The score of a typed text, under rules that forgive nothing but what is named."""
    match = Match(**{"case": "exact", "accents": "exact", "punctuation": "exact", "spaces": "exact", **rules})
    return score(make_short_text(*answers, match=match), {"text": text}, locale)


def refusal(item: Item, response: object) -> str:
    with pytest.raises(UnreadableResponse) as refused:
        score(item, response)
    return str(refused.value)


class TestChoices:
    def test_the_right_option_scores_one_and_any_other_zero(self) -> None:
        assert [score(make_item(), {"choice": letter}) for letter in "abcd"] == [0, 1, 0, 0]

    def test_all_or_nothing_wants_exactly_the_right_options(self) -> None:
        item = make_ticks((True, True, False, False), scoring="all_or_nothing")
        answers = ("ab", "ba", "a", "abc", "")
        assert [score(item, {"choices": list(answer)}) for answer in answers] == [1, 1, 0, 0, 0]

    def test_partial_credit_is_right_ticks_less_wrong_ticks_and_never_negative(self) -> None:
        item = make_ticks((True, True, True, False, False))
        answers = ("abc", "ab", "abcd", "ad", "de", "abcde", "")
        assert [score(item, {"choices": list(answer)}) for answer in answers] == [3, 2, 2, 0, 0, 1, 0]

    @pytest.mark.parametrize("item", [make_item(), make_ticks((True, True, False)), make_short_text("INS")])
    def test_a_skip_scores_zero(self, item: Item) -> None:
        assert score(item, None) == 0

    @pytest.mark.parametrize(
        ("response", "reason"),
        [
            ({"choice": "z"}, "choice: 'z' is not an option of this question"),
            ({"choice": True}, "choice: expected ids as strings, got bool"),
            ({"choice": None}, "choice: expected ids as strings, got null"),
            ({"choice": ["a"]}, "choice: expected ids as strings, got list"),
            ({"choice": "a\x00"}, r"choice: 'a\x00' is not an option of this question"),
            ({"choices": ["a"]}, 'response: expected an object with the one key "choice"'),
            ({"choice": "a", "step": 1}, 'response: expected an object with the one key "choice"'),
            ({}, 'response: expected an object with the one key "choice"'),
            ("a", 'response: expected an object with the one key "choice"'),
            (0, 'response: expected an object with the one key "choice"'),
        ],
    )
    def test_a_response_that_cannot_be_read_is_refused_with_the_reason(self, response: object, reason: str) -> None:
        assert refusal(make_item(), response) == reason

    @pytest.mark.parametrize(
        ("choices", "reason"),
        [
            ("ab", "choices: expected a list of option ids, got str"),
            ({"a": True}, "choices: expected a list of option ids, got dict"),
            (["a", "a"], "choices: an option is ticked twice"),
            (["a", 1], "choices: expected ids as strings, got int"),
            (["a"] * 4, "choices: 4 ids for 3 options"),
            (["é" * 50], "choices: '" + r"\xe9" * 40 + "' is not an option of this question"),
        ],
    )
    def test_ticks_that_cannot_be_read_are_refused_with_the_reason(self, choices: object, reason: str) -> None:
        assert refusal(make_ticks((True, True, False)), {"choices": choices}) == reason


class TestShortTexts:
    def test_an_exact_answer_is_accepted_and_nothing_else(self) -> None:
        assert [typed(text, "INS", edit_distance=0) for text in ("INS", "ins", "I N S", "INS.", "")] == [1, 0, 0, 0, 0]

    def test_each_language_has_its_own_answers(self) -> None:
        answers = {"fr": ("rançongiciel",), "en": ("ransomware",)}
        item = make_short_text("x", match=EXACT, answers=answers)
        assert score(item, {"text": "ransomware"}, "fr") == 0
        assert score(item, {"text": "ransomware"}, "en") == 1

    def test_compatible_forms_of_a_character_are_the_same(self) -> None:
        assert typed("ﬁchier\u00a01\u200b", "fichier 1", edit_distance=0) == 1

    def test_composed_and_decomposed_accents_are_the_same(self) -> None:
        assert typed("te\u0301le\u0301soin", "télésoin", edit_distance=0) == 1

    def test_case_is_ignored_when_the_rule_says_so(self) -> None:
        assert typed("STRASSE", "straße", case="ignore", edit_distance=0) == 1

    def test_accents_and_ligatures_are_ignored_when_the_rule_says_so(self) -> None:
        assert typed("Œdeme", "oedème", case="ignore", accents="ignore", edit_distance=0) == 1
        assert typed("oedeme", "œdème", accents="ignore", edit_distance=0) == 1

    def test_ignored_punctuation_counts_as_a_space(self) -> None:
        texts = ("e CPS", "e–CPS !", "« e-CPS »", "eCPS")
        scores = [typed(t, "e-CPS", punctuation="ignore", spaces="collapse", edit_distance=0) for t in texts]
        assert scores == [1, 1, 1, 0]

    def test_spaces_collapse_or_vanish_as_the_rule_says(self) -> None:
        texts = (" mon  espace\tsanté ", "monespacesanté")
        assert [typed(t, "mon espace santé", spaces="collapse", edit_distance=0) for t in texts] == [1, 0]
        assert [typed(t, "mon espace santé", spaces="ignore", edit_distance=0) for t in texts] == [1, 1]

    def test_typing_errors_are_counted_up_to_the_distance(self) -> None:
        texts = ("hameçonage", "hamçeonnage", "hameconage", "ameçonnages")
        assert [typed(text, "hameçonnage", edit_distance=1) for text in texts] == [1, 1, 0, 0]
        assert [typed(text, "hameçonnage", edit_distance=2) for text in texts] == [1, 1, 1, 1]

    @pytest.mark.parametrize(("typo", "answer"), [("signe", "ligne"), ("RPPT", "RPPS"), ("port 444", "port 443")])
    def test_tolerance_never_touches_short_answers_or_numbers(self, typo: str, answer: str) -> None:
        assert typed(typo, answer, edit_distance=2) == 0

    def test_tolerance_starts_at_six_characters(self) -> None:
        assert typed("vigne", "signer", edit_distance=2) == 1
        assert typed("igner", "signe", edit_distance=2) == 0

    def test_an_answer_of_which_nothing_is_left_accepts_nothing(self) -> None:
        assert typed("?", "!", punctuation="ignore", spaces="collapse", edit_distance=0) == 0

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            (7, "text: expected a string, got int"),
            (None, "text: expected a string, got null"),
            ("a\x00b", "text: the character NUL (U+0000) cannot be stored"),
            ("\ud83d", "text: half of a surrogate pair is not a character"),
            ("é" * 501, "text: expected at most 500 characters, got 501"),
            ("é" * 10_000_000, "text: expected at most 500 characters, got 10000000"),
        ],
    )
    def test_a_text_that_cannot_be_kept_is_refused_with_the_reason(self, text: object, reason: str) -> None:
        assert refusal(make_short_text("INS"), {"text": text}) == reason

    def test_emoji_are_a_wrong_answer_like_another(self) -> None:
        assert typed("👩🏽‍⚕️", "sage-femme", edit_distance=2) == 0


class TestEveryJsonValue:
    @given(items(), json_values() | st.builds(lambda key, value: {key: value}, st.text(), json_values()))
    @example(make_ticks((True, True, False)), {"choices": [True, False]})
    @example(make_item(), {"choice": "\ud800"})
    def test_it_is_graded_or_refused_with_a_reason(self, item: Item, response: object) -> None:
        try:
            reached = score(item, response)
        except UnreadableResponse as refused:
            reason, reached = str(refused), 0
        else:
            reason = "graded"
        assert reason.isprintable()
        assert 0 <= reached < item.categories

    @given(items(), st.data())
    def test_readable_ticks_always_get_a_score(self, item: Item, data: st.DataObject) -> None:
        assert 0 <= score(item, data.draw(responses(item))) < item.categories

    @given(items())
    def test_the_full_score_is_within_reach(self, item: Item) -> None:
        assume(answerable(item))
        assert score(item, right_response(item)) == item.categories - 1


def slow_alignment(one: str, other: str) -> int:
    """The recursive definition of the optimal string alignment distance."""
    if not one or not other:
        return len(one) + len(other)
    costs = [
        slow_alignment(one[:-1], other) + 1,
        slow_alignment(one, other[:-1]) + 1,
        slow_alignment(one[:-1], other[:-1]) + (one[-1] != other[-1]),
    ]
    if len(one) > 1 and len(other) > 1 and one[-1] == other[-2] and one[-2] == other[-1]:
        costs.append(slow_alignment(one[:-2], other[:-2]) + 1)
    return min(costs)


class TestDistance:
    @pytest.mark.parametrize(
        ("one", "other", "distance"),
        [("", "", 0), ("", "ab", 2), ("ca", "abc", 3), ("chat", "caht", 1), ("dose", "doses", 1), ("a", "b", 1)],
    )
    def test_known_distances(self, one: str, other: str, distance: int) -> None:
        assert edits(one, other, at_most=5) == distance

    @given(st.text("abc", max_size=6), st.text("abc", max_size=6), st.integers(0, 7))
    def test_it_is_the_recursive_definition_cut_short(self, one: str, other: str, at_most: int) -> None:
        assert edits(one, other, at_most=at_most) == min(slow_alignment(one, other), at_most + 1)

    @given(st.text(max_size=10), st.text(max_size=10))
    def test_it_is_the_same_both_ways(self, one: str, other: str) -> None:
        assert edits(one, other, at_most=10) == edits(other, one, at_most=10)


@given(st.text(max_size=50))
def test_loose_rules_compare_a_text_as_equal_to_its_own_normal_form(text: str) -> None:
    once = normalise(text, LOOSE)
    assert normalise(once, LOOSE) == once


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(sys.modules[edits.__module__]).failed == 0
