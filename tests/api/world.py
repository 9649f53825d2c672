"""Who calls in the contract tests: learners with a real sitting, running or finished, and a university."""

import uuid
from dataclasses import dataclass, field
from typing import Any, Literal

from fastapi.testclient import TestClient

from app.campaigns.model import Campaign
from app.db.connection import Database
from tests.builders import make_institution
from tests.conftest import NOON
from tests.sittings import Guesser, LearnerByApi, make_campaign
from tests.university import University, make_university

Actor = Literal["running", "finished", "university", "nobody"]
ACTORS: tuple[Actor, ...] = ("running", "finished", "university", "nobody")


@dataclass
class World:
    """An institution with a campaign, and somebody of each kind."""

    http: TestClient
    campaign: Campaign
    running: LearnerByApi
    finished: LearnerByApi
    university: University
    view: dict[str, Any] = field(default_factory=dict)
    """The running sitting as last seen."""

    def token(self, actor: Actor) -> str | None:
        tokens = {"running": self.running.token, "finished": self.finished.token, "university": self.university.token}
        return tokens.get(actor)

    def session(self, actor: Actor) -> str:
        """The actor's own session; the university's program reads the finished one."""
        return self.running.session if actor == "running" else self.finished.session

    def keep_running(self) -> None:
        """A test that a case has ended begins anew."""
        seen = self.http.get(f"/api/v1/sessions/{self.running.session}", headers=self.running.headers).json()
        if seen["status"] == "finished":
            self.running = LearnerByApi(self.http, self.campaign.code)
            seen = self.running.start()
        self.view = dict(seen)

    def newcomer(self) -> str:
        return uuid.uuid4().hex

    def answer(self) -> dict[str, Any]:
        """A readable answer to the question on screen."""
        question = self.view["question"]
        return {"step": question["step"], "response": Guesser(uuid.uuid4().hex)(question)}


def make_world(http: TestClient, database: Database) -> World:
    institution = make_institution(database)
    campaign = make_campaign(database, institution, NOON)
    running, finished = LearnerByApi(http, campaign.code), LearnerByApi(http, campaign.code)
    view = running.start()
    finished.sit()
    university = make_university(http, database, institution.id)
    return World(http, campaign, running, finished, university, dict(view))
