"""A small bank as its author writes it, every part replaceable."""

import uuid
from pathlib import Path

HEADER = """\
format: toise-items/1
bank: {bank}
framework: {{id: fr-socle-numerique-sante, version: "2026.1"}}
competence: {competence}
items:
"""

ITEM = """\
  - id: {id}
    capacity: {capacity}
    level: {level}
    level_reason: Une règle simple.
    type: single_choice
    stem: {{fr: "Que faites-vous d'abord ({id}) ?", en: "What do you do first ({id})?"}}
    options:
      - id: a
        correct: true
        text: {{fr: Vérifier, en: Check}}
        why: {{fr: C'est la règle., en: That is the rule.}}
      - id: b
        text: {{fr: Continuer, en: Go on}}
        why: {{fr: C'est trop tôt., en: That is too early.}}
      - id: c
        text: {{fr: Attendre, en: Wait}}
        why: {{fr: C'est trop tard., en: That is too late.}}
    explanation: {{fr: On vérifie d'abord., en: One checks first.}}
    fact: {{id: F01, statement: On vérifie d'abord.}}
    sources:
      - {{title: Guide, url: "https://example.org/guide", date: "2025"}}
    written: "{written}"
    valid_from: "{valid_from}"
    review_by: "{review_by}"
"""


def new_bank() -> str:
    """A bank name nobody else uses: published versions stay."""
    return f"b{uuid.uuid4().hex[:12]}"


def item_text(number: int, *, competence: str = "SN1.1", **given: object) -> str:
    """One item in the native format; ``given`` replaces parts of it, ``extra`` adds lines."""
    extra = str(given.pop("extra", ""))
    parts: dict[str, object] = {
        "id": f"{competence}-{number:03}",
        "capacity": f"{competence}.a",
        "level": 2,
        "written": "2026-11-01",
        "valid_from": "2026-11-01",
        "review_by": "2027-11-01",
    }
    return ITEM.format(**{**parts, **given}) + extra


def bank_text(*items: str, bank: str, competence: str = "SN1.1") -> str:
    return HEADER.format(bank=bank, competence=competence) + "".join(items)


def bank_file(folder: Path, *items: str, bank: str, competence: str = "SN1.1", name: str | None = None) -> Path:
    path = folder / (name or f"{competence}.yaml")
    path.write_text(bank_text(*items, bank=bank, competence=competence), encoding="utf-8")
    return path
