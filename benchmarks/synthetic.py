"""A bank of any size, the same for every program measured: two-parameter items over five domains."""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from app.engine.grid import Floats, make_grid
from app.engine.models import logistic
from app.engine.tables import ItemTables, make_tables
from framework.model import Framework, LocalizedText, Source
from itembank.model import Fact, Item, Option, Parameters

SEED = 20261123
WRITTEN = dt.date(2026, 1, 1)
REVIEW_BY = dt.date(2099, 1, 1)


@dataclass(frozen=True, slots=True, eq=False)
class Bank:
    """Slopes (per logit) and difficulties (logits), shape (n,) each."""

    a: Floats
    b: Floats

    def tables(self, *, domains: int) -> ItemTables:
        """The items dealt out to the domains in turn."""
        grid = make_grid()
        rows = logistic(grid.theta, a=self.a, b=self.b)
        return make_tables(grid, list(rows), [index % domains for index in range(self.a.size)], domains=domains)


def make_bank(size: int) -> Bank:
    """Slopes log-normal around 1, difficulties standard normal, within the ±4 logits that catsim accepts."""
    rng = np.random.default_rng([SEED, size])
    return Bank(rng.lognormal(0.0, 0.3, size), np.clip(rng.normal(size=size), -4, 4))


def make_items(size: int, framework: Framework) -> tuple[Item, ...]:
    """The same bank as questions of four options, dealt out to the framework's competences in turn."""
    bank = make_bank(size)
    homes = _homes(framework)
    return tuple(
        _item(f"B-{index:05d}", *homes[index % len(homes)], a=float(bank.a[index]), b=float(bank.b[index]))
        for index in range(size)
    )


def _homes(framework: Framework) -> list[tuple[str, str]]:
    """A competence and its first capacity, domain after domain in turn, so that domains get equal shares."""
    rows = [[(c.id, c.capacities[0].id) for c in domain.competences] for domain in framework.domains]
    longest = max(len(row) for row in rows)
    return [row[place % len(row)] for place in range(longest) for row in rows]


def _item(name: str, competence: str, capacity: str, *, a: float, b: float) -> Item:
    return Item(
        id=name,
        competence=competence,
        capacity=capacity,
        level=4,
        level_reason="Synthetic.",
        type="single_choice",
        stem=_both(f"Question {name}: which of these four statements about the record is right?"),
        options=tuple(
            Option(letter, _both(f"Statement {letter} of {name}"), letter == "b", _both("Because."))
            for letter in "abcd"
        ),
        shuffle=True,
        scoring="all_or_nothing",
        answers={},
        match=None,
        accepted_examples={},
        refused_examples={},
        explanation=_both("Synthetic."),
        fact=Fact(f"{name}-F", "Synthetic."),
        sources=(Source("Synthetic", "https://example.org/", "2026-01-01"),),
        written=WRITTEN,
        valid_from=WRITTEN,
        review_by=REVIEW_BY,
        enemies=frozenset(),
        parameters=Parameters("2pl", a, (b,), 0.0, None),
    )


def _both(text: str) -> LocalizedText:
    return LocalizedText(fr=text, en=text)
