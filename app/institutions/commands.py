"""``toise institution``: the institutions of a server."""

import datetime as dt
from typing import Annotated

import typer

from app.console import say
from app.errors import msgid
from app.institutions import service
from app.workplace import workplace

commands = typer.Typer(name="institution", help="Établissements.", no_args_is_help=True)


@commands.callback()
def group() -> None:
    """Établissements."""


@commands.command()
def create(
    slug: Annotated[str, typer.Argument(help="Nom court pour les commandes : minuscules, chiffres, tirets.")],
    name: Annotated[str, typer.Argument(help="Nom entier, tel que les pages le montrent.")],
    *,
    timezone: Annotated[str, typer.Option(help="Fuseau horaire de ses pages.")] = "Europe/Paris",
) -> None:
    """Créer un établissement ; il ne verra que ce qui est à lui."""
    with workplace() as place, place.database.transaction() as tx:
        made = service.create(tx, slug=slug, name=name, timezone=timezone, now=dt.datetime.now(dt.UTC))
    say(msgid("Établissement créé : %(slug)s (%(name)s)."), slug=made.slug, name=made.name)
