"""Learners who never give up: whatever fails on the way, they send the same answer again until it is receipted."""

import threading
import time
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx

from app.campaigns import demo
from tests.sittings import Guesser

PATIENCE_SECONDS = 180.0


@dataclass
class StubbornLearner:
    """One sitting through the API; ``receipts`` are the acknowledgements received."""

    address: str
    progressed: Callable[[], None]
    name: str = field(default_factory=lambda: f"Sacha {uuid.uuid4().hex[:10]}")
    key: str = field(default_factory=lambda: uuid.uuid4().hex)
    receipts: dict[int, str] = field(default_factory=dict)
    answers: dict[int, Mapping[str, Any] | None] = field(default_factory=dict)
    token: str = ""
    session: str = ""
    result: Mapping[str, Any] = field(default_factory=dict)
    failures: int = 0

    def sit(self) -> None:
        guess = Guesser(self.name)
        with httpx.Client(base_url=self.address, timeout=30) as client:
            body = {"code": demo.CODE, "identity": self.name, "entry_key": self.key}
            entered = self._insist(lambda: client.post("/api/v1/sessions", json=body))
            self.token, self.session = entered["token"], entered["session"]["id"]
            client.headers["Authorization"] = f"Bearer {self.token}"
            view = entered["session"]
            while view["status"] == "running":
                view = self._answer(client, view["question"], guess)
            self.result = self._insist(lambda: client.get(f"/api/v1/sessions/{self.session}/result"))

    def _answer(self, client: httpx.Client, question: Mapping[str, Any], guess: Guesser) -> Mapping[str, Any]:
        step, response = question["step"], guess(question)
        self.answers[step] = response
        body = {"step": step, "response": response}
        reply = self._insist(lambda: client.post(f"/api/v1/sessions/{self.session}/answers", json=body))
        self.receipts[step] = reply["receipt"]["id"]
        self.progressed()
        return dict(reply["session"])

    def _insist(self, request: Callable[[], httpx.Response]) -> Any:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            try:
                response = request()
            except httpx.TransportError:
                self.failures += 1
            else:
                if response.status_code < 300:
                    return response.json()
                assert response.status_code in {500, 503}, response.text
                self.failures += 1
            time.sleep(0.2)
        raise AssertionError(f"{self.name} gave up")


class Progress:
    """Counts answers; ``reached(n)`` waits for the n-th."""

    def __init__(self) -> None:
        self.count = 0
        self.changed = threading.Condition()

    def __call__(self) -> None:
        with self.changed:
            self.count += 1
            self.changed.notify_all()

    def reached(self, wanted: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: self.count >= wanted, PATIENCE_SECONDS), self.count


def sit_together(address: str, learners: int, faults: Callable[[Progress], None]) -> list[StubbornLearner]:
    """Many sittings at once, while ``faults`` does its worst."""
    progress = Progress()
    group = [StubbornLearner(address, progress) for _ in range(learners)]
    with ThreadPoolExecutor(learners + 1) as threads:
        sittings = [threads.submit(learner.sit) for learner in group]
        faults(progress)
        for sitting in sittings:
            sitting.result()
    return group
