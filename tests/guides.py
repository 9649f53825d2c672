"""Guides as tests read them: their pieces of code, the files they have one write, the commands they have one run.

``python -m tests.guides docs/engine.md`` writes into a guide what its commands and scripts print now: after a change
that means to change a number, read the difference before you keep it.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from typer.testing import CliRunner, Result

from app.cli import app

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "guides"
TERMINAL = {"LC_ALL": "en_GB.UTF-8", "COLUMNS": "140"}
"""What a guide's reader sees: English, on a wide screen."""
NAMED = re.compile(r"`([\w-]+\.\w+)`[^`]*\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def read(name: str) -> str:
    """The text of one guide."""
    return (FOLDER / f"{name}.md").read_text(encoding="utf-8")


def blocks(guide: str, language: str) -> list[str]:
    """The guide's blocks of code in one language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", guide, re.MULTILINE | re.DOTALL)


def files(guide: str) -> dict[str, str]:
    """Files that the guide names just before a block that holds them."""
    return dict(NAMED.findall(guide))


def run(command: str) -> Result:
    """Run one ``toise …`` line of a guide in this process."""
    program, *arguments = shlex.split(command)
    assert program == "toise", command
    return CliRunner().invoke(app, arguments)


def transcript(block: str) -> list[tuple[str, str]]:
    """Commands of a ``console`` block, each with what the guide says it prints."""
    return [(command, said) for command, said in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)]


def said(folder: Path, command: str) -> str:
    """What a guide's command prints, in the folder that it stands in: ``toise``, ``cat`` or ``python``."""
    program, *words = shlex.split(command)
    if program == "cat":
        return (folder / words[0]).read_text(encoding="utf-8")
    if program == "python":
        done = subprocess.run(
            [sys.executable, *words], cwd=folder, capture_output=True, text=True, timeout=60, check=True
        )
        return done.stdout
    return without_ends(run(command).output)


def without_ends(text: str) -> str:
    """No blanks at the ends of lines, as in a file."""
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def printed(script: str) -> str:
    """What a script of a guide prints."""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout


def retold(guide: str, folder: Path) -> str:
    """The guide with what its commands and scripts print now; the folder is empty."""
    for name, text in files(guide).items():
        (folder / name).write_text(text, encoding="utf-8")
    console = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    script = re.compile(r"^```python\n(.*?)^```\n\n```text\n.*?^```$", re.MULTILINE | re.DOTALL)

    def commands(block: re.Match[str]) -> str:
        told = "".join(f"$ {command}\n{said(folder, command)}" for command, _ in transcript(block[1]))
        return f"```console\n{told}```"

    told = console.sub(commands, guide)
    return script.sub(lambda block: f"```python\n{block[1]}```\n\n```text\n{printed(block[1])}```", told)


def main() -> None:
    """Rewrite the guides named on the command line."""
    os.environ.update(TERMINAL)
    for name in sys.argv[1:]:
        path = Path(name).resolve()
        with TemporaryDirectory() as folder:
            os.chdir(folder)
            path.write_text(retold(path.read_text(encoding="utf-8"), Path(folder)), encoding="utf-8")
            os.chdir(ROOT)


if __name__ == "__main__":
    main()
