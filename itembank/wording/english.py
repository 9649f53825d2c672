"""English sentences, code for code beside the French ones."""

from collections.abc import Mapping

from itembank.wording.english_files import FILES, SHAPE
from itembank.wording.english_parts import CASES, NUMBERS, PARTS
from itembank.wording.english_quality import QUALITY

ITEMS: Mapping[str, tuple[str, str]] = {
    "bad-id": (
        '"%(value)s" cannot serve as an id.',
        "Use 1 to 64 unaccented letters, digits, dots, hyphens or underscores, such as SN1.1-001.",
    ),
    "duplicate-id": (
        'The id "%(id)s" is already taken (%(first)s).',
        "Give this question the next free number; an id serves only once.",
    ),
    "unknown-competence": (
        'The competence "%(value)s" does not exist in framework %(framework)s.',
        "Correct the code of the competence.",
    ),
    "unknown-capacity": (
        'The capacity "%(value)s" does not exist in framework %(framework)s.',
        "Correct the code; the capacities of the competence are: %(allowed)s.",
    ),
    "capacity-elsewhere": (
        'The capacity "%(value)s" belongs to competence %(home)s, not to %(competence)s.',
        "Move the question to the file of %(home)s, or correct the capacity.",
    ),
    "level-range": (
        "Level %(value)s does not exist.",
        "Choose a level from %(lowest)s to %(highest)s by the level rubric (itembank/README.md).",
    ),
    "empty-text": (
        "The text is empty.",
        "Write it, or remove the element if it is optional.",
    ),
    "long-text": (
        "The text has %(count)s characters; the limit is %(limit)s.",
        "Shorten it.",
    ),
    "long-stem": (
        "The stem has %(count)s words; beyond %(limit)s, reading is measured more than the competence.",
        "Shorten the situation to what is needed to answer.",
    ),
    "no-source": (
        "The question cites no source.",
        "Add at least one source, with its title, address and date.",
    ),
    "bad-address": (
        '"%(value)s" is not a web address.',
        "Write the whole address, which starts with https:// or http://.",
    ),
}

OPTIONS: Mapping[str, tuple[str, str]] = {
    "option-count": (
        "The question has %(count)s option(s); it needs %(lowest)s to %(highest)s.",
        "Add plausible options, or remove the weakest.",
    ),
    "bad-option-id": (
        '"%(value)s" cannot name an option.',
        "Use a letter: a, b, c...",
    ),
    "duplicate-option-id": (
        'Two options have the letter "%(id)s".',
        "Give each option its own letter.",
    ),
    "same-option-text": (
        "Two options say the same (%(one)s and %(other)s).",
        "Rewrite or remove one of them.",
    ),
    "no-correct": (
        "No option is marked as right.",
        'Add "correct: true" to the right answer.',
    ),
    "several-correct": (
        "The single choice question has %(count)s right options.",
        "Keep only one, or change to multiple_choice.",
    ),
    "one-correct": (
        "The multiple choice question has only one right option.",
        "Mark at least two right options, or change to single_choice.",
    ),
    "no-wrong": (
        "Every option is right: ticking everything would always earn the full score.",
        "Add at least one wrong option.",
    ),
    "key-is-longest": (
        (
            "The right answer is the longest in %(count)s questions out of %(total)s (%(language)s text); "
            "chance would give about %(expected)s."
        ),
        "Lengthen distractors or tighten keys: length must not give the answer away.",
    ),
}

SHORT_TEXT: Mapping[str, tuple[str, str]] = {
    "no-answer": (
        "No answer is accepted in %(language)s.",
        "Add at least one answer in this language; repeat it if both languages share it.",
    ),
    "long-list": (
        "The list has %(count)s elements; the limit is %(limit)s.",
        'Keep the most useful; the rules of "match" already cover case, accents and spaces.',
    ),
    "vanishing-answer": (
        'The answer "%(value)s" is refused by its own rules: nothing of it is left once compared.',
        'Write an answer in letters or digits, or make the rule "punctuation" exact.',
    ),
    "edit-distance-range": (
        '"edit_distance" is %(value)s.',
        "Choose 0, 1 or 2 typing errors allowed.",
    ),
    "useless-tolerance": (
        (
            "The typing errors allowed change nothing: every answer is a number, a code or a word of fewer than "
            "%(shortest)s characters, and those are always compared exactly."
        ),
        'Write "edit_distance: 0".',
    ),
    "no-example": (
        "There is no example in %(language)s.",
        "Add at least one example: it proves that the rules do what you want.",
    ),
    "example-refused": (
        'The example "%(value)s" should be accepted, but the rules refuse it.',
        'Add this answer to "answers", or loosen "match".',
    ),
    "example-accepted": (
        'The example "%(value)s" should be refused, but the rules accept it (it is too close to "%(answer)s").',
        'Tighten "match" (often "edit_distance: 0"), or remove the example if it is right.',
    ),
}

DATES: Mapping[str, tuple[str, str]] = {
    "review-before-start": (
        "The question is due for review on %(review_by)s, before it even serves (%(valid_from)s).",
        'Give "review_by" a date after "valid_from".',
    ),
    "review-too-far": (
        "The question would be reviewed only on %(review_by)s, more than %(years)s years after it starts to serve.",
        "Choose a closer review date: rules and tools change.",
    ),
    "expired": (
        "The review date, %(review_by)s, has passed: the question will no longer be asked.",
        'Read the question and its source again, then move "review_by".',
    ),
}

ENEMIES: Mapping[str, tuple[str, str]] = {
    "own-enemy": (
        "The question declares itself its own enemy.",
        'Remove its own id from "enemies".',
    ),
    "unknown-enemy": (
        'The enemy "%(id)s" is not in the bank.',
        'Correct the id, or remove it from "enemies".',
    ),
    "one-sided-enemy": (
        'The question "%(id)s" does not declare this one in return.',
        'Add "%(item)s" to the "enemies" of "%(id)s".',
    ),
}

PARAMETERS: Mapping[str, tuple[str, str]] = {
    "bad-slope": (
        'The slope "a" is %(value)s.',
        "It must be a positive number (and 1 with the model rasch).",
    ),
    "bad-asymptote": (
        'The asymptote "c" is %(value)s with the model %(model)s.',
        "It must be from 0 to less than 1, and 0 outside the model 3pl.",
    ),
    "step-count": (
        '"b" has %(count)s value(s); the question has %(categories)s score categories.',
        "Give one difficulty per category above 0; a question with more than two categories follows the model gpcm.",
    ),
    "infinite-parameter": (
        "A parameter is not a finite number.",
        "Take the values from the calibration again.",
    ),
    "bad-covariance": (
        (
            "The covariance is not that of %(count)s parameter(s): it must be a square matrix of this size, "
            "symmetric and positive semi-definite."
        ),
        "Take the matrix from the calibration again, in the order log a, b..., logit c.",
    ),
}

TABLE: Mapping[str, tuple[str, str]] = {
    **FILES,
    **SHAPE,
    **ITEMS,
    **OPTIONS,
    **SHORT_TEXT,
    **PARTS,
    **NUMBERS,
    **CASES,
    **DATES,
    **ENEMIES,
    **PARAMETERS,
    **QUALITY,
}
