import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from app.web import catalogue
from app.web.typography import typeset

PLACEHOLDER = re.compile(r"%(?:\((\w+)\)[sd]|%)")


def read(path: Path, locale: str | None = None) -> Catalog:
    with path.open("rb") as source:
        return read_po(source, locale=locale)


@pytest.fixture(scope="module")
def found() -> Catalog:
    return catalogue.extract()


@pytest.fixture(scope="module")
def english() -> Catalog:
    return read(catalogue.translated("en"), "en")


def ids(catalog: Catalog) -> set[object]:
    return {message.id for message in catalog if message.id}


def texts(value: object) -> list[str]:
    return [value] if isinstance(value, str) else [str(text) for text in value]  # type: ignore[attr-defined]


def sentences(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id]


def test_the_template_holds_exactly_what_the_code_says(found: Catalog) -> None:
    assert ids(read(catalogue.TEMPLATE)) == ids(found), "run: python -m app.web.catalogue"


def test_the_english_catalogue_holds_exactly_what_the_code_says(found: Catalog, english: Catalog) -> None:
    assert ids(english) == ids(found), "run: python -m app.web.catalogue, then translate what is new"
    assert not english.obsolete


def test_every_sentence_is_translated_and_none_is_doubtful(english: Catalog) -> None:
    unfinished = [m.id for m in sentences(english) if m.fuzzy or not all(texts(m.string))]
    assert unfinished == []


def test_a_singular_belongs_to_one_plural_only(found: Catalog) -> None:
    plurals = [message.id for message in sentences(found) if not isinstance(message.id, str)]
    assert len({plural[0] for plural in plurals}) == len(plurals)


def placeholders(text: str) -> set[str]:
    return {match.group(1) for match in PLACEHOLDER.finditer(text) if match.group(1)}


def test_both_languages_fill_the_same_places(english: Catalog) -> None:
    for message in sentences(english):
        wanted = set().union(*(placeholders(text) for text in texts(message.id)))
        told = set().union(*(placeholders(text) for text in texts(message.string)))
        assert told == wanted, message.id


def test_no_percent_sign_can_be_taken_for_a_placeholder(english: Catalog) -> None:
    for message in sentences(english):
        for text in texts(message.id) + texts(message.string):
            assert "%" not in PLACEHOLDER.sub("", typeset(text, "fr")), text


def test_the_files_are_as_the_update_command_writes_them() -> None:
    for path, text in catalogue.current():
        assert path.read_bytes() == text, "run: python -m app.web.catalogue"
