from pathlib import Path

import pytest

from app.cli import app
from app.settings import Settings

GUIDE = (Path(__file__).parents[1] / "docs" / "guides" / "operator.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_in_the_operators_table(name: str) -> None:
    assert f"| `TOISE_{name.upper()}` |" in GUIDE


COMMANDS = [command.name or command.callback.__name__ for command in app.registered_commands if command.callback]
GROUPS = [group.name for group in app.registered_groups]


@pytest.mark.parametrize("name", [*COMMANDS, *GROUPS])
def test_every_command_is_in_the_operators_table(name: str) -> None:
    assert f"`toise {name}`" in GUIDE


@pytest.mark.parametrize("name", Settings.model_fields)
def test_the_table_gives_the_default(name: str) -> None:
    default = Settings.model_fields[name].default
    shown = {None: "none", False: "`0`"}.get(default, f"`{default}`")
    line = next(line for line in GUIDE.splitlines() if line.startswith(f"| `TOISE_{name.upper()}` |"))
    assert line.split("|")[2].strip() in {shown, f"`./{default}`"}
