"""What an author is told when a file of the native format is not as it should be."""

import pytest

from itembank import Problem
from itembank.formats import native
from tests.items import bank_text, make_item, make_short_text, make_ticks

CHOICE = bank_text(make_item())
TICKS = bank_text(make_ticks((True, True, False)))
STEM = "  stem:\n    fr: Que faites-vous ? (fr)\n    en: Que faites-vous ? (en)\n"
SHORT = bank_text(make_short_text("hameçonnage"))


def problems_of(text: str) -> list[Problem]:
    return list(native.read({"essai.yaml": text.encode()}).problems)


def only_problem(text: str) -> Problem:
    (found,) = problems_of(text)
    return found


def changed(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_a_good_file_has_no_problem() -> None:
    assert [problems_of(text) for text in (CHOICE, TICKS, SHORT)] == [[], [], []]


def test_a_problem_says_file_line_and_column_question_and_part() -> None:
    text = changed(CHOICE, "level: 2", "level: deux")
    found = only_problem(text)
    assert found.place == f"essai.yaml:{line_of(text, 'level: deux')}:10"
    assert (found.item, found.where, found.severity) == ("SN1.1-001", "level", "error")
    assert found.message == "« deux » n'est pas un nombre entier."
    assert found.repair == "Écrivez le nombre en chiffres, sans guillemets ni unité."


def test_columns_count_characters_not_bytes() -> None:
    text = changed(CHOICE, "fr: Que faites-vous ? (fr)", "{ fr: éé, en: x, de: ü }").replace("    en: Que", "    # Que")
    assert problems_of(text)[0].column == text.splitlines()[line_of(text, "{ fr: éé") - 1].index("de") + 1


def test_a_missing_language_is_told_where_the_text_is() -> None:
    text = changed(CHOICE, "    en: Que faites-vous ? (en)\n", "")
    found = only_problem(text)
    assert (found.code, found.where, found.line) == ("missing-language", "stem.en", line_of(text, "fr: Que"))
    assert found.message == "Le texte n'existe pas en anglais (clé « en »)."


def test_a_missing_key_is_told() -> None:
    found = only_problem(changed(CHOICE, "  level: 2\n", ""))
    assert (found.code, found.where, found.message) == ("missing-key", "level", "Il manque « level ».")


def test_a_misspelt_key_is_told_once_and_its_value_still_read() -> None:
    found = only_problem(changed(CHOICE, "explanation:", "explnation:"))
    assert (found.code, found.repair) == ("misspelt-key", "Vouliez-vous dire « explanation » ?")


def test_an_unknown_key_is_told_with_those_that_exist() -> None:
    found = only_problem(changed(CHOICE, "    statement: Un fait.", "    statement: Un fait.\n    zzz: 1"))
    assert (found.code, found.where) == ("unknown-key", "fact.zzz")
    found = only_problem(changed(CHOICE, "  level: 2", "  level: 2\n  zzz: 1"))
    assert found.where == "zzz"
    assert "enemies" in found.repair


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        (CHOICE, "  scoring: all_or_nothing", "scoring"),
        (CHOICE, "  answers: {fr: [a], en: [a]}", "answers"),
        (SHORT, "  options: []", "options"),
        (SHORT, "  shuffle: false", "shuffle"),
    ],
)
def test_a_key_of_another_type_is_told(text: str, line: str, key: str) -> None:
    found = only_problem(changed(text, "  level: 2", f"  level: 2\n{line}"))
    assert (found.code, found.where) == ("misplaced-key", key)


def test_an_unknown_value_is_told_with_those_that_exist() -> None:
    found = only_problem(changed(TICKS, "partial_credit", "partiel"))
    assert (found.code, found.where, found.line) == ("unknown-value", "scoring", line_of(TICKS, "scoring"))
    assert found.repair == "Choisissez parmi : all_or_nothing, partial_credit."


def test_an_unknown_type_does_not_blame_the_other_keys() -> None:
    assert only_problem(changed(SHORT, "short_text", "essay")).where == "type"


@pytest.mark.parametrize("value", ["'2026-02-30'", "2026-13-01", "21/11/2026", "'2026-11'", "bientôt", "{}"])
def test_a_day_that_is_not_of_the_calendar_is_told(value: str) -> None:
    found = only_problem(changed(CHOICE, "review_by: '2027-11-21'", f"review_by: {value}"))
    assert (found.code, found.where) == ("not-a-text" if value == "{}" else "bad-date", "review_by")


def test_a_day_without_quotes_is_a_day_all_the_same() -> None:
    assert problems_of(changed(CHOICE, "'2027-11-21'", "2027-11-21")) == []


@pytest.mark.parametrize("value", ["'24'", "'2024-13'", "'2023-02-29'", "n.d.", "'2024-2'", "''"])
def test_a_source_date_must_be_as_precise_as_a_calendar_allows(value: str) -> None:
    found = only_problem(changed(CHOICE, "date: '2024-02-29'", f"date: {value}"))
    assert (found.code, found.where) == ("bad-source-date", "sources[0].date")


@pytest.mark.parametrize("value", ["yes", "oui", "1", "True"])
def test_only_true_and_false_are_booleans(value: str) -> None:
    found = only_problem(changed(CHOICE, "correct: true", f"correct: {value}"))
    assert (found.code, found.where) == ("not-a-boolean", "options[1].correct")


def test_words_that_other_readers_turn_into_values_stay_words() -> None:
    text = changed(CHOICE, "fr: Option a (fr)", "fr: no")
    assert native.read({"essai.yaml": text.encode()}).items[0].options[0].text.fr == "no"


def test_nothing_written_after_a_key_is_an_empty_text() -> None:
    text = changed(CHOICE, "fr: Option a (fr)", "fr:")
    assert native.read({"essai.yaml": text.encode()}).items[0].options[0].text.fr == ""


@pytest.mark.parametrize(
    ("old", "new", "code", "where"),
    [
        (STEM, "  stem: Que ?\n", "not-a-mapping", "stem"),
        ("fr: Que faites-vous ? (fr)", "fr: [Que]", "not-a-text", "stem.fr"),
        ("level_reason: Une", "enemies: SN1.1-002\n  level_reason: Une", "not-a-list", "enemies"),
    ],
)
def test_a_part_of_another_kind_is_told(old: str, new: str, code: str, where: str) -> None:
    found = only_problem(changed(CHOICE, old, new))
    assert (found.code, found.where) == (code, where)


def test_every_problem_of_a_question_is_told_not_only_the_first() -> None:
    text = changed(CHOICE, "level: 2", "level: deux")
    text = changed(text, "correct: true", "correct: oui")
    text = changed(text, "    en: Parce que. (en)\n", "")
    text = changed(text, "written: '2026-11-21'", "written: hier")
    assert [found.where for found in problems_of(text)] == ["level", "options[1].correct", "explanation.en", "written"]


def test_an_element_that_is_no_question_is_told_and_the_others_read() -> None:
    reading = native.read({"essai.yaml": (CHOICE + "- juste une phrase\n").encode()})
    assert [item.id for item in reading.items] == ["SN1.1-001"]
    assert [(found.code, found.message) for found in reading.problems] == [
        ("not-a-mapping", "« question » doit être un groupe de clés et de valeurs.")
    ]


class TestHeader:
    def test_an_unknown_format_is_told(self) -> None:
        found = only_problem(changed(CHOICE, "toise-items/1", "toise-items/9"))
        assert (found.code, found.where, found.line) == ("unknown-value", "format", 1)

    @pytest.mark.parametrize("key", ["format", "bank", "framework", "items"])
    def test_each_key_of_the_header_is_required(self, key: str) -> None:
        text = changed(CHOICE, f"{key}:", f"# {key}:") if key in {"format", "bank"} else ""
        text = text or {"framework": CHOICE.replace("framework:\n  id", "x:\n  id"), "items": "bank: b\n"}[key]
        assert key in {found.where for found in problems_of(text)}

    def test_a_question_needs_a_competence_from_the_header_or_of_its_own(self) -> None:
        found = only_problem(changed(CHOICE, "competence: SN1.1\n", ""))
        assert (found.code, found.where, found.item) == ("missing-key", "competence", "SN1.1-001")

    def test_files_of_one_import_must_announce_the_same_bank_and_framework(self) -> None:
        other = CHOICE.replace("bank: essai", "bank: autre").replace("'2026.1'", "'2027.1'")
        reading = native.read({"a.yaml": CHOICE.encode(), "b.yaml": other.encode()})
        assert [(found.code, found.file) for found in reading.problems] == [
            ("other-bank", "b.yaml"),
            ("other-framework", "b.yaml"),
        ]
        assert len(reading.items) == 2

    @pytest.mark.parametrize("content", ["", "\n\n", "# rien\n", "null", "---\n..."])
    def test_an_empty_file_is_told(self, content: str) -> None:
        assert only_problem(content).code == "empty-file"

    @pytest.mark.parametrize("content", ["bonjour", "- a\n- b", "12"])
    def test_a_file_that_holds_something_else_is_told(self, content: str) -> None:
        assert only_problem(content).code == "not-a-mapping"

    def test_a_file_without_questions_is_a_warning(self) -> None:
        text = CHOICE[: CHOICE.index("items:")] + "items: []\n"
        assert (only_problem(text).code, only_problem(text).severity) == ("no-items", "warning")
