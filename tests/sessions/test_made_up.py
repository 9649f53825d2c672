"""Answers of simulated students are real answers: graded with the wanted score, sent by the names on screen."""

from dataclasses import replace

import numpy as np
import pytest

from app.sessions.flow import make_course, score_of
from app.sessions.made_up import AT_A_LOSS, on_screen, response_scoring
from app.sessions.shown import arrange
from framework.model import LOCALES, Locale
from itembank.model import ITEM_TYPES, Words
from tests.builders import make_item, make_policy, make_pool
from tests.sittings import bank_we_ship

ITEMS = tuple(bank_we_ship().values())


def test_the_bank_we_ship_has_every_type() -> None:
    assert {item.type for item in ITEMS} == set(ITEM_TYPES)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_score_of_every_question_we_ship_can_be_answered(locale: Locale) -> None:
    rng = np.random.default_rng(7)
    for item in ITEMS:
        for score in range(item.categories):
            response = response_scoring(item, score, rng, locale)
            assert score_of(item, response) == score, item.id


def test_what_is_sent_by_the_names_on_screen_is_what_was_meant() -> None:
    course = make_course(make_pool(ITEMS), make_policy(), seed=11, ineligible=frozenset())
    rng = np.random.default_rng(8)
    for place, item in enumerate(course.pool.items):
        shown = arrange(course, place, 4)
        meant = response_scoring(item, item.categories - 1, rng, "fr")
        sent = on_screen(shown, shown.question(4, "SN1", again=False), meant)
        assert score_of(item, shown.in_item_terms(sent)) == item.categories - 1, item.id


def test_wrong_answers_are_not_all_the_same() -> None:
    rng = np.random.default_rng(9)
    item = next(item for item in ITEMS if item.type == "single_choice" and len(item.options) >= 4)
    assert len({response_scoring(item, 0, rng, "fr")["choice"] for _ in range(60)}) == len(item.options) - 1


@pytest.mark.parametrize("score", [-1, 2])
def test_a_score_that_the_question_does_not_have_is_refused(score: int) -> None:
    with pytest.raises(ValueError, match=r"score must be from 0 to 1 for item SN1\.1-001"):
        response_scoring(make_item("SN1.1-001"), score, np.random.default_rng(1), "fr")


def test_a_question_that_cannot_be_answered_wrong_says_so() -> None:
    item = next(item for item in ITEMS if item.type == "short_text")
    words: Words = dict.fromkeys(LOCALES, tuple(AT_A_LOSS.values()))
    item = replace(item, answers=words, accepted_examples=words, refused_examples={})
    with pytest.raises(ValueError, match="no response"):
        response_scoring(item, 0, np.random.default_rng(1), "fr")
