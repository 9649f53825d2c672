"""What hypothesis draws, shared by several tests."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from framework import LOCALES, Locale, LocalizedText, Source, load
from itembank.model import ITEM_TYPES, MODELS, SCORINGS, Fact, Item, Match, Option, Parameters


@dataclass(frozen=True, slots=True)
class LoggedItem:
    """An item as plain numbers, and the category reached in it. One b: 2PL or 3PL; several: partial credit."""

    domain: int
    a: float
    b: tuple[float, ...]
    c: float
    score: int


@st.composite
def logged_items(draw: st.DrawFn, *, domains: int, steps: int = 4, least_slope: float = 0.3) -> LoggedItem:
    """One answered item of at most ``steps`` + 1 categories."""
    b = tuple(draw(st.lists(st.floats(-3, 3), min_size=1, max_size=steps)))
    c = draw(st.one_of(st.just(0.0), st.floats(0.05, 0.35))) if len(b) == 1 else 0.0
    a = draw(st.floats(least_slope, 2.5))
    return LoggedItem(draw(st.integers(0, domains - 1)), a, b, c, draw(st.integers(0, len(b))))


def answer_sheets(*, domains: int, most: int, steps: int = 4) -> SearchStrategy[list[LoggedItem]]:
    """The answers of one sitting."""
    return st.lists(logged_items(domains=domains, steps=steps), max_size=most)


CAPACITIES = tuple(capacity.id for capacity in load().capacities)


def texts(*, most: int = 60) -> SearchStrategy[str]:
    """Any text the format allows: every script, quotes, YAML signs, line breaks; no control character."""
    characters = st.characters(exclude_categories=("Cc", "Cs")) | st.sampled_from("\n\t \"'#:-{}[]&*!|>%@`,?éàœ")
    return st.text(characters, min_size=1, max_size=most).filter(lambda text: text.strip() != "")


def localized() -> SearchStrategy[LocalizedText]:
    return st.builds(LocalizedText, fr=texts(), en=texts())


def json_values() -> SearchStrategy[Any]:
    """Any JSON value, and what careless parsers let through: lone surrogates, NUL, infinities."""
    leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20)
    return st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    )


@st.composite
def options(draw: st.DrawFn, *, correct: int, wrong: int) -> tuple[Option, ...]:
    """Options a, b, c... in any order of right and wrong, no two alike."""
    rights = draw(st.permutations([True] * correct + [False] * wrong))
    return tuple(
        Option(
            letter, LocalizedText(f"{letter} {draw(texts())}", f"{letter} {draw(texts())}"), right, draw(localized())
        )
        for letter, right in zip("abcdef", rights, strict=False)
    )


def matches() -> SearchStrategy[Match]:
    return st.builds(Match, edit_distance=st.integers(0, 2))


def words() -> SearchStrategy[dict[Locale, tuple[str, ...]]]:
    lists = st.lists(texts(most=20), min_size=1, max_size=3).map(tuple)
    return st.fixed_dictionaries(dict.fromkeys(LOCALES, lists))


@st.composite
def parameters(draw: st.DrawFn, *, steps: int) -> Parameters:
    """Calibrated parameters of an item with ``steps`` categories above 0; a covariance without correlations."""
    model = draw(st.sampled_from(MODELS)) if steps == 1 else "gpcm"
    numbers = st.floats(-4, 4)
    made = Parameters(
        model=model,
        a=1.0 if model == "rasch" else draw(st.floats(0.1, 4)),
        b=tuple(draw(numbers) for _ in range(steps)),
        c=draw(st.floats(0, 0.5)) if model == "3pl" else 0.0,
        covariance=None,
    )
    if draw(st.booleans()):
        return made
    spreads = [draw(st.floats(1e-6, 2)) for _ in range(made.free)]
    rows = tuple(tuple(v if i == j else 0.0 for j in range(made.free)) for i, v in enumerate(spreads))
    return Parameters(model=made.model, a=made.a, b=made.b, c=made.c, covariance=rows)


def sources() -> SearchStrategy[Source]:
    dates = st.sampled_from(("2026", "2024-02", "2024-02-29"))
    addresses = st.sampled_from(("https://exemple.test/", "http://exemple.test/é?a=1#b"))
    return st.builds(Source, title=texts(), url=addresses, date=dates)


@st.composite
def items(draw: st.DrawFn, *, item_id: str = "T-001") -> Item:
    """A well-formed item of any type, in the canonical form that every format gives back."""
    kind = draw(st.sampled_from(ITEM_TYPES))
    several, short = kind == "multiple_choice", kind == "short_text"
    right, wrong = (draw(st.integers(2, 3)), draw(st.integers(1, 3))) if several else (1, draw(st.integers(2, 5)))
    scoring = draw(st.sampled_from(SCORINGS)) if several else "all_or_nothing"
    capacity = draw(st.sampled_from(CAPACITIES))
    start = draw(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
    return Item(
        id=item_id,
        competence=load().competence_of(capacity).id,
        capacity=capacity,
        level=draw(st.integers(1, 8)),
        level_reason=draw(texts()),
        type=kind,
        stem=draw(localized()),
        options=() if short else draw(options(correct=right, wrong=wrong)),
        shuffle=short or draw(st.booleans()),
        scoring=scoring,
        answers=draw(words()) if short else {},
        match=draw(matches()) if short else None,
        accepted_examples=draw(words()) if short else {},
        refused_examples=draw(words()) if short else {},
        explanation=draw(localized()),
        fact=draw(st.builds(Fact, id=texts(most=10), statement=texts())),
        sources=tuple(draw(st.lists(sources(), min_size=1, max_size=2))),
        written=draw(st.dates()),
        valid_from=start,
        review_by=start + timedelta(days=draw(st.integers(0, 1000))),
        enemies=frozenset(draw(st.lists(st.sampled_from(("T-100", "T-200")), max_size=2))),
        parameters=draw(st.none() | parameters(steps=right if scoring == "partial_credit" else 1)),
    )
