"""Find or fetch a Chromium that starts, and write its path to ``.venv/browser`` for the browser tests.

In this order: the one remembered; Playwright's own, downloaded where that is possible; the system's; one
installed by apt-get where that is allowed. Where none starts, say what to install and fail.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Error, sync_playwright

RECORD = Path(sys.prefix) / "browser"
SYSTEM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DOWNLOAD_SECONDS = 240
INSTALL_SECONDS = 600
MISSING = """\
The browser tests need Chromium, and none starts here.
Playwright's own could not be used: {reason}
Do one of these, then run this again:
  Debian:            sudo apt-get install chromium
  Ubuntu, others:    .venv/bin/playwright install --with-deps chromium
  any system:        install Chromium or Google Chrome so that `chromium` or `google-chrome` starts it
"""


def main() -> int:
    """Remember the first browser that starts."""
    reasons: list[str] = []
    for path in candidates(reasons):
        if starts(path, reasons):
            RECORD.write_text(path, encoding="utf-8")
            print(f"Browser: {path}")
            return 0
    print(MISSING.format(reason=reasons[0] if reasons else "no reason was given"), file=sys.stderr)
    return 1


def candidates(reasons: list[str]) -> Iterator[str]:
    """Paths to try, each fetched only when those before it did not start."""
    if RECORD.exists():
        yield RECORD.read_text(encoding="utf-8")
    own = playwrights_own()
    if Path(own).exists() or downloaded(reasons):
        yield own
        if Path(own).exists() and may_install() and install_libraries():
            yield own
    yield from installed()
    if may_install() and install_chromium():
        yield from installed()


def playwrights_own() -> str:
    """Where Playwright keeps the browser of its version, there or not."""
    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def installed() -> Iterator[str]:
    """Browsers of the system."""
    yield from filter(None, map(shutil.which, SYSTEM_NAMES))


def starts(path: str, reasons: list[str]) -> bool:
    """Whether the browser opens a page: a file that is there may lack its libraries, or be a stub."""
    if not Path(path).exists():
        return False
    try:
        with (
            sync_playwright() as playwright,
            playwright.chromium.launch(executable_path=path, timeout=60_000) as browser,
        ):
            browser.new_page().goto("about:blank")
    except Error as error:
        reasons.append(f"{path} does not start ({str(error).splitlines()[0]})")
        return False
    return True


def downloaded(reasons: list[str]) -> bool:
    """Whether Playwright fetched its browser in the time it is given."""
    print(f"Downloading Playwright's Chromium (at most {DOWNLOAD_SECONDS} s)", flush=True)
    command = [sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"]
    if run(command, seconds=DOWNLOAD_SECONDS):
        return True
    reasons.append("it could not be downloaded")
    return False


def may_install() -> bool:
    """Whether system packages may be installed without asking anybody."""
    if shutil.which("apt-get") is None:
        return False
    return os.geteuid() == 0 or (shutil.which("sudo") is not None and run(["sudo", "-n", "true"], seconds=10))


def install_libraries() -> bool:
    """Install the system libraries that Playwright's browser lacks."""
    print("Installing the libraries Chromium needs", flush=True)
    return run([sys.executable, "-m", "playwright", "install-deps", "chromium"], seconds=INSTALL_SECONDS)


def install_chromium() -> bool:
    """Install the system's Chromium."""
    print("Installing the system's Chromium", flush=True)
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    apt = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]
    run([*apt, "update"], seconds=INSTALL_SECONDS)
    return run([*apt, "install", "-y", "--no-install-recommends", "chromium"], seconds=INSTALL_SECONDS)


def run(command: list[str], *, seconds: float) -> bool:
    """Whether a command ends well in its time; what it prints is shown only when it does not."""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        print(f"  no end after {seconds} s: {' '.join(command)}")
        return False
    if done.returncode:
        print(f"  {last_words(done.stdout + done.stderr)}", flush=True)
    return done.returncode == 0


def last_words(printed: str) -> str:
    """Say what went wrong in one line: the last that names an error, or else the last."""
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()]
    return (errors or lines or ["nothing was said"])[-1]


if __name__ == "__main__":
    sys.exit(main())
