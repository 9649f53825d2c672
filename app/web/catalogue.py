"""Sentences found in the code and templates, written to the catalogues: ``python -m app.web.catalogue``.

Adds what is new (untranslated), removes what is gone, never guesses a translation.
"""

import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from app.web.i18n import LOCALE_DIR

ROOT = Path(__file__).parents[2]
KEYWORDS: dict[str, tuple[int, ...] | None] = {"_": None, "gettext": None, "msgid": None, "ngettext": (1, 2)}
METHODS = [("**/locale/**", "ignore"), ("**.py", "python"), ("**/templates/**.html", "jinja2")]
OPTIONS = {"**/templates/**.html": {"trimmed": "false", "silent": "false", "newstyle_gettext": "true"}}
PACKAGES = ("app", "framework", "itembank")
TEMPLATE = LOCALE_DIR / "messages.pot"

HEADER = """\
msgid ""
msgstr ""
"Project-Id-Version: Toise\\n"
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""


def translated(locale: str) -> Path:
    return LOCALE_DIR / locale / "LC_MESSAGES" / "messages.po"


def extract() -> Catalog:
    """Return every sentence marked for translation, with the files that say it."""
    found = Catalog(project="Toise", charset="utf-8")
    for file, message, comments, context in _sentences():
        found.add(message, None, [(file, 0)], auto_comments=comments, context=context)
    return found


def _sentences() -> Iterator[tuple[str, str | tuple[str, ...], list[str], str | None]]:
    for package in PACKAGES:
        mapping = extract_from_dir(ROOT / package, METHODS, OPTIONS, KEYWORDS)
        for file, _, message, comments, context in mapping:
            yield f"{package}/{file}", message, comments, context


def current() -> Iterator[tuple[Path, bytes]]:
    """Yield each catalogue file with what it should hold: translations kept, lists of sentences up to date."""
    found = extract()
    yield TEMPLATE, _text(found)
    for path in sorted(LOCALE_DIR.glob("*/LC_MESSAGES/messages.po")):
        with path.open("rb") as source:
            known = read_po(source, locale=path.parts[-3])
        known.update(found, no_fuzzy_matching=True, keep_user_comments=True)
        known.obsolete.clear()
        yield path, _text(known)


def _text(catalogue: Catalog) -> bytes:
    """Sorted, without dates or line numbers, so that a change shows only what changed."""
    target = io.BytesIO()
    target.write(HEADER.format(language=catalogue.locale or "").encode())
    write_po(target, catalogue, omit_header=True, sort_output=True, include_lineno=False, width=110)
    return target.getvalue()


def update() -> None:
    for path, text in list(current()):
        path.write_bytes(text)


if __name__ == "__main__":
    update()
