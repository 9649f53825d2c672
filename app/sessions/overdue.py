"""Timed tests whose learner never came back: ended by the service, so that their results reach the university."""

import datetime as dt
import uuid
from collections.abc import Sequence

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from app.engine.stopping import StopReason
from app.logs import log
from app.sessions import service, store
from app.sessions.model import Session
from app.sessions.questions import GRACE


def institutions(tx: Connection, now: dt.datetime) -> Sequence[uuid.UUID]:
    """Return the institutions with something to end. Ids only, whatever the transaction's scope."""
    return store.institutions_with_overdue(tx, now - GRACE)


def finish_overdue(tx: Connection, now: dt.datetime, limit: int, stuck: set[uuid.UUID] | None = None) -> int:
    """End up to ``limit`` sittings of the institution in scope whose time is over, and say how many.

    Each ends as if its learner had looked at it now. Sittings that somebody else is ending are passed over, and
    those of ``stuck``, to which the ones that could not be ended are added: they hold up nobody behind them.
    The journal of results is held from the first end to the commit: ``limit`` says for how long.
    """
    stuck = set() if stuck is None else stuck
    found = store.overdue(tx, before=now - GRACE, limit=limit, without=stuck)
    ended = [session.id for session in found if _ended(tx, session, now)]
    stuck.update({session.id for session in found} - set(ended))
    return len(ended)


def _ended(tx: Connection, session: Session, now: dt.datetime) -> bool:
    """Whether it could be ended: one that cannot be must not keep the others waiting."""
    try:
        with tx.begin_nested():
            service.end(tx, service.load(tx, session), now, StopReason.TIME)
    except OperationalError:  # the server is gone or overloaded: the next one would fare no better
        raise
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one sitting
        log().error("sitting-not-ended", session=str(session.id), exc_info=error)
        return False
    return True
