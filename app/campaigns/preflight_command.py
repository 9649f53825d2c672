"""``toise campaign preflight``: what students of every level would meet, before anybody does."""

import datetime as dt
import json
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from sqlalchemy import Connection

from app.bank import pools
from app.bank import service as banks
from app.bank.model import BankName
from app.bank.pool import Pool
from app.campaigns import service
from app.campaigns.preflight import preflight_study
from app.console import err, tabulate, told
from app.errors import msgid
from app.institutions import service as institutions
from app.psychometrics.simulate_command import read_rules, run_in_sight, table_of
from app.sessions.policy import Policy
from app.workplace import refusals, workplace

EITHER = msgid("Donner le code d'un parcours, ou --bank et, au besoin, --policy.")


def preflight(
    code: Annotated[str | None, typer.Argument(help="Code d'un parcours.")] = None,
    *,
    bank: Annotated[
        str | None, typer.Option(help="Version de banque, BANK@N, ou banque (sa dernière version).")
    ] = None,
    policy: Annotated[Path | None, typer.Option(help="Règles du test, en JSON.", exists=True, dir_okay=False)] = None,
    n: Annotated[int, typer.Option("--n", min=1, help="Nombre d'étudiants simulés, tous niveaux confondus.")] = 2000,
    seed: Annotated[int, typer.Option(min=0, help="Graine des tirages.")] = 1,
    institution: Annotated[str | None, typer.Option(help="Établissement, s’il y en a plusieurs.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Le rapport en JSON.")] = False,
) -> None:
    """Simuler des étudiants de chaque niveau : longueur, justesse, exposition des questions."""
    if (code is None) == (bank is None) or (code is not None and policy is not None):
        err.print(told(EITHER), style="red", markup=False)
        raise typer.Exit(2)
    rules = None if policy is None else read_rules(policy)
    with workplace() as place:
        slug = place.slug_needed(institution)
        with place.database.transaction() as tx:
            clock = ZoneInfo(institutions.open_scope(tx, slug).timezone)
            pool, used = _of_campaign(tx, code) if bank is None else _of_bank(tx, bank, rules)
    with refusals():
        study = preflight_study(pool, used, today=dt.datetime.now(clock).date())
    found = run_in_sight(study, size=n, seed=seed)
    if as_json:
        typer.echo(json.dumps({**found.content(), "seed": seed}))
    else:
        tabulate(table_of(found))


def _of_campaign(tx: Connection, code: str | None) -> tuple[Pool, Policy]:
    campaign = service.find(tx, code or "")
    return pools.of(tx, campaign.bank_version_id), service.policy_of(tx, campaign.policy_version_id)


def _of_bank(tx: Connection, name: str, policy: Policy | None) -> tuple[Pool, Policy]:
    return pools.of(tx, banks.version_named(tx, BankName.read(name)).id), policy or Policy()
