"""French typography applied when text is shown, so that sources stay easy to type.

Authors and translators write plain spaces and straight apostrophes; readers see the spaces that
keep « ; : ! ? % » on the line of the word before them, and curved apostrophes.
"""

import re

from framework.model import Locale

NARROW = "\u202f"
"""Narrow no-break space."""

WIDE = "\u00a0"
"""No-break space."""

_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")
_BEFORE_HIGH_SIGN = re.compile(r"(?<=[\w»)]) ?(?=[;!?](?:\s|$))")
_BEFORE_COLON = re.compile(r"(?<=[\w»)]) ?(?=:(?:\s|$))")
_BEFORE_PERCENT = re.compile(r"(?<=\d|s) (?=%)")
_INSIDE_QUOTES = re.compile(r"(?<=«) | (?=»)")


def typeset(text: str, locale: Locale) -> str:
    r"""Return the text as a printer of the language would set it.

    >>> typeset("l'essai : prêt ?", "fr")
    'l’essai\xa0: prêt\u202f?'
    """
    text = _APOSTROPHE.sub("’", text)
    if locale == "en":
        return text
    text = _BEFORE_HIGH_SIGN.sub(NARROW, text)
    text = _BEFORE_COLON.sub(WIDE, text)
    text = _BEFORE_PERCENT.sub(WIDE, text)
    return _INSIDE_QUOTES.sub(WIDE, text)
