"""Rules about short texts: the tolerances must do what their author says they do."""

from collections.abc import Iterator
from dataclasses import replace

from framework.model import LOCALES, Locale
from itembank.grade import SHORTEST_WITH_TOLERANCE, UnreadableResponse, grade, normalise, tolerates
from itembank.model import Item, Words
from itembank.problem import shown
from itembank.rules.rule import Context, Finding, Rule

MOST_EDITS = 2
MOST_WORDS = 50


def _lengths(item: Item, _: Context) -> Iterator[Finding]:
    for name, words in _lists(item):
        for locale, listed in words.items():
            if len(listed) > MOST_WORDS:
                yield Finding("long-list", f"{name}.{locale}", {"count": len(listed), "limit": MOST_WORDS})


def _lists(item: Item) -> tuple[tuple[str, Words], ...]:
    return (
        ("answers", item.answers),
        ("accepted_examples", item.accepted_examples),
        ("refused_examples", item.refused_examples),
    )


def _answers(item: Item, _: Context) -> Iterator[Finding]:
    if item.type != "short_text" or item.match is None:
        return
    for locale in LOCALES:
        answers = item.answers.get(locale, ())
        if not answers:
            yield Finding("no-answer", f"answers.{locale}", {"language": locale})
        for index, answer in enumerate(answers):
            if answer.strip() and not normalise(answer, item.match):
                yield Finding("vanishing-answer", f"answers.{locale}[{index}]", {"value": shown(answer)})


def _tolerance(item: Item, _: Context) -> Iterator[Finding]:
    if item.match is None:
        return
    distance = item.match.edit_distance
    if not 0 <= distance <= MOST_EDITS:
        yield Finding("edit-distance-range", "match.edit_distance", {"value": distance})
    answers = [normalise(answer, item.match) for answers in item.answers.values() for answer in answers]
    if distance > 0 and answers and not any(tolerates(answer) for answer in answers):
        yield Finding("useless-tolerance", "match.edit_distance", {"shortest": SHORTEST_WITH_TOLERANCE})


def _examples(item: Item, _: Context) -> Iterator[Finding]:
    if item.type != "short_text" or item.match is None or any(_lengths(item, _)):
        return
    for locale in LOCALES:
        accepted, refused = item.accepted_examples.get(locale, ()), item.refused_examples.get(locale, ())
        for name, examples in (("accepted_examples", accepted), ("refused_examples", refused)):
            if not examples:
                yield Finding("no-example", f"{name}.{locale}", {"language": locale})
        for index, example in enumerate(accepted):
            if _score(item, example, locale) == 0:
                yield Finding("example-refused", f"accepted_examples.{locale}[{index}]", {"value": shown(example)})
        for index, example in enumerate(refused):
            answer = _let_in(item, example)
            if answer is not None:
                facts = {"value": shown(example), "answer": shown(answer)}
                yield Finding("example-accepted", f"refused_examples.{locale}[{index}]", facts)


def _score(item: Item, example: str, locale: Locale) -> int | None:
    """None when it cannot be graded: the rules on texts say why."""
    try:
        return grade(item, {"text": example}, locale=locale)
    except UnreadableResponse:
        return None


def _let_in(item: Item, example: str) -> str | None:
    """Return the answer that accepts an example, in either language: a sitting may change language."""
    for locale, answers in item.answers.items():
        for answer in answers:
            if _score(replace(item, answers={locale: (answer,)}), example, locale) == 1:
                return answer
    return None


RULES = (
    Rule(_lengths),
    Rule(_answers, needs=("type", "answers", "match")),
    Rule(_tolerance, needs=("answers", "match")),
    Rule(_examples, needs=("type", "answers", "match", "accepted_examples", "refused_examples")),
)
