"""The peers' own environment, in ``var/bench``: never mixed with Toise's packages."""

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.program import CACHE

WANTED = ("catsim>=0.21", "girth>=0.8", "mirt>=1.2", "theta-irt>=0.1")
"""``mirt`` is the Python package with a Rust core; it has nothing to do with R's. Their needs do not clash."""


def interpreter() -> Path | None:
    """Python of the environment that holds the peers, made at the first call; None, with the reason told, without."""
    home = CACHE / "peers"
    python, mark = home / "bin" / "python", home / "wanted.json"
    if mark.exists() and json.loads(mark.read_text(encoding="utf-8")) == list(WANTED):
        return python
    print(f"Installing the peers into {home.relative_to(CACHE.parents[1])}: {', '.join(WANTED)}", flush=True)
    try:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", *WANTED], check=True, capture_output=True)
    except subprocess.CalledProcessError as error:
        print(f"Peers left out: they could not be installed ({error}). {error.stderr or ''}", flush=True)
        return None
    mark.write_text(json.dumps(WANTED), encoding="utf-8")
    return python


def versions(python: Path) -> dict[str, str]:
    """What was measured, by package."""
    listed = subprocess.run(
        [str(python), "-m", "pip", "list", "--format=json", "--disable-pip-version-check"],
        check=True,
        capture_output=True,
        text=True,
    )
    found = {row["name"]: row["version"] for row in json.loads(listed.stdout)}
    return {name: found[name] for name in ("catsim", "girth", "mirt", "theta-irt", "jax", "numpy")}


def told(python: Path | None) -> str:
    """The versions as the head of a table says them."""
    return "no peers" if python is None else ", ".join(f"{name} {number}" for name, number in versions(python).items())
