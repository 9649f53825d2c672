"""English sentences about the quality of questions and banks."""

from collections.abc import Mapping

QUALITY: Mapping[str, tuple[str, str]] = {
    "negative-stem": (
        'The stem asks for what is not, or makes an exception ("%(value)s").',
        "Ask for what is right: a negation is read too fast.",
    ),
    "stem-too-long": (
        "The stem has %(count)s words; outside a case, the limit is %(limit)s.",
        "Shorten it to what is needed to answer, or make a case of it.",
    ),
    "sweeping-option": (
        'The option points at all the others or at none ("%(value)s").',
        "Replace it by a precise answer.",
    ),
    "uneven-options": (
        "One option stands out by its length: from %(shortest)s to %(longest)s characters (%(language)s text).",
        "Give all of them the same form and about the same length.",
    ),
    "absolute-distractors": (
        "Absolute words betray the wrong options (%(value)s, %(language)s text).",
        "Remove them, or put some in a right option too.",
    ),
    "stem-word-in-key": (
        'The word "%(value)s" of the stem is in the right answer only (%(language)s text).',
        "Say it differently in the answer, or put it in a wrong option too.",
    ),
    "grammar-cue": (
        'Only the right answer agrees with "%(value)s" (%(language)s text).',
        "Rewrite the stem or the options so that all of them agree.",
    ),
    "long-sentence": (
        "A sentence of the stem has %(count)s words; the limit is %(limit)s.",
        "Cut it in two.",
    ),
    "hard-to-read": (
        "The stem is very hard to read (ease %(value)s, below the limit of %(limit)s).",
        "Use shorter sentences and simpler words.",
    ),
    "due-for-review": (
        "The question is due for review on %(review_by)s, and that day has come.",
        'Read it again with its source, then move "review_by".',
    ),
    "source-younger": (
        "The source is dated %(value)s, after the question was written (%(written)s).",
        "Correct one of the two dates, or read the question again with this source.",
    ),
    "few-examples": (
        "There is only %(count)s example.",
        "Add a second one, which tries another rule.",
    ),
    "same-point": (
        'The question says nearly the same as "%(id)s" (%(percent)s alike).',
        'Rewrite one of them, or declare them in "enemies" on both sides.',
    ),
    "similar-point": (
        'The question resembles "%(id)s" (%(percent)s alike).',
        'Read them side by side: if one gives the other away, declare them in "enemies" on both sides.',
    ),
    "too-many-single": (
        "Single choice questions make up %(percent)s of the bank; the limit is %(limit)s.",
        "Write other types, or change some of them.",
    ),
    "key-position": (
        "The right answer is not written equally often in each place (%(counts)s): chance would not do that.",
        "Change the order of the options of some questions.",
    ),
    "longest-key": (
        (
            "The right answer is the longest %(count)s times out of %(total)s (%(language)s text); chance would "
            "give about %(expected)s."
        ),
        "Lengthen wrong options or tighten right answers.",
    ),
    "never-longest-key": (
        (
            "The right answer is the longest only %(count)s times out of %(total)s (%(language)s text); "
            "chance would give about %(expected)s: one may rule out the longest option without knowing anything."
        ),
        "Lengthen some right answers or tighten wrong options.",
    ),
    "form-tells-key": (
        (
            "The form of the options is enough to find the right answer %(count)s times out of %(total)s (%(language)s "
            "text); chance would give about %(expected)s. These speak for an option: %(for_keys)s; these against it: "
            "%(for_others)s. Questions guessed with most confidence: %(questions)s."
        ),
        "Give wrong options the form of the right one (linking words, number of parts, kind of reasons).",
    ),
}
