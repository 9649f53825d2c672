"""``toise staff`` and ``toise client``: who may sign in, and which programs may read.

Passwords and secrets never stand on a command line, where other people of the machine could read them.
"""

import datetime as dt
import json
import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from app.accounts import client_service, service
from app.accounts.model import ApiClient, NewClient, Role, Scope
from app.console import out, refuse, say, told
from app.errors import msgid
from app.institutions import service as institutions
from app.workplace import workplace

staff = typer.Typer(name="staff", help="Comptes des équipes : créer, désactiver.", no_args_is_help=True)
client = typer.Typer(name="client", help="Programmes des universités : créer, lister, révoquer.", no_args_is_help=True)

InstitutionName = Annotated[str | None, typer.Option(help="Établissement, s’il y en a plusieurs.")]
AsJson = Annotated[bool, typer.Option("--json", help="Écrire le compte rendu en JSON.")]


@staff.command("create")
def create_staff(
    email: Annotated[str, typer.Argument(help="Adresse électronique, qui sert à se connecter.")],
    *,
    name: Annotated[str, typer.Option(help="Nom, tel que les pages le montrent.")],
    role: Annotated[Role, typer.Option(help="Rôle dans l’établissement.")] = Role.MANAGER,
    institution: InstitutionName = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Lire le mot de passe sur l’entrée standard.")
    ] = False,
) -> None:
    """Créer un compte. Le mot de passe est demandé, jamais donné sur la ligne de commande."""
    with workplace() as place:
        slug = place.slug_needed(institution)
        password = _password(from_stdin=password_stdin)
        with place.database.transaction() as tx:
            owner = institutions.open_scope(tx, slug)
            made = service.create_staff(
                tx,
                institution_id=owner.id,
                email=email,
                name=name,
                role=role,
                password=password,
                now=dt.datetime.now(dt.UTC),
            )
    say(msgid("Compte créé : %(email)s (%(role)s)."), email=made.email, role=made.role.value)


def _password(*, from_stdin: bool) -> str:
    """One line of the standard input, or what a person types twice without showing it."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        refuse(msgid("Il n’y a personne à qui demander le mot de passe : donnez-le avec --password-stdin."))
    again = told(msgid("Le même mot de passe, pour vérifier"))
    typed: str = typer.prompt(
        told(msgid("Mot de passe")), prompt_suffix=" : ", hide_input=True, confirmation_prompt=again
    )
    return typed


@staff.command()
def disable(
    email: Annotated[str, typer.Argument(help="Adresse électronique du compte.")],
    *,
    institution: InstitutionName = None,
) -> None:
    """Désactiver un compte et fermer ses connexions tout de suite."""
    with workplace() as place:
        slug = place.slug_needed(institution)
        with place.database.transaction() as tx:
            institutions.open_scope(tx, slug)
            closed = service.disable_staff(tx, email=email, now=dt.datetime.now(dt.UTC))
    say(msgid("Compte désactivé : %(email)s."), email=closed.email)


@client.command("create")
def create_client(
    *,
    name: Annotated[str, typer.Option(help="Ce que fait le programme, pour s’y retrouver.")],
    scope: Annotated[list[Scope] | None, typer.Option(help="Portée accordée ; toutes si rien n’est dit.")] = None,
    institution: InstitutionName = None,
    as_json: AsJson = False,
) -> None:
    """Créer un client d’API. Son secret est montré ici, et nulle part ailleurs ensuite."""
    with workplace() as place:
        slug = place.slug_needed(institution)
        with place.database.transaction() as tx:
            owner = institutions.open_scope(tx, slug)
            made = client_service.create_client(
                tx, institution_id=owner.id, name=name, scopes=scope or list(Scope), now=dt.datetime.now(dt.UTC)
            )
    _show_new(made, as_json=as_json)


def _show_new(made: NewClient, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({**_data(made.client), "client_secret": made.secret}, ensure_ascii=False, indent=2))
        return
    say(msgid("Client créé : %(name)s. Notez le secret, il ne sera plus montré."), name=made.client.name)
    typer.echo(f"client_id      {made.client.client_id}")
    typer.echo(f"client_secret  {made.secret}")


@client.command("list")
def list_clients(*, institution: InstitutionName = None, as_json: AsJson = False) -> None:
    """Lister les clients d’un établissement, révoqués compris."""
    with workplace() as place:
        slug = place.slug_needed(institution)
        with place.database.transaction() as tx:
            institutions.open_scope(tx, slug)
            found = client_service.list_clients(tx)
    if as_json:
        typer.echo(json.dumps([_data(each) for each in found], ensure_ascii=False, indent=2))
    elif not found:
        say(msgid("Cet établissement n’a encore aucun client d’API."))
    else:
        out.print(_table(found))


def _table(found: Sequence[ApiClient]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for head in (msgid("Identifiant"), msgid("Nom"), msgid("Portées"), msgid("État")):
        table.add_column(told(head), overflow="fold")
    for each in found:
        state = msgid("en service") if each.revoked_at is None else msgid("révoqué")
        table.add_row(each.client_id, Text(each.name), " ".join(sorted(each.scopes)), told(state))
    return table


def _data(found: ApiClient) -> dict[str, object]:
    return {
        "client_id": found.client_id,
        "name": found.name,
        "scopes": sorted(found.scopes),
        "created_at": found.created_at.isoformat(),
        "revoked_at": None if found.revoked_at is None else found.revoked_at.isoformat(),
    }


@client.command()
def revoke(
    client_id: Annotated[str, typer.Argument(help="Identifiant du client.")],
    *,
    institution: InstitutionName = None,
) -> None:
    """Révoquer un client : son secret et ses jetons ne servent plus, tout de suite."""
    with workplace() as place:
        slug = place.slug_needed(institution)
        with place.database.transaction() as tx:
            institutions.open_scope(tx, slug)
            closed = client_service.revoke_client(tx, client_id=client_id, now=dt.datetime.now(dt.UTC))
    say(msgid("Client révoqué : %(client_id)s (%(name)s)."), client_id=closed.client_id, name=closed.name)
