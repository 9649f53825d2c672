"""English sentences about files and their shape, code for code beside the French ones."""

from collections.abc import Mapping

FILES: Mapping[str, tuple[str, str]] = {
    "file-too-big": (
        "The file weighs more than %(limit)s bytes, the limit.",
        "Spread the questions over several files, one per competence for instance.",
    ),
    "not-utf8": (
        "The file is not UTF-8: byte number %(byte)s (0x%(value)s), line %(line)s, has no meaning there.",
        "Save the file as UTF-8 from your editor (it may be Windows-1252).",
    ),
    "empty-file": (
        "The file holds nothing.",
        'Write the header (format, bank, framework), then the list "items".',
    ),
    "yaml-syntax": (
        "This part of the file is not readable YAML: %(reason)s.",
        (
            'Check the indentation, and put quotes around a text that contains ": " or " #", '
            "or that starts with a quote, a bracket, a brace, @, & or *."
        ),
    ),
    "yaml-anchor": (
        'The anchor "&%(name)s" is not allowed.',
        "Write the content in full wherever it is needed; if & belongs to the text, put quotes around the text.",
    ),
    "yaml-alias": (
        'The reference "*%(name)s" is not allowed.',
        "Write the content in full; if * belongs to the text, put quotes around the text.",
    ),
    "yaml-tag": (
        'The YAML tag "%(name)s" is not allowed.',
        "Remove it; if ! belongs to the text, put quotes around the text.",
    ),
    "yaml-depth": (
        "The content is nested more than %(limit)s levels deep.",
        "Go back to the structure of the format: no question needs so many.",
    ),
    "yaml-key": (
        "A key must be a plain word.",
        "Replace the key by one of the format's.",
    ),
    "several-documents": (
        'The file holds several YAML documents (separated by "---").',
        "Keep one document per file; what follows the first was not read.",
    ),
    "forbidden-character": (
        "The invisible character %(character)s is not allowed in a text.",
        "Delete it; it often comes from copying and pasting.",
    ),
    "duplicate-key": (
        'The key "%(key)s" is written twice.',
        "Keep only one: the other would be lost.",
    ),
    "too-many-faults": (
        "More than %(limit)s faults of writing: the rest of the file was not read.",
        "Check that this is a file of questions, correct these faults, then try again.",
    ),
    "too-many-items": (
        "The bank holds more than %(limit)s questions, the limit.",
        "Import it as several banks.",
    ),
    "no-items": (
        "The file holds no question.",
        'Add questions under "items", or remove the file.',
    ),
    "other-bank": (
        'This file announces the bank "%(value)s", while the first announces "%(expected)s".',
        "Give the same bank name in all files imported together.",
    ),
    "other-framework": (
        "This file follows framework %(value)s, while %(expected)s is expected.",
        "Give the same framework and version everywhere, or import this file apart.",
    ),
}

SHAPE: Mapping[str, tuple[str, str]] = {
    "more-problems": (
        "The question has more than %(limit)s problems; those that follow are not shown.",
        "Correct these, then try again.",
    ),
    "not-a-mapping": (
        '"%(key)s" must be a group of keys and values.',
        "Rewrite this part as the format guide shows (itembank/README.md).",
    ),
    "not-a-list": (
        '"%(key)s" must be a list.',
        "Put each element on its own line, after a dash.",
    ),
    "not-a-text": (
        '"%(key)s" must be a text.',
        'Write the text on the same line, in quotes if it contains ": " or " #".',
    ),
    "not-a-boolean": (
        '"%(value)s" is neither true nor false.',
        "Write true or false.",
    ),
    "missing-key": (
        '"%(key)s" is missing.',
        'Add the line "%(key)s: ..." at this place.',
    ),
    "unknown-key": (
        'The key "%(key)s" does not exist at this place.',
        "Remove it, or replace it by one of these: %(allowed)s.",
    ),
    "misspelt-key": (
        'The key "%(key)s" does not exist at this place.',
        'Did you mean "%(suggestion)s"?',
    ),
    "misplaced-key": (
        '"%(key)s" is not used with a question of type %(type)s.',
        'Remove "%(key)s", or change the type of the question.',
    ),
    "missing-language": (
        'The text does not exist in %(language)s (key "%(key)s").',
        "Add the %(language)s version: every text is written in French and in English.",
    ),
    "unknown-value": (
        '"%(value)s" is not a value of "%(key)s".',
        "Choose among: %(allowed)s.",
    ),
    "not-an-integer": (
        '"%(value)s" is not a whole number.',
        "Write the number in digits, without quotes or unit.",
    ),
    "not-a-number": (
        '"%(value)s" is not a number.',
        "Write the number in digits, with a decimal point, without quotes or unit.",
    ),
    "bad-date": (
        '"%(value)s" is not a date of the calendar.',
        'Write year, month and day, in quotes: "2026-11-21".',
    ),
    "bad-source-date": (
        '"%(value)s" is not the date of a source.',
        'Write what the source says, in quotes: "2026", "2026-11" or "2026-11-21".',
    ),
}

TERMS: Mapping[str, str] = {
    "fr": "French",
    "en": "English",
    "#length": "[longer]",
    "#longest": "[the longest]",
    "#shortest": "[the shortest]",
    "#commas": "[commas]",
    "#likeness": "[words shared with the others]",
}
