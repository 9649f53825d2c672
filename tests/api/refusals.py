"""What every refusal owes its reader, whatever was sent."""

import re
from typing import Any

from app.web.problems import MEDIA_TYPE

INSIDES = re.compile(
    r"Traceback|File \"|site-packages|psycopg|sqlalchemy|pydantic|SELECT |INSERT |UPDATE |toise_service",
    re.IGNORECASE,
)
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
MEMBERS = {"type", "title", "status", "detail", "instance", "code", "request_id"}


def is_problem(answer: Any, status: int, code: str | None = None, *, locale: str = "fr") -> None:
    """Assert that a program gets a problem document that says nothing of our insides."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == MEDIA_TYPE
    assert answer.headers["Content-Language"] == locale
    document = answer.json()
    assert document.keys() >= MEMBERS
    assert (document["status"], document["type"]) == (status, f"urn:toise:problem:{document['code']}")
    assert code is None or document["code"] == code
    assert not INSIDES.search(answer.text), answer.text


def is_page(answer: Any, status: int, *words: str, locale: str = "fr") -> None:
    """Assert that a browser gets a page in its language that says these words, and nothing of our insides."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert f'<html lang="{locale}"' in answer.text
    said = plain(answer.text)
    assert all(word in said for word in words), said
    assert not INSIDES.search(said), said


def plain(html: str) -> str:
    """What a page says, with ordinary spaces and apostrophes."""
    said = re.sub(r"<(style|script).*?</\1>|<[^>]+>", " ", html, flags=re.DOTALL)
    for written, meant in {"&#39;": "'", "’": "'", "\N{NO-BREAK SPACE}": " ", "\N{NARROW NO-BREAK SPACE}": " "}.items():
        said = said.replace(written, meant)
    return " ".join(said.split())
