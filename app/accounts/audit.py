"""Who did what to what: one row, in the transaction of the act."""

import datetime as dt
import uuid

from sqlalchemy import Connection

from app.accounts import store


def record(
    tx: Connection,
    *,
    institution_id: uuid.UUID,
    actor: str,
    act: str,
    subject: str,
    at: dt.datetime,
    **detail: str | int | None,
) -> None:
    """Write an audit row.

    Parameters
    ----------
    actor : ``staff:<id>``, ``client:<client id>``, ``operator`` (the command line) or
        ``service`` (by itself, when the time has come).
    act : what was done, ``thing.done``: ``staff.signed-in``, ``results.exported``.
    subject : what it was done to, ``kind:id``.
    detail : facts worth keeping; never a password, a token, a code or an answer.
    """
    store.add_audit(tx, institution_id=institution_id, actor=actor, act=act, subject=subject, detail=detail, at=at)
