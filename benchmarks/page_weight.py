"""Bytes of the question and result pages with everything they load, as sent and as a compressing proxy sends them."""

import gzip
import re
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx
from typing_extensions import override

from app.campaigns.demo import CODE
from benchmarks.demo_process import started
from benchmarks.program import CACHE
from benchmarks.table import Table

LIMIT = 100_000
LOADED = {"link": "href", "script": "src", "img": "src", "source": "src", "use": "href"}
QUESTIONS = 10


class Assets(HTMLParser):
    """Collects what a page makes the browser load."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(html)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        address = given.get(LOADED.get(tag, ""))
        if address and not (tag == "link" and given.get("rel") not in {"stylesheet", "icon", "manifest", "preload"}):
            self.found.add(address)


def measure() -> tuple[Table, ...]:
    with started(CACHE / "demo") as demo, httpx.Client(base_url=demo.address, follow_redirects=True) as browser:
        rows = [_row(name, browser, page) for name, page in _pages(browser).items()]
    columns = ("page", "requests", "bytes", "compressed (gzip)", "target")
    return (Table("Page weight, all assets included", columns, rows),)


def _pages(browser: httpx.Client) -> dict[str, httpx.Response]:
    """A sitting as a browser without JavaScript walks it; the heaviest of its questions."""
    entering = browser.get(f"/campaigns/{CODE}")
    fields = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', entering.text))
    _sent(browser.post("/enter", data={**fields, "code": CODE, "label": "Mesure " + fields.get("entry_key", "x")[:8]}))
    questions = []
    for _ in range(QUESTIONS):
        questions.append(_sent(browser.get("/test")))
        _sent(browser.post("/test/answers", data={**_hidden(questions[-1]), "skip": "1"}))
    _sent(browser.post("/test/finish", data=_hidden(questions[-1])))
    return {
        "entry": entering,
        f"question, heaviest of {QUESTIONS}": max(questions, key=lambda page: len(page.content)),
        "result": _sent(browser.get("/result")),
    }


def _hidden(page: httpx.Response) -> dict[str, str]:
    """What the page's form sends without being asked: the step and the session."""
    return dict(re.findall(r'type="hidden" name="(step|session)" value="([^"]*)"', page.text))


def _sent(reply: httpx.Response) -> httpx.Response:
    if not reply.is_success:
        raise RuntimeError(f"{reply.request.method} {reply.request.url}: {reply.status_code}\n{reply.text[:1_000]}")
    return reply


def _row(name: str, browser: httpx.Client, page: httpx.Response) -> tuple[str, ...]:
    parts = [page.content, *_assets(browser, page)]
    raw, small = sum(map(len, parts)), sum(len(gzip.compress(part, 6)) for part in parts)
    return name, f"{len(parts)}", f"{raw:,}", f"{small:,}", f"≤ {LIMIT:,}"


def _assets(browser: httpx.Client, page: httpx.Response) -> list[bytes]:
    """Files a page loads, and the files its style sheets load."""
    waiting, seen = {urljoin(str(page.url), found) for found in Assets(page.text).found}, {}
    while waiting:
        address = waiting.pop().partition("#")[0]
        if address in seen or address.startswith("data:"):
            continue
        reply = _sent(browser.get(address))
        seen[address] = reply.content
        if "css" in reply.headers.get("content-type", ""):
            waiting |= {urljoin(address, found) for found in re.findall(r"url\([\"']?([^\"')]+)", reply.text)}
    return list(seen.values())
