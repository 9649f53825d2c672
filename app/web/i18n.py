"""Languages: which one a reader gets, and the words in it. French is written in the code, English in a catalogue."""

import datetime as dt
import gettext
import io
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale as BabelLocale
from babel.dates import format_date, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from typing_extensions import override

from app.web.typography import typeset
from framework.model import LOCALES, Locale

LOCALE_DIR = Path(__file__).parent / "locale"
DEFAULT: Locale = "fr"
COOKIE = "toise_locale"


class FrenchWords(gettext.NullTranslations):
    """The msgids themselves, set as French is printed; zero is singular in French."""

    @override
    def gettext(self, message: str) -> str:
        return typeset(message, "fr")

    @override
    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return typeset(msgid1 if abs(n) < 2 else msgid2, "fr")  # noqa: PLR2004 - French plural rule


class EnglishWords(gettext.GNUTranslations):
    """The English catalogue, with curved apostrophes."""

    @override
    def gettext(self, message: str) -> str:
        return typeset(super().gettext(message), "en")

    @override
    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return typeset(super().ngettext(msgid1, msgid2, n), "en")


@cache
def words(locale: Locale) -> gettext.NullTranslations:
    """Return the words of a language, compiled in memory from its .po file once per process."""
    if locale == DEFAULT:
        return FrenchWords()
    path = LOCALE_DIR / locale / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as source:
        catalogue = read_po(source, locale=locale)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return EnglishWords(compiled)


def translate(locale: Locale, message: str, facts: Mapping[str, object] | None = None) -> str:
    """Return a French msgid in the reader's language, its ``%(name)s`` filled from ``facts``."""
    return words(locale).gettext(message) % dict(facts or {})


def known(tag: str | None) -> Locale | None:
    """Return the language of a tag such as ``en-GB`` when the service speaks it."""
    primary = (tag or "").strip().lower().partition("-")[0]
    return next((locale for locale in LOCALES if locale == primary), None)


def choose(*, cookie: str | None, bound: str | None, accept_language: str | None) -> Locale:
    """Return the reader's language: own choice, else the campaign's or sitting's, else the browser's, else French."""
    return known(cookie) or known(bound) or _preferred(accept_language or "") or DEFAULT


def _preferred(header: str) -> Locale | None:
    ranked = sorted(_ranges(header), key=lambda weighted: -weighted[0])
    return next((locale for weight, tag in ranked if weight > 0 and (locale := known(tag))), None)


def _ranges(header: str) -> Iterable[tuple[float, str]]:
    """Yield (weight, tag) of an Accept-Language header; an unreadable weight counts as none."""
    for part in header[:500].split(","):
        tag, _, weight = part.partition(";")
        try:
            yield (float(weight.strip().removeprefix("q=")) if weight else 1.0), tag
        except ValueError:
            yield 0.0, tag


def clock_time(moment: dt.datetime, *, locale: Locale, timezone: str) -> str:
    """Return 14:03 on the institution's clock, always on 24 hours."""
    return format_time(moment, "HH:mm", tzinfo=ZoneInfo(timezone), locale=_babel(locale))


def calendar_date(moment: dt.datetime | dt.date, *, locale: Locale, timezone: str) -> str:
    """Return « 21 novembre 2026 », by the institution's calendar."""
    local = moment.astimezone(ZoneInfo(timezone)) if isinstance(moment, dt.datetime) else moment
    return format_date(local, "long", locale=_babel(locale))


def moment(when: dt.datetime, *, locale: Locale, timezone: str) -> str:
    """Return a date and time short enough for a table: « 23/11/2026 14:03 »."""
    local = when.astimezone(ZoneInfo(timezone))
    date = format_date(local, "dd/MM/yyyy", locale=_babel(locale))
    return f"{date} {clock_time(when, locale=locale, timezone=timezone)}"


def whole_percent(share: float, *, locale: Locale) -> str:
    """Return a share of 1 as « 52 % »."""
    return format_percent(share, locale=_babel(locale))


def plain_number(number: float, *, locale: Locale) -> str:
    return format_decimal(number, locale=_babel(locale))


@cache
def _babel(locale: Locale) -> BabelLocale:
    return BabelLocale("en", "GB") if locale == "en" else BabelLocale("fr", "FR")
