"""English sentences about parts to answer one by one, numbers and cases."""

from collections.abc import Mapping

PARTS: Mapping[str, tuple[str, str]] = {
    "part-count": (
        '"%(key)s" has %(count)s element(s); it needs %(lowest)s to %(highest)s.',
        "Add elements, or remove the weakest.",
    ),
    "bad-part-id": (
        '"%(value)s" cannot name an element.',
        "Use a letter: a, b, c…",
    ),
    "duplicate-part-id": (
        'Two elements have the letter "%(id)s".',
        "Give each element a letter of its own.",
    ),
    "same-part-text": (
        "Two elements say the same thing (%(one)s and %(other)s).",
        "Rewrite or remove one of them.",
    ),
    "unknown-choice": (
        'The choice "%(id)s" is not in "choices".',
        "Write one of these: %(allowed)s.",
    ),
    "choice-reused": (
        'The choice "%(id)s" serves several prompts.',
        'Give each its own choice, or write "reuse: true" (possible choices: %(allowed)s).',
    ),
    "missing-gap": (
        'The text has no place for the gap "%(id)s".',
        "Write {%(id)s} in the text, once in each language.",
    ),
    "repeated-gap": (
        'The gap "%(id)s" is placed several times in the text.',
        "Keep {%(id)s} only once in each language.",
    ),
    "unknown-gap": (
        'The text places a gap "%(id)s" that is not in "gaps".',
        'Describe it in "gaps", or remove it from the text.',
    ),
    "gap-keys": (
        'The gap "%(id)s" has %(count)s right option(s); it needs one.',
        'Mark a single option with "correct: true".',
    ),
}

NUMBERS: Mapping[str, tuple[str, str]] = {
    "negative-tolerance": (
        "The tolerance is %(value)s.",
        "Write 0 (exact value) or a positive number.",
    ),
    "no-number-example": (
        "There is no example.",
        "Add at least one: it proves that the value and the tolerance are the ones you want.",
    ),
    "number-refused": (
        'The example "%(value)s" should be accepted, but it is refused.',
        (
            "Correct the value or the tolerance, or write the example in digits: a comma or a point before "
            "decimals, spaces between thousands."
        ),
    ),
    "number-accepted": (
        'The example "%(value)s" should be refused, but it is accepted.',
        "Narrow the tolerance, or remove the example if it is right.",
    ),
}

CASES: Mapping[str, tuple[str, str]] = {
    "unknown-stimulus": (
        'The case "%(value)s" is not described under "stimuli", or its description could not be read.',
        'Describe it at the start of this file, before "items", or correct the id.',
    ),
    "duplicate-stimulus": (
        'The case "%(id)s" is described twice in this file.',
        "Give each case an id of its own; only the first description is read.",
    ),
    "block-kind": (
        "A block must be exactly one of these: %(allowed)s.",
        "Separate the blocks: a dash for each.",
    ),
    "block-count": (
        "The case has %(count)s block(s); it needs %(lowest)s to %(highest)s.",
        "Add what there is to read, or join paragraphs.",
    ),
    "table-size": (
        "The table is empty or too large.",
        (
            "Give at least one column and one row, at most %(columns)s columns and %(rows)s rows: it is read on "
            "a phone too."
        ),
    ),
    "ragged-table": (
        "The row has %(count)s cell(s); the table has %(columns)s columns.",
        "Write one cell for each column.",
    ),
    "case-questions": (
        'The case "%(id)s" has %(count)s question(s); it needs %(lowest)s to %(highest)s.',
        "Add or remove questions, or divide the case in two.",
    ),
    "case-elsewhere": (
        'The question does not share the case "%(id)s" as %(first)s shows it: same competence, same content.',
        "Give this case another id, or put its questions under one competence.",
    ),
    "enemy-of-case": (
        'The question "%(id)s" belongs to the same case: they are asked together.',
        'Remove it from "enemies", or rewrite whichever gives the other away.',
    ),
}
