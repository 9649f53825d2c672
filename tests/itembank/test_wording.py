"""Every problem has a cause and a repair in both languages, and no sentence is left over."""

import re
from pathlib import Path

import pytest

import itembank
from itembank.problem import WARNINGS, ordered, problem, shown
from itembank.wording import english, french

PLACEHOLDER = re.compile(r"%\((\w+)\)s")
SOURCES = [path for path in Path(itembank.__file__).parent.rglob("*.py") if path.parent.name != "wording"]


def placeholders(sentences: tuple[str, str]) -> set[str]:
    return set(PLACEHOLDER.findall(" ".join(sentences)))


def test_both_languages_know_the_same_codes() -> None:
    assert list(french.TABLE) == list(english.TABLE)


@pytest.mark.parametrize("code", french.TABLE)
def test_both_languages_say_the_same_facts(code: str) -> None:
    assert placeholders(french.TABLE[code]) == placeholders(english.TABLE[code])


@pytest.mark.parametrize("table", [french.TABLE, english.TABLE], ids=["fr", "en"])
def test_sentences_are_sentences(table: dict[str, tuple[str, str]]) -> None:
    for code, sentences in table.items():
        for sentence in sentences:
            assert sentence.rstrip("»").rstrip()[-1] in ".?!…", code
            assert "%" not in PLACEHOLDER.sub("", sentence), code


def test_every_code_is_used_and_every_code_used_is_worded() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    quoted = set(re.findall(r'"([a-z]+(?:-[a-z0-9]+)+)"', text))
    assert quoted - set(french.TABLE) <= {"utf-8-sig"}
    assert [code for code in french.TABLE if f'"{code}"' not in text] == []


def test_warnings_are_codes() -> None:
    assert set(french.TABLE) >= WARNINGS


def test_a_problem_speaks_both_languages() -> None:
    found = problem("missing-language", facts={"key": "en", "language": "en"})
    assert found.told("fr")[0] == "Le texte n'existe pas en anglais (clé « en »)."
    assert found.told("en") == (
        'The text does not exist in English (key "en").',
        "Add the English version: every text is written in French and in English.",
    )
    assert (found.message, found.repair) == found.told("fr")


def test_a_reason_without_translation_is_told_as_it_is() -> None:
    found = problem("yaml-syntax", facts={"reason": "something new"})
    assert found.message.endswith("lisible : something new.")


def test_a_place_says_what_is_known() -> None:
    assert problem("no-source", file="a.yaml", at=(3, 7)).place == "a.yaml:3:7"
    assert problem("no-source", file="a.yaml").place == "a.yaml"
    assert problem("no-source").place == ""


def test_problems_are_ordered_down_the_page_and_those_of_no_file_last() -> None:
    places = [None, ("b", (1, 1)), ("a", (10, 1)), ("a", (9, 5)), ("a", (9, 2))]
    found = [problem("no-source", file=p[0], at=p[1]) if p else problem("no-source") for p in places]
    assert [one.place for one in ordered(found)] == ["a:9:2", "a:9:5", "a:10:1", "b:1:1", ""]


def test_text_from_a_file_is_shown_short_and_printable() -> None:
    assert shown("é" * 80) == "é" * 59 + "…"
    assert shown("a\x00\ud800b") == r"a\u0000\ud800b"
