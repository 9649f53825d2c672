"""What tests need to exist, with every field defaulted."""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import insert

from app.bank import pool
from app.bank.pool import Pool
from app.db.connection import Database
from app.db.tables.institutions import DirectoryRow, InstitutionRow
from app.sessions.policy import Policy
from framework import load
from framework.model import LocalizedText, Source
from itembank.model import Fact, Item, ItemType, Match, Option, Parameters, Scoring


@dataclass(frozen=True, slots=True)
class Institution:
    id: uuid.UUID
    slug: str

    @property
    def key(self) -> str:
        """Its key in the directory."""
        return f"institution:{self.slug}"


def make_institution(database: Database, *, slug: str | None = None, name: str = "Université d’essai") -> Institution:
    """A new institution, committed: tests stay apart by working in one each."""
    made = Institution(id=uuid.uuid4(), slug=slug or f"u-{uuid.uuid4().hex[:12]}")
    with database.transaction(made.id) as tx:
        tx.execute(insert(InstitutionRow).values(id=made.id, slug=made.slug, name=name))
        tx.execute(insert(DirectoryRow).values(key=made.key, institution_id=made.id))
    return made


def make_option(letter: str, *, correct: bool) -> Option:
    return Option(
        letter, LocalizedText(f"Réponse {letter}", f"Answer {letter}"), correct, LocalizedText("Car.", "Why.")
    )


def make_item(
    item_id: str = "SN1.1-001",
    *,
    level: int = 4,
    type: ItemType = "single_choice",  # noqa: A002 - the field's name
    options: int = 4,
    correct: int = 1,
    scoring: Scoring = "all_or_nothing",
    shuffle: bool = True,
    enemies: Iterable[str] = (),
    parameters: Parameters | None = None,
) -> Item:
    """A question of the competence that its id begins with; the first ``correct`` options are right, or "sécurité"."""
    competence, short = item_id.rpartition("-")[0], type == "short_text"
    letters = "" if short else "abcdefghij"[:options]
    text, day = LocalizedText("Quoi ?", "What?"), dt.date(2026, 11, 1)
    return Item(
        id=item_id,
        competence=competence,
        capacity=f"{competence}.a",
        level=level,
        level_reason="Pour essai.",
        type=type,
        stem=text,
        options=tuple(make_option(letter, correct=place < correct) for place, letter in enumerate(letters)),
        shuffle=shuffle,
        scoring=scoring,
        answers={"fr": ("sécurité",), "en": ("security",)} if short else {},
        match=Match("ignore", "ignore", "ignore", "collapse", 1) if short else None,
        accepted_examples={},
        refused_examples={},
        explanation=text,
        fact=Fact(f"F-{item_id}", "Pour essai."),
        sources=(Source("Essai", "https://example.org", "2026"),),
        written=day,
        valid_from=day,
        review_by=day.replace(year=2028),
        enemies=frozenset(enemies),
        parameters=parameters,
    )


def make_items(per_competence: int = 6, *, seed: int = 1) -> tuple[Item, ...]:
    """Questions of every kind and level over the whole framework."""
    rng = np.random.default_rng(seed)
    kinds: list[dict[str, Any]] = [
        {"type": "single_choice"},
        {"type": "multiple_choice", "scoring": "partial_credit", "options": 5, "correct": 2},
        {"type": "multiple_choice", "options": 5, "correct": 3},
        {"type": "short_text"},
    ]
    return tuple(
        make_item(f"{competence.id}-{number:03}", level=int(rng.integers(1, 9)), **kinds[int(rng.choice(4, p=KINDS))])
        for competence in load().competences
        for number in range(1, per_competence + 1)
    )


KINDS = (0.6, 0.15, 0.15, 0.1)
"""How often each kind of question occurs in ``make_items``."""


def make_pool(items: Sequence[Item] | None = None, *, name: str = "essai@1") -> Pool:
    """A pool over the shipped framework."""
    return pool.make_pool(make_items() if items is None else items, load(), name=name)


def make_policy(**rules: Any) -> Policy:
    """The default rules but for these."""
    return Policy.model_validate(rules)
