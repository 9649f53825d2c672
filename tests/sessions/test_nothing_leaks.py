"""Before the end of a test nothing that leaves the service gives an answer, a parameter or a score away."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.campaigns.model import Campaign
from itembank.model import Item
from tests.sittings import Guesser, LearnerByApi, bank_we_ship

TELLING = {
    "score", "correct", "key", "why", "explanation", "level", "theta", "se", "difficulty", "parameters",
    "item", "item_id", "capacity", "competence", "fact", "sources", "answers", "seed", "probability", "gain", "rank",
}  # fmt: skip


def secrets_of(item: Item) -> Iterator[str]:
    """Texts of an item that may only be read after the end."""
    yield item.id
    yield from () if item.stimulus is None else (item.stimulus,)
    options = [*item.options, *(option for gap in item.gaps for option in gap.options)]
    whys = [
        *(option.why for option in options),
        *(element.why for element in item.elements),
        *(prompt.why for prompt in item.prompts),
        *(gap.why for gap in item.gaps if gap.why is not None),
    ]
    yield from (text for why in whys for text in (why.fr, why.en))
    yield from (item.explanation.fr, item.explanation.en, item.fact.statement, item.level_reason)


SECRETS = {json.dumps(text, ensure_ascii=False)[1:-1] for item in bank_we_ship().values() for text in secrets_of(item)}


def names_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        for inner in value.values():
            yield from names_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from names_in(inner)


def everything_said(response: Any) -> str:
    return f"{dict(response.headers)} {response.text}"


def test_no_reply_of_the_api_before_the_end_gives_anything_away(learner: LearnerByApi, client: TestClient) -> None:
    for reply in learner.walk(learner.start()):
        if reply["session"]["status"] == "finished":
            break
        learner.read()
        learner.seen.append(learner.post(999, None))
        for page in ("result", "review"):
            address = f"/api/v1/sessions/{learner.session}/{page}"
            learner.seen.append(client.get(address, headers=learner.headers))
    assert len(learner.seen) > 50
    for response in learner.seen:
        assert not TELLING & set(names_in(response.json()))
        said = everything_said(response)
        assert not [secret for secret in SECRETS if secret in said]


def test_the_options_are_named_by_their_place_and_shown_in_another_order_each_time(
    client: TestClient, campaign: Campaign
) -> None:
    orders = set()
    for _ in range(6):
        learner = LearnerByApi(client, campaign.code)
        for reply in learner.walk(learner.start()):
            question = reply["session"]["question"]
            if question:
                assert [option["id"] for option in question["options"]] == [
                    str(place + 1) for place in range(len(question["options"]))
                ]
                orders.add((question["stem"]["fr"], tuple(option["text"]["fr"] for option in question["options"])))
    stems = [stem for stem, _ in orders]
    assert len(stems) > len(set(stems)), "no question was seen in two orders"


@pytest.mark.parametrize("locale", ["fr", "en"])
def test_no_page_before_the_end_gives_anything_away(client: TestClient, campaign: Campaign, locale: str) -> None:
    guess = Guesser(locale)
    client.cookies.set("toise_locale", locale)
    page = client.get(f"/campaigns/{campaign.code}", headers={"Accept": "text/html"})
    key = re.search(r'name="entry_key" value="([^"]+)"', page.text)
    assert key
    form = {"code": campaign.code, "label": f"Nadia {locale}", "entry_key": key[1]}
    assert client.post("/enter", data=form).headers["location"] == "/entered"
    pages = 0
    while "data-answer" in (page := client.get("/test", headers={"Accept": "text/html"})).text:
        pages += 1
        said = everything_said(page).replace("&#39;", "'").replace("’", "'")
        assert not [secret for secret in SECRETS if secret in said or secret.replace("’", "'") in said]
        hidden = dict(re.findall(r'name="(session|step)" value="([^"]+)"', page.text))
        reply = client.post("/test/answers", data={**hidden, **_guess(page.text, guess)})
        if reply.status_code == 422:  # nothing was ticked, or a text is no number
            reply = client.post("/test/answers", data={**hidden, "skip": "1"})
        assert reply.status_code == 303
    assert pages >= 12


def _guess(page: str, guess: Guesser) -> dict[str, Any]:
    """The fields of a form filled by somebody who guesses."""
    parts = {name: str(place) for place, name in enumerate(re.findall(r'<select id="(part\d)"', page), 1)}
    parts |= dict.fromkeys(re.findall(r'<input type="text" id="(part\d)"', page), "sécurité")
    if parts:
        letters = {name: "ABCDEF"[int(place) - 1] for name, place in parts.items() if place.isdigit()}
        return {**parts, **(letters if 'class="matches"' in page else {}), "incomplete": "1"}
    choices = re.findall(r'name="choice" value="(\d+)"', page)
    kind = "multiple_choice" if 'type="checkbox"' in page else "single_choice" if choices else "short_text"
    response = guess({"type": kind, "options": [{"id": choice} for choice in choices]})
    return {"skip": "1"} if response is None else {"choice": _ticked(response), "text": response.get("text", "")}


def _ticked(response: Any) -> list[str]:
    return [response["choice"]] if "choice" in response else list(response.get("choices", ()))
