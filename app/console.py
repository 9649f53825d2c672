"""What commands say to a person at a terminal: in French, or in English where the terminal asks for it."""

import os
from typing import NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

from app import settings as reading
from app.db.refusals import DatabaseRefused
from app.errors import msgid
from app.settings import Settings
from app.web import i18n
from framework.model import Locale

REFUSED, WRONG_USE = 1, 2
WIDEST = 400  # columns
VALUE_ERROR = "Value error, "
EXPECTED = {
    "int_parsing": msgid("attendu : un nombre entier"),
    "greater_than_equal": msgid("attendu : %(ge)s au moins"),
    "less_than_equal": msgid("attendu : %(le)s au plus"),
    "bool_parsing": msgid("attendu : 1 ou 0"),
    "literal_error": msgid("attendu : %(expected)s"),
}
"""What to say where Pydantic refuses a setting in its own words."""
FOLDER = msgid("Le dossier TOISE_DATA_DIR ne peut pas être utilisé.")

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def locale() -> Locale:
    """The terminal's language, by the variables that other programs obey; French unless it is one we speak."""
    tag = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), "")
    return i18n.known(tag.replace("_", "-")) or i18n.DEFAULT


def told(message: str, facts: dict[str, object] | None = None) -> str:
    return i18n.translate(locale(), message, facts)


def say(message: str, /, **facts: object) -> None:
    out.print(told(message, facts), markup=False)


def tabulate(table: Table) -> None:
    """A table as wide as it needs, whatever the terminal: folded cells cannot be read, nor searched."""
    wide = Console(highlight=False, width=WIDEST)
    needed = Measurement.get(wide, wide.options, table).maximum
    Console(highlight=False, width=needed).print(table)


def refuse(*reasons: str, said: str = "", facts: dict[str, object] | None = None) -> NoReturn:
    """Give the reasons and leave with exit code 1; ``said`` is quoted from another program."""
    for reason in reasons:
        err.print(told(reason, facts), style="red", markup=False)
    if said:
        err.print(said, style="dim", markup=False)
    raise typer.Exit(REFUSED)


def refuse_database(refused: DatabaseRefused) -> NoReturn:
    refuse(*refused.reasons, said=refused.said, facts=refused.facts)


def read_settings(*, maintaining: bool = True, **given: object) -> Settings:
    """The settings, or what is wrong with them and exit code 2."""
    try:
        settings = reading.read(maintaining=maintaining, **given)
    except ValidationError as wrong:
        for error in wrong.errors():
            name = "".join(f"TOISE_{part} : ".upper() for part in error["loc"][:1])
            sentence = EXPECTED.get(error["type"], error["msg"].removeprefix(VALUE_ERROR))
            facts: dict[str, object] = {k: str(v).replace(" or ", ", ") for k, v in error.get("ctx", {}).items()}
            err.print(name + told(sentence, facts), style="red", markup=False)
        raise typer.Exit(WRONG_USE) from None
    except OSError as error:
        refuse(FOLDER, said=str(error))
    for name in reading.unknown_names():
        err.print(told(msgid("%(name)s : aucun réglage de ce nom."), {"name": name}), style="yellow", markup=False)
    return settings
