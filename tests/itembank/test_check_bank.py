"""The check of a whole reading: items together, places in the files, what is accepted."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from framework import LocalizedText, load
from itembank import Item, Report, check, check_items
from itembank.formats import native
from tests.items import TODAY, bank_file, bank_text, make_item, make_option

FRAMEWORK = load()


def report_on(content: str | bytes, **others: bytes) -> Report:
    first = content.encode() if isinstance(content, str) else content
    return check(native.read({"a.yaml": first, **others}), FRAMEWORK, today=TODAY)


def told(report: Report) -> list[tuple[str, str, str]]:
    return [(found.code, found.item, found.where) for found in report.problems]


def test_good_items_go_in_and_bad_ones_are_kept_apart_with_their_problems() -> None:
    report = report_on(bank_file(make_item("T-1"), make_item("T-2", level=9), make_item("T-3")))
    assert [item.id for item in report.accepted] == ["T-1", "T-3"]
    assert [(draft.item.id, [found.code for found in draft.problems]) for draft in report.refused] == [
        ("T-2", ["level-range"])
    ]
    assert [found.item for found in report.errors] == ["T-2"]


def test_a_warning_keeps_no_item_out() -> None:
    report = report_on(bank_file(make_item(stem=LocalizedText("mot " * 61, "word"))))
    assert [found.code for found in report.warnings] == ["long-stem"]
    assert (len(report.accepted), report.errors, report.refused) == (1, (), ())


def test_problems_of_meaning_stand_at_their_line_too() -> None:
    text = bank_text(make_item(), make_item("T-2", capacity="SN1.2.a"))
    (found,) = report_on(text).problems
    assert found.place == f"a.yaml:{text[: text.index('SN1.2.a')].count(chr(10)) + 1}:3"


def test_problems_of_shape_and_of_meaning_are_told_together() -> None:
    text = bank_text(make_item(level=9, capacity="SN1.1.z")).replace("correct: true", "correct: oui", 1)
    report = report_on(text.replace("    en: Parce que. (en)\n", ""))
    assert told(report) == [
        ("unknown-capacity", "SN1.1-001", "capacity"),
        ("level-range", "SN1.1-001", "level"),
        ("not-a-boolean", "SN1.1-001", "options[1].correct"),
        ("missing-language", "SN1.1-001", "explanation.en"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("level: 2", "level: deux", "not-an-integer"),
        ("capacity: SN1.1.a", "capacity: [SN1.1.a]", "not-a-text"),
        ("review_by: '2027-11-21'", "review_by: bientôt", "bad-date"),
        ("valid_from: '2026-11-21'", "valid_from: bientôt", "bad-date"),
        ("correct: true", "correct: oui", "not-a-boolean"),
        ("fr: Option a (fr)", "fr: [x]", "not-a-text"),
        ("level: 2", "level: 2\n  parameters: {model: 2pl, a: 1, b: [x], c: 0}", "not-a-number"),
    ],
)
def test_a_part_that_cannot_be_read_is_told_once_and_not_blamed_again(old: str, new: str, code: str) -> None:
    text = bank_text(make_item())
    assert old in text
    assert [found.code for found in report_on(text.replace(old, new, 1)).problems] == [code]


def test_an_element_that_is_no_question_is_told_once() -> None:
    assert [found.code for found in report_on(bank_text(make_item()) + "- 12\n").problems] == ["not-a-mapping"]


def test_a_question_of_countless_problems_is_not_judged_further() -> None:
    text = bank_text(make_item(level=9)) + "".join(f"  k{n}: 1\n" for n in range(60))
    codes = {found.code for found in report_on(text).problems}
    assert codes == {"unknown-key", "more-problems"}


def test_an_id_used_twice_is_told_with_the_place_of_the_first() -> None:
    text = bank_text(make_item("T-1"))
    report = report_on(text, **{"b.yaml": bank_file(make_item("T-1"))})
    (found,) = report.problems
    line = text[: text.index("id: T-1")].count("\n") + 1
    assert (found.code, found.file, found.facts["first"]) == ("duplicate-id", "b.yaml", f"a.yaml:{line}")
    assert len(report.accepted) == 1


def test_enemies_are_declared_on_both_sides() -> None:
    pair = (make_item("T-1", enemies=frozenset({"T-2"})), make_item("T-2"))
    (found,) = check_items(pair, FRAMEWORK, today=TODAY)
    assert (found.code, found.item) == ("one-sided-enemy", "T-1")
    assert found.repair == "Ajoutez « T-1 » aux « enemies » de « T-2 »."
    both_sides = (pair[0], replace(pair[1], enemies=frozenset({"T-1"})))
    assert check_items(both_sides, FRAMEWORK, today=TODAY) == ()


def test_an_enemy_that_is_refused_is_no_stranger() -> None:
    pair = (make_item("T-1", enemies=frozenset({"T-2"})), make_item("T-2", enemies=frozenset({"T-1"}), level=9))
    assert told(report_on(bank_file(*pair))) == [("level-range", "T-2", "level")]


def test_an_enemy_is_told_on_its_own_line() -> None:
    text = bank_text(make_item("T-1", enemies=frozenset({"T-8", "T-9"})))
    assert [found.line for found in report_on(text).problems] == [
        text[: text.index(name)].count("\n") + 1 for name in ("T-8", "T-9")
    ]


def test_a_bank_for_another_framework_is_told() -> None:
    report = report_on(bank_text(make_item()).replace("2026.1", "2031.1"))
    assert [(found.code, found.file) for found in report.problems] == [("other-framework", "a.yaml")]
    assert report.problems[0].facts["expected"] == "fr-socle-numerique-sante@2026.1"


class TestLongestKeys:
    def bank(self, longest: Sequence[bool]) -> list[Item]:
        """Items of four options whose key is the longest option, or the shortest."""
        return [self.item(f"T-{n:03}", key_is_longest=is_longest) for n, is_longest in enumerate(longest)]

    def item(self, item_id: str, *, key_is_longest: bool) -> Item:
        key = replace(make_option("a", correct=True), text=LocalizedText("x" * (30 if key_is_longest else 3), "x" * 3))
        others = tuple(make_option(letter) for letter in "bcd")
        return make_item(item_id, options=(key, *others))

    def test_a_bank_whose_keys_are_the_longest_is_warned_in_that_language(self) -> None:
        (found,) = check_items(self.bank([True] * 15 + [False] * 15), FRAMEWORK, today=TODAY)
        assert (found.code, found.severity, found.item, found.file) == ("key-is-longest", "warning", "", None)
        assert found.message.startswith(
            "La bonne réponse est la plus longue dans 15 questions sur 30 (texte en français)"
        )
        assert found.message.endswith("le hasard en donnerait environ 8.")

    def test_a_share_that_chance_explains_is_no_problem(self) -> None:
        assert check_items(self.bank([True] * 12 + [False] * 18), FRAMEWORK, today=TODAY) == ()

    def test_a_handful_of_items_is_not_judged(self) -> None:
        assert check_items(self.bank([True] * 19), FRAMEWORK, today=TODAY) == ()
