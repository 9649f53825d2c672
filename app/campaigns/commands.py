"""``toise campaign``: create, list and close the campaigns of an institution."""

import datetime as dt
import json
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.bank import service as banks
from app.bank.model import BankName
from app.campaigns import service
from app.campaigns.model import DEFAULT_RETENTION, Identification, Overview
from app.campaigns.policy_file import BadPolicy, read_policy
from app.campaigns.preflight_command import preflight
from app.console import locale, refuse, say, told
from app.errors import msgid
from app.institutions import service as institutions
from app.sessions.policy import Policy
from app.workplace import OPERATOR, refusals, workplace

commands = typer.Typer(name="campaign", help="Parcours : créer, lister, fermer.", no_args_is_help=True)
commands.command()(preflight)

MOMENTS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
STATES = {"open": msgid("ouvert"), "not_yet": msgid("pas encore ouvert"), "closed": msgid("fermé")}

InstitutionName = Annotated[str | None, typer.Option(help="Établissement, s’il y en a plusieurs.")]


def _closing(text: str) -> dt.datetime:
    """A day alone counts to its last minute: who writes the 31st means that the test may be taken on the 31st."""
    for form in MOMENTS:
        with suppress(ValueError):
            moment = dt.datetime.strptime(text, form)  # noqa: DTZ007 - the institution's clock is told later
            return moment.replace(hour=23, minute=59) if form == MOMENTS[0] else moment
    raise typer.BadParameter(told(msgid("attendu : 2027-01-31 ou 2027-01-31 18:00")))


Opening = Annotated[dt.datetime | None, typer.Option(help="Ouverture, à l’heure de l’établissement.", formats=MOMENTS)]
Closing = Annotated[
    dt.datetime | None,
    typer.Option(help="Fermeture, de même ; un jour sans heure compte en entier.", parser=_closing, metavar="moment"),
]
Retention = Annotated[int, typer.Option(help="Durée de conservation des réponses, en jours.")]


@commands.command()
def create(
    *,
    title_fr: Annotated[str, typer.Option(help="Titre en français.")],
    title_en: Annotated[str, typer.Option(help="Titre en anglais.")],
    bank: Annotated[str, typer.Option(help="Version de banque, BANK@N, ou banque (sa dernière version).")],
    policy: Annotated[Path | None, typer.Option(help="Règles du test, en JSON.", exists=True, dir_okay=False)] = None,
    identification: Annotated[Identification, typer.Option(help="Ce que l’on demande en entrant.")] = "name",
    opens: Opening = None,
    closes: Closing = None,
    retention_days: Retention = DEFAULT_RETENTION,
    institution: InstitutionName = None,
) -> None:
    """Créer un parcours et donner son code. Refusé, par leur nom, si ses règles ne peuvent pas être tenues."""
    rules = _policy(policy)
    now = dt.datetime.now(dt.UTC)
    with workplace() as place:
        slug = place.slug_needed(institution)
        with place.database.transaction() as tx:
            owner = institutions.open_scope(tx, slug)
            clock = ZoneInfo(owner.timezone)
            made = service.create(
                tx,
                institution_id=owner.id,
                title={"fr": title_fr, "en": title_en},
                bank=banks.version_named(tx, BankName.read(bank)),
                policy=rules,
                identification=identification,
                opens_at=_moment(opens, clock) or now,
                closes_at=_moment(closes, clock),
                retention_days=retention_days,
                actor=OPERATOR,
                now=now,
            )
    say(msgid("Parcours créé. Code à donner aux participants : %(code)s"), code=made.code)


def _policy(path: Path | None) -> Policy:
    with refusals():
        try:
            return read_policy(path)
        except BadPolicy as bad:
            faults = (
                ": ".join(part for part in (field, told(cause, facts)) if part) for field, cause, facts in bad.faults
            )
            refuse(bad.message, said="\n".join(faults))


def _moment(given: dt.datetime | None, clock: ZoneInfo) -> dt.datetime | None:
    return None if given is None else given.replace(tzinfo=clock)


@commands.command("list")
def list_(
    *,
    institution: InstitutionName = None,
    as_json: Annotated[bool, typer.Option("--json", help="Écrire la liste en JSON.")] = False,
) -> None:
    """Lister les parcours, leur état et leurs participants."""
    now = dt.datetime.now(dt.UTC)
    with workplace() as place:
        slug = place.slug_needed(institution)
        with place.database.transaction() as tx:
            institutions.open_scope(tx, slug)
            found = service.overviews(tx)
    if as_json:
        typer.echo(json.dumps([_data(each, now) for each in found], ensure_ascii=False, indent=2))
        return
    if not found:
        say(msgid("Cet établissement n’a encore aucun parcours."))
        return
    Console().print(_table(found, now))


def _table(found: tuple[Overview, ...], now: dt.datetime) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for head in (msgid("Code"), msgid("Titre"), msgid("État"), msgid("Entrés"), msgid("En cours"), msgid("Terminés")):
        table.add_column(told(head), overflow="fold")
    for each in found:
        campaign = each.campaign
        counts = (str(each.participants), str(each.running), str(each.finished))
        table.add_row(campaign.code, Text(campaign.title[locale()]), told(STATES[campaign.state(now)]), *counts)
    return table


def _data(overview: Overview, now: dt.datetime) -> dict[str, Any]:
    campaign = overview.campaign
    return {
        "id": str(campaign.id),
        "code": campaign.code,
        "title": dict(campaign.title),
        "state": campaign.state(now),
        "opens_at": campaign.opens_at.isoformat(),
        "closes_at": None if campaign.closes_at is None else campaign.closes_at.isoformat(),
        "identification": campaign.identification,
        "participants": overview.participants,
        "running": overview.running,
        "finished": overview.finished,
    }


@commands.command()
def close(code: Annotated[str, typer.Argument(help="Code du parcours.")]) -> None:
    """Fermer un parcours : personne n’entre plus, ceux qui ont commencé peuvent finir."""
    with workplace() as place, place.database.transaction() as tx:
        closed = service.close(tx, service.find(tx, code), now=dt.datetime.now(dt.UTC), actor=OPERATOR)
    say(msgid("Parcours %(code)s fermé."), code=closed.code)
