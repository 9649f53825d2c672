"""The command line: ``toise``. The same services as the pages and the API, no second logic.

Exit codes: 0 done, 1 refused with its reasons, 2 wrong use.
"""

import contextlib
import errno
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator

import typer
from rich.table import Table
from sqlalchemy import make_url

from app import logs, serving, start
from app.accounts.commands import client, staff
from app.bank.commands import commands as bank
from app.campaigns.commands import commands as campaign
from app.campaigns.demo import Demo
from app.console import FOLDER, out, read_settings, refuse, refuse_database, say
from app.db import schema
from app.db.connection import owner_engine
from app.db.refusals import DatabaseRefused
from app.errors import msgid
from app.institutions.commands import commands as institution
from app.psychometrics.calibrate_command import calibrate
from app.psychometrics.commands import score
from app.psychometrics.dif_command import dif
from app.psychometrics.fit_command import fit
from app.psychometrics.link_command import link
from app.psychometrics.simulate_command import simulate_file
from app.sessions.commands import expire, replay
from app.settings import Settings

app = typer.Typer(
    help="Toise : des tests adaptatifs de compétences numériques en santé. Sans commande, le service démarre.",
    invoke_without_command=True,
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
)

FEATURES = {"institution": institution, "staff": staff, "client": client, "bank": bank, "campaign": campaign}
"""Groups of commands that features bring."""
for name, commands in FEATURES.items():
    app.add_typer(commands, name=name)

app.command()(score)
app.command()(calibrate)
app.command()(fit)
app.command()(dif)
app.command()(link)
app.command("simulate")(simulate_file)
app.command()(replay)
app.command()(expire)

HIDDEN = "••••••••"
HEALTH_SECONDS = 5


def main() -> None:
    """Run the command line."""
    app()


@app.callback()
def default(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        serve()


@app.command()
def serve() -> None:
    """Démarrer le service."""
    _serve(read_settings(maintaining=False))


@app.command()
def demo() -> None:
    """Démarrer le service avec une démonstration : un parcours, un compte d'équipe, un client d'API."""
    _serve(read_settings(demo=True))


def _serve(settings: Settings) -> None:
    logs.configure(settings)
    serving.stop_in_order()
    with (
        contextlib.suppress(KeyboardInterrupt),
        _refusals(),
        start.serving(settings) as database,
        _listening(settings) as listening,
    ):
        shown = start.demonstration(database, settings)
        address = serving.shown_address(settings, listening)
        say(msgid("Toise est là : %(address)s"), address=address)
        if shown is not None:
            _introduce(shown, address)
        serving.serve(settings, database, listening)


def _introduce(shown: Demo, address: str) -> None:
    """What one needs to look around the demonstration."""
    say(msgid("Passer le test : %(address)s/ (code %(code)s)"), address=address, code=shown.code)
    say(
        msgid("Espace de l'équipe : %(address)s/team (%(email)s, %(password)s)"),
        address=address,
        email=shown.staff_email,
        password=shown.staff_password,
    )
    say(
        msgid("API : %(address)s/api/v1 (client %(client)s, secret %(secret)s)"),
        address=address,
        client=shown.client_id,
        secret=shown.client_secret,
    )
    if shown.cohort is not None:
        say(
            msgid("Pour l'espace de l'équipe, une cohorte simulée (code %(code)s) se constitue en une minute."),
            code=shown.cohort,
        )


def _listening(settings: Settings) -> socket.socket:
    try:
        return serving.listen(settings)
    except OSError as error:
        cause = msgid("L'adresse %(host)s n'est pas une adresse de cette machine. TOISE_HOST en choisit une autre.")
        if error.errno in {errno.EADDRINUSE, errno.EACCES}:
            cause = msgid("L'adresse %(host)s:%(port)s n'est pas libre. TOISE_PORT en choisit une autre.")
        refuse(cause, said=str(error), facts={"host": settings.host, "port": settings.port})


@app.command()
def migrate() -> None:
    """Mettre les tables et le rôle du service à jour."""
    settings = read_settings()
    with _refusals(), start.reached(settings) as at:
        with owner_engine(at) as owner, owner.connect() as tx:
            before = schema.current(tx)
        start.migrate(settings, at)
    if before == schema.newest():
        say(msgid("Les tables étaient à jour (%(revision)s)."), revision=before)
    else:
        say(msgid("Les tables sont à jour (%(revision)s)."), revision=schema.newest())


@app.command()
def health() -> None:
    """Demander au service s'il peut servir."""
    settings = read_settings()
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)  # noqa: S104
    address = f"http://{host}:{settings.port}/readyz"
    try:
        with urllib.request.urlopen(address, timeout=HEALTH_SECONDS):
            say(msgid("Le service répond, sa base de données aussi."))
    except urllib.error.HTTPError as error:
        with error:
            refuse(msgid("Le service répond, mais ne peut pas servir."), said=error.read().decode())
    except OSError as error:
        refuse(msgid("Rien ne répond à %(address)s."), said=str(error), facts={"address": address})


@app.command()
def config() -> None:
    """Montrer les réglages en vigueur, secrets cachés."""
    settings = read_settings()
    table = Table("", "", show_header=False, box=None)
    for name in Settings.model_fields:
        table.add_row(f"TOISE_{name}".upper(), _shown(name, getattr(settings, name)))
    out.print(table)


def _shown(name: str, value: object) -> str:
    if value is None:
        return "—"
    if name == "secret_key":
        return HIDDEN
    return make_url(str(value)).render_as_string() if name.endswith("database_url") else str(value)


@contextlib.contextmanager
def _refusals() -> Iterator[None]:
    """Say why the database or its folder cannot be used, and leave with exit code 1."""
    try:
        yield
    except DatabaseRefused as refused:
        refuse_database(refused)
    except OSError as error:
        if error.filename is None:
            raise
        refuse(FOLDER, said=str(error))
