"""What is wrong with a bank file or an item, where, and how to repair it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from framework.model import Locale
from itembank.wording import english, english_files, french, french_files

Severity = Literal["error", "warning"]
Fact = str | int

_OF_FORM = ("expired", "long-stem", "useless-tolerance", "key-is-longest", "no-items")
_OF_QUALITY = (
    *("uneven-options", "absolute-distractors", "stem-word-in-key", "hard-to-read"),
    *("few-examples", "similar-point", "never-longest-key", "form-tells-key"),
)
WARNINGS = frozenset((*_OF_FORM, *_OF_QUALITY))

_TABLES: Mapping[Locale, Mapping[str, tuple[str, str]]] = {"fr": french.TABLE, "en": english.TABLE}
_TERMS: Mapping[Locale, Mapping[str, str]] = {"fr": french_files.TERMS, "en": english_files.TERMS}
_NAMED = ("language", "reason")  # facts that are words of a language, not of the file
_LISTED = ("for_keys", "for_others")  # lists of words of the file, where some are names that we gave
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding. ``line`` and ``column`` count from 1; None when no file or place is known.

    ``item`` is the id of the question and ``where`` the path inside it (``options[1].why.en``), both empty
    for a whole file. ``facts`` fill the placeholders of the two sentences that ``code`` stands for.
    """

    code: str
    severity: Severity
    file: str | None
    line: int | None
    column: int | None
    item: str
    where: str
    facts: Mapping[str, Fact] = field(hash=False)

    @property
    def message(self) -> str:
        """The cause, in French."""
        return self.told("fr")[0]

    @property
    def repair(self) -> str:
        """What to do, in French."""
        return self.told("fr")[1]

    def told(self, locale: Locale) -> tuple[str, str]:
        """Return the cause and the repair in a language."""
        message, repair = _TABLES[locale][self.code]
        named = {key: _TERMS[locale].get(str(self.facts[key])) for key in _NAMED if key in self.facts}
        lists = {key: _each(str(self.facts[key]), _TERMS[locale]) for key in _LISTED if key in self.facts}
        facts = {**self.facts, **{key: word for key, word in named.items() if word}, **lists}
        return message % facts, repair % facts

    @property
    def place(self) -> str:
        """``file:line:column``, as editors and terminals link it; as much of it as is known."""
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)


def problem(
    code: str,
    *,
    file: str | None = None,
    at: tuple[int, int] | None = None,
    item: str = "",
    where: str = "",
    facts: Mapping[str, Fact] | None = None,
) -> Problem:
    """Build a problem; the code alone decides how severe it is."""
    line, column = at or (None, None)
    return Problem(
        code=code,
        severity="warning" if code in WARNINGS else "error",
        file=file,
        line=line,
        column=column,
        item=item,
        where=where,
        facts=dict(facts or {}),
    )


def _each(listed: str, terms: Mapping[str, str]) -> str:
    return ", ".join(terms[name] if name.startswith("#") else name for name in listed.split(", "))


def ordered(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Problems as one reads them: each once, by file, then down the page; those of no file last."""
    unique: dict[Problem, Problem] = {found: found for found in problems}
    return tuple(sorted(unique, key=lambda p: (p.file is None, p.file or "", p.line or 0, p.column or 0, p.code)))


def shown(text: str) -> str:
    """Text from a file, short and safe to print in a message."""
    short = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in short)
