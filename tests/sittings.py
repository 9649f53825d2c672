"""Campaigns to sit in, and learners who sit, for tests of the whole stack."""

import datetime as dt
import random
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import Connection

import framework
from app.bank import service as bank
from app.bank.files import Inspection, inspect
from app.bank.model import BankVersion
from app.campaigns import service as campaigns
from app.campaigns.model import Campaign
from app.db.connection import Database
from app.sessions.policy import Policy, Range
from itembank.formats import native
from itembank.model import Item
from tests.builders import Institution

BANK = Path(__file__).parents[1] / "itembank" / "data" / "socle-sante"
SHORT = Policy(length=Range(at_least=12, at_most=14), per_domain=Range(at_least=2, at_most=6), se_target=0.3)
"""A test of 12 to 14 questions over the bank we ship."""


@cache
def bank_we_ship() -> Mapping[str, Item]:
    files = {path.name: path.read_bytes() for path in sorted(BANK.glob("*.yaml"))}
    return {item.id: item for item in native.read(files).items}


@cache
def inspected(today: dt.date) -> Inspection:
    """The bank we ship as checked that day; reading it again for each campaign took most of a test's time."""
    return inspect(sorted(BANK.glob("*.yaml")), today=today)


def published(tx: Connection, now: dt.datetime, files: Sequence[Path] | None = None) -> BankVersion:
    """The version of the bank we ship, or of the bank in these files.

    It is committed whatever becomes of ``tx``, so that all tests of a process share its pool, seconds to build.
    """
    found = inspect(files, today=now.date()) if files else inspected(now.date())
    with tx.engine.begin() as own:
        version = bank.publish_bank(own, found, imported_by="tests", now=now).version
    assert version is not None
    return version


def make_campaign(
    database: Database,
    institution: Institution,
    now: dt.datetime,
    *,
    policy: Policy = SHORT,
    files: Sequence[Path] | None = None,
    **changes: Any,
) -> Campaign:
    """An open campaign over the bank we ship, or over these files, committed."""
    terms: dict[str, Any] = {
        "title": {"fr": "Positionnement", "en": "Placement test"},
        "identification": "name",
        "opens_at": now - dt.timedelta(days=1),
    }
    with database.transaction(institution.id) as tx:
        version = published(tx, now, files)
        return campaigns.create(
            tx, institution_id=institution.id, bank=version, policy=policy, now=now, **{**terms, **changes}
        )


@dataclass
class LearnerByApi:
    """A learner who goes through the API and keeps every response seen."""

    client: TestClient
    code: str
    identity: str = field(default_factory=lambda: f"Camille {uuid.uuid4().hex[:8]}")
    choose: Callable[[Mapping[str, Any]], Mapping[str, Any] | None] | None = None
    token: str = ""
    session: str = ""
    resume_code: str = ""
    seen: list[Any] = field(default_factory=list)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def start(self, **changes: Any) -> Mapping[str, Any]:
        body = {"code": self.code, "identity": self.identity, **changes}
        entered = self._kept(self.client.post("/api/v1/sessions", json=body), 201)
        self.token, self.resume_code = entered["token"], entered["resume_code"]
        self.session = entered["session"]["id"]
        return dict(entered["session"])

    def answer(self, step: int, response: Mapping[str, Any] | None) -> Mapping[str, Any]:
        return dict(self._kept(self.post(step, response), 200))

    def post(self, step: int, response: Mapping[str, Any] | None) -> Any:
        body = {"step": step, "response": response}
        return self.client.post(f"/api/v1/sessions/{self.session}/answers", json=body, headers=self.headers)

    def read(self) -> Mapping[str, Any]:
        return dict(self._kept(self.client.get(f"/api/v1/sessions/{self.session}", headers=self.headers), 200))

    def result(self) -> Mapping[str, Any]:
        response = self.client.get(f"/api/v1/sessions/{self.session}/result", headers=self.headers)
        return dict(self._kept(response, 200))

    def walk(self, view: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """Answer to the end, giving each submission's reply."""
        pick = self.choose or Guesser(self.identity)
        while view["status"] == "running":
            reply = self.answer(view["question"]["step"], pick(view["question"]))
            view = reply["session"]
            yield reply

    def sit(self, **changes: Any) -> Mapping[str, Any]:
        """A whole sitting; returns the result."""
        list(self.walk(self.start(**changes)))
        return self.result()

    def _kept(self, response: Any, status: int) -> Any:
        assert response.status_code == status, response.text
        self.seen.append(response)
        return response.json()


class Guesser:
    """Answers at random, passes one time in six; the same name gives the same answers."""

    def __init__(self, name: str) -> None:
        self.random = random.Random(name)

    def __call__(self, question: Mapping[str, Any]) -> Mapping[str, Any] | None:
        if self.random.random() < 1 / 6:
            return None
        return GUESSES[question["type"]](self.random, question)


def _ids(parts: Sequence[Mapping[str, Any]]) -> list[str]:
    return [part["id"] for part in parts]


def _shuffled(rng: random.Random, question: Mapping[str, Any]) -> dict[str, Any]:
    elements = _ids(question["elements"])
    return {"order": rng.sample(elements, len(elements))}


def _matched(rng: random.Random, question: Mapping[str, Any]) -> dict[str, Any]:
    choices = _ids(question["choices"])
    return {"matches": {prompt: rng.choice(choices) for prompt in _ids(question["prompts"])}}


def _filled(rng: random.Random, question: Mapping[str, Any]) -> dict[str, Any]:
    words = ["MSSanté", "sécurité"]
    return {"gaps": {gap["id"]: rng.choice(_ids(gap["options"]) or words) for gap in question["gaps"]}}


GUESSES: Mapping[str, Callable[[random.Random, Mapping[str, Any]], dict[str, Any]]] = {
    "single_choice": lambda rng, question: {"choice": rng.choice(_ids(question["options"]))},
    "multiple_choice": lambda rng, question: {
        "choices": [each for each in _ids(question["options"]) if rng.random() < 1 / 2]
    },
    "short_text": lambda rng, _: {"text": rng.choice(["MSSanté", "je ne sais pas", "RPPS"])},
    "numeric": lambda rng, _: {"text": rng.choice(["3", "12,5", "1 250"])},
    "ordering": _shuffled,
    "matching": _matched,
    "gap_text": _filled,
    "inline_choice": _filled,
}


def framework_we_ship() -> framework.Framework:
    return framework.load()
