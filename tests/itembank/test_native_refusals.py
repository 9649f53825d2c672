"""Hostile and broken files: each is refused with its reason, and never hides a good question."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework import load
from itembank import Problem, Reading, check
from itembank.formats import native
from tests.items import bank_file, bank_text, make_item

GOOD = bank_text(make_item("SN1.1-001"), make_item("SN1.1-002"), make_item("SN1.1-003"))
SECOND = GOOD.index("- id: SN1.1-002")


def read(content: str | bytes) -> Reading:
    return native.read({"essai.yaml": content.encode() if isinstance(content, str) else content})


def in_second(old: str, new: str) -> str:
    """The good file with one change in its second question."""
    assert old in GOOD[SECOND:]
    return GOOD[:SECOND] + GOOD[SECOND:].replace(old, new, 1)


def only(reading: Reading) -> Problem:
    (found,) = reading.problems
    return found


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("fr: Parce que. (fr)", "fr: Parce que: voilà", "yaml-syntax"),
        ("fr: Parce que. (fr)", "fr: [Parce que", "yaml-syntax"),
        ("fr: Parce que. (fr)", "fr: 'Parce que", "yaml-syntax"),
        ("fr: Parce que. (fr)", 'fr: "Parce \\q que"', "yaml-syntax"),
        ("fr: Parce que. (fr)", "fr: @Parce que", "yaml-syntax"),
        ("  explanation:", "\texplanation:", "yaml-syntax"),
        ("  explanation:", " explanation:", "yaml-syntax"),
        ("fr: Parce que. (fr)", "fr: " + "[" * 40, "yaml-depth"),
        ("fr: Parce que. (fr)", "fr: " + "[" * 40 + "]" * 40, "yaml-depth"),
        ("fr: Parce que. (fr)", "fr: &a Parce que", "yaml-anchor"),
        ("fr: Parce que. (fr)", "fr: !!str Parce que", "yaml-tag"),
        ("fr: Parce que. (fr)", "fr: !!python/object/apply:os.system [id]", "yaml-tag"),
        ("fr: Parce que. (fr)", "fr: Parce\x07 que", "forbidden-character"),
        ("fr: Parce que. (fr)", "fr: Parce\x00 que", "forbidden-character"),
        ("  level: 2", "  level: 2\n  level: 3", "duplicate-key"),
        ("  level: 2", "  level: 2\n  ? [a, b]\n  : c", "yaml-key"),
    ],
)
def test_a_broken_question_is_refused_and_its_neighbours_read(old: str, new: str, code: str) -> None:
    reading = read(in_second(old, new))
    assert [item.id for item in reading.items] == ["SN1.1-001", "SN1.1-003"]
    assert {found.item for found in reading.problems} == {"SN1.1-002"}
    assert code in {found.code for found in reading.problems}


def test_a_repeated_key_is_told_on_its_second_line() -> None:
    text = in_second("  level: 2", "  level: 2\n  level: 3")
    assert only(read(text)).place == f"essai.yaml:{text[: text.index('  level: 3')].count(chr(10)) + 1}:3"


def test_a_question_that_is_not_yaml_is_told_in_french_where_it_breaks() -> None:
    text = in_second("fr: Parce que. (fr)", "fr: Parce que: voilà")
    found = only(read(text))
    assert found.line == text[: text.index("que: voilà")].count("\n") + 1
    assert found.message == "Cette partie du fichier n'est pas du YAML lisible : un « : » n'est pas attendu ici."


def test_several_broken_questions_are_all_told() -> None:
    text = GOOD.replace("fr: Parce que. (fr)", "fr: Parce que: voilà").replace("SN1.1-002", "SN1.1-002 &a")
    reading = read(text)
    assert [(found.code, found.item) for found in reading.problems] == [
        ("yaml-syntax", "SN1.1-001"),
        ("yaml-syntax", "SN1.1-002"),
        ("yaml-syntax", "SN1.1-003"),
    ]


def test_other_problems_are_told_beside_a_broken_question() -> None:
    text = in_second("fr: Parce que. (fr)", "fr: Parce que: voilà").replace("level: 2", "level: deux", 1)
    assert [(found.item, found.code) for found in read(text).problems] == [
        ("SN1.1-001", "not-an-integer"),
        ("SN1.1-002", "yaml-syntax"),
    ]


def test_questions_are_read_under_a_broken_header() -> None:
    reading = read(GOOD.replace("bank: essai", "bank: essai: encore"))
    assert [found.code for found in reading.problems if not found.item] == ["yaml-syntax"]
    assert len(reading.drafts) == 3


def test_an_indented_list_is_cut_the_same_way() -> None:
    start = GOOD.index("items:\n") + len("items:\n")
    lines = in_second("fr: Parce que. (fr)", "fr: a: b")[start:].splitlines(keepends=True)
    indented = "".join(f"  {line}" for line in lines)
    assert [item.id for item in read(GOOD[:start] + indented).items] == ["SN1.1-001", "SN1.1-003"]


def test_a_broken_file_without_a_list_of_questions_is_told() -> None:
    assert only(read("bank: [")).code == "yaml-syntax"
    assert [found.code for found in read("bank: [\nitems:\n").problems] == ["yaml-syntax"]


def test_a_reference_is_never_followed() -> None:
    text = in_second("statement: Un fait.", "statement: &a Un fait.").replace("fr: Que faites-vous ? (fr)", "fr: *a", 1)
    reading = read(text)
    assert {found.code for found in reading.problems} == {"yaml-anchor", "yaml-alias"}
    assert [item.id for item in reading.items] == ["SN1.1-003"]


def test_a_billion_laughs_do_not_multiply() -> None:
    bombs = "\n".join(f"b{n}: &b{n} [{', '.join([f'*b{n - 1}'] * 10)}]" for n in range(1, 30))
    started = time.monotonic()
    reading = read(f"b0: &b0 ha\n{bombs}\n{GOOD}")
    assert time.monotonic() - started < 5
    assert {"yaml-anchor", "yaml-alias"} < {found.code for found in reading.problems}
    assert len(reading.items) == 3


@pytest.mark.parametrize("bomb", ["[", "{a: ", "- ", "? ", "[{"])
def test_a_nesting_bomb_is_refused_at_once(bomb: str) -> None:
    started = time.monotonic()
    reading = read(bomb * 1_000_000)
    assert time.monotonic() - started < 5
    assert reading.drafts == ()
    assert reading.problems[0].code in {"yaml-depth", "yaml-syntax"}


def test_a_second_document_is_told_and_not_read() -> None:
    reading = read(GOOD + "---\n" + GOOD)
    assert only(reading).code == "several-documents"
    assert len(reading.items) == 3


@pytest.mark.parametrize(
    ("content", "line", "byte", "value"),
    [
        ("format: x\nbank: é".encode("cp1252"), 2, 17, "E9"),
        (b"\xef\xbb\xbfformat: x\nbank: \xe9", 2, 20, "E9"),
        ("format: x".encode("utf-16"), 1, 1, "FF"),
        (b"format: \xed\xa0\x80", 1, 9, "ED"),
    ],
)
def test_a_file_that_is_not_utf8_says_byte_and_line(content: bytes, line: int, byte: int, value: str) -> None:
    found = only(read(content))
    assert (found.code, found.line) == ("not-utf8", line)
    assert found.message == (
        f"Le fichier n'est pas en UTF-8 : l'octet n° {byte} (0x{value}), ligne {line}, n'y a pas de sens."
    )


def test_a_binary_file_is_told_once() -> None:
    assert only(read(b"\x00\n" * 100_000)).code == "forbidden-character"


def test_a_file_over_five_megabytes_is_refused_unread() -> None:
    found = only(read(b"\xff" * 5_000_001))
    assert found.message == "Le fichier pèse plus de 5000000 octets, la limite."


def test_a_bank_of_more_than_twenty_thousand_questions_is_refused_unread() -> None:
    head = GOOD[: GOOD.index("- id")]
    reading = native.read({f"{n}.yaml": (head + "- {}\n" * 7_000).encode() for n in range(3)})
    assert reading.drafts == ()
    assert only(reading).message == "La banque compte plus de 20000 questions, la limite."


def test_a_question_of_countless_problems_shows_fifty_and_says_so() -> None:
    text = in_second("  level: 2", "  level: 2\n" + "".join(f"  k{n}: 1\n" for n in range(200)))
    found = [problem for problem in read(text).problems if problem.item == "SN1.1-002"]
    assert len(found) == 51
    assert found[0].code == "unknown-key"
    assert "more-problems" in {problem.code for problem in found}


def test_a_file_of_countless_faults_is_given_up_after_a_thousand() -> None:
    head = GOOD[: GOOD.index("- id")]
    reading = read(head + "- &a x\n" * 1_500 + "- [\n")
    codes = [problem.code for problem in reading.problems]
    assert codes.count("too-many-faults") == 1
    assert codes.count("yaml-anchor") <= 1_001


@pytest.mark.parametrize(
    "content",
    [
        "a:\n" * 1_600_000,
        "{" + "a: b, " * 800_000 + "}",
        "\n" * 4_900_000 + "items: [",
        "items:\n- [\n" + "\n" * 4_900_000,
        "items:\n- x: [" + " " * 4_900_000,
        GOOD + "  zz: 1\n" + "".join(f"  k{n}: 1\n" for n in range(400_000)),
        GOOD.replace("https://exemple.test/page", "https://" + "a" * 4_900_000 + " "),
        GOOD.replace("level: 2", "level: " + "1" * 1_600_000 + "x"),
        GOOD + "- id: X\n  options:\n" + "  - {}\n" * 200_000,
    ],
    ids=range(9),
)
def test_a_file_made_to_exhaust_is_read_or_refused_in_seconds(content: str) -> None:
    started = time.monotonic()
    report = check(read(content), load())
    assert report.errors
    assert time.monotonic() - started < 30


def test_one_unreadable_file_does_not_hide_the_others() -> None:
    reading = native.read({"a.yaml": b"\xff", "b.yaml": bank_file(make_item())})
    assert [item.id for item in reading.items] == ["SN1.1-001"]
    assert [found.file for found in reading.problems] == ["a.yaml"]


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_reported(content: bytes) -> None:
    reading = read(content)
    assert reading.problems
    assert all(found.message and found.repair and found.line for found in reading.problems)


@given(st.integers(0, len(GOOD)), st.integers(0, 30), st.text(max_size=5))
def test_a_file_damaged_anywhere_is_read_or_reported(start: int, length: int, put: str) -> None:
    reading = read(GOOD[:start] + put + GOOD[start + length :])
    assert len(reading.items) + len(reading.problems) >= 1
    assert all(found.message and found.repair for found in reading.problems)
