"""Guides as tests read them: their pieces of code, the files they have one write, the commands they have one run."""

import re
import shlex
from pathlib import Path

from typer.testing import CliRunner, Result

from app.cli import app

FOLDER = Path(__file__).parents[1] / "docs" / "guides"
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
