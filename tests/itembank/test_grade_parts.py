"""Numbers, orders, matches and gaps: what scores what, and what cannot be read."""

import doctest
import sys
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework import Locale
from itembank import Item, UnreadableResponse, grade
from itembank.compare import NotOneNumber, number_of
from itembank.parts import Gap
from tests.items import (
    TOLERANT,
    both,
    make_gap_text,
    make_inline,
    make_matching,
    make_number,
    make_order,
)


def score(item: Item, response: object, locale: Locale = "fr") -> int:
    return grade(item, response, locale=locale)


def refusal(item: Item, response: object) -> str:
    with pytest.raises(UnreadableResponse) as refused:
        score(item, response)
    return str(refused.value)


class TestNumbers:
    def test_a_number_counts_up_to_the_tolerance_and_no_further(self) -> None:
        texts = ("12,45", "12.5", "12,55", "12.551", "12.449", "-12,5")
        assert [score(make_number(), {"text": text}) for text in texts] == [1, 1, 1, 0, 0, 0]

    @pytest.mark.parametrize(("text", "tolerance", "right"), [("250", "0", 1), ("251", "0", 0), ("251", "1", 1)])
    def test_without_tolerance_only_the_value_counts(self, text: str, tolerance: str, right: int) -> None:
        assert score(make_number("250", tolerance), {"text": text}) == right

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("12,5", "12.5"),
            ("12.50", "12.5"),
            (" 1 250 ", "1250"),
            ("1\u202f250,5", "1250.5"),
            ("1\u00a0000\u00a0000", "1000000"),
            ("−3", "-3"),
            ("+3", "3"),
            ("0,125", "0.125"),
            ("١٢", None),
            ("12,5 mL", None),
            ("12 5", None),
            ("1,2,3", None),
            ("1,250", None),
            ("12e3", None),
            ("", None),
            ("douze", None),
            ("NaN", None),
        ],
    )
    def test_a_number_is_read_as_people_type_it_or_not_at_all(self, text: str, value: str | None) -> None:
        if value is None:
            with pytest.raises(NotOneNumber):
                number_of(text)
        else:
            assert number_of(text) == Decimal(value)

    @pytest.mark.parametrize("text", ["12,5 mL/h", "12.5ml/H", "12,5"])
    def test_the_unit_may_be_typed_after_the_number(self, text: str) -> None:
        assert number_of(text, units=("mL/h",)) == Decimal("12.5")

    def test_a_unit_of_digits_never_takes_the_number_away(self) -> None:
        assert number_of("0", units=("0",)) == 0
        assert number_of("20", units=("0",)) == Decimal(20)

    def test_another_unit_is_not_taken_for_the_one_asked_for(self) -> None:
        with pytest.raises(NotOneNumber):
            number_of("12,5 L/h", units=("mL/h",))

    @given(st.decimals(-(10**12), 10**12, places=4))
    def test_a_number_written_the_french_way_reads_back(self, number: Decimal) -> None:
        assert number_of(f"{number:,.4f}".replace(",", "\u202f").replace(".", ",")) == number

    def test_a_number_that_reads_as_two_is_refused_not_guessed(self) -> None:
        assert "thousands" in refusal(make_number("1.25"), {"text": "1,250"})

    def test_what_is_no_number_is_refused_with_the_reason(self) -> None:
        assert refusal(make_number(), {"text": "douze"}) == "text: expected one number in digits"
        assert refusal(make_number(), {"text": 12.5}) == "text: expected a string, got float"


class TestOrders:
    @pytest.mark.parametrize(
        ("order", "points"),
        [("abcd", 2), ("bacd", 1), ("acbd", 1), ("abdc", 1), ("cbad", 0), ("badc", 0), ("dcba", 0), ("bcda", 0)],
    )
    def test_one_exchange_of_neighbours_from_the_order_is_worth_half(self, order: str, points: int) -> None:
        assert score(make_order("abcd"), {"order": list(order)}) == points
        assert score(make_order("abcd", scoring="all_or_nothing"), {"order": list(order)}) == (points == 2)

    @pytest.mark.parametrize(
        ("order", "reason"),
        [
            (["a", "b"], "order: 2 ids for 3 elements"),
            (["a", "b", "b"], "order: an element comes twice"),
            (["a", "b", "z"], "order: 'z' is not an element of this question"),
            (["a", "b", 3], "order: expected ids as strings, got int"),
            ("abc", "order: expected a list of element ids, got str"),
        ],
    )
    def test_an_order_that_is_not_one_is_refused_with_the_reason(self, order: object, reason: str) -> None:
        assert refusal(make_order(), {"order": order}) == reason


class TestMatches:
    @pytest.mark.parametrize(
        ("matches", "points"),
        [("xyz", 2), ("xyw", 1), ("xy", 1), ("x", 0), ("xzy", 0), ("wwz", 0), ("", 0), ("xyx", 1)],
    )
    def test_half_of_the_prompts_is_worth_half(self, matches: str, points: int) -> None:
        given = {"matches": dict(zip("abc", matches, strict=False))}
        assert score(make_matching(), given) == points
        assert score(make_matching(scoring="all_or_nothing"), given) == (points == 2)

    def test_half_of_four_is_two(self) -> None:
        item = make_matching("wxyz")
        assert [score(item, {"matches": dict(zip("abcd", m, strict=False))}) for m in ("wx", "w")] == [1, 0]

    @pytest.mark.parametrize(
        ("matches", "reason"),
        [
            ({"z": "x"}, "matches: 'z' is not a prompt of this question"),
            ({"a": "v"}, "matches.a: 'v' is not a choice of this question"),
            ({"a": None}, "matches.a: expected ids as strings, got null"),
            ([["a", "x"]], "matches: expected an object, got list"),
            (dict.fromkeys("abcd", "x"), "matches: 4 given where the question has 3"),
        ],
    )
    def test_matches_that_cannot_be_read_are_refused_with_the_reason(self, matches: object, reason: str) -> None:
        assert refusal(make_matching(), {"matches": matches}) == reason


class TestGaps:
    def test_gaps_to_choose_in_are_right_by_their_option(self) -> None:
        item = make_inline(3)
        assert [score(item, {"gaps": g}) for g in (dict.fromkeys("abc", "b"), {"a": "b", "b": "b"}, {"a": "b"})] == [
            2,
            1,
            0,
        ]

    def test_gaps_to_type_in_follow_their_own_rules(self) -> None:
        item = make_gap_text("hameçonnage", "INS", "pare-feu")
        assert score(item, {"gaps": {"a": "Hameconage", "b": "INS", "c": "PARE FEU"}}) == 2
        assert score(item, {"gaps": {"a": "hameçonnage", "b": "INR"}}) == 0
        assert score(item, {"gaps": {"a": "hameçonnage", "c": "pare feu"}}) == 1

    def test_each_language_has_its_own_answers(self) -> None:
        gaps = tuple(
            Gap(x, both(x), answers={"fr": ("rançongiciel",), "en": ("ransomware",)}, match=TOLERANT, why=both("?"))
            for x in "ab"
        )
        item = make_gap_text("x", "y", gaps=gaps)
        typed = {"gaps": {"a": "ransomware", "b": "ransomware"}}
        assert [score(item, typed, "fr"), score(item, typed, "en")] == [0, 2]

    @pytest.mark.parametrize(
        ("gaps", "reason"),
        [
            ({"a": "z"}, "gaps.a: 'z' is not an option of this question"),
            ({"z": "a"}, "gaps: 'z' is not a gap of this question"),
            ({"a": True}, "gaps.a: expected ids as strings, got bool"),
        ],
    )
    def test_options_that_cannot_be_read_are_refused_with_the_reason(self, gaps: object, reason: str) -> None:
        assert refusal(make_inline(), {"gaps": gaps}) == reason

    def test_texts_that_cannot_be_kept_are_refused_with_the_reason(self) -> None:
        item = make_gap_text("x", "y")
        assert refusal(item, {"gaps": {"b": "a\x00"}}) == "gaps.b: the character NUL (U+0000) cannot be stored"
        assert refusal(item, {"gaps": {"a": "é" * 501}}) == "gaps.a: expected at most 500 characters, got 501"
        assert refusal(item, {"text": "x"}) == 'response: expected an object with the one key "gaps"'


@pytest.mark.parametrize("make", [make_order, make_matching, make_inline])
def test_partial_credit_makes_three_scores_and_all_or_nothing_two(make: Callable[..., Item]) -> None:
    assert make(scoring="partial_credit").categories == 3
    assert make(scoring="all_or_nothing").categories == 2


def test_the_examples_in_the_docstrings_hold() -> None:
    for module in ("itembank.compare", "itembank.parts", "itembank.rules.parts"):
        assert doctest.testmod(sys.modules[module]).failed == 0
