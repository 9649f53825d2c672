"""Every page, in both languages, light and dark, at three widths, under the real content security policy.

``python -m tests.browser.gallery FOLDER`` draws them all and runs axe on each; the tests use the same parts.
"""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from typing_extensions import override

from app.web.headers import CONTENT_SECURITY_POLICY
from app.web.rendering import STATIC, render
from framework.model import LOCALES
from tests.web.examples import examples

TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
WIDTHS = (360, 768, 1280)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
RECORD = Path(sys.prefix) / "browser"
"""Where ``make browser`` writes the path of the browser that starts."""

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")


class Wall(BaseHTTPRequestHandler):
    """Serves ``/<locale>/<example>`` and ``/static/…`` as the service would."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path.startswith("/static/") and (file := STATIC / Path(path).name).is_file():
            return self._send(file.read_bytes(), TYPES[file.suffix])
        locale, _, name = path.strip("/").partition("/")
        for spoken in (spoken for spoken in LOCALES if spoken == locale):
            for example in (example for example in examples(spoken) if example.name == name):
                return self._send(bytes(render(example.template, example.view, spoken).body), "text/html")
        return self._send(b"", "text/plain", HTTPStatus.NOT_FOUND)

    def _send(self, body: bytes, kind: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Keep the console for what matters."""


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler] = Wall) -> Iterator[str]:
    """Serve on a free port of this machine; yield the address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the browser that ``make browser`` found, or Playwright's own."""
    with sync_playwright() as play:
        found = RECORD.read_text(encoding="utf-8") if RECORD.exists() else None
        browser = play.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


def axe_findings(page: Page) -> list[str]:
    """Return axe's violations on the page as it stands, one line each; best practices included."""
    response = Axe().run(page).response
    return [
        f"{violation['id']}: {node['html'][:160]}"
        for violation in response["violations"]
        for node in violation["nodes"]
    ]


def draw(folder: Path, only: str = "") -> int:
    """Write every screenshot under a folder; return how many findings axe had."""
    folder.mkdir(parents=True, exist_ok=True)
    findings = 0
    with serving() as address, chromium() as browser:
        for locale, scheme, width in ((lo, s, w) for lo in LOCALES for s in SCHEMES for w in WIDTHS):
            page = browser.new_page(
                viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce"
            )
            for example in (example for example in examples(locale) if only in example.name):
                page.goto(f"{address}/{locale}/{example.name}")
                page.screenshot(path=folder / f"{example.name}-{locale}-{scheme}-{width}.png", full_page=True)
                for finding in axe_findings(page):
                    findings += 1
                    sys.stdout.write(f"{example.name} {locale} {scheme} {width} {finding}\n")
            page.close()
    return findings


if __name__ == "__main__":
    sys.exit(bool(draw(Path(sys.argv[1]), *sys.argv[2:3])))
