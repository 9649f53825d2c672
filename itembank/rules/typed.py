"""Rules about texts and numbers to type: the tolerances must do what their author says they do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from framework.model import LOCALES
from itembank.compare import SHORTEST_WITH_TOLERANCE, NotOneNumber, accepts, normalise, number_of, tolerates
from itembank.model import Gap, Item, Match, Quantity, Words
from itembank.problem import shown
from itembank.responses import UnreadableResponse, read_text
from itembank.rules.rule import Context, Finding, Rule

MOST_EDITS = 2
MOST_WORDS = 50

Asked = Item | Gap


@dataclass(frozen=True, slots=True)
class _Alone:
    """One answer under the rules of all."""

    answers: Words
    match: Match | None


Find = Callable[[Asked, str], Iterator[Finding]]


def _lengths(asked: Asked, where: str) -> Iterator[Finding]:
    for name, words in _lists(asked):
        for locale, listed in words.items():
            if len(listed) > MOST_WORDS:
                yield Finding("long-list", f"{where}{name}.{locale}", {"count": len(listed), "limit": MOST_WORDS})


def _lists(asked: Asked) -> tuple[tuple[str, Words], ...]:
    return (
        ("answers", asked.answers),
        ("accepted_examples", asked.accepted_examples),
        ("refused_examples", asked.refused_examples),
    )


def _answers(asked: Asked, where: str) -> Iterator[Finding]:
    if asked.match is None:
        return
    for locale in LOCALES:
        answers = asked.answers.get(locale, ())
        if not answers:
            yield Finding("no-answer", f"{where}answers.{locale}", {"language": locale})
        for index, answer in enumerate(answers):
            if answer.strip() and not normalise(answer, asked.match):
                yield Finding("vanishing-answer", f"{where}answers.{locale}[{index}]", {"value": shown(answer)})


def _tolerance(asked: Asked, where: str) -> Iterator[Finding]:
    if asked.match is None:
        return
    distance = asked.match.edit_distance
    if not 0 <= distance <= MOST_EDITS:
        yield Finding("edit-distance-range", f"{where}match.edit_distance", {"value": distance})
    answers = [normalise(answer, asked.match) for answers in asked.answers.values() for answer in answers]
    if distance > 0 and answers and not any(tolerates(answer) for answer in answers):
        yield Finding("useless-tolerance", f"{where}match.edit_distance", {"shortest": SHORTEST_WITH_TOLERANCE})


def _examples(asked: Asked, where: str) -> Iterator[Finding]:
    if asked.match is None or any(_lengths(asked, where)):
        return
    for locale in LOCALES:
        accepted, refused = asked.accepted_examples.get(locale, ()), asked.refused_examples.get(locale, ())
        for name, examples in (("accepted_examples", accepted), ("refused_examples", refused)):
            if not examples:
                yield Finding("no-example", f"{where}{name}.{locale}", {"language": locale})
        for index, example in enumerate(accepted):
            if _typable(example) and not accepts(asked, example, locale=locale):
                facts = {"value": shown(example)}
                yield Finding("example-refused", f"{where}accepted_examples.{locale}[{index}]", facts)
        for index, example in enumerate(refused):
            answer = _let_in(asked, example) if _typable(example) else None
            if answer is not None:
                facts = {"value": shown(example), "answer": shown(answer)}
                yield Finding("example-accepted", f"{where}refused_examples.{locale}[{index}]", facts)


def _typable(example: str) -> bool:
    """Whether grading would read it: where not, the rules on texts say why."""
    try:
        return read_text({"text": example}) == example
    except UnreadableResponse:
        return False


def _let_in(asked: Asked, example: str) -> str | None:
    """Return the answer that accepts an example, in either language: a sitting may change language."""
    for locale, answers in asked.answers.items():
        for answer in answers:
            if accepts(_Alone({locale: (answer,)}, asked.match), example, locale=locale):
                return answer
    return None


def _of_question(find: Find) -> Callable[[Item, Context], Iterator[Finding]]:
    def found(item: Item, _: Context) -> Iterator[Finding]:
        if item.type == "short_text":
            yield from find(item, "")

    return found


def _of_gaps(find: Find) -> Callable[[Item, Context], Iterator[Finding]]:
    def found(item: Item, _: Context) -> Iterator[Finding]:
        if item.type == "gap_text":
            for index, gap in enumerate(item.gaps):
                yield from find(gap, f"gaps[{index}].")

    return found


def _both(find: Find, *needs: str) -> tuple[Rule, Rule]:
    """The same rule for short text questions and for gaps to type in."""
    of_gaps = ("type", *(f"gaps[].{part}" for part in needs))
    return Rule(_of_question(find), needs=("type", *needs)), Rule(_of_gaps(find), needs=of_gaps)


def _number(item: Item, _: Context) -> Iterator[Finding]:
    number = item.number
    if number is None:
        return
    if number.tolerance < 0:
        yield Finding("negative-tolerance", "answer.tolerance", {"value": str(number.tolerance)})
    for name, examples in (
        ("accepted_examples", number.accepted_examples),
        ("refused_examples", number.refused_examples),
    ):
        if not examples:
            yield Finding("no-number-example", name)
        if len(examples) > MOST_WORDS:
            yield Finding("long-list", name, {"count": len(examples), "limit": MOST_WORDS})
            return
    yield from _number_examples(number)


def _number_examples(number: Quantity) -> Iterator[Finding]:
    for index, example in enumerate(number.accepted_examples):
        if not _is_right(number, example):
            yield Finding("number-refused", f"accepted_examples[{index}]", {"value": shown(example)})
    for index, example in enumerate(number.refused_examples):
        if _is_right(number, example):
            yield Finding("number-accepted", f"refused_examples[{index}]", {"value": shown(example)})


def _is_right(number: Quantity, example: str) -> bool:
    try:
        return abs(number_of(example, units=number.units) - number.value) <= number.tolerance
    except NotOneNumber:
        return False


RULES = (
    *_both(_lengths),
    *_both(_answers, "answers", "match"),
    *_both(_tolerance, "answers", "match"),
    *_both(_examples, "answers", "match", "accepted_examples", "refused_examples"),
    Rule(_number, needs=("type", "answer", "accepted_examples", "refused_examples")),
)
