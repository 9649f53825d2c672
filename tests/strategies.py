"""What hypothesis draws, shared by several tests."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from framework import LOCALES, Locale, LocalizedText, Source, load
from itembank.model import CHOICES, ITEM_TYPES, MODELS, OF_PARTS, SCORINGS, Fact, Item, ItemType, Parameters
from itembank.parts import Choice, Element, Gap, Match, Option, Prompt, Quantity
from itembank.vignette import SETTINGS, Block, Document, Passage, Table, Vignette


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
def named_texts(draw: st.DrawFn, *, least: int, most: int) -> tuple[tuple[str, LocalizedText], ...]:
    """Letters with texts, no two alike."""
    count = draw(st.integers(least, most))
    return tuple(
        (letter, LocalizedText(f"{letter} {draw(texts())}", f"{letter} {draw(texts())}")) for letter in "abcdef"[:count]
    )


def decimals() -> SearchStrategy[Decimal]:
    return st.decimals(-10_000, 10_000, places=3)


def quantities() -> SearchStrategy[Quantity]:
    examples = st.lists(texts(most=20), min_size=1, max_size=3).map(tuple)
    tolerances = st.decimals(0, 10, places=2)
    return st.builds(Quantity, decimals(), tolerances, st.none() | localized(), examples, examples)


@st.composite
def _ordering(draw: st.DrawFn) -> dict[str, Any]:
    named = draw(named_texts(least=3, most=6))
    return {"elements": tuple(Element(letter, text, draw(localized())) for letter, text in named)}


@st.composite
def _matching(draw: st.DrawFn) -> dict[str, Any]:
    prompts, reuse = draw(named_texts(least=3, most=6)), draw(st.booleans())
    choices = tuple(
        Choice(letter, text) for letter, text in draw(named_texts(least=2 if reuse else len(prompts), most=6))
    )
    letters = [choice.id for choice in choices]
    keys = [draw(st.sampled_from(letters)) for _ in prompts] if reuse else draw(st.permutations(letters))
    made = tuple(
        Prompt(letter, key, text, draw(localized())) for (letter, text), key in zip(prompts, keys, strict=False)
    )
    return {"choices": choices, "prompts": made, "reuse": reuse}


@st.composite
def _gaps(draw: st.DrawFn, *, typed: bool) -> dict[str, Any]:
    letters = "abcde"[: draw(st.integers(2, 5))]
    text = LocalizedText(" ".join(f"fr {{{x}}}" for x in letters), " ".join(f"en {{{x}}}" for x in reversed(letters)))
    gaps = [
        Gap(
            letter,
            draw(localized()),
            answers=draw(words()),
            match=draw(matches()),
            accepted_examples=draw(words()),
            refused_examples=draw(words()),
            why=draw(localized()),
        )
        if typed
        else Gap(letter, draw(localized()), draw(options(correct=1, wrong=draw(st.integers(1, 4)))))
        for letter in letters
    ]
    return {"text": text, "gaps": tuple(gaps)}


@st.composite
def blocks(draw: st.DrawFn) -> Block:
    """One block of a case."""
    kind = draw(st.sampled_from(["text", "document", "table"]))
    if kind == "text":
        return Passage(draw(localized()))
    if kind == "document":
        lines = st.lists(st.just("") | texts(most=20), min_size=1, max_size=3).map(lambda more: ("x", *more))
        return Document(draw(localized()), draw(st.fixed_dictionaries(dict.fromkeys(LOCALES, lines))))
    columns = draw(st.integers(1, 3))
    row = st.lists(localized(), min_size=columns, max_size=columns).map(tuple)
    return Table(draw(localized()), draw(row), tuple(draw(st.lists(row, min_size=1, max_size=2))))


def vignettes(case_id: str) -> SearchStrategy[Vignette]:
    held = st.lists(blocks(), min_size=1, max_size=3).map(tuple)
    return st.builds(Vignette, st.just(case_id), st.sampled_from(SETTINGS), localized(), held)


@st.composite
def _own_parts(draw: st.DrawFn, kind: ItemType) -> dict[str, Any]:
    """What only this type of question has."""
    made: dict[str, Any] = {}
    if kind == "numeric":
        made["number"] = draw(quantities())
    elif kind == "ordering":
        made |= draw(_ordering())
    elif kind == "matching":
        made |= draw(_matching())
    elif kind in {"gap_text", "inline_choice"}:
        made |= draw(_gaps(typed=kind == "gap_text"))
    return made


@st.composite
def items(draw: st.DrawFn, *, item_id: str = "T-001", case: Vignette | None = None) -> Item:
    """A well-formed item of any type, in the canonical form that every format gives back."""
    kind = draw(st.sampled_from(ITEM_TYPES))
    several, short, choice = kind == "multiple_choice", kind == "short_text", kind in CHOICES
    right, wrong = (draw(st.integers(2, 3)), draw(st.integers(1, 3))) if several else (1, draw(st.integers(2, 5)))
    scoring = draw(st.sampled_from(SCORINGS)) if several or kind in OF_PARTS else "all_or_nothing"
    steps = (right if several else 2) if scoring == "partial_credit" else 1
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
        options=draw(options(correct=right, wrong=wrong)) if choice else (),
        shuffle=not choice or draw(st.booleans()),
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
        parameters=draw(st.none() | parameters(steps=steps)),
        stimulus=None if case is None else case.id,
        vignette=case,
        **draw(_own_parts(kind)),
    )
