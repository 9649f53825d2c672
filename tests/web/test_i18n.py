import datetime as dt

import pytest

from app.web import i18n

NOON_UTC = dt.datetime(2026, 7, 14, 12, 3, tzinfo=dt.UTC)


def test_the_reader_s_own_choice_comes_first() -> None:
    assert i18n.choose(cookie="en", bound="fr", accept_language="fr") == "en"


def test_the_sitting_s_language_comes_before_the_browser_s() -> None:
    assert i18n.choose(cookie=None, bound="fr", accept_language="en") == "fr"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("en-GB,en;q=0.9,fr;q=0.8", "en"),
        ("de, fr;q=0.5, en;q=0.7", "en"),
        ("en;q=0, fr;q=0.1", "fr"),
        ("de-DE", "fr"),
        ("", "fr"),
        ("en;q=many", "fr"),
        (";;;,,,q=", "fr"),
        ("en;q=inf", "en"),
    ],
)
def test_the_browser_s_preference_is_read(header: str, expected: str) -> None:
    assert i18n.choose(cookie=None, bound=None, accept_language=header) == expected


def test_an_unknown_cookie_counts_as_no_choice() -> None:
    assert i18n.choose(cookie="xx", bound=None, accept_language="en") == "en"


def test_french_counts_zero_as_singular_and_english_as_plural() -> None:
    single, several = "%(num)d question posée", "%(num)d questions posées"
    assert i18n.words("fr").ngettext(single, several, 0) == single
    assert i18n.words("en").ngettext(single, several, 0) == "%(num)d questions asked"


def test_a_refusal_is_filled_from_its_facts_in_the_reader_s_language() -> None:
    sentence = "Réponse enregistrée à %(time)s"
    assert i18n.translate("en", sentence, {"time": "14:03"}) == "Answer saved at 14:03"
    assert i18n.translate("fr", sentence, {"time": "14:03"}) == "Réponse enregistrée à 14:03"


def test_times_are_those_of_the_institution_s_clock() -> None:
    assert i18n.clock_time(NOON_UTC, locale="fr", timezone="Europe/Paris") == "14:03"
    assert i18n.clock_time(NOON_UTC, locale="en", timezone="Indian/Reunion") == "16:03"


def test_dates_are_those_of_the_institution_s_calendar() -> None:
    late = dt.datetime(2026, 11, 21, 23, 30, tzinfo=dt.UTC)
    assert i18n.calendar_date(late, locale="fr", timezone="Europe/Paris") == "22 novembre 2026"
    assert i18n.calendar_date(dt.date(2026, 11, 21), locale="en", timezone="Europe/Paris") == "21 November 2026"
    assert i18n.moment(late, locale="fr", timezone="Europe/Paris") == "22/11/2026 00:30"


def test_numbers_follow_the_language() -> None:
    assert i18n.whole_percent(0.52, locale="fr") == "52\xa0%"
    assert i18n.whole_percent(0.52, locale="en") == "52%"
    assert i18n.plain_number(1204, locale="fr") == "1\u202f204"
    assert i18n.plain_number(1204, locale="en") == "1,204"
