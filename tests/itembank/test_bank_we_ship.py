"""The first bank, as its issue wants it. Runs on the day of the bank: expiry is the service's business."""

from collections import Counter
from datetime import date

import pytest

from framework import LOCALES, load
from itembank import SHIPPED, Item, Report, check, gather
from itembank.formats import native
from itembank.model import ITEM_TYPES, SCORINGS
from itembank.quality.guess import guesses

WRITTEN = date(2026, 11, 21)


@pytest.fixture(scope="module")
def report() -> Report:
    reading = native.read(gather(SHIPPED / "socle-sante"))
    assert reading.bank == "socle-sante"
    return check(reading, load(), today=WRITTEN)


@pytest.fixture(scope="module")
def bank(report: Report) -> tuple[Item, ...]:
    return report.accepted


def test_nothing_is_wrong_with_it(report: Report) -> None:
    assert [f"{found.place} {found.item} {found.where} {found.message}" for found in report.problems] == []


def test_it_has_at_least_seventy_five_questions_and_fifteen_a_domain(bank: tuple[Item, ...]) -> None:
    domains = Counter(load().domain_of(item.competence).id for item in bank)
    assert len(bank) >= 75
    assert min(domains[domain.id] for domain in load().domains) >= 15


def test_every_competence_and_every_capacity_is_asked_about(bank: tuple[Item, ...]) -> None:
    asked = Counter(item.competence for item in bank)
    assert min(asked[competence.id] for competence in load().competences) >= 5
    assert {item.capacity for item in bank} == {capacity.id for capacity in load().capacities}


def test_every_level_is_asked_and_every_domain_in_every_band(bank: tuple[Item, ...]) -> None:
    framework = load()
    assert {item.level for item in bank} == set(framework.levels)
    bands = {(framework.domain_of(item.competence).id, framework.band_of(item.level).id) for item in bank}
    assert len(bands) == len(framework.domains) * len(framework.bands)


def test_every_domain_uses_every_type_and_both_scorings(bank: tuple[Item, ...]) -> None:
    for domain in load().domains:
        own = [item for item in bank if load().domain_of(item.competence).id == domain.id]
        assert {item.type for item in own} == set(ITEM_TYPES), domain.id
        assert {item.scoring for item in own if item.type == "multiple_choice"} == set(SCORINGS), domain.id


def test_the_two_languages_differ_in_every_question(bank: tuple[Item, ...]) -> None:
    assert [
        item.id for item in bank if item.stem.fr == item.stem.en or item.explanation.fr == item.explanation.en
    ] == []


def test_sources_are_no_younger_than_the_question(bank: tuple[Item, ...]) -> None:
    late = [item.id for item in bank for s in item.sources if (s.date or "") > item.written.isoformat()]
    assert late == []


def test_short_texts_prove_their_rules_with_examples_of_each_kind(bank: tuple[Item, ...]) -> None:
    for item in bank:
        if item.type == "short_text":
            examples = [
                words[locale] for words in (item.accepted_examples, item.refused_examples) for locale in LOCALES
            ]
            assert min(map(len, examples)) >= 2, item.id


def test_the_right_option_is_not_given_away_by_its_length(bank: tuple[Item, ...]) -> None:
    choices = [item for item in bank if item.type == "single_choice"]
    for locale in LOCALES:
        longest = sum(max(item.options, key=lambda option: len(option.text.get(locale))).correct for item in choices)
        assert longest <= len(choices) / 4, locale


def test_the_right_option_is_not_given_away_by_the_form_of_the_options(bank: tuple[Item, ...]) -> None:
    assert {found.locale: found.above < 2 for found in guesses(bank)} == {"fr": True, "en": True}


def test_no_letter_is_the_key_too_often(bank: tuple[Item, ...]) -> None:
    letters = Counter(next(iter(item.correct_ids)) for item in bank if item.type == "single_choice")
    assert max(letters.values()) <= 0.4 * letters.total()


def test_it_is_written_back_as_it_was_read(bank: tuple[Item, ...]) -> None:
    text = native.write(bank, bank="socle-sante", framework_id=load().id, framework_version=load().version)
    assert native.read({"bank.yaml": text.encode()}).items == bank
