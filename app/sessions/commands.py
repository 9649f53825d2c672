"""``toise replay``: recompute what was stored, bit for bit. ``toise expire``: erase what was kept long enough."""

import datetime as dt
import json
import uuid
from collections.abc import Iterator
from typing import Annotated

import typer
from rich.progress import track

from app import start
from app.console import WRONG_USE, err, read_settings, refuse, say
from app.db import roles
from app.db.connection import Database, open_database, owner_database, owner_engine
from app.errors import msgid
from app.institutions import service as institutions
from app.sessions import replay as replaying
from app.sessions import retention
from app.sessions.model import UnknownSession
from app.sessions.replay import Replay
from app.sessions.retention import Expiry
from app.workplace import OPERATOR, refusals


def replay(
    session: Annotated[uuid.UUID | None, typer.Argument(help="Identifiant du test à rejouer.")] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Rejouer tous les tests.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Une ligne JSON par test.")] = False,
) -> None:
    """Recalculer les résultats depuis les réponses enregistrées et vérifier l'égalité, bit à bit."""
    if (session is None) != every:
        err.print("toise replay SESSION | --all", style="red", markup=False)
        raise typer.Exit(WRONG_USE)
    found = list(_replays(session, quiet=as_json))
    if session is not None and not found:
        refuse(msgid("Aucun test n'a l'identifiant %(session)s."), facts={"session": session})
    different = [each for each in found if not each.equal]
    if as_json:
        for each in found:
            typer.echo(json.dumps(_facts(each), ensure_ascii=False))
    _conclude(len(found), sum(each.answers for each in found), different, quiet=as_json)


def _conclude(replayed: int, answers: int, different: list[Replay], *, quiet: bool) -> None:
    if not quiet:
        for each in different:
            for difference in each.differences:
                err.print(f"{each.session_id} {difference}", style="red", markup=False)
        say(
            msgid("%(replayed)s tests rejoués, %(answers)s réponses : %(equal)s égaux bit à bit, %(different)s non."),
            replayed=replayed,
            answers=answers,
            equal=replayed - len(different),
            different=len(different),
        )
    if different:
        raise typer.Exit(1)


def _facts(each: Replay) -> dict[str, object]:
    return {
        "session": str(each.session_id),
        "answers": each.answers,
        "equal": each.equal,
        "differences": list(each.differences),
    }


def _replays(session: uuid.UUID | None, *, quiet: bool) -> Iterator[Replay]:
    settings = read_settings()
    with refusals(), start.reached(settings) as at, open_database(settings, at) as database:
        start.check(database)
        with owner_engine(at) as owner, owner.connect() as tx:
            ids = institutions.all_ids(tx)
        for institution_id in track(ids, description="", disable=quiet or len(ids) < 2, console=err, transient=True):  # noqa: PLR2004
            yield from _of_institution(database, institution_id, session)


def _of_institution(database: Database, institution_id: uuid.UUID, session: uuid.UUID | None) -> Iterator[Replay]:
    with database.transaction(institution_id) as tx:
        if session is None:
            yield from replaying.replay_all(tx)
            return
        try:
            yield replaying.replay(tx, session)
        except UnknownSession:
            return


def expire(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Dire ce qui serait effacé, sans rien effacer.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Écrire le bilan en JSON.")] = False,
) -> None:
    """Effacer, participants, réponses et résultats, ce que chaque parcours a gardé aussi longtemps qu'il le dit."""
    found = _expiries(dry_run=dry_run)
    total = sum(each.participants for each in found)
    if as_json:
        campaigns = [_expiry_facts(each) for each in found]
        typer.echo(json.dumps({"dry_run": dry_run, "participants": total, "campaigns": campaigns}, indent=2))
        return
    for each in found:
        say(msgid("Parcours %(code)s : %(participants)s"), code=each.code, participants=each.participants)
    if dry_run:
        say(msgid("Participants à effacer : %(participants)s. Rien n'a été effacé."), participants=total)
    else:
        say(
            msgid("Participants effacés, avec leurs réponses et leurs résultats : %(participants)s."),
            participants=total,
        )


def _expiries(*, dry_run: bool) -> list[Expiry]:
    settings, now = read_settings(), dt.datetime.now(dt.UTC)
    with refusals(), start.reached(settings) as at:
        with open_database(settings, at) as database:
            start.check(database)
        with owner_database(settings, at) as owner:
            with owner.transaction() as tx:
                if not roles.maintains(tx):
                    refuse(msgid("Le rôle de TOISE_DATABASE_URL ne possède pas les tables : il ne peut rien effacer."))
            return list(retention.expired(owner, now) if dry_run else retention.expire(owner, now, actor=OPERATOR))


def _expiry_facts(each: Expiry) -> dict[str, object]:
    return {
        "institution": str(each.institution_id),
        "campaign": str(each.campaign_id),
        "code": each.code,
        "retention_days": each.retention_days,
        "participants": each.participants,
    }
