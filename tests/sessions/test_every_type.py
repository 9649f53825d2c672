"""Every type of question through the whole service: shown, answered, refused, reviewed, replayed."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.campaigns.model import Campaign
from app.db.connection import Database
from app.sessions import replay
from itembank.model import ITEM_TYPES
from tests.builders import Institution
from tests.conftest import Clock
from tests.sittings import LearnerByApi, make_campaign
from tests.tasks import EVERY_TYPE, WHOLE, bank_of_every_type, right

HTML = {"Accept": "text/html"}
LISTS = ("options", "elements", "prompts", "choices")


@pytest.fixture
def campaign(database: Database, institution: Institution, clock: Clock, tmp_path: Path) -> Campaign:
    return make_campaign(database, institution, clock.now, policy=WHOLE, files=bank_of_every_type(tmp_path))


@pytest.fixture
def learner(client: TestClient, campaign: Campaign) -> LearnerByApi:
    return LearnerByApi(client, campaign.code)


def questions_of(learner: LearnerByApi) -> list[Mapping[str, Any]]:
    """Answer right to the end; return the questions met."""
    met: list[Mapping[str, Any]] = []

    def choose(question: Mapping[str, Any]) -> Mapping[str, Any]:
        met.append(question)
        return right(question)

    learner.choose = choose
    learner.sit()
    return met


def to_a(learner: LearnerByApi, kind: str) -> Mapping[str, Any]:
    """Pass to the question of a type."""
    view = learner.start()
    while view["question"]["type"] != kind:
        view = learner.answer(view["question"]["step"], None)["session"]
    return dict(view["question"])


def test_right_answers_to_every_type_reach_the_best_score(learner: LearnerByApi) -> None:
    met = questions_of(learner)
    assert sorted(question["type"] for question in met) == sorted(ITEM_TYPES)
    reviewed = learner.client.get(f"/api/v1/sessions/{learner.session}/review", headers=learner.headers).json()
    assert [(q["type"], q["score"]) for q in reviewed["questions"]] == [
        (q["type"], q["best"]) for q in reviewed["questions"]
    ]
    assert all(part["correct"] for question in reviewed["questions"] for part in question["parts"])


def test_a_sitting_of_every_type_replays_equal(
    learner: LearnerByApi, database: Database, institution: Institution
) -> None:
    learner.sit()
    with database.transaction(institution.id) as tx:
        assert all(each.equal for each in replay.replay_all(tx))


def test_each_list_holds_something_for_its_own_types_only(learner: LearnerByApi) -> None:
    own = {
        "single_choice": {"options"},
        "multiple_choice": {"options"},
        "ordering": {"elements"},
        "matching": {"prompts", "choices"},
        "gap_text": {"gaps", "text"},
        "inline_choice": {"gaps", "text"},
        "numeric": {"unit"},
    }
    for question in questions_of(learner):
        held = {name for name in (*LISTS, "gaps", "text", "unit") if question[name]}
        assert held == own.get(question["type"], set())


def test_names_on_screen_are_places_and_prompts_are_never_called_as_choices(learner: LearnerByApi) -> None:
    for question in questions_of(learner):
        for name in (*LISTS, "gaps"):
            names = "ABCDEF" if name == "choices" else "123456"
            assert [part["id"] for part in question[name]] == list(names[: len(question[name])])
        for gap in question["gaps"]:
            assert [option["id"] for option in gap["options"]] == list("123456"[: len(gap["options"])])
            assert f"{{{gap['id']}}}" in question["text"]["fr"]


def test_an_order_is_never_shown_right_and_drawn_anew_for_each_sitting(client: TestClient, campaign: Campaign) -> None:
    orders, choices = set(), set()
    for _ in range(12):
        for question in questions_of(LearnerByApi(client, campaign.code)):
            if question["type"] == "ordering":
                orders.add("".join(element["text"]["fr"][6] for element in question["elements"]))
            if question["type"] == "matching":
                choices.add("".join(choice["text"]["fr"][6] for choice in question["choices"]))
    assert "abcd" not in orders
    assert min(len(orders), len(choices)) > 3


def test_the_questions_of_a_case_come_one_after_the_other_with_the_case_whole(learner: LearnerByApi) -> None:
    met = questions_of(learner)
    places = [place for place, question in enumerate(met) if question["case"]]
    assert places[1] == places[0] + 1
    first, second = (met[place]["case"] for place in places)
    assert (first.pop("again"), second.pop("again")) == (False, True)
    assert first == second
    assert [next(kind for kind, held in block.items() if held) for block in first["blocks"]] == [
        "text",
        "document",
        "table",
    ]


@pytest.mark.parametrize(
    ("kind", "response", "cause"),
    [
        ("numeric", {"text": "douze"}, "expected one number in digits"),
        ("numeric", {"choice": "1"}, "nothing called '1' on screen"),
        ("ordering", {"order": ["1", "2"]}, "order: 2 ids for 4 elements"),
        ("ordering", {"order": ["1", "2", "3", "a"]}, "nothing called 'a' on screen: expected one of 1, 2, 3, 4"),
        ("ordering", {"order": ["1", "2", "3", "3"]}, "order: an element comes twice"),
        ("matching", {"matches": {"1": "1"}}, "nothing called '1' on screen: expected one of A, B, C, D"),
        ("matching", {"matches": {"A": "1"}}, "nothing called 'A' on screen: expected one of 1, 2, 3"),
        ("matching", {"gaps": {}}, 'expected an object with the one key "matches"'),
        ("inline_choice", {"gaps": {"1": "9"}}, "nothing called '9' on screen"),
        ("gap_text", {"gaps": {"1": "a\u0000"}}, "NUL"),
        ("gap_text", {"gaps": {"a": "x"}}, "nothing called 'a' on screen"),
    ],
)
def test_an_answer_that_cannot_be_read_is_refused_with_its_cause_and_the_question_stays(
    learner: LearnerByApi, kind: str, response: Mapping[str, Any], cause: str
) -> None:
    question = to_a(learner, kind)
    refused = learner.post(question["step"], response)
    assert (refused.status_code, refused.json()["code"]) == (422, "unreadable-answer")
    assert cause in refused.json()["cause"]
    assert learner.read()["question"] == question


def test_two_forms_at_once_are_refused_by_name(learner: LearnerByApi) -> None:
    learner.start()
    refused = learner.post(1, {"order": ["1"], "text": "x"})
    assert refused.status_code == 422
    assert learner.read()["question"]["step"] == 1


def test_the_same_answer_again_has_the_same_receipt_and_another_is_stale(learner: LearnerByApi) -> None:
    question = to_a(learner, "matching")
    response = right(question)
    first = learner.answer(question["step"], response)
    assert learner.answer(question["step"], response)["receipt"] == first["receipt"]
    other = {"matches": dict.fromkeys(response["matches"], "A")}
    assert learner.post(question["step"], other).status_code == 409


def test_parts_left_out_are_wrong_and_the_review_says_so(learner: LearnerByApi) -> None:
    question = to_a(learner, "matching")
    whole = right(question)["matches"]
    learner.answer(question["step"], {"matches": {key: whole[key] for key in list(whole)[:2]}})
    learner.client.post(f"/api/v1/sessions/{learner.session}/finish", headers=learner.headers)
    review = learner.client.get(f"/api/v1/sessions/{learner.session}/review", headers=learner.headers).json()
    (found,) = (each for each in review["questions"] if each["type"] == "matching")
    assert (found["score"], found["best"]) == (1, 2)
    assert [part["correct"] for part in found["parts"]] == [True, True, False]
    assert found["parts"][2]["given"] is None
    assert found["parts"][2]["right"]["fr"] == "Choix z (fr)"


class Browser:
    """A learner's browser without scripts."""

    def __init__(self, client: TestClient, code: str, kind: str) -> None:
        self.client = client
        assert client.post("/enter", data={"code": code, "label": "Sacha Diallo"}).status_code == 303
        marks = {"ordering": "data-order", "matching": 'class="matches"', "numeric": "inputmode"}
        mark = marks.get(kind, 'class="gapped"')
        inside = {"gap_text": '<input type="text" id="part', "inline_choice": "<select"}.get(kind, "")
        while not (mark in self.page() and inside in self.page()):
            assert "data-answer" in self.page(), f"no {kind} was asked"
            self.send(skip="1")

    def page(self) -> str:
        return str(self.client.get("/test", headers=HTML).text)

    def send(self, **fields: str) -> Any:
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', self.page()))
        form = {"step": hidden["step"], "session": hidden["session"], **fields}
        return self.client.post("/test/answers", data=form, headers=HTML)


@pytest.fixture
def browsing(client: TestClient, campaign: Campaign) -> Iterator[Any]:
    yield lambda kind: Browser(client, campaign.code, kind)
    client.cookies.clear()


def test_places_given_twice_are_told_and_kept(browsing: Any) -> None:
    refused = browsing("ordering").send(part1="2", part2="2", part3="1", part4="")
    assert refused.status_code == 422
    assert "une place différente" in refused.text
    assert refused.text.count("selected") == 3


def test_an_order_given_by_numbers_is_kept(browsing: Any) -> None:
    assert browsing("ordering").send(part1="2", part2="4", part3="1", part4="3").status_code == 303


@pytest.mark.parametrize("kind", ["matching", "inline_choice", "gap_text"])
def test_what_is_missing_is_told_once_then_taken_as_it_is(browsing: Any, kind: str) -> None:
    browser = browsing(kind)
    part = {"matching": "C", "inline_choice": "2", "gap_text": "  hameçonnage "}[kind]
    refused = browser.send(part2=part)
    assert refused.status_code == 422
    assert 'name="incomplete"' in refused.text
    assert "comptera comme faux" in refused.text
    assert ("selected" in refused.text) or (part in refused.text)
    assert 'name="incomplete"' not in browser.page()
    assert browser.send(part2=part, incomplete="1").status_code == 303


@pytest.mark.parametrize("kind", ["ordering", "matching", "inline_choice", "gap_text", "numeric"])
def test_nothing_at_all_is_no_answer(browsing: Any, kind: str) -> None:
    refused = browsing(kind).send(part1=" " if kind == "gap_text" else "", text=" ")
    assert refused.status_code == 422
    assert "passez la question" in refused.text


def test_a_text_for_a_number_is_told_and_kept(browsing: Any) -> None:
    refused = browsing("numeric").send(text="douze")
    assert refused.status_code == 422
    assert "en chiffres et sans unité" in refused.text
    assert 'value="douze"' in refused.text


def test_a_part_that_is_not_on_screen_is_told_and_the_question_stays(browsing: Any) -> None:
    browser = browsing("matching")
    refused = browser.send(part1="9", part2="A", part3="B")
    assert refused.status_code == 422
    assert "n’a pas pu être lue" in refused.text
    assert 'class="matches"' in browser.page()


def test_a_double_send_of_the_same_parts_is_one_answer(browsing: Any) -> None:
    browser = browsing("inline_choice")
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', browser.page()))
    form = {"step": hidden["step"], "session": hidden["session"], "part1": "1", "part2": "1", "part3": "1"}
    replies = [browser.client.post("/test/answers", data=form, headers=HTML) for _ in range(2)]
    assert [reply.status_code for reply in replies] == [303, 303]


def test_the_review_page_shows_every_part_with_its_key(client: TestClient, browsing: Any) -> None:
    browser = browsing("matching")
    browser.send(part1="A", incomplete="1")
    while "data-answer" in browser.page():
        browser.send(skip="1")
    page = client.get("/result/review", headers=HTML).text
    assert "Choix z (fr) (vous n’aviez rien mis)" in page
    assert "lacune [Option b (fr)]" in page
    assert "12,5 ± 0,05 mL/h" in page
    assert page.count("Le cas\u00a0: Une entrée de nuit (fr)") == 1


def test_no_why_of_a_part_leaves_before_the_end(learner: LearnerByApi) -> None:
    questions_of(learner)
    running = [response for response in learner.seen if '"status":"running"' in response.text]
    assert len(running) >= len(EVERY_TYPE)
    assert not [
        each for each in running if "Pourquoi" in each.text or "correct" in each.text or "SN1.1-V01" in each.text
    ]
