"""Each rule on numbers, elements, prompts, gaps and cases: what breaks it, and what is told."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from framework import LocalizedText, load
from itembank import Item, check_items
from itembank.parts import Quantity
from itembank.vignette import Document, Passage, Table
from tests.items import (
    EXACT,
    TODAY,
    both,
    in_case,
    make_case,
    make_gap_text,
    make_inline,
    make_item,
    make_matching,
    make_number,
    make_option,
    make_options,
    make_order,
)

WELL_FORMED = [make_number(), make_order(), make_matching(), make_inline(), make_gap_text("INS", "phishing")]


def told(*bank: Item) -> list[tuple[str, str]]:
    return [(found.code, found.where) for found in check_items(bank, load(), today=TODAY)]


@pytest.mark.parametrize("item", WELL_FORMED, ids=lambda item: item.type)
def test_a_well_formed_question_has_no_problem(item: Item) -> None:
    assert told(item) == []


class TestNumbers:
    def test_examples_prove_value_and_tolerance(self) -> None:
        number = Quantity(Decimal("12.5"), Decimal("0.05"), None, ("12,5", "12,6", "douze"), ("125", "12,54"))
        assert told(make_number(number=number)) == [
            ("number-accepted", "refused_examples[1]"),
            ("number-refused", "accepted_examples[1]"),
            ("number-refused", "accepted_examples[2]"),
        ]

    def test_each_kind_of_example_is_wanted(self) -> None:
        number = Quantity(Decimal(3), Decimal(0), None, (), ())
        assert told(make_number(number=number)) == [
            ("no-number-example", "accepted_examples"),
            ("no-number-example", "refused_examples"),
        ]

    def test_a_tolerance_is_never_negative_and_examples_never_endless(self) -> None:
        negative = Quantity(Decimal(3), Decimal(-1), None, ("3",), ("4",))
        assert ("negative-tolerance", "answer.tolerance") in told(make_number(number=negative))
        endless = Quantity(Decimal(3), Decimal(0), None, ("3",) * 51, ("4",))
        assert told(make_number(number=endless)) == [("long-list", "accepted_examples")]

    def test_the_unit_is_a_text_like_another(self) -> None:
        number = Quantity(Decimal(3), Decimal(0), LocalizedText("mL", " "), ("3",), ("4",))
        assert told(make_number(number=number)) == [("empty-text", "unit.en")]


class TestLists:
    @pytest.mark.parametrize(
        ("item", "code", "where"),
        [
            (make_order("ab"), "part-count", "elements"),
            (make_order("abcdefg"), "part-count", "elements"),
            (make_order("ab!"), "bad-part-id", "elements[2].id"),
            (make_matching("xy"), "part-count", "prompts"),
            (make_matching("xxx", choices="x", reuse=True), "part-count", "choices"),
            (make_matching("xyq"), "unknown-choice", "prompts[2].choice"),
            (make_inline(1), "part-count", "gaps"),
        ],
    )
    def test_what_breaks_a_list_is_told_where_it_stands(self, item: Item, code: str, where: str) -> None:
        assert told(item) == [(code, where)]

    def test_letters_and_texts_differ_within_a_list(self) -> None:
        first, second, third = make_order().elements
        twins = (first, replace(second, id="a"), replace(third, text=first.text))
        assert told(make_order(elements=twins)) == [
            ("duplicate-part-id", "elements[1].id"),
            ("same-part-text", "elements[2].text.fr"),
            ("same-part-text", "elements[2].text.en"),
        ]

    def test_a_choice_serves_several_prompts_only_where_that_is_said(self) -> None:
        assert told(make_matching("xxy")) == [
            ("choice-reused", "prompts[0].choice"),
            ("choice-reused", "prompts[1].choice"),
        ]
        assert told(make_matching("xxy", reuse=True)) == []


class TestGaps:
    @pytest.mark.parametrize(
        ("french", "code"),
        [("{a} seul", "missing-gap"), ("{a} {b} {b}", "repeated-gap"), ("{a} {b} {c}", "unknown-gap")],
    )
    def test_each_gap_has_one_place_in_each_language(self, french: str, code: str) -> None:
        assert told(make_inline(text=LocalizedText(french, "{b} {a}"))) == [(code, "text.fr")]

    @pytest.mark.parametrize("rights", [(False, False), (True, True, False)])
    def test_a_gap_has_exactly_one_right_option(self, rights: tuple[bool, ...]) -> None:
        first, second = make_inline().gaps
        gaps = (first, replace(second, options=make_options(rights)))
        assert told(make_inline(gaps=gaps)) == [("gap-keys", "gaps[1].options")]

    def test_the_options_of_a_gap_are_counted(self) -> None:
        first, second = make_inline().gaps
        gaps = (first, replace(second, options=(make_option("a", correct=True),)))
        assert told(make_inline(gaps=gaps)) == [("part-count", "gaps[1].options")]

    def test_texts_to_type_are_proved_by_examples_as_short_texts_are(self) -> None:
        first, second = make_gap_text("INS", "phishing", match=EXACT).gaps
        spoilt = replace(second, accepted_examples={"fr": ("PHISHING",), "en": ("phishing",)})
        assert told(make_gap_text("INS", "x", gaps=(first, spoilt))) == [
            ("example-refused", "gaps[1].accepted_examples.fr[0]")
        ]
        silent = replace(second, answers={"fr": ("phishing",), "en": ()})
        assert ("no-answer", "gaps[1].answers.en") in told(make_gap_text("INS", "x", gaps=(first, silent)))

    def test_texts_of_gaps_are_texts_like_others(self) -> None:
        first, second = make_gap_text("INS", "phishing").gaps
        gaps = (first, replace(second, label=LocalizedText(" ", "x"), why=LocalizedText("x", "")))
        assert told(make_gap_text("INS", "x", gaps=gaps)) == [
            ("empty-text", "gaps[1].label.fr"),
            ("empty-text", "gaps[1].why.en"),
        ]


class TestCases:
    def bank(self, case: Any = None, **changes: Any) -> tuple[Item, ...]:
        made = case or make_case()
        return in_case(made, make_item("SN1.1-001"), make_item("SN1.1-002", **changes))

    def test_two_questions_on_one_case_have_no_problem(self) -> None:
        assert told(*self.bank()) == []

    def test_one_question_is_no_case_and_six_are_too_many(self) -> None:
        for count in (1, 6):
            bank = in_case(make_case(), *(make_item(f"SN1.1-{n:03}") for n in range(count)))
            assert told(*bank) == [("case-questions", "stimulus")] * count

    def test_questions_of_one_case_are_asked_together_so_never_enemies(self) -> None:
        first, second = self.bank()
        bank = (replace(first, enemies=frozenset({second.id})), replace(second, enemies=frozenset({first.id})))
        assert told(*bank) == [("enemy-of-case", "enemies.SN1.1-002"), ("enemy-of-case", "enemies.SN1.1-001")]

    def test_a_case_is_the_same_in_all_its_questions(self) -> None:
        (first,), (second,) = (
            in_case(make_case(title=both(title)), make_item(f"SN1.1-00{number}"))
            for number, title in enumerate(("Une nuit", "Un jour"), 1)
        )
        assert told(first, second) == [("case-elsewhere", "stimulus")]

    def test_a_case_belongs_to_one_competence(self) -> None:
        assert told(*self.bank(competence="SN1.2", capacity="SN1.2.a")) == [("case-elsewhere", "stimulus")]

    @pytest.mark.parametrize(
        ("blocks", "found"),
        [
            ((), [("block-count", "vignette.blocks")]),
            ((Passage(both("x")),) * 7, [("block-count", "vignette.blocks")]),
            ((Passage(LocalizedText("x", " ")),), [("empty-text", "vignette.blocks[0].text.en")]),
            (
                (Table(both("T"), (both("A"), both("B")), ((both("1"),),)),),
                [("ragged-table", "vignette.blocks[0].table.rows[0]")],
            ),
            ((Table(both("T"), (both("A"),), ()),), [("table-size", "vignette.blocks[0].table")]),
            (
                (Document(both("D"), {"fr": ("", " "), "en": ("x",)}),),
                [("empty-text", "vignette.blocks[0].document.lines.fr")],
            ),
            (
                (Document(both("D"), {"fr": ("x\x07",), "en": ("x",) * 61}),),
                [
                    ("forbidden-character", "vignette.blocks[0].document.lines.fr[0]"),
                    ("long-list", "vignette.blocks[0].document.lines.en"),
                ],
            ),
            (
                (Table(both("T"), (LocalizedText("A", ""),), ((both("1"),),)),),
                [("empty-text", "vignette.blocks[0].table.header[0].en")],
            ),
        ],
    )
    def test_what_is_wrong_with_a_case_is_told_once_and_refuses_each_of_its_questions(
        self, blocks: tuple[Any, ...], found: list[tuple[str, str]]
    ) -> None:
        bank = self.bank(make_case(blocks=blocks))
        problems = check_items(bank, load(), today=TODAY)
        assert [(each.code, each.where) for each in problems] == found
        assert {each.item for each in problems} == {"SN1.1-V01"}
