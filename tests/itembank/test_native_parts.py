"""The newer types and cases in files: what is read, what is told, where."""

from dataclasses import replace
from datetime import date

import pytest

from framework import load
from itembank import Item, Problem, check
from itembank.formats import native
from tests.items import (
    bank_file,
    bank_text,
    in_case,
    make_case,
    make_gap_text,
    make_inline,
    make_item,
    make_matching,
    make_number,
    make_order,
)

TODAY = date(2026, 11, 23)
CASE = bank_text(*in_case(make_case(), make_item("SN1.1-001"), make_number(item_id="SN1.1-002")))


def problems_of(text: str) -> list[Problem]:
    return list(check(native.read({"essai.yaml": text.encode()}), load(), today=TODAY).problems)


def changed(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


ALL = (
    make_number(item_id="T-1"),
    make_order(item_id="T-2"),
    make_matching(item_id="T-3", reuse=True),
    make_inline(item_id="T-4"),
    make_gap_text("INS", "phishing", item_id="T-5"),
)


def test_every_type_reads_back_as_it_was_written() -> None:
    bank = in_case(make_case(), *ALL)
    assert native.read({"b.yaml": bank_file(*bank)}).items == bank


@pytest.mark.parametrize("item", [*ALL, *in_case(make_case(), make_item())], ids=lambda item: item.type)
def test_canonical_data_gives_the_item_back(item: Item) -> None:
    assert Item.from_data(item.to_data()) == item


def test_an_older_item_keeps_its_canonical_data() -> None:
    assert list(make_item().to_data())[-2:] == ["enemies", "parameters"]


def test_a_case_is_written_once_and_carried_whole_by_each_of_its_questions() -> None:
    assert CASE.count("Une entrée de nuit (fr)") == 1
    first, second = native.read({"b.yaml": CASE.encode()}).items
    assert first.vignette == second.vignette == make_case()
    assert {first.stimulus, second.stimulus} == {"SN1.1-V01"}
    assert first.to_data()["vignette"] == make_case().to_data()


def test_numbers_are_written_as_numbers() -> None:
    assert "value: 12.5\n" in bank_text(make_number())
    assert "tolerance: 0\n" in bank_text(make_number("250", "0"))


def test_a_number_that_is_none_is_told() -> None:
    (found,) = problems_of(changed(bank_text(make_number()), "value: 12.5", "value: douze"))
    assert (found.code, found.where) == ("not-a-number", "answer.value")


def test_a_missing_part_of_a_type_is_told() -> None:
    (found,) = problems_of(bank_text(make_order()).replace("elements:", "elemens:"))
    assert found.code == "misspelt-key"
    (found,) = problems_of(bank_text(make_matching()).replace("  scoring: partial_credit\n", ""))
    assert (found.code, found.where) == ("missing-key", "scoring")


def test_a_part_of_another_type_is_told() -> None:
    text = changed(bank_text(make_order()), "  scoring:", "  reuse: true\n  scoring:")
    (found,) = problems_of(text)
    assert (found.code, found.where, found.line) == ("misplaced-key", "reuse", line_of(text, "reuse"))


def test_a_case_that_the_file_does_not_describe_is_told() -> None:
    text = changed(CASE, "stimulus: SN1.1-V01", "stimulus: SN1.1-V09")
    found = [(each.code, each.item, each.line) for each in problems_of(text)]
    assert ("unknown-stimulus", "SN1.1-001", line_of(text, "stimulus: SN1.1-V09")) in found


def test_a_fault_in_a_case_is_told_once_at_its_line_and_refuses_its_questions() -> None:
    text = changed(CASE, "setting: ward", "setting: garden")
    report = check(native.read({"essai.yaml": text.encode()}), load(), today=TODAY)
    (found,) = report.problems
    assert (found.code, found.item, found.line) == ("unknown-value", "SN1.1-V01", line_of(text, "garden"))
    assert [draft.item.id for draft in report.refused] == ["SN1.1-001", "SN1.1-002"]


def test_a_rule_on_a_case_names_the_line_of_the_part() -> None:
    text = changed(CASE, "- fr: 2 h (fr)\n", "- fr: ' '\n")
    (found,) = problems_of(text)
    assert (found.code, found.item, found.line) == ("empty-text", "SN1.1-V01", line_of(text, "fr: ' '"))


def test_a_block_is_of_one_kind() -> None:
    text = changed(CASE, "  - document:\n", "    document:\n")
    (found,) = problems_of(text)
    assert (found.code, found.where, found.line) == ("block-kind", "vignette.blocks[0]", line_of(text, "  - text:"))


def test_a_case_described_twice_is_told() -> None:
    start, end = CASE.index("- id: SN1.1-V01"), CASE.index("items:")
    found = problems_of(CASE[:end] + CASE[start:end] + CASE[end:])
    assert [each.code for each in found] == ["duplicate-stimulus"]


def test_cases_survive_a_question_that_is_not_yaml() -> None:
    text = changed(CASE, "level: 2", "level: [2")
    reading = native.read({"essai.yaml": text.encode()})
    assert [draft.item.vignette for draft in reading.drafts] == [make_case()]


def test_an_item_without_its_case_keeps_the_name_it_gave() -> None:
    item = replace(make_item(), stimulus="SN1.1-V01")
    assert Item.from_data(item.to_data()) == item
