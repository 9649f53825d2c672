"""Bad banks come in by the door, as an author's file, and each problem names its line."""

from pathlib import Path

import pytest

from app.bank.files import inspect
from tests.bank.samples import bank_text, item_text
from tests.conftest import NOON

SHORT_TEXT = """\
    answers: {fr: [INS], en: [INS]}
    match: {case: ignore, accents: ignore, punctuation: ignore, spaces: collapse, edit_distance: 0}
    accepted_examples: {fr: [ins], en: [ins]}
    refused_examples: {fr: [INR], en: [INR]}
"""


def short_text() -> str:
    before, _, rest = item_text(2).partition("    options:\n")
    _, _, after = rest.partition("    explanation:")
    return f"{before}{SHORT_TEXT}    explanation:{after}".replace("single_choice", "short_text")


SPOILT = [
    ("level: 2", "level: 9", "level-range"),
    ("level: 2", "level: deux", "not-an-integer"),
    ("capacity: SN1.1.a", "capacity: SN2.1.a", "capacity-elsewhere"),
    ("capacity: SN1.1.a", "capacity: SN1.1.z", "unknown-capacity"),
    ("type: single_choice", "type: single_choise", "unknown-value"),
    ("type: single_choice", "type: multiple_choice\n    scoring: partial_credit", "one-correct"),
    ("level_reason:", "level_raison:", "misspelt-key"),
    ("level_reason: Une règle simple.", 'level_reason: ""', "empty-text"),
    ("level: 2", "level: 2\n    level: 3", "duplicate-key"),
    ("level: 2", "level: &n 2", "yaml-anchor"),
    ("level: 2", "level: !!int 2", "yaml-tag"),
    ("correct: true", "correct: oui", "not-a-boolean"),
    ("correct: true", "correct: false", "no-correct"),
    ("- id: b", "- id: a", "duplicate-option-id"),
    ("text: {fr: Attendre, en: Wait}", "text: {fr: Attendre}", "missing-language"),
    ("text: {fr: Attendre, en: Wait}", "text: {fr: Continuer, en: Wait}", "same-option-text"),
    ('url: "https://example.org/guide"', 'url: "example"', "bad-address"),
    ('date: "2025"', 'date: "hier"', "bad-source-date"),
    ('review_by: "2027-11-01"', 'review_by: "2026-10-01"', "review-before-start"),
    ('review_by: "2027-11-01"', 'review_by: "2040-11-01"', "review-too-far"),
    ('review_by: "2027-11-01"', 'review_by: "2027-02-30"', "bad-date"),
    ('review_by: "2027-11-01"', 'review_by: "2027-11-01"\n    enemies: [SN1.1-002]', "own-enemy"),
    ('review_by: "2027-11-01"', 'review_by: "2027-11-01"\n    enemies: [SN1.1-009]', "unknown-enemy"),
    ('review_by: "2027-11-01"', 'review_by: "2027-11-01"\n    answers: {fr: [a], en: [a]}', "misplaced-key"),
    ("stem: {", "stem: [", "yaml-syntax"),
]
SPOILT_SHORT_TEXT = [
    ("answers: {fr: [INS], en: [INS]}", "answers: {fr: [], en: [INS]}", "no-answer"),
    ("answers: {fr: [INS], en: [INS]}", "answers: {fr: [INS, ...], en: [INS]}", "vanishing-answer"),
    ("accepted_examples: {fr: [ins]", "accepted_examples: {fr: [autre]", "example-refused"),
    ("refused_examples: {fr: [INR]", "refused_examples: {fr: [ins]", "example-accepted"),
    ("refused_examples: {fr: [INR]", "refused_examples: {fr: []", "no-example"),
    ("edit_distance: 0", "edit_distance: 5", "edit-distance-range"),
]


@pytest.mark.parametrize(("right", "wrong", "code"), SPOILT, ids=[code for *_, code in SPOILT])
def test_a_spoilt_choice_is_refused_where_it_is_spoilt(tmp_path: Path, right: str, wrong: str, code: str) -> None:
    refuse_alone(tmp_path, item_text(2), right, wrong, code)


@pytest.mark.parametrize(("right", "wrong", "code"), SPOILT_SHORT_TEXT, ids=[code for *_, code in SPOILT_SHORT_TEXT])
def test_a_spoilt_short_text_is_refused_where_it_is_spoilt(tmp_path: Path, right: str, wrong: str, code: str) -> None:
    refuse_alone(tmp_path, short_text(), right, wrong, code)


def refuse_alone(folder: Path, item: str, right: str, wrong: str, code: str) -> None:
    """The spoilt item is left out, its neighbours go in, and the problem stands within the item's lines."""
    assert right in item
    first, last = item_text(1), item_text(3)
    text = bank_text(first, item.replace(right, wrong, 1), last, bank="essai")
    path = folder / "SN1.1.yaml"
    path.write_text(text, encoding="utf-8")
    found = inspect([path], today=NOON.date())
    assert [good.id for good in found.good] == ["SN1.1-001", "SN1.1-003"]
    assert found.refused == ("SN1.1-002",)
    (problem,) = [problem for problem in found.errors if problem.code == code]
    begins = 1 + text[: text.index("- id: SN1.1-002")].count("\n")
    ends = text[: text.index("- id: SN1.1-003")].count("\n")
    assert begins <= (problem.line or 0) <= ends
    assert problem.item == "SN1.1-002"


@pytest.mark.parametrize(
    ("right", "wrong", "code", "line"),
    [
        ("format: toise-items/1", "format: gift", "unknown-value", 1),
        ("bank: essai\n", "", "missing-key", 1),
        ("competence: SN1.1", "competence: SN9.9", "unknown-competence", None),
        ("items:", "questions:", "missing-key", 1),
        ("items:", "extra: 1\nitems:", "unknown-key", 5),
    ],
)
def test_a_spoilt_header_is_reported_with_its_line(
    tmp_path: Path, right: str, wrong: str, code: str, line: int | None
) -> None:
    path = tmp_path / "SN1.1.yaml"
    path.write_text(bank_text(item_text(1), bank="essai").replace(right, wrong, 1), encoding="utf-8")
    problems = [problem for problem in inspect([path], today=NOON.date()).errors if problem.code == code]
    assert problems
    assert line is None or problems[0].line == line


def test_a_file_with_another_format_gives_no_item(tmp_path: Path) -> None:
    path = tmp_path / "SN1.1.yaml"
    text = bank_text(item_text(1), bank="essai").replace("toise-items/1", "toise-items/9")
    path.write_text(text, encoding="utf-8")
    found = inspect([path], today=NOON.date())
    assert found.good == ()
    assert found.refused == ("SN1.1-001",)
